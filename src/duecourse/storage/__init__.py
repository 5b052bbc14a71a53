"""The desk's ground: PostgreSQL, its schema, one module of queries per subject, and the vault for personal data.

A query stands in the function that runs it, as SQL one can read, and returns frozen rows or a Polars frame. Every
function takes a `connection.Tx`: a transaction bound to one lender by row-level security.

What does not belong here: decisions (the core's and the law's), acts (casework's), and anything that reads the clock.
"""
