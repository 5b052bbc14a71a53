"""Two persons of the desk turn out to be one: holds, counters and cases count together from here on.

Nothing is moved: the one is noted as another name of the other (``alias_of``), and whoever reads follows that note. So
it can be taken back, and each keeps its own data, key and records. The day run makes one case of the two.

Both have one lender, since nobody sees the people of another. The reason is a word of a closed list, for the log keeps
it in the clear.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from duecourse.casework.actor import Actor
from duecourse.storage import log, persons
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused


class Reason(StrEnum):
    """Why two persons are taken for one, or no longer."""

    SAME_DOCUMENT = "same_document"  # one identity document, seen
    PERSON_SAID = "person_said"  # the person said so, and was identified
    LENDER_SAID = "lender_said"  # the lender's own register says so
    ENTERED_TWICE = "entered_twice"  # a customer number was given twice
    MISTAKE = "mistake"  # the merge was one: the two are different people


class NotMerged(Refused):
    """Two persons that cannot be made one, or that were not."""


def merge(tx: Tx, *, vault: Vault, person_id: int, into: int, reason: Reason, actor: Actor, now: datetime) -> None:
    """Note that ``person_id`` is another name of ``into``, with a record about each.

    Raises `NotMerged`, `persons.NoSuchPerson`, `vault.Destroyed`.
    """
    persons.lock(tx, [person_id, into])
    one, other = persons.get(tx, person_id), persons.get(tx, into)
    if person_id == into:
        raise NotMerged(N_("person {person_id} is one already; name two"), person_id=person_id)
    if one.alias_of is not None:
        raise NotMerged(
            N_(
                "person {person_id} was merged into {alias_of} before; take that back first: `duecourse person "
                "unmerge {person_id}`"
            ),
            person_id=person_id,
            alias_of=one.alias_of,
        )
    if persons.root(tx, into) == person_id:
        raise NotMerged(
            N_("person {into} is another name of {person_id} already; this would go round in a circle"),
            into=into,
            person_id=person_id,
        )
    if one.kind != other.kind:
        raise NotMerged(
            N_("person {person_id} is a {kind} person and {into} a {other} one; neither is the other"),
            person_id=person_id,
            kind=one.kind,
            into=into,
            other=other.kind,
        )
    persons.set_alias(tx, person_id, into)
    _record(tx, vault, "person.merge", {person_id: into, into: person_id}, reason, actor=actor, now=now)


def unmerge(tx: Tx, *, vault: Vault, person_id: int, reason: Reason, actor: Actor, now: datetime) -> int:
    """Take back that a person is another name of somebody, with a record about each; returns of whom.

    Contacts made meanwhile stay counted for whom they were made. Raises `NotMerged`, `persons.NoSuchPerson`,
    `vault.Destroyed`.
    """
    persons.lock(tx, [person_id])
    into = persons.get(tx, person_id).alias_of
    if into is None:
        raise NotMerged(N_("person {person_id} is not merged into anybody"), person_id=person_id)
    persons.set_alias(tx, person_id, None)
    _record(tx, vault, "person.unmerge", {person_id: into, into: person_id}, reason, actor=actor, now=now)
    return into


def _record(
    tx: Tx, vault: Vault, kind: str, pairs: dict[int, int], reason: Reason, *, actor: Actor, now: datetime
) -> None:
    for subject, other in pairs.items():
        log.append(
            tx, vault=vault, kind=kind, at=now, actor=str(actor),
            subject=vault.person(tx.lender_id, subject, persons.wrapped(tx, subject)),
            stated={"reason": reason.value}, facts={"with": str(other)},
        )  # fmt: skip
