"""Bank statements into values: CSV by a mapping, CAMT.053, MT940; balances proved, wrong rows named.

What does not belong here: what was imported before, whose payment a line is, and any database (casework).
"""
