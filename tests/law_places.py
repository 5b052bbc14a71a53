"""An ordinary contact in each place beyond China and the United States, for the tests of their packs."""

from __future__ import annotations

from datetime import date

from duecourse.law.ordinary import ORDINARY
from duecourse.law.rulebook import rulebook

PLACES = ("UK", "IN", "EU", "HK")
BOOKS = {place: rulebook(jurisdiction=place) for place in PLACES}
MONDAY = date(2026, 3, 2)

QUIET: dict[str, object] = {
    **ORDINARY,
    "on": MONDAY,
    "second_local": 50_000,
    "day_of_rest_local": False,
    "channel": "call",
    "relation": "borrower",
    "resident_territory": "england_wales",
    "governing_territory": "england_wales",
    "purpose": "collect",
    "mentions_debt": True,
    "moratorium_debt": True,
}
OWN: dict[str, dict[str, object]] = {"EU": {"resident_territory": "germany", "governing_territory": "germany"}}
"""What is otherwise in one place."""
