"""Facts as callers give them: a name of the vocabulary and a value that it can have."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from duecourse.casework.stating import takes
from duecourse.law.facts import FACTS, Kind, Value, nearest
from duecourse.trouble import N_, Said
from duecourse.web.api import problem
from duecourse.web.api.problem import Problem

FactName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$", examples=["time_agreed"])]
FactValue = Annotated[bool | int | str | None, Field(union_mode="smart")]

_CLOCK_FACTS = ("on", "second_local")


def read_fact(name: str, value: bool | int | str | None) -> Value | None:  # noqa: FBT001 - a fact's value
    """A fact that somebody gave, as its kind reads it; a word outside its list is an error, not a missing fact."""
    if name not in FACTS:
        raise Problem(
            problem.Kind.INVALID,
            Said(N_("No such fact{near}; GET /api/v1/law/facts."), near=nearest(name, list(FACTS))),
        )
    if name in _CLOCK_FACTS:
        raise Problem(
            problem.Kind.INVALID, Said(N_("The fact {fact!r} follows from the instant; leave it out."), fact=name)
        )
    if value is None:
        return None
    fact = FACTS[name]
    read = fact.read(_day(value) if fact.kind is Kind.DATE and isinstance(value, str) else value)
    if read is None:
        raise Problem(problem.Kind.INVALID, Said(N_("The fact {fact!r} takes {takes}."), fact=name, takes=takes(fact)))
    return read


def scalar(value: Value) -> bool | int | str:
    """A fact's value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
