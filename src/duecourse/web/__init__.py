"""What people and programs reach over HTTP: today the API (``web/api``).

Handlers parse, call one act, and answer. What does not belong here: decisions (casework and below), the clock and the
environment (handed in by ``app``).
"""
