"""A lender, its borrowers and what happens to them, run from a seed.

The demo lender's tape is made here (`generate`): who borrows (`people`), on what terms (`products`), how each of them
pays (`temperament`, `repay`, `cards`), what is agreed when it goes wrong (`trouble`), who was spoken to of late
(`desk`), and the files that a lender would send (`tape`), with a counted handful of mistakes in them (`faults`).

Nobody here exists: names, telephone numbers, identity numbers and addresses are of kinds that nobody has (`people`).
What does not belong here: anything that a real lender's data passes through.
"""
