"""Which templates stand in a lender's register: those that ship for its jurisdiction, and its own that were approved.

An own template is named in the lender's row by everything that decides what it is: the lender's code, the hash of its
text, the day from which it was approved, and the day of its withdrawal where there is one. So what was read once under
a name never changes, and a name alone says which register a past day was run by.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from duecourse.law.templates import Register, Template, load_register, read_own
from duecourse.storage import lenders, own_templates
from duecourse.storage.connection import Database, Tx
from duecourse.storage.lenders import Lender
from duecourse.trouble import N_, Unavailable


class OwnTextUnread(Unavailable):
    """A template of the lender's own stands in its register, and its text is not at hand."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("the lender's own template {name} cannot be read, so nothing is decided"), name=name)


_OWN: dict[str, Template] = {}
"""Own templates as they were read, by name."""


def name_of(lender_id: str, content_hash: str, on: date, withdrawn: date | None = None) -> str:
    """How an own template is named where it stands in the register."""
    return ":".join((lender_id, content_hash, on.isoformat(), withdrawn.isoformat() if withdrawn else ""))


def hash_in(name: str) -> str:
    """The hash of the text in a name."""
    return name.split(":")[1]


def own_text(name: str) -> Template:
    """An own template that was learnt. Raises `OwnTextUnread`."""
    if name not in _OWN:
        raise OwnTextUnread(name)
    return _OWN[name]


def learn(tx: Tx, lender: Lender) -> Lender:
    """Read those of the lender's own templates that this process has not read yet."""
    for name in lender.own_templates:
        if name not in _OWN:
            _lender, content_hash, on, withdrawn = name.split(":")
            kept = own_templates.by_hash(tx, bytes.fromhex(content_hash))
            if kept is None:
                raise OwnTextUnread(name)
            _OWN[name] = read_own(
                kept.content, f"{kept.template_id}.yaml", by=kept.decided_by or "", on=date.fromisoformat(on),
                withdrawn=date.fromisoformat(withdrawn) if withdrawn else None,
            )  # fmt: skip
    return lender


def text_from(url: str, name: str) -> Template:
    """An own template, read by a connection of its own where need be: those of the pool are taken by whoever asks."""
    if name not in _OWN:
        with Database(url, connections_max=1) as database, database.transaction(name.partition(":")[0]) as tx:
            learn(tx, lenders.get(tx))
    return own_text(name)


@cache
def shipped(jurisdiction: str) -> Register:
    """The templates that ship for a jurisdiction, read once."""
    return load_register(jurisdiction=jurisdiction)


def register_of(lender: Lender) -> Register:
    """The register of a lender whose own templates were learnt. Raises `OwnTextUnread`."""
    return shipped(lender.jurisdiction).with_own(own_text(name) for name in lender.own_templates)


def register_for(tx: Tx) -> Register:
    """The register of the lender of the transaction."""
    return register_of(learn(tx, lenders.get(tx)))
