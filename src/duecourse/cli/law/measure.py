"""``duecourse law measure``: one quantity that the law gives, with the rules and articles behind it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.options import Folder, Jurisdiction, Without, lang_asked, read_place
from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.words import _
from duecourse.trouble import N_, BadInput, Exit, Said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duecourse.law.facts import Fact, Value
    from duecourse.law.measure import Measure
    from duecourse.law.series import Entry, Series

_CONTRACT = "contract_on"


class NotMeasured(BadInput):
    """A quantity, day or fact on the command line that cannot be read."""


def measure(
    quantity: Annotated[
        str | None, typer.Argument(help="Such as rate_cap_ppm, limitation_years; without one all are listed.")
    ] = None,
    *,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day for which it is asked, such as 2026-03-01.")
    ] = None,
    fact: Annotated[
        list[str] | None, typer.Option("--fact", metavar="NAME=VALUE", help="A fact; may be repeated.")
    ] = None,
    jurisdiction: Jurisdiction = None,
    without: Without = None,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """Reckon a quantity for a day: caps, periods, classes, orders. Nothing is assumed; what is missing is named.

    A contract day that is not said is the day asked, and that is noted. Where there is no value the status is 1.
    """
    from duecourse.law.measure import measure as reckon
    from duecourse.law.plain import plain_measure
    from duecourse.law.quantities import QUANTITIES
    from duecourse.law.series import looked_up

    place = read_place(packs, jurisdiction, without)
    book = place.book
    if quantity is None:
        _list([judge.rule.gives.quantity.name for judge in book.givers if judge.rule.gives], json=json)
        return
    if quantity not in QUANTITIES:
        raise NotMeasured(
            N_("no quantity {quantity!r}{near}; `duecourse law measure` lists them"),
            quantity=quantity,
            near=_near(quantity, QUANTITIES),
        )
    if on is None:
        raise NotMeasured(N_("for which day is {quantity} asked? Say --on 2026-03-01"), quantity=quantity)
    day = _day("--on", on)
    facts: dict[str, object] = {"on": day, **place.facts, **said(fact or [])}
    found = reckon(book, quantity, facts)
    assumed: dict[str, Value] = {}
    if _CONTRACT in found.missing and _CONTRACT not in facts:
        assumed[_CONTRACT] = day
        found = reckon(book, quantity, {**facts, **assumed})
    used = {name: value for one in found.by for name, value in one.facts}
    rows = looked_up(book.series, used)
    if json:
        tables = [{"table": one.id, "from": row.start, "value": row.value, "grade": row.grade, "known": row.known}
                  for one, row in rows]  # fmt: skip
        print_json({**plain_measure(found), "on": day, "assumed": assumed, "tables": tables})
    else:
        _print(found, assumed, rows)
    if found.value is None:
        raise typer.Exit(Exit.FOUND)


def _list(given: list[str], *, json: bool) -> None:
    from duecourse.law.quantities import QUANTITIES

    known = [QUANTITIES[name] for name in dict.fromkeys(given)]
    if json:
        print_json([{"quantity": one.name, "unit": one.unit or None, "means": {"zh": one.means_zh, "en": one.means}}
                    for one in known])  # fmt: skip
        return
    zh = lang_asked() == "zh"
    table(
        _("Quantities"),
        (_("quantity"), _("what it is"), _("unit or words")),
        [
            (one.name, one.means_zh if zh else one.means, one.unit or ", ".join(one.labels_zh if zh else one.labels))
            for one in known
        ],
    )


def _print(found: Measure, assumed: dict[str, Value], rows: tuple[tuple[Series, Entry], ...]) -> None:
    from duecourse.law import wording
    from duecourse.law.terms import word

    lang = lang_asked()
    say(wording.measured(found, lang))
    for finding in found.by:
        say(f"  {wording.why(finding, lang)} ({wording.used(finding, lang)})")
        if finding.rule.reading:
            say(f"  {_('reading')}: {finding.rule.reading[lang].strip()}")
    for one, row in rows:
        known = f"{word(row.grade, lang)}: {row.known}"
        say(f"  {one.id} ({one.says[lang]}): {row.value:,} {one.unit}, {row.start} – {known}")
    if assumed:
        pairs = ", ".join(f"{name} = {wording.shown(name, value, lang)}" for name, value in assumed.items())
        note(_("Assumed, since not given: {facts}").format(facts=pairs))


def _near(name: str, known: Iterable[str]) -> str:
    from duecourse.law.facts import nearest

    return nearest(name, list(known))


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotMeasured(N_("{option} {text!r} is no day: write 2026-03-01"), option=option, text=text) from None


def said(pairs: list[str]) -> dict[str, Value]:
    """The facts of ``--fact NAME=VALUE``. Raises `NotMeasured`."""
    from duecourse.law.facts import FACTS

    found: dict[str, Value] = {}
    for pair in pairs:
        name, sign, text = (part.strip() for part in pair.partition("="))
        if not sign and name in FACTS:
            raise NotMeasured(
                N_("--fact {pair!r} has no value: write {pair}=VALUE, null where it is not known"), pair=pair
            )
        if name not in FACTS:
            raise NotMeasured(
                N_("--fact {pair!r}: no fact {name!r}{near}; `duecourse law facts` lists them"),
                pair=pair,
                name=name,
                near=_near(name, FACTS),
            )
        if name == "on":
            raise NotMeasured(N_("--fact {pair!r}: the day comes from --on"), pair=pair)
        if FACTS[name].source.startswith("table "):
            raise NotMeasured(
                N_("--fact {pair!r}: {name} comes from the {source}; give its day instead"),
                pair=pair,
                name=name,
                source=FACTS[name].source,
            )
        found[name] = _read(FACTS[name], text)
    return found


def _read(fact: Fact, text: str) -> Value:
    from duecourse.law.facts import Kind, nearest

    value: object = text
    if fact.kind is Kind.DATE:
        value = _day(f"--fact {fact.name}", text)
    elif fact.kind is Kind.BOOL:
        value = {"true": True, "false": False}.get(text, text)
    elif fact.kind is Kind.INT and text.removeprefix("-").isdigit():
        value = int(text)
    read = fact.read(value)
    if read is None:
        options = Said(N_("; one of {words}"), words=", ".join(fact.options)) if fact.options else f" ({fact.kind})"
        raise NotMeasured(
            N_("{text!r} is no {fact}{near}{options}"),
            text=text,
            fact=fact.name,
            near=nearest(text, fact.options),
            options=options,
        )
    return read
