"""Accounts of a chain, whose keys sign transactions. The one way to the library that knows them.

A library underneath it raises Python's limit of recursion to 100,000 for the whole process when it is imported. With
such a limit a body of brackets alone, sent by anybody, overruns the stack and ends the process: it is put back.
"""

from __future__ import annotations

import sys

_LIMIT = sys.getrecursionlimit()
try:
    from eth_account import Account
    from eth_account.signers.local import LocalAccount
finally:
    sys.setrecursionlimit(_LIMIT)

__all__ = ["Account", "LocalAccount"]
