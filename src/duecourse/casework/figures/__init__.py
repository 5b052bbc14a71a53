"""The figures of the trade: each number defined once, with its unit, its words in both languages, and its rows.

A figure is a question about rows. Its number is the sum of its measures over them, so whatever shows the number (the
command line, the API, CSV, a screen) can show the rows that make it, and a prepared sum can be proved equal to them.

What does not belong here: how a figure looks (``cli``, ``web``), and decisions.
"""
