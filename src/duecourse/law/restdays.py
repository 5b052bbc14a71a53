"""Sundays and public holidays, where a rule asks for them: of the nations of the United Kingdom, by `holidays`.

What does not belong here: days on which nothing is paid (`law.workdays`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from duecourse.law.terms import Territory

SUNDAY = 7
_NATIONS: dict[str, str] = {
    Territory.ENGLAND_WALES: "ENG",
    Territory.SCOTLAND: "SCT",
    Territory.NORTHERN_IRELAND: "NIR",
}
_FIRST, _LAST = 1990, 2100
"""The years for which days are reckoned; bank holidays that are proclaimed for one occasion come with the package."""


def day_of_rest(jurisdiction: str, day: date, territory: object = None) -> bool | None:
    """Whether a day is a Sunday or a public holiday in a part of a jurisdiction.

    Where the part is not known, a holiday of any of them counts. ``None`` where no calendar is kept: another
    jurisdiction, a part of another, a day outside the years above.
    """
    if jurisdiction != "UK" or not _FIRST <= day.year <= _LAST:
        return None
    if territory is not None and territory not in _NATIONS:
        return None
    nations = _NATIONS.values() if territory is None else [_NATIONS[str(territory)]]
    return day.isoweekday() == SUNDAY or any(day in _public(nation, day.year) for nation in nations)


@cache
def _public(nation: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - slow to load, and only the United Kingdom's rules ask

    return frozenset(holidays.country_holidays("GB", subdiv=nation, years=year))


def rest_facts(jurisdiction: str, day: date, facts: Mapping[str, object]) -> dict[str, object]:
    """The fact `day_of_rest_local` of a local day, where this jurisdiction has a calendar; else nothing."""
    if jurisdiction != "UK":
        return {}
    return {"day_of_rest_local": day_of_rest(jurisdiction, day, facts.get("resident_territory"))}
