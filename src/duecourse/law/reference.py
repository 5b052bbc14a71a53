"""The tables of ``docs/law.md`` and ``docs/law-*.md`` that are made from the code: facts, quantities, rules, slots.

``python -m duecourse.law.reference docs/law*.md`` writes them between their marks; a test fails while they are stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from duecourse.law.claims import SLOTS
from duecourse.law.fact import NEVER
from duecourse.law.facts import VOCABULARY, Fact
from duecourse.law.facts_us import US
from duecourse.law.facts_world import WORLD
from duecourse.law.notice import HOUSE, NEEDED
from duecourse.law.pack import ANYWHERE, load_packs
from duecourse.law.quantities import QUANTITIES
from duecourse.law.rule import Rule


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head), *(tuple(row) for row in rows)]
    lines.insert(1, tuple("---" for _ in lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _type(fact: Fact) -> str:
    words = ", ".join(f"`{option}`" for option in fact.options)
    bounds = "" if fact.low is None else f", {fact.low}–{fact.high}" if fact.high is not None else f", from {fact.low}"
    remarks = [*(["a lift"] if fact.lifts else []), *(["counts per day"] if fact.daily else [])]
    remarks += [f"counts over {fact.rolling} days"] if fact.rolling else []
    remarks += [f"{NEVER} = never"] if fact.ages else []
    return "; ".join([words or f"{fact.kind.value}{bounds}{f', {fact.unit}' if fact.unit else ''}", *remarks])


def facts_table(facts: Iterable[Fact]) -> str:
    """Facts with type, meaning and source."""
    head = ("fact", "type or words", "meaning", "含义", "from")
    return _table(head, ((f"`{one.name}`", _type(one), one.means, one.means_zh, one.source) for one in facts))


def quantities_table() -> str:
    """Every quantity with its direction and values."""
    rows = (
        (
            f"`{one.name}`",
            f"{one.combine}, the law alone" if one.law_alone else one.combine.value,
            one.means,
            ", ".join(one.labels or one.parts),
        )
        for one in QUANTITIES.values()
    )
    return _table(("quantity", "joined by", "meaning", "values or parts"), rows)


def _in_force(rule: Rule) -> str:
    """The days from which each version holds, and the first day on which the last holds no longer."""
    starts = ", ".join(one.start.isoformat() for one in rule.versions)
    end = rule.versions[-1].end
    return starts if end is None else f"{starts} to {end}"


def rules_table(*jurisdictions: str) -> str:
    """Every shipped rule of these jurisdictions with source and grade."""
    head = ("rule", "says", "source", "grade", "from")
    return _table(
        head,
        (
            (
                f"`{rule.id}`",
                rule.says["en"],
                f"{rule.source.instrument} {rule.source.clause}".strip(),
                rule.source.grade.value + (f"; clause {rule.source.clause_grade}" if rule.source.clause_grade else ""),
                _in_force(rule),
            )
            for pack in load_packs()
            if pack.jurisdiction in jurisdictions
            for rule in pack.rules
        ),
    )


def _world_table(jurisdiction: str) -> str:
    """The facts of `facts_world` that the rules of one jurisdiction ask."""
    rules = [rule for pack in load_packs() if pack.jurisdiction == jurisdiction for rule in pack.rules]
    asked = {name for rule in rules for name in rule.facts}
    return facts_table(one for one in WORLD if one.name in asked)


def slots_table() -> str:
    """Every slot of a template."""
    return _table(("slot", "what is put in"), ((f"`{{{name}}}`", means) for name, means in SLOTS.items()))


def parts_table() -> str:
    """What each kind of document must say, by jurisdiction."""
    rows = (
        (
            place,
            f"`{kind}`",
            "; ".join(f"{one.means} ({', '.join(f'`{slot}`' for slot in one.slots)})" for one in parts),
        )
        for (place, kind), parts in NEEDED.items()
    )
    return _table(("law", "document", "what it says at least"), rows)


def sources_table() -> str:
    """Where the parts stand that a text asks for in so many words."""
    named = {(place, one.means): one.source for (place, _), parts in NEEDED.items() for one in parts}
    rows = ((place, means, source) for (place, means), source in named.items() if source != HOUSE)
    return _table(("law", "part", "source"), rows)


PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "law.md": {
        "facts": lambda: facts_table(one for one in VOCABULARY if one not in (*US, *WORLD)),
        "quantities": quantities_table,
        "rules": lambda: rules_table("CN", ANYWHERE),
        "slots": slots_table,
    },
    "notices.md": {
        "parts": parts_table,
        "sources of parts": sources_table,
    },
    "law-us.md": {
        "facts us": lambda: facts_table(US),
        "rules us": lambda: rules_table("US"),
    },
    **{
        f"law-{place.lower()}.md": {
            f"facts {place.lower()}": partial(_world_table, place),
            f"rules {place.lower()}": partial(rules_table, place),
        }
        for place in ("UK", "IN", "EU", "HK")
    },
}
"""The tables of each page, by their marks."""
TABLES: dict[str, Callable[[], str]] = {name: made for tables in PAGES.values() for name, made in tables.items()}


def refreshed(text: str) -> str:
    """The document with every table between ``<!-- name -->`` and ``<!-- /name -->`` made anew."""
    for name, made in TABLES.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if between.search(text):
            body = made()
            text = between.sub(lambda found, body=body: f"{found[1]}\n{body}\n\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    for place in map(Path, sys.argv[1:]):
        place.write_text(refreshed(place.read_text(encoding="utf-8")), encoding="utf-8")
