"""What people and programs reach over HTTP: pages (``entrance``, ``workbench``, ``oversight``) and the API (``api``).

Handlers parse, call one act, and answer. What does not belong here: decisions (casework and below), the clock and the
environment (handed in by ``app``).
"""
