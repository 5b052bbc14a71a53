"""Compliance audits: a plan says what is looked at, chance that nobody can steer draws it, people answer, others act.

`plan` reads plans, `sampling` has the arithmetic (whole numbers only), `drawing` announces, draws and replays,
`answering` takes answers, `findings` what follows from them, `report` adds up.

What does not belong here: deciding whether a contact was lawful. The gate did that; an audit looks at what people did.
"""
