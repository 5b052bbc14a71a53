"""``duecourse case show``: one case: people, loans, what was proposed and what the law said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.output import Json, amount, facts, in_currency, lines, print_json, say, table
from duecourse.cli.strategy import LEAVE_ALONE, used_by
from duecourse.cli.words import _, joined, lang, word

if TYPE_CHECKING:
    from duecourse.app import Desk
    from duecourse.book.strategy import Strategy
    from duecourse.law.rule import Rule
    from duecourse.storage.connection import Tx
    from duecourse.storage.worklists import Proposal


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
    from duecourse.casework.lender_law import rules_named
    from duecourse.storage import books, cases, holds, parties, persons, points, runs, worklists

    with desk.database.transaction(desk.settings.lender_id) as tx:
        case = cases.get(tx, case_id)
        ran = runs.published(tx, day)
        loans = cases.loans_of(tx, case_id)
        row = books.newest(tx)
        ties = [tie for loan in loans for tie in parties.of_loan(tx, loan)]
        people = list(dict.fromkeys([case.person_id, *(tie.person_id for tie in ties)]))
        strategy, known = used_by(tx, ran), rules_named(tx)
        proposed = worklists.proposals(tx, ran.day, case.person_id)
        found: dict[str, Any] = {
            "case": case,
            "day": ran.day,
            "snapshot": worklists.snapshot(tx, ran.day, case.person_id),
            "worklist": worklists.place_of(tx, ran.day, case.person_id),
            "proposals": proposed,
            "words": [_words(one, strategy, known) for one in proposed],
            "strategy": strategy.id if strategy else None,
            "not_by_collector": _not_by(tx, case.collector_id, ran.day, known),
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


def _not_by(tx: Tx, collector: str | None, day: date, known: Mapping[str, Rule]) -> str | None:
    """Why whoever has the case may speak to nobody on a day; None where the law says no such thing."""
    from duecourse.casework.registers import barred
    from duecourse.cli.grounds import not_by

    no = barred(tx, day)
    return not_by(no[collector], known) if collector in no else None


def _words(one: Proposal, strategy: Strategy | None, known: Mapping[str, Rule]) -> dict[str, Any]:
    """A proposal in the reader's language: what, its condition, what earned its case its place, what stands against."""
    from duecourse.book.saying import why
    from duecourse.cli.grounds import causes_of, ground
    from duecourse.cli.worklist import doing

    place = dict(one.reasons)
    condition = why(strategy, place | {"points": []}, lang()) if strategy and one.treatment != LEAVE_ALONE else []
    return {
        "what": doing(one.treatment, one.channel, one.slot_second, strategy),
        "condition": condition[0] if condition else None,
        "points": why(strategy, place | {"treatment": None}, lang()) if strategy else [],
        "against": [ground(cause, strategy, known) for cause in causes_of(one, known)],
    }


def print_case(found: dict[str, Any]) -> None:
    """A case for people."""
    case, snapshot, proposed = found["case"], found["snapshot"], found["proposals"]
    pairs: list[tuple[str, Any]] = [(_("Borrower"), found["people"][0]["name"])]
    if snapshot:
        money = snapshot.currency
        pairs += [
            (_("Stage"), joined([snapshot.stage, str(word(snapshot.five_class))])),
            (_("Days past due"), snapshot.dpd),
            *([(_("Days past due under the plan"), snapshot.dpd_plan)] if snapshot.dpd_plan != snapshot.dpd else []),
            (_("To be current"), f"{amount(snapshot.overdue_minor, money)} {money}"),
            (_("To settle everything"), f"{amount(snapshot.settle_minor, money)} {money}"),
        ]
    pairs.append((_("Opened"), _by(case.opened_day, case.opened_by)))
    if case.closed_day:
        pairs.append((_("Closed"), _by(case.closed_day, case.closed_by)))
    if case.collector_id:
        pairs.append((_("Collector"), case.collector_id))
    if found["worklist"]:
        collector, place = found["worklist"]
        pairs.append((_("Place in the worklist"), _("{place} of {collector}").format(place=place, collector=collector)))
        if points := found["words"][0]["points"]:
            pairs.append((_("Why in this place"), joined(points)))
    facts(_("Case {case} on {day}").format(case=case.case_id, day=found["day"]), pairs)
    _print_people(found["people"])
    _print_loans(found.get("loans", []))
    if found["holds"]:
        table(
            _("Holds"),
            [_("Hold"), _("From"), _("Until")],
            [[word(one.kind), one.from_at.date(), one.to_at.date() if one.to_at else None] for one in found["holds"]],
        )
    _print_proposals(proposed, found["words"])
    if found["not_by_collector"]:
        who = _("Calls and visits refused to {collector}").format(collector=case.collector_id)
        facts("", [(who, found["not_by_collector"])])


def _by(day: date, who: str | None) -> str:
    """A day, and who did it; the strategy in words."""
    name, colon, _rest = (who or "").partition(": ")
    by = _("strategy {name}").format(name=name) if colon else who
    return joined([str(day), by]) if by else str(day)


def _print_people(people: list[dict[str, Any]]) -> None:
    table(
        _("People"),
        [_("Name"), _("Relation"), _("Contact point"), _("Kind"), _("State")],
        [
            [
                one["name"] if not number else "", _relations(one["relations"]) if not number else "",
                point.value_masked if point else None, _labelled(point.kind, point.label) if point else None,
                word(point.state) if point else None,
            ]
            for one in people
            for number, point in enumerate(one["points"] or [None])
        ],
    )  # fmt: skip


def _relations(relations: list[str]) -> str:
    return joined(str(word(relation)) for relation in relations)


def _labelled(kind: str, label: str | None) -> str:
    return str(word(kind)) if label in (None, kind) else joined([str(word(kind)), str(word(label))])


def _print_loans(loans: list[dict[str, Any]]) -> None:
    currencies = {one["currency"] for one in loans}
    one_currency = currencies.pop() if len(currencies) == 1 else None
    table(
        in_currency(_("Loans"), one_currency),
        [
            _("Loan"), _("Product"), _("DPD"), _("To be current"), _("Due in 7 days"), _("Principal not due"),
            _("Currency"),
        ],
        [
            [
                one["loan_ref"], word(one["product"]), one["dpd"], amount(one["overdue"], one["currency"]),
                amount(one["due_in_week"], one["currency"]), amount(one["not_due"], one["currency"]),
                None if one_currency else one["currency"],
            ]
            for one in loans
        ],
        right=(3, 4, 5),
    )  # fmt: skip


def _print_proposals(proposals: list[Proposal], said: list[dict[str, Any]]) -> None:
    if not proposals:
        say(_("Nothing is proposed for this case today."))
        return
    table(
        _("Proposed"),
        ["", _("What"), _("To"), _("Answer")],
        [
            [one.ordinal, lines(words["what"], *_grounds(one, words)), word(one.relation), word(one.answer)]
            for one, words in zip(proposals, said, strict=True)
        ],
    )


def _grounds(one: Proposal, words: dict[str, Any]) -> Iterator[str]:
    """What speaks for a proposal and what stands against it, a line each."""
    if one.template_id:
        yield _("template {name} v{version}").format(name=one.template_id, version=one.template_version)
    if words["condition"]:
        yield _("since {condition}").format(condition=words["condition"])
    for found in words["against"]:
        yield _("against it: {says} ({where})").format(says=found.says, where=found.where)
        if found.instead:
            yield _("instead: {what}").format(what=found.instead)
