"""Reading a protected value on screen: the purpose first, then the value for a short time, and always a record.

Screens show a value by the macro ``ui.protected``; it asks here. What the record says is shown in the person's file
(``/people/ID/lookings``), which case pages embed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from duecourse.casework.reveal import SHOWN_FOR, reveal
from duecourse.casework.rights import Right, check_purpose, purposes
from duecourse.evidence.record import read
from duecourse.storage import log, persons, points
from duecourse.storage.connection import Tx
from duecourse.trouble import N_
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit

pages = Pages("entrance")

FIELDS = {
    "name": N_("name"),
    "id": N_("identity number"),
    "birth": N_("birth day"),
    "reference": N_("customer number"),
    "contact_point": N_("contact point"),
}


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody looked: who, when, at which field, why."""

    at: datetime
    actor: str
    field: str
    purpose: str


@pages.get("/people/{person}/reveal", right=Right.PERSON_REVEAL)
def ask_purpose(visit: Visit) -> Response:
    """The purposes for which the reader may see this value."""
    person, field = _what(visit, visit.query.get("field", ""))
    return visit.page(
        "entrance/reveal_purpose.html", person=person, field=field, purposes=purposes(visit.signed.roles, field)
    )


@pages.post("/people/{person}/reveal", right=Right.PERSON_REVEAL)
def show(visit: Visit) -> Response:
    """The value, for a short time; the record is written with it."""
    person, field = _what(visit, visit.text("field"))
    purpose = visit.text("purpose")
    check_purpose(visit.signed.roles, field, purpose)
    with visit.transaction() as tx:
        value = reveal(
            tx,
            vault=visit.parts.vault,
            person_id=person,
            field=field,
            purpose=purpose,
            actor=visit.actor,
            now=visit.now,
        )
    return visit.page(
        "entrance/reveal_value.html", person=person, field=field, value=value.value, until=visit.now + SHOWN_FOR
    )


@pages.get("/people/{person}/masked", right=Right.PERSON_REVEAL)
def masked(visit: Visit) -> Response:
    """The masked form again, when the time is over."""
    person, field = _what(visit, visit.query.get("field", ""))
    with visit.transaction() as tx:
        form = masked_form(tx, person, field)
    return visit.page("entrance/reveal_masked.html", person=person, field=field, masked=form)


@pages.get("/people/{person}/lookings", right=Right.CASE_READ)
def lookings(visit: Visit) -> Response:
    """Who looked at this person's values: a fragment for the person's file."""
    person = visit.number("person", visit.path)
    with visit.transaction() as tx:
        found = looked(tx, person)
    return visit.page("entrance/lookings.html", person=person, lookings=found, fields=FIELDS)


def looked(tx: Tx, person_id: int) -> list[Looking]:
    """Who looked at a person's values, the latest first."""
    found = []
    for entry in log.of_person(tx, person_id):
        if entry.kind == "person.reveal":
            stated = read(entry.content)["stated"]
            if isinstance(stated, dict):
                found.append(Looking(entry.at, entry.actor, str(stated.get("field")), str(stated.get("purpose"))))
    return found


def masked_form(tx: Tx, person_id: int, field: str) -> str:
    """The masked form of a value, as lists show it."""
    if field.startswith("contact_point/"):
        wanted = int(field.partition("/")[2])
        return next(
            (one.value_masked for one in points.of_person(tx, person_id) if one.contact_point_id == wanted), "–"
        )
    person = persons.get(tx, person_id)
    return str(getattr(person, f"{field}_masked", None) or "***")


def _what(visit: Visit, field: str) -> tuple[int, str]:
    head, _, rest = field.partition("/")
    if head not in FIELDS or (head == "contact_point") != rest.isdecimal() or len(rest) > 19:
        raise NotAFieldValue("field")
    return visit.number("person", visit.path), field
