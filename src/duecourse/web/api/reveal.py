"""Reading a protected value over HTTP: for a purpose, on record by the token's name, shown for a short time.

There is no `Idempotency-Key`: an answer that were kept would hold the value in clear. Who asks again looks again, and
that is on record too.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from duecourse.casework.reveal import SHOWN_FOR, RevealPurpose, reveal
from duecourse.casework.rights import check_purpose
from duecourse.storage.persons import NoSuchPerson
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Id, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/persons", tags=["people"])


class Look(Shape):
    """Which value is read, and why."""

    what: Literal["name", "id", "birth", "reference", "contact_point"]
    contact_point: Id | None = Field(default=None, description="Which one, where it is a contact point.")
    purpose: RevealPurpose


class Looked(Shape):
    """The value, and until when it may be shown."""

    person: Id
    what: str
    contact_point: Id | None
    clear: str
    purpose: RevealPurpose
    until: Told = Field(description="Then nothing but the masked form is shown; keep it nowhere.")


@router.post("/{person}/reveal", responses=problems(Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON))
def reveal_value(
    person: Annotated[Id, Path()], said: Look, inquiry: Annotated[Inquiry, admitted(Scope.PERSON_REVEAL)]
) -> Looked:
    """Read one protected value for a purpose. The person can see that it was read; it is no leave to make contact."""
    if (said.what == "contact_point") is (said.contact_point is None):
        raise Problem(Kind.INVALID, N_("A contact point is named by its id, and nothing else has one."))
    field = said.what if said.contact_point is None else f"contact_point/{said.contact_point}"
    actor, now = inquiry.caller.actor, inquiry.parts.clock()
    check_purpose([actor.role], field, said.purpose.value)
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        try:
            value = reveal(
                tx, vault=inquiry.parts.vault, person_id=person, field=field, purpose=said.purpose.value, actor=actor,
                now=now,
            )  # fmt: skip
        except NoSuchPerson:
            raise Problem(Kind.NOT_FOUND, N_("There is no person of this number for this token.")) from None
    return Looked(
        person=person, what=said.what, contact_point=said.contact_point, clear=value.value, purpose=said.purpose,
        until=now + SHOWN_FOR,
    )  # fmt: skip
