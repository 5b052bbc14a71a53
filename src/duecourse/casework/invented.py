"""Invented people: what sets them apart from real ones, so that neither can ever be taken for the other.

A demo lender takes invented people only, and every other lender refuses them. Each mark below lies in a range that is
not given to anybody, so that a message sent by mistake would reach nobody:

- phone: ``+86 154 xxxx xxxx`` (154 is the one prefix of 150-159 that no Chinese operator was given),
  ``+1 xxx 555 01xx`` (set aside for fiction by the North American numbering plan), ``+44 7700 900xxx`` (by Ofcom);
- identity number: a division code 99xxxx (GB/T 2260 ends at 83; the codes of foreign residents' cards have a province
  in the second and third place, and no province begins with 9), in a firm's credit code at the third place; elsewhere
  ``DEMO`` and anything;
- e-mail: the reserved domains of RFC 2606 (``.invalid``, ``.example``, ``.test``, example.com, .net, .org);
- address: begins with 演示 or ``Demo``; app and messenger accounts: begin with ``demo``. These two are only asked of
  demo lenders: a real account may be called so.
"""

from __future__ import annotations

import re

from duecourse.trouble import N_

_MARKS = {
    "phone": re.compile(r"\+86154\d{8}|\+1\d{3}55501\d{2}|\+447700900\d{3}"),
    "id": re.compile(r"99\d{15}[\dX]|[0-9A-Z]{2}99\d{4}[0-9A-Z]{10}|DEMO.*"),
    "email": re.compile(r".+@(?:.+\.)?(?:invalid|test|example|example\.(?:com|net|org))"),
    "address": re.compile(r"演示.*|demo.*"),
    "app": re.compile(r"demo.*", re.IGNORECASE),
    "im": re.compile(r"demo.*", re.IGNORECASE),
}
_NOBODYS = frozenset({"phone", "id", "email"})
"""Kinds whose marks lie in ranges given to nobody: a real lender's row that has one is wrong."""

_ASKED = {
    "phone": N_("+86 154 xxxx xxxx, +1 xxx 555 01xx or +44 7700 900xxx"),
    "id": N_("a division code 99xxxx, or DEMO and anything"),
    "email": N_("a reserved domain such as demo.invalid"),
    "address": N_("an address that begins with 演示 or Demo"),
    "app": N_("an account that begins with demo"),
    "im": N_("an account that begins with demo"),
}


def is_invented(kind: str, normal_form: str) -> bool:
    """Whether a value in its normal form (`storage.vault.blind`) bears the mark of an invented person."""
    return _MARKS[kind].fullmatch(normal_form) is not None


def objection(kind: str, normal_form: str, *, demo: bool) -> str | None:
    """Why a value may not be taken by a demo or a real lender, or None; never quotes it."""
    invented = is_invented(kind, normal_form)
    if demo and not invented:
        return f"a demo lender takes invented people only: {_ASKED[kind]}"
    if not demo and invented and kind in _NOBODYS:
        return "it is an invented person's, of a range given to nobody; a real lender does not take it"
    return None
