"""What the API says of promises: the shapes of their bodies, and how they are filled."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from duecourse.casework.promises import WhyAnew
from duecourse.core.money import EXPONENTS
from duecourse.storage.promise_settlements import Settlement
from duecourse.storage.promises import Promise
from duecourse.trouble import N_
from duecourse.web.api.shapes import Day, Id, Shape, Told


def _currency(code: str) -> str:
    if code not in EXPONENTS:
        raise ValueError(N_("the currency is not one of those that are known"))
    return code


Currency = Annotated[
    str, AfterValidator(_currency), Field(json_schema_extra={"enum": sorted(EXPONENTS)}, examples=["CNY"])
]


class PromiseShape(Shape):
    """A promise; `state` is reckoned from payments: open, kept, partly_kept, broken; none before the first."""

    promise: Id
    case: Id
    person: Id = Field(description="Who gave it.")
    amount_minor: int
    currency: str
    made: date
    due: date
    actor: str
    at: Told
    ended_at: Told | None
    end: str | None = Field(description="renegotiated, settled or withdrawn; none while it stands.")
    became: str | None = Field(description="renegotiated, withdrawn, or the state: what became of it.")
    given: str | None = Field(description="Where it was given: a contact's channel, portal, reply or desk.")
    replaces: Id | None = Field(description="The promise that it was agreed on in place of.")
    replaced_by: Id | None
    why: str | None = Field(description="Why the one before was renegotiated.")
    state: str | None
    paid_minor: int | None
    kept_on: date | None
    payments_through: date | None


class LookedAt(Shape):
    """A payment that was looked at when a promise was settled: counted, before, late or taken_back."""

    loan: str
    day: date
    minor: int
    ref: str
    why: str


class SettlementShape(Shape):
    """What became of a promise when its day had ended; what was learnt later settled it anew."""

    state: str
    amount_minor: int
    paid_minor: int
    kept_on: date | None
    book_version: int
    payments_through: date
    looked_at: list[LookedAt]
    actor: str
    at: Told


class OnePromise(Shape):
    """A promise with every settling of it, the first first."""

    promise: PromiseShape
    settlements: list[SettlementShape]


class RenegotiationBody(Shape):
    """Another amount or day in place of a promise that stands, and why."""

    amount_minor: Annotated[int, Field(strict=True, ge=1, le=10**13)]
    currency: Currency
    due: Day
    why: WhyAnew
    contact: Id | None = None


class PromiseBody(Shape):
    """A promise to be recorded; where one stands whose day has not passed, it is renegotiated."""

    amount_minor: Annotated[int, Field(strict=True, ge=1, le=10**13)]
    currency: Currency
    due: Day
    person: Id | None = Field(default=None, description="Who gave it; the borrower without it.")
    contact: Id | None = None


class PromiseMade(Shape):
    """A promise is on record."""

    promise: Id


class PromisesShape(Shape):
    """Promises that stand, by due day."""

    promises: list[PromiseShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


def promise_shape(one: Promise) -> PromiseShape:
    """A promise as callers get it."""
    return PromiseShape(
        promise=one.promise_id, case=one.case_id, person=one.promised_by, amount_minor=one.amount_minor,
        currency=one.currency, made=one.made_day, due=one.due_day, actor=one.actor, at=one.at, ended_at=one.ended_at,
        end=one.end_kind, became=one.became, given=one.given, replaces=one.replaces, replaced_by=one.replaced_by,
        why=one.why, state=one.state, paid_minor=one.paid_minor, kept_on=one.kept_day,
        payments_through=one.through_day,
    )  # fmt: skip


def one_promise(one: Promise, settled: list[Settlement]) -> OnePromise:
    """A promise with its settlings as callers get it."""
    return OnePromise(
        promise=promise_shape(one),
        settlements=[
            SettlementShape(
                state=each.state, amount_minor=each.amount_minor, paid_minor=each.paid_minor, kept_on=each.kept_day,
                book_version=each.version, payments_through=each.through_day, actor=each.actor, at=each.at,
                looked_at=[LookedAt(**payment) for payment in each.looked_at],
            )
            for each in settled
        ],
    )  # fmt: skip
