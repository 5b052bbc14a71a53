"""``duecourse law calendar``: when a person may be contacted over the next days, by channel."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.explain import facts_of, instant_of
from duecourse.cli.law.options import Folder, Jurisdiction, Without, lang_asked, read_place
from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.words import _, joined
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.cli.law.options import Place
    from duecourse.law.calendar import Calendar, Wanted, Way

CHANNELS = ("call", "sms", "letter")
"""What a calendar without a person shows if no channel is named."""

_HOURS = 24
_CHART_HOUR = 2  # cells of the chart


def calendar(
    person: Annotated[
        int | None, typer.Argument(metavar="[PERSON]", help="The person's id; without it, an ordinary contact.", min=0)
    ] = None,
    *,
    channel: Annotated[list[str] | None, typer.Option(help="By which way; may be repeated.")] = None,
    template: Annotated[
        str | None, typer.Option(help="Approved template or script; gives purpose and content.")
    ] = None,
    purpose: Annotated[str, typer.Option(help="Purpose, where no template is named.")] = "collect",
    relation: Annotated[str, typer.Option(help="What the person is to the debt.")] = "borrower",
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="From when on; now by default.")] = None,
    days: Annotated[int, typer.Option(help="Local days to show.", min=1, max=60)] = 14,
    zone: Annotated[
        list[str] | None, typer.Option(metavar="ZONE", help="A zone the person may be in; repeatable.")
    ] = None,
    fact: Annotated[list[str] | None, typer.Option("--fact", metavar="NAME=VALUE", help="A fact; repeatable.")] = None,
    jurisdiction: Jurisdiction = None,
    without: Without = None,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """Open windows of the next 14 days by channel: of a person as he stands now, or of an ordinary contact."""
    if person is not None:
        if fact or zone or at:
            raise BadInput(
                N_("a person's facts, zones and counters come from the desk; leave out --fact, --zone and --at")
            )
        found = _of_person(person, template, days)
        if channel:
            found = _only(found, channel)
    else:
        place = read_place(packs, jurisdiction, without)
        found = _ordinary(
            place, channel or list(CHANNELS), template, purpose=purpose, relation=relation, at=at, days=days,
            zones=place.zones(zone), said=fact or [],
        )  # fmt: skip
    if json:
        print_json(_plain(found))
        return
    _print(found)


def _of_person(person: int, template: str | None, days: int) -> Calendar:
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.person_calendar import person_calendar

    with open_desk() as desk:
        return person_calendar(
            desk.database, desk.settings.lender_id, gate=gate_of(desk), person_id=person, clock=now,
            template=template, days=days,
        )  # fmt: skip


def _only(found: Calendar, channels: list[str]) -> Calendar:
    from dataclasses import replace

    return replace(found, ways=tuple(way for way in found.ways if way.channel in channels))


def _ordinary(
    place: Place,
    channels: list[str],
    template: str | None,
    *,
    purpose: str,
    relation: str,
    at: str | None,
    days: int,
    zones: list[str],
    said: list[str],
) -> Calendar:
    from duecourse.app import now
    from duecourse.law.calendar import Wanted
    from duecourse.law.calendar import calendar as calendar_of
    from duecourse.law.clock import known_zone
    from duecourse.law.ordinary import ORDINARY, text_facts

    book, register = place.book, place.register
    clock = book.zone or next(iter(zones), "")
    if not known_zone(clock):
        raise BadInput(N_("the law here has no clock of its own: say with --zone where the person is"))
    begin = now() if at is None else instant_of(at, clock)
    if template is not None:
        channels = [one.value for one in register[template].channels]
    wanted: list[Wanted] = []
    stated, homes = facts_of(said)
    for one in channels:
        text = text_facts(register, template=template, purpose=purpose, day=begin.date(), channel=one)
        facts: dict[str, object] = {**ORDINARY, **text, "relation": relation, **place.facts, **stated, "channel": one}
        _check(facts)
        wanted.append(Wanted(one, facts, template or purpose))
    note(_("An ordinary contact but for what is said; `law explain` lists what it assumes."))
    return calendar_of(book, wanted, begin, zones=zones, homes=homes, days=days)


def _check(facts: dict[str, object]) -> None:
    from duecourse.cli.law.explain import check_words

    check_words(facts)


def _print(found: Calendar) -> None:
    """A table for each way: day, chart of half hours, open windows."""
    from duecourse.law.calendar import chart, shown
    from duecourse.law.terms import word

    lang = lang_asked()
    zones = joined(name for name in found.zones if name)
    say(_("Days by the clock of {zone}; open only where {zones} all are.").format(zone=found.clock, zones=zones)
        if len(found.zones) > 1
        else _("Days by the clock of {zone}.").format(zone=found.clock))  # fmt: skip
    ruler = "".join(f"{hour:<{6 * _CHART_HOUR}}" for hour in range(0, _HOURS, 6))
    for way in found.ways:
        rows = []
        for day in found.days:
            spans = [shown(span, found.clock) for span in way.on(day, found.clock) if span.open]
            rows.append((day.isoformat(), _weekday(day), chart(way, day, found.clock), joined(spans) or _("closed")))
        title = f"{word(way.channel, lang)} ({way.label})" if way.label else word(way.channel, lang)
        table(title, (_("day"), "", ruler, _("open")), rows)
        if closing := _closing(way):
            say(_("Closed by: {rules}.").format(rules=closing))


def _weekday(day: object) -> str:
    names = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
    return names[day.weekday()]  # type: ignore[attr-defined]


def _closing(way: Way) -> str:
    """The rules that close it, those that close most spans first."""
    counted = Counter(rule for span in way.spans for rule in span.rules)
    return joined(rule for rule, _times in counted.most_common())


def _plain(found: Calendar) -> dict[str, object]:
    """The calendar as JSON: every span with its rules, instants in UTC."""
    return {
        "from": found.at,
        "until": found.until,
        "clock": found.clock,
        "zones": list(found.zones),
        "rulebook": found.rulebook,
        "ways": [
            {
                "channel": way.channel,
                "by": way.label,
                "spans": [
                    {
                        "from": span.at,
                        "until": span.until,
                        "open": span.open,
                        "rules": list(span.rules),
                        "missing": sorted({name for one in span.refusals for name in one.missing}),
                    }
                    for span in way.spans
                ],
            }
            for way in found.ways
        ],
    }
