"""``duecourse law diff`` and ``law replay``: what another law would change over planned, and over past, contacts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.law.options import Without, lang_asked
from duecourse.cli.law.versions import SHIPPED, read_version
from duecourse.cli.output import Cell, Json, count, facts, lines, note, print_json, say, table
from duecourse.cli.words import _, joined, lang, word
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from duecourse.law.diff import Changed, Difference, RuleCount
    from duecourse.law.rulebook import Rulebook

With = Annotated[list[str] | None, typer.Option("--with", metavar="PACK", help="Take a draft pack as in force.")]
Limit = Annotated[int, typer.Option(help="Contacts to list, of each kind of change.", min=0)]
From = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in the lender's zone.")]
To = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; the first by default.")]
LIMIT = 10


def diff(
    before: Annotated[
        str, typer.Argument(metavar="A", help="shipped, a folder of packs, or either with @DAY.")
    ] = SHIPPED,
    after: Annotated[str, typer.Argument(metavar="[B]", help="The other; A by default.")] = "",
    *,
    with_: With = None,
    without: Without = None,
    first: From = None,
    last: To = None,
    contacts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Contacts of this file (CSV, Parquet) instead of the book's.")
    ] = None,
    ordinary: Annotated[
        bool, typer.Option("--ordinary", help="What the file does not say is as in an ordinary contact.")
    ] = False,
    jurisdiction: Annotated[
        str, typer.Option(help="Jurisdiction of a file's contacts; the book has the lender's.")
    ] = "CN",
    limit: Limit = LIMIT,
    json: Json = False,
) -> None:
    """Say what law B would change, --with and --without some packs, over the contacts that day runs have planned."""
    from duecourse.law.diff import compare
    from duecourse.law.turns import Turns

    def both(code: str) -> tuple[Rulebook, Rulebook]:
        return read_version(before, code), read_version(after or before, code, on=with_, off=without)

    if contacts is not None:
        code = jurisdiction.upper()
        books = both(code)
        frame = _read(contacts, books[0], ordinary=ordinary)
        group = [name for name in ("treatment", "channel") if name in frame.columns][:1]
        turns = Turns(("person",), ("second_local",)) if {"person", "channel"} <= set(frame.columns) else None
        found = compare(books[0], books[1], [frame], turns=turns, group=group, most=limit)
    else:
        found = _over_the_book(both, first, last, limit, quiet=json)
    if json:
        print_json({"a": before, "b": after or before, "with": with_ or [], "without": without or [], **asdict(found)})
        return
    _print(found, both(jurisdiction))


def _over_the_book(both: Any, first: datetime | None, last: datetime | None, limit: int, *, quiet: bool) -> Difference:  # noqa: ANN401 - a function of this module
    from duecourse.app import open_desk, store_of
    from duecourse.casework import planned
    from duecourse.cli.progress import step
    from duecourse.law.diff import compare
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        lender, store = desk.settings.lender_id, store_of(desk.settings)
        days = _days(desk, first, last)
        books = both(planned.jurisdiction(desk.database, lender))
        with step(_("Reading the plans of the days: {count}").format(count=len(days)), quiet=quiet):
            frames = planned.planned_days(desk.database, store, lender_id=lender, days=days)
            return compare(books[0], books[1], frames, turns=planned.TURNS, group=("treatment",), most=limit)


def _days(desk: Any, first: datetime | None, last: datetime | None) -> list[date]:  # noqa: ANN401 - app.Desk
    """The days asked for that have a plan; the latest where none is asked for."""
    from duecourse.casework import planned
    from duecourse.storage import runs

    lender = desk.settings.lender_id
    if first is None:
        with desk.database.transaction(lender) as tx:
            return [runs.published(tx).day]
    until = last or first
    days: list[date] = planned.days_kept(desk.database, lender, first.date(), until.date())
    if not days:
        raise BadInput(
            N_("no plan is kept for the days from {first} to {until}; `duecourse day list` shows the runs"),
            first=first.date(),
            until=until.date(),
        )
    return days


def _read(path: Path, book: Rulebook, *, ordinary: bool) -> pl.DataFrame:
    import polars as pl

    from duecourse.law.contacts import contact_facts
    from duecourse.law.facts import nearest
    from duecourse.law.templates import load_register

    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as trouble:
        raise BadInput(N_("{path}: {trouble}"), path=path, trouble=str(trouble).splitlines()[0]) from None
    register = load_register(jurisdiction=book.jurisdiction)
    if "template" in frame.columns:
        for name in frame["template"].drop_nulls().unique(maintain_order=True):
            if name not in register.templates:
                near = nearest(name, list(register.templates))
                note(_("no text of the register, so the law refuses it: {name!r}{near}").format(name=name, near=near))
    return contact_facts(frame, book, register, ordinary=ordinary)


def replay(
    *,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in the lender's zone.")],
    last: To = None,
    packs: Annotated[
        str, typer.Option(metavar="DIR", help="The law to ask: shipped, a folder, either with @DAY.")
    ] = SHIPPED,
    with_: With = None,
    without: Without = None,
    limit: Limit = LIMIT,
    json: Json = False,
) -> None:
    """Say which past contacts this law would have refused, and which of the refused it would have allowed."""
    from duecourse.app import open_desk, store_of
    from duecourse.casework import planned
    from duecourse.cli.progress import step
    from duecourse.law.diff import recall
    from duecourse.storage.connection import BATCH

    until = (last or first).date()
    if until < first.date():
        raise typer.BadParameter(_("the last day comes before the first"))
    with open_desk(limits=BATCH) as desk:
        lender = desk.settings.lender_id
        book = read_version(packs, planned.jurisdiction(desk.database, lender), on=with_, off=without)
        days = planned.days_kept(desk.database, lender, first.date(), until)
        with step(_("Reading contacts and plans"), quiet=json):
            past = planned.permits_between(desk.database, lender, first.date(), until, book)
            asked = recall(book, [past.permits] if past.permits.height else [], group=("channel",), most=limit)
            frames = planned.planned_days(desk.database, store_of(desk.settings), lender_id=lender, days=days)
            plans = recall(book, frames, turns=planned.TURNS, group=("treatment",), most=limit)
    if json:
        print_json({"permits": asked, "contacts_without_facts": past.without_facts, "plans": plans, "days": days})
        return
    say(_("Permits asked for, {first} to {last}").format(first=first.date(), last=until))
    _print(asked, (book, book))
    if past.without_facts:
        note(
            _("Contacts that cannot be asked again, made without a permit or before facts were kept: {count}.").format(
                count=count(past.without_facts)
            )
        )
    say(_("Planned by day runs: {count}").format(count=len(days)))
    _print(plans, (book, book))


def _print(found: Difference, books: tuple[Rulebook, Rulebook]) -> None:
    """A difference for people: sums, rules, groups, contacts."""
    facts(
        _("Difference"),
        [
            (_("contacts"), found.contacts),
            (_("allowed before"), found.allowed_before),
            (_("allowed after"), found.allowed_after),
            (_("now refused"), found.stopped),
            (_("now allowed"), found.opened),
            (_("refused by other rules"), found.reasons),
        ],
    )
    says = {rule.id: rule.says[lang_asked()] for book in books for rule in book.rules}
    telling = [one for one in found.rules if one.refused_before or one.refused_after]
    if telling:
        table(
            _("By rule"),
            (
                _("rule"), _("edit"), _("refused before"), _("after"), _("now refused"), _("by it alone"),
                _("now allowed"), _("was alone"),
            ),
            [
                (
                    lines(one.rule, says.get(one.rule, "")),
                    _edited(found, one),
                    one.refused_before,
                    one.refused_after,
                    one.stopped,
                    one.stopped_alone,
                    one.opened,
                    one.opened_alone,
                )
                for one in telling
            ],
        )  # fmt: skip
    if idle := [one.rule for one in found.rules if one not in telling]:
        say(_("Rules that differ as well and refuse none of these contacts: {rules} ({count}).").format(
            count=count(len(idle)), rules=joined(idle)))  # fmt: skip
    if any(one.stopped or one.opened for one in found.groups):
        table(
            _("By treatment"),
            ("", _("contacts"), _("allowed before"), _("after"), _("now refused"), _("now allowed")),
            [
                (_group(one.group), one.contacts, one.allowed_before, one.allowed_after, one.stopped, one.opened)
                for one in found.groups
                if one.stopped or one.opened
            ],
        )
    if found.changed:
        table(
            _("Contacts"),
            (_("contact"), _("change"), _("rules before"), _("rules after"), _("facts")),
            [_row(one) for one in found.changed],
        )
    if found.none:
        say(_("No answer differs."))


def _edited(found: Difference, one: RuleCount) -> str:
    """What of a rule is not the same."""
    from duecourse.law.diff import Edit

    if one.edit is Edit.SAME:
        return ""
    return _edit(one.edit) + (f": {joined(found.edits[one.rule])}" if one.edit is Edit.CHANGED else "")


def _group(values: tuple[object, ...]) -> str:
    return joined(_named(str(one)) for one in values)


def _named(name: str) -> str:
    """A treatment as a shipped strategy says it; another word of the data in the language of this run."""
    from duecourse.book.strategy import read_strategy, shipped
    from duecourse.cli.strategy import treatment_word

    first = read_strategy(shipped("first"), "first.yaml")
    known = {one.name for one in first.treatments}
    return treatment_word(name, first) if name in known else word(name) or ""


def _changed(change: str) -> str:
    """What becomes of a contact, in words."""
    words = {"stopped": _("now refused"), "opened": _("now allowed"), "reasons": _("refused by other rules")}
    return words[change]


def _edit(edit: str) -> str:
    """What becomes of a rule, in words."""
    return {"added": _("added"), "removed": _("removed"), "changed": _("changed")}[edit]


def _row(one: Changed) -> tuple[Cell, ...]:
    from duecourse.law import wording

    kept = {name: value for name, value in one.contact.items() if value is not None}
    named = [f"{word(name)} {_value(name, value, kept)}" for name, value in kept.items() if name in _NAMING]
    if not named:
        named = [f"{name} {value}" for name, value in kept.items()]
    gap = _("not yet recorded then")
    told = [
        f"{name} = {gap if name in one.unrecorded else wording.shown(name, value, lang())}"
        for name, value in one.facts.items()
        if name not in _DULL
    ]
    if one.elsewhere:
        clocks = ", ".join(wording.shown("second_local", second, lang()) for second in one.elsewhere)
        told.append(_("at the other places asked {clocks}").format(clocks=clocks))
    return "\n".join(named), _changed(one.change), "\n".join(one.before), "\n".join(one.after), "\n".join(told)


def _value(name: str, value: object, contact: Mapping[str, object]) -> str:
    from duecourse.law.clock import known_zone, zone

    there = str(contact.get("slot_zone", ""))
    if name == "slot_at" and isinstance(value, datetime) and known_zone(there):
        return f"{value.astimezone(zone(there)):%Y-%m-%d %H:%M} ({there})"
    return _named(str(value)) if name == "treatment" else str(value)


_NAMING = ("person", "person_id", "treatment", "slot_at", "day", "permit_id", "contact_id", "at", "template_id", "ref")
_DULL = ("lender_type", "sender_type", "on")
