"""``duecourse case``: one case: people, loans, what was proposed and what the law said."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.output import Json, amount, facts, print_json, say, table
from duecourse.cli.words import _

if TYPE_CHECKING:
    from duecourse.app import Desk
    from duecourse.storage.connection import Tx
    from duecourse.storage.runs import Run
    from duecourse.storage.worklists import Proposal

app = typer.Typer(help="Cases: one borrower's overdue loans being worked.")


@app.callback()
def cases() -> None:
    """Cases: one borrower's overdue loans being worked."""


@app.command()
def show(
    case: Annotated[int, typer.Argument(help="The case's number, as in the worklist.")],
    *,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; the last day run without it.")
    ] = None,
    json: Json = False,
) -> None:
    """Show a case on a day: who, what is owed, what is proposed, what the law says, and why."""
    from duecourse.app import open_desk

    with open_desk() as desk:
        found = case_facts(desk, case, day.date() if day else None)
    if json:
        print_json(found)
    else:
        print_case(found)


def case_facts(desk: Desk, case_id: int, day: date | None) -> dict[str, Any]:
    """Everything about a case on a day, masked."""
    from duecourse.app import store_of
    from duecourse.book.report import ages_of
    from duecourse.book.store import version_from
    from duecourse.storage import books, cases, holds, parties, persons, points, runs, worklists

    with desk.database.transaction(desk.settings.lender_id) as tx:
        case = cases.get(tx, case_id)
        ran = runs.published(tx, day)
        loans = cases.loans_of(tx, case_id)
        row = books.newest(tx)
        ties = [tie for loan in loans for tie in parties.of_loan(tx, loan)]
        people = list(dict.fromkeys([case.person_id, *(tie.person_id for tie in ties)]))
        found: dict[str, Any] = {
            "case": case,
            "day": ran.day,
            "snapshot": worklists.snapshot(tx, ran.day, case.person_id),
            "worklist": worklists.place_of(tx, ran.day, case.person_id),
            "proposals": worklists.proposals(tx, ran.day, case.person_id),
            "why": _why(tx, ran, worklists.proposals(tx, ran.day, case.person_id)),
            "holds": holds.of_person(tx, case.person_id),
            "people": [
                {
                    "person": person,
                    "name": persons.get(tx, person).name_masked,
                    "relations": sorted({tie.relation for tie in ties if tie.person_id == person}),
                    "points": [point for point in points.of_person(tx, person) if point.to_at is None],
                }
                for person in people
            ],
        }
    if row:
        store, version = store_of(desk.settings), version_from(row.version, row.tables)
        names = store.scan(version, "loans").select("loan_key", "loan_ref").unique("loan_key").collect()
        mine = ages_of(store, version, ran.day).join(names, on="loan_key", how="left")
        found["loans"] = [one for one in mine.to_dicts() if one["loan_key"] in set(loans)]
    return found


def _why(tx: Tx, ran: Run, proposals: list[Proposal]) -> list[list[str]]:
    """The reasons of each proposal in words, by the strategy that the run used."""
    from duecourse.book.strategy import read_strategy, why
    from duecourse.cli import words
    from duecourse.storage import strategies

    used: Any = (ran.manifest or {}).get("inputs", {})
    kept = strategies.get(tx, used["strategy"]["name"], used["strategy"]["kept_version"])
    if kept is None:
        return [[""] for _one in proposals]
    strategy = read_strategy(kept.content, kept.strategy_id)
    language = "zh" if words.language() == "zh-CN" else "en"
    return [why(strategy, dict(one.reasons), language) or [""] for one in proposals]


def print_case(found: dict[str, Any]) -> None:
    """A case for people."""
    case, snapshot = found["case"], found["snapshot"]
    title = _("Case {case} on {day}").format(case=case.case_id, day=found["day"])
    borrower = found["people"][0]
    pairs: list[tuple[str, Any]] = [
        (_("Borrower"), f"{borrower['name']} ({borrower['person']})"),
        (_("Opened"), f"{case.opened_day} ({case.opened_by})"),
        (_("Closed"), f"{case.closed_day} ({case.closed_by})" if case.closed_day else None),
        (_("Collector"), case.collector_id),
    ]
    if snapshot:
        money = snapshot.currency
        pairs += [
            (_("Stage"), f"{snapshot.stage}, {_(snapshot.five_class.replace('_', ' '))}"),
            (_("Days past due"), snapshot.dpd),
            (_("To be current"), f"{amount(snapshot.overdue_minor, money)} {money}"),
            (_("To settle everything"), f"{amount(snapshot.settle_minor, money)} {money}"),
        ]
    if found["worklist"]:
        collector, place = found["worklist"]
        pairs.append((_("Place in the worklist"), _("{place} of {collector}").format(place=place, collector=collector)))
    facts(title, pairs)
    _print_people(found["people"])
    _print_loans(found.get("loans", []))
    if found["holds"]:
        table(
            _("Holds"),
            [_("Kind"), _("From"), _("Until"), _("Source")],
            [
                [_(one.kind), one.from_at.date(), one.to_at.date() if one.to_at else None, one.source]
                for one in found["holds"]
            ],
        )
    _print_proposals(found["proposals"], found["why"])


def _print_people(people: list[dict[str, Any]]) -> None:
    table(
        _("People"),
        [_("Name"), _("Relation"), _("Contact points")],
        [
            [
                one["name"],
                ", ".join(_(relation.replace("_", " ")) for relation in one["relations"]),
                ", ".join(
                    f"{point.value_masked}{'' if point.state == 'ok' else f' ({_(point.state)})'}"
                    for point in one["points"]
                ),
            ]
            for one in people
        ],
    )


def _print_loans(loans: list[dict[str, Any]]) -> None:
    table(
        _("Loans"),
        [
            _("Loan"), _("Product"), _("Days past due"), _("To be current"), _("Due in 7 days"),
            _("Principal not due"), _("Currency"),
        ],
        [
            [
                one["loan_ref"], one["product"], one["dpd"], amount(one["overdue"], one["currency"]),
                amount(one["due_in_week"], one["currency"]), amount(one["not_due"], one["currency"]), one["currency"],
            ]
            for one in loans
        ],
        right=(3, 4, 5),
    )  # fmt: skip


def _print_proposals(proposals: list[Any], reasons: list[list[str]]) -> None:
    from duecourse.cli.day import rule_words, treatment_word
    from duecourse.cli.worklist import clock

    if not proposals:
        say(_("Nothing is proposed for this case today."))
        return
    table(
        _("Proposed"),
        ["", _("Treatment"), _("Channel"), _("To"), _("At"), _("Template"), _("Answer")],
        [
            [
                one.ordinal, treatment_word(one.treatment), _(one.channel) if one.channel else None,
                _(one.relation.replace("_", " ")) if one.relation else None, clock(one.slot_second),
                f"{one.template_id} v{one.template_version}" if one.template_id else None, _(one.answer),
            ]
            for one in proposals
        ],
    )  # fmt: skip
    table(
        _("Why proposed"),
        ["", _("Condition"), _("What its case's place comes from")],
        [
            [one.ordinal, said[0] if one.treatment != "leave_alone" else None, ", ".join(said[1:]) or None]
            for one, said in zip(proposals, reasons, strict=True)
        ],
    )
    causes = [
        (one.ordinal, cause)
        for one in proposals
        for cause in [*one.rules, *(f"missing {name}" for name in one.missing)]
    ]
    if causes:
        table(
            _("Why refused"),
            ["", _("Rule"), _("Text"), _("Source"), _("Grade")],
            [[ordinal, cause, *rule_words(cause)] for ordinal, cause in causes],
        )
