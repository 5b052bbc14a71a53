"""The overview: how the book, the cases, the contacts and the law's answers stand; each number leads to its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from duecourse.casework import mending
from duecourse.casework.figures.asking import FIGURES
from duecourse.casework.figures.book import first_day
from duecourse.casework.figures.figure import Span
from duecourse.casework.lender_law import rules_named
from duecourse.casework.rights import Right
from duecourse.core.reading import Stage
from duecourse.storage import floor, lenders
from duecourse.web.components import forms
from duecourse.web.oversight.reading import Reader, figure_path, reading, rows_path, summed
from duecourse.web.page import Pages
from duecourse.web.visit import Visit

pages = Pages("oversight")

TOP = 8
"""Rules that the overview lists; the page of refusals has all."""

_LATE = [stage.value for stage in Stage if stage is not Stage.M0]
_COHORTS = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """One number at the head of the page, with where it leads and what stands below it."""

    label: str
    value: str
    href: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: its figure, its data for the script, and the same numbers as a table beside it."""

    figure: str
    title: str
    defines: str
    href: str
    data: dict[str, Any] = field(repr=False)
    headings: list[str]
    rows: list[list[tuple[str, str]]]  # text and where it leads

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


@pages.get("/overview", right=Right.FIGURE_READ)
def overview(visit: Visit) -> Response:
    """The figures of the lender at a glance."""
    with reading(visit) as reader:
        if reader is None:
            return visit.page("oversight/nothing_run.html")
        fresh = floor.freshness(reader.tx)
        quarantined = mending.waiting(reader.tx, visit.parts.store(visit.lender_id)).rows
        currency = lenders.get(reader.tx).currency
        tiles = _tiles(reader, currency)
        charts = [
            _stages(reader), _rolls(reader), _cures(reader), _vintages(reader), _funnel(reader), _done(reader),
            _refusals(reader), _money(reader, currency), _holds(reader), _moods(reader),
        ]  # fmt: skip
        ran = reader.ran
    return visit.page(
        "oversight/overview.html", tiles=tiles, charts=charts, fresh=fresh, quarantined=quarantined, ran=ran
    )


def _tiles(reader: Reader, currency: str) -> list[Tile]:
    visit, day = reader.visit, Span(reader.ran, reader.ran)
    cases = summed(reader.cells("case.open", by=["day", "currency"]), ["currency"])
    open_cases = sum(of["cases"] for of in cases.values())
    own = cases.get((currency,), {})
    asked = summed(reader.cells("proposal.asked", by=["day"], days=day), []).get((), {})
    done = summed(reader.cells("proposal.done", by=["day"], days=day), []).get((), {})
    near_days = reader.usual(FIGURES["gate.near_miss"])
    near = summed(reader.cells("gate.near_miss", by=["day"]), []).get((), {})
    kept_days = reader.usual(FIGURES["promise.kept"])
    kept = summed(reader.cells("promise.kept", by=["day"]), []).get((), {})
    holds = summed(reader.cells("hold.age", by=["day"]), []).get((), {})
    return [
        Tile(visit.say("Open cases"), forms.count(open_cases), rows_path("case.open", day)),
        Tile(
            visit.say("Overdue ({currency})", currency=currency), forms.money(own.get("overdue_minor", 0), currency),
            figure_path("case.open", day, ["stage"]),
        ),
        Tile(
            visit.say("Proposals allowed"), forms.count(asked.get("allowed", 0)), figure_path("proposal.asked", day),
            visit.say("{count} done", count=forms.count(done.get("done", 0))),
        ),
        Tile(
            visit.say("Proposals refused"), forms.count(asked.get("refused", 0)), "/refusals",
            visit.say("{share} of all", share=forms.share(asked.get("refused", 0), asked.get("proposals", 0))),
        ),
        Tile(
            visit.say("Near misses, 30 days"), forms.count(near.get("near_misses", 0)),
            rows_path("gate.near_miss", near_days),
        ),
        Tile(
            visit.say("Promises kept, 30 days"), forms.share(kept.get("kept", 0), kept.get("ended", 0)),
            rows_path("promise.kept", kept_days),
            visit.say("of promises: {count}", count=forms.count(kept.get("ended", 0))),
        ),
        Tile(visit.say("Holds that stand"), forms.count(holds.get("holds", 0)), rows_path("hold.age", day)),
    ]  # fmt: skip


def _chart(
    reader: Reader, name: str, data: dict[str, Any], headings: list[str], rows: list[list[tuple[str, str]]], *,
    days: Span | None = None, by: tuple[str, ...] = (), title: str = "", defines: str = "",
) -> Chart:  # fmt: skip
    of, lang = FIGURES[name], reader.visit.lang
    return Chart(
        name, title or of.says.said(lang), defines or of.defines.said(lang), figure_path(name, days, by), data,
        headings, rows,
    )  # fmt: skip


def _stages(reader: Reader) -> Chart:
    visit, today = reader.visit, Span(reader.ran, reader.ran)
    days = Span(reader.ran - timedelta(days=59), reader.ran)
    found = summed(reader.cells("book.stage", by=["day", "stage"], days=days), ["day", "stage"])
    dates = sorted({at[0] for at in found})
    here = summed(
        reader.cells("book.stage", by=["day", "stage", "class"], days=Span(reader.ran, reader.ran)), ["stage", "class"]
    )
    series = [
        {
            "name": stage,
            "data": [found.get((day, stage), {}).get("loans", 0) for day in dates],
            "hrefs": [rows_path("book.stage", _one(day), {"stage": stage}) for day in dates],
        }
        for stage in _LATE
    ]
    rows = [
        [
            (stage, ""), (visit.say(five.replace("_", " ")) if five else visit.say("none"), ""),
            (f"{of['loans']:,}", rows_path("book.stage", today, {"stage": stage, "class": five})),
        ]
        for (stage, five), of in sorted(here.items())
    ]  # fmt: skip
    data = {"kind": "stack", "x": dates, "series": series}
    heads = [visit.say("Stage"), visit.say("Class"), visit.say("Loans")]
    return _chart(
        reader, "book.stage", data, heads, rows, days=days, by=("day", "stage"),
        title=visit.say("The book past due, by stage"),
    )  # fmt: skip


def _one(day: str) -> Span:
    return Span(date.fromisoformat(day), date.fromisoformat(day))


def _rolls(reader: Reader) -> Chart:
    visit = reader.visit
    days = reader.usual(FIGURES["book.roll"])
    found = summed(reader.cells("book.roll", by=["before", "after"]), ["before", "after"])
    befores = [stage.value for stage in Stage if any(at[0] == stage for at in found)]
    afters = [stage.value for stage in Stage] + sorted({at[1] for at in found} - {stage.value for stage in Stage})
    totals = {before: sum(of["loans"] for at, of in found.items() if at[0] == before) for before in befores}
    cells, rows = [], []
    for y, before in enumerate(befores):
        line = [(before, "")]
        for x, after in enumerate(afters):
            loans = found.get((before, after), {}).get("loans", 0)
            href = rows_path("book.roll", days, {"before": before, "after": after})
            text = forms.share(loans, totals[before]) if loans else "–"
            line.append((text, href if loans else ""))
            if loans:
                cells.append(
                    {
                        "at": [x, y],
                        "per_mille": 1000 * loans // totals[before],
                        "loans": loans,
                        "says": text,
                        "href": href,
                    }
                )
        rows.append(line)
    words = [visit.say(after) if after.islower() else after for after in afters]
    data = {"kind": "heat", "x": words, "y": befores, "cells": cells, "unit": visit.say("loans")}
    return _chart(reader, "book.roll", data, [visit.say("From"), *words], rows, days=days, by=("before", "after"))


def _cures(reader: Reader) -> Chart:
    visit = reader.visit
    days = reader.usual(FIGURES["book.cure"])
    found = summed(reader.cells("book.cure", by=["stage"]), ["stage"])
    stages = [stage for stage in _LATE if (stage,) in found]
    cured = [found[stage,] for stage in stages]
    hrefs = [rows_path("book.cure", days, {"stage": stage}) for stage in stages]
    data = {
        "kind": "bars", "x": stages, "percent": True,
        "series": [
            _series(visit.say("Cure rate"), [_tenths(of["cured"], of["loans"]) for of in cured], hrefs),
            _series(visit.say("Re-default rate"), [_tenths(of["again"], of["watched"]) for of in cured], hrefs),
        ],
    }  # fmt: skip
    rows = [
        [
            (stage, ""), (f"{of['loans']:,}", href), (forms.share(of["cured"], of["loans"]), href),
            (forms.share(of["again"], of["watched"]), href),
        ]
        for stage, of, href in zip(stages, cured, hrefs, strict=True)
    ]  # fmt: skip
    heads = [visit.say("Stage"), visit.say("Loans"), visit.say("Cure rate"), visit.say("Re-default rate")]
    return _chart(reader, "book.cure", data, heads, rows, days=days, by=("stage",))


def _series(name: str, data: list[int], hrefs: list[str]) -> dict[str, Any]:
    return {"name": name, "data": data, "hrefs": hrefs}


def _tenths(part: int, whole: int) -> int:
    """Per cent in tenths, half up; the script divides by ten."""
    return (2 * 1000 * part + whole) // (2 * whole) if whole else 0


def _vintages(reader: Reader) -> Chart:
    visit = reader.visit
    days = reader.usual(FIGURES["book.vintage"])
    found = summed(reader.cells("book.vintage", by=["cohort", "months"]), ["cohort", "months"])
    cohorts = sorted({at[0] for at in found})[-_COHORTS:]
    months = sorted({int(at[1]) for at in found if at[0] in cohorts})
    names = {one: f"{one[:4]} Q{(int(one[5:7]) + 2) // 3}" for one in cohorts}

    def cell(cohort: str, month: int) -> dict[str, int] | None:
        return found.get((cohort, str(month)))

    series = [
        {
            "name": names[one],
            "data": [_tenths(of["bad"], of["loans"]) if (of := cell(one, month)) else None for month in months],
            "hrefs": [rows_path("book.vintage", days, {"cohort": one, "months": str(month)}) for month in months],
        }
        for one in cohorts
    ]
    shown = [month for month in months if month % 3 == 0][:8]
    rows = [
        [
            (names[one], ""),
            *(
                (
                    forms.share(of["bad"], of["loans"]),
                    rows_path("book.vintage", days, {"cohort": one, "months": str(m)}),
                )
                if (of := cell(one, m))
                else ("–", "")
                for m in shown
            ),
        ]
        for one in cohorts
    ]
    data = {
        "kind": "lines",
        "x": [str(month) for month in months],
        "percent": True,
        "series": series,
        "x_says": visit.say("Months on book"),
    }
    return _chart(
        reader, "book.vintage", data, [visit.say("Paid out in"), *(str(month) for month in shown)], rows, days=days,
        by=("cohort", "months"),
    )  # fmt: skip


def _funnel(reader: Reader) -> Chart:
    visit, of = reader.visit, FIGURES["contact.funnel"]
    days = reader.usual(of)
    sums = summed(reader.cells(of.name, by=["day"]), []).get((), {})
    steps, rows, before = [], [], 0
    for measure in of.measures:
        value = sums.get(measure.name, 0)
        says = measure.says.said(visit.lang)
        href = rows_path(of.name, days)
        steps.append({"name": says, "value": value, "href": href})
        rows.append([(says, ""), (forms.count(value), href), (forms.share(value, before) if before else "", "")])
        before = value
    heads = [visit.say("Step"), visit.say("Contacts"), visit.say("Of the step before")]
    return _chart(reader, of.name, {"kind": "funnel", "steps": steps}, heads, rows if sums else [], days=days)


def _done(reader: Reader) -> Chart:
    visit, day = reader.visit, Span(reader.ran, reader.ran)
    asked = summed(reader.cells("proposal.asked", by=["treatment"], days=day), ["treatment"])
    done = summed(reader.cells("proposal.done", by=["treatment"], days=day), ["treatment"])
    names = sorted((at[0] for at in asked if at[0] != "leave_alone"), key=lambda one: -asked[one,]["allowed"])
    words = reader.treatments

    def hrefs(name: str) -> list[str]:
        return [rows_path(name, day, {"treatment": one}) for one in names]

    rows, allowed, made = [], [], []
    for one in names:
        of, did = asked[one,], done.get((one,), {}).get("done", 0)
        allowed.append(of["allowed"])
        made.append(did)
        rows.append(
            [
                (words(one), ""), (forms.count(of["allowed"]), rows_path("proposal.asked", day, {"treatment": one})),
                (forms.count(did), rows_path("proposal.done", day, {"treatment": one})),
                (forms.share(did, of["allowed"]), ""),
            ]
        )  # fmt: skip
    data = {
        "kind": "across", "x": [words(one) for one in names],
        "series": [
            _series(visit.say("Allowed"), allowed, hrefs("proposal.asked")),
            _series(visit.say("Done"), made, hrefs("proposal.done")),
        ],
    }  # fmt: skip
    heads = [visit.say("Treatment"), visit.say("Allowed"), visit.say("Done"), visit.say("Share")]
    return _chart(
        reader,
        "proposal.done",
        data,
        heads,
        rows,
        days=day,
        by=("treatment",),
        title=visit.say("Proposals against done"),
    )


def _refusals(reader: Reader) -> Chart:
    visit, day = reader.visit, Span(reader.ran, reader.ran)
    found = summed(reader.cells("refusal.proposal", by=["rule"], days=day), ["rule"])
    top = sorted(found, key=lambda at: (-found[at]["refusals"], at))[:TOP]
    hrefs = [rows_path("refusal.proposal", day, {"rule": at[0]}) for at in top]
    known = rules_named(reader.tx)
    words = [reader.refusing(at[0], known)[0] for at in top]
    data = {
        "kind": "across", "x": words,
        "series": [{"name": visit.say("Refusals"), "data": [found[at]["refusals"] for at in top], "hrefs": hrefs}],
    }  # fmt: skip
    rows = [
        [(says, _rule_page(at[0])), (forms.count(found[at]["refusals"]), href)]
        for at, says, href in zip(top, words, hrefs, strict=True)
    ]
    return _chart(
        reader, "refusal.proposal", data, [visit.say("Rule"), visit.say("Refusals")], rows, days=day, by=("rule",)
    )


def _rule_page(rule: str) -> str:
    """Where a rule is shown; a missing fact, and what a strategy leaves alone, have no page."""
    return "" if " " in rule or ":" in rule else f"/law/rules/{rule}"


def _money(reader: Reader, currency: str) -> Chart:
    visit = reader.visit
    days = Span(first_day(reader.ran), reader.ran)
    where = (f"currency={currency}",)
    cost = _by_month(reader, "cost.contact", "cost_minor", days, where)
    back = _by_month(reader, "recovery.payment", "recovered_minor", days, where)
    months = sorted({*cost, *back})
    rows = [
        [
            (month, ""),
            (
                forms.money(back.get(month, 0), currency),
                rows_path("recovery.payment", _month(month, days), where=where),
            ),
            (forms.money(cost.get(month, 0), currency), rows_path("cost.contact", _month(month, days), where=where)),
        ]
        for month in months
    ]  # fmt: skip
    data = {
        "kind": "bars", "x": months, "minor": True,
        "series": [
            {"name": visit.say("Recovered"), "data": [back.get(month, 0) for month in months]},
            {"name": visit.say("Cost"), "data": [cost.get(month, 0) for month in months]},
        ],
    }  # fmt: skip
    heads = [
        visit.say("Month"),
        visit.say("Recovered ({currency})", currency=currency),
        visit.say("Cost ({currency})", currency=currency),
    ]
    lang = visit.lang
    return _chart(
        reader, "recovery.payment", data, heads, rows, days=days, title=visit.say("Cost against recovery"),
        defines=f"{FIGURES['recovery.payment'].defines.said(lang)} {FIGURES['cost.contact'].defines.said(lang)}",
    )  # fmt: skip


def _by_month(reader: Reader, name: str, measure: str, days: Span, where: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in reader.cells(name, by=["day"], where=where, days=days):
        month = cell.at["day"][:7]
        found[month] = found.get(month, 0) + cell.of[measure]
    return found


def _month(month: str, days: Span) -> Span:
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Span(max(first, days.first), min(last, days.last))


def _holds(reader: Reader) -> Chart:
    visit, day = reader.visit, Span(reader.ran, reader.ran)
    found = summed(reader.cells("hold.age", by=["day", "kind", "age"]), ["kind", "age"])
    kinds = sorted({at[0] for at in found})
    ages = ["0-7", "8-30", "31-90", "91+"]
    series = [
        {
            "name": age,
            "data": [found.get((kind, age), {}).get("holds", 0) for kind in kinds],
            "hrefs": [rows_path("hold.age", day, {"kind": kind, "age": age}) for kind in kinds],
        }
        for age in ages
    ]
    words = [visit.say(kind.replace("_", " ")) for kind in kinds]
    rows = [
        [
            (says, ""),
            *(
                (forms.count(n), rows_path("hold.age", day, {"kind": kind, "age": age}))
                if (n := found.get((kind, age), {}).get("holds", 0))
                else ("–", "")
                for age in ages
            ),
        ]
        for kind, says in zip(kinds, words, strict=True)
    ]
    data = {"kind": "across", "x": words, "series": series, "stacked": True}
    return _chart(reader, "hold.age", data, [visit.say("Kind"), *ages], rows, days=day, by=("kind", "age"))


def _moods(reader: Reader) -> Chart:
    """How borrowers sound, collector by collector; the collectors with most turns, and how sure the estimates are."""
    visit, of = reader.visit, FIGURES["mood.turn"]
    days = reader.usual(of)
    found = summed(reader.cells(of.name, by=["collector"]), ["collector"])
    top = sorted(found, key=lambda at: (-found[at]["turns"], at))[:TOP]
    names = [at[0] or visit.say("nobody") for at in top]
    hrefs = [rows_path(of.name, days, {"collector": at[0]}) for at in top]
    parts = [one for one in of.measures if one.name in {"worried", "angry", "distressed"}]
    data = {
        "kind": "across", "x": names,
        "series": [
            _series(one.says.said(visit.lang), [found[at][one.name] for at in top], hrefs) for one in parts
        ],
    }  # fmt: skip
    rows = [
        [
            (name, ""), (forms.count(found[at]["turns"]), href),
            *((forms.share(found[at][one.name], found[at]["turns"]), href) for one in parts),
            (forms.share(found[at]["sure_ppm"], found[at]["whole_ppm"]), ""),
        ]
        for name, at, href in zip(names, top, hrefs, strict=True)
    ]  # fmt: skip
    heads = [
        visit.say("Collector"), of.measures[0].says.said(visit.lang), *(one.says.said(visit.lang) for one in parts),
        visit.say("How sure"),
    ]  # fmt: skip
    return _chart(reader, of.name, data, heads, rows, days=days, by=("collector",))
