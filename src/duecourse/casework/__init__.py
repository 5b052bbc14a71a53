"""The acts: what a person or a schedule does at the desk, one function each.

An act reads what it needs under lock, asks the pure core, writes its rows, appends its record to the log, and returns;
its first argument is the transaction, which the caller commits, once. ``actor`` and ``now`` are arguments.

What does not belong here: SQL (``storage``), decisions (``core``, ``law``), and how a screen looks.
"""
