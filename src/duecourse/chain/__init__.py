"""Contracts on a chain of the Ethereum kind (EVM), and the node over which they are reached (JSON-RPC).

    roots.vy, roots.json    holds roots of the log's checkpoints, for ever
    terms.vy, terms.json    tells when reminders of fixed terms are due, and reckons their default interest

A contract's source is beside what it compiles to, which a test compares. What goes to a chain stays there for ever and
is everybody's to read, so nothing about people does: roots, and commitments with a salt. What does not belong here: the
database, and what was decided about whom. Needs the packages of the extra ``chain``.
"""
