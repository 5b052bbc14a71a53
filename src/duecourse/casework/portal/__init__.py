"""What a borrower does in the portal: coming in, what is his to see, what he says and stops.

Every function is told whose portal it is by the session alone; nothing takes a person's number from a form. What does
not belong here: the acts themselves where others do them too (`casework.promises`, `casework.holds`), and pages.
"""
