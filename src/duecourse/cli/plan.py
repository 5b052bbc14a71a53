"""``duecourse plan``: what somebody can afford, every way to pay worked out, offered, signed by both, followed."""

from __future__ import annotations

import json as plain_json
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.output import Cell, Json, amount, facts, in_currency, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word
from duecourse.core.plan_options import OptionKind
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.casework.plans import Worked
    from duecourse.storage.plans import Plan

app = typer.Typer(help="Plans: worked out to the cent, offered, signed by both, entered on the ledger, followed.")

PlanId = Annotated[int, typer.Argument(metavar="PLAN", help="Its number, as in `plan list`.", min=1)]
LoanRef = Annotated[str, typer.Argument(metavar="LOAN", help="The lender's own loan number.")]
First = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the first payment; the next due day without it.")
]


class Proof(StrEnum):
    """What a statement of income and outgoings rests on."""

    STATED = "stated"
    DOCUMENTS = "documents"


class NotALine(BadInput):
    """A line of a statement that cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(N_("{text!r} is no line of a statement; write for example wages=620000"), text=text)


@app.command()
def afford(
    case: CaseId,
    *,
    income: Annotated[list[str], typer.Option(metavar="LINE=AMOUNT", help="Of a month: wages=620000 is 6,200.00.")],
    outgoings: Annotated[list[str], typer.Option("--out", metavar="LINE=AMOUNT", help="Likewise: housing=180000.")],
    proof: Annotated[Proof, typer.Option(help="Whether papers were seen.")] = Proof.STATED,
    json: Json = False,
) -> None:
    """Keep what the borrower has and needs in a month. It is sealed; plans are compared with what is left."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.affordability import state_affordability

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = state_affordability(
            tx, vault=vault_of(desk.settings), case_id=case, income=dict(map(_line, income)),
            outgoings=dict(map(_line, outgoings)), proof=proof.value, actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json({"statement_id": number, "case_id": case})
    else:
        say(_("Statement {statement} is kept, sealed.").format(statement=number))


def _line(text: str) -> tuple[str, int]:
    name, _equals, minor = text.partition("=")
    if not minor.isdecimal():
        raise NotALine(text)
    return name, int(minor)


@app.command("options")
def show_options(
    loan: LoanRef,
    *,
    months: Annotated[list[int] | None, typer.Option(help="Lengths to work out; the usual ones without it.")] = None,
    first: First = None,
    json: Json = False,
) -> None:
    """Work out every way to pay a loan, to the cent, and compare them; what is refused names its rule."""
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework.plans import work_out
    from duecourse.core.ids import loan_key

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = work_out(
            tx, store_of(desk.settings), loan_key=loan_key(tx.lender_id, loan), now=now(), months=months or None,
            first=first.date() if first else None,
        )  # fmt: skip
    if json:
        print_json(worked_json(found))
    else:
        _say_worked(found)


def worked_json(found: Worked) -> dict[str, Any]:
    """What was worked out, as plain values."""
    return {
        "loan": found.ref, "day": found.day, "currency": found.currency, "settle_minor": found.settle,
        "due_minor": found.due, "left_minor": found.left, "class_floor": found.class_floor,
        "class_rules": list(found.class_rules),
        "options": [
            {
                "kind": one.option.kind, "months": one.option.months, "deferred": one.option.deferred,
                "total_minor": one.option.total, "extra_minor": one.option.extra, "burden_minor": one.option.burden,
                "end": one.option.end, "lawful": one.option.lawful, "affordable": one.affordable,
                "restructures": one.restructures,
                "against": [{"rule": no.rule, "most": no.most, "is": no.is_} for no in one.option.against],
                "payments": [[due.day, due.minor] for due in one.option.rows],
            }
            for one in found.choices
        ],
    }  # fmt: skip


def _say_worked(found: Worked) -> None:
    currency = found.currency
    facts(
        _("Loan {loan} on {day}").format(loan=found.ref, day=found.day),
        [
            (_("To pay today"), f"{amount(found.due, currency)} {currency}"),
            (_("To settle everything"), f"{amount(found.settle, currency)} {currency}"),
            (
                _("Left of a month, as stated"),
                _("nothing was stated") if found.left is None else f"{amount(found.left, currency)} {currency}",
            ),
        ],
    )
    table(
        in_currency(_("Ways to pay"), currency),
        [
            _("Kind"), _("Months"), _("Most in a month"), _("Altogether"), _("Beyond today's"), _("Until"),
            _("May be agreed"),
        ],
        [
            [
                word(f"plan_{one.option.kind}"),
                f"{one.option.deferred}+{one.option.months}" if one.option.deferred else str(one.option.months),
                amount(one.option.burden, currency), amount(one.option.total, currency),
                f"{'−' if one.option.extra < 0 else ''}{amount(abs(one.option.extra), currency)}",
                one.option.end,
                (_("yes") if one.affordable is not False else _("too much a month"))
                if one.option.lawful else ", ".join(no.rule for no in one.option.against),
            ]
            for one in found.choices
        ],
        right=(1, 2, 3, 4),
    )  # fmt: skip
    if found.class_floor and any(one.restructures for one in found.choices):
        say(
            _("Agreed because of difficulty, it makes the loan restructured: class at least {floor}, by {rules}.")
            .format(floor=word(found.class_floor), rules=", ".join(found.class_rules))
        )  # fmt: skip


@app.command()
def offer(
    case: CaseId,
    loan: LoanRef,
    kind: Annotated[OptionKind, typer.Argument(help="How it is to be paid.")],
    months: Annotated[int, typer.Argument(help="Over how many months.", min=1, max=600)],
    *,
    deferred: Annotated[int, typer.Option(help="Months before it begins.", min=0, max=60)] = 0,
    first: First = None,
    reason: Annotated[str, typer.Option(help="Why, for whoever approves what you may not offer alone.")] = "",
    json: Json = False,
) -> None:
    """Offer a plan. It can be signed for seven days, and as long as the loan does not move."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.plans import offer_plan
    from duecourse.core.ids import loan_key

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = offer_plan(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), case_id=case,
            loan_key=loan_key(tx.lender_id, loan), kind=kind, months=months, deferred=deferred,
            first=first.date() if first else None, reason=reason, actor=operator(), now=now(),
        )  # fmt: skip
        shown = plan_json(made, now())
    if json:
        print_json(shown)
    elif made.approved_at is None:
        say(
            _("Plan {plan} waits for a second person: request {request}.").format(
                plan=made.plan_id, request=made.approval_id
            )
        )
    else:
        say(
            _("Plan {plan} is offered; it can be signed until {until}.").format(
                plan=made.plan_id, until=made.lapses_at.date()
            )
        )


@app.command()
def sign(
    plan: PlanId,
    *,
    by: Annotated[int, typer.Option(help="Person who signs.", min=0)],
    proof: Annotated[str, typer.Option(help="How the person was known: one line.")],
    key: Annotated[str | None, typer.Option(help="Public key of the signer's device, in hex.")] = None,
    signature: Annotated[str | None, typer.Option(help="What it signed of `plan show --to-sign`, in hex.")] = None,
    json: Json = False,
) -> None:
    """Let borrower and lender sign, and enter the plan on the ledger."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.plan_signing import Signature
    from duecourse.casework.plans import NotSigned, sign_plan

    try:
        given = Signature(bytes.fromhex(key), bytes.fromhex(signature)) if key and signature else None
    except ValueError:
        raise NotSigned(N_("key and signature are hexadecimal: 64 and 128 digits")) from None
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = sign_plan(
            tx, store_of(desk.settings), vault=vault_of(desk.settings), plan_id=plan, signed_by=by, proof=proof,
            signature=given, actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json(plan_json(made, now()))
    else:
        say(_("Plan {plan} is signed by both and stands on the ledger.").format(plan=plan))


@app.command()
def show(
    plan: PlanId,
    *,
    to_sign: Annotated[bool, typer.Option("--to-sign", help="Print the bytes that both sign, in hex.")] = False,
    json: Json = False,
) -> None:
    """Show a plan: its payments, who signed, and how it is kept."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.ledger import today_of
    from duecourse.casework.plan_keeping import standing
    from duecourse.casework.plan_signing import signatures_fit
    from duecourse.casework.plan_signing import to_sign as to_sign_of
    from duecourse.storage import plans

    instant = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = plans.get(tx, plan)
        fits = signatures_fit(vault_of(desk.settings), tx.lender_id, found)
        kept = (
            standing(tx, store_of(desk.settings), found, day=today_of(tx, instant), now=instant)
            if found.signed_at else None
        )  # fmt: skip
    if to_sign:
        say(to_sign_of(found).hex())
        return
    shown = plan_json(found, instant) | {"signatures_fit": fits if found.signed_at else None}
    if kept is not None:
        shown |= {"asked_minor": kept.asked, "paid_minor": kept.paid, "days_late": kept.days_late}
    if json:
        print_json(shown)
        return
    currency = str(shown["currency"])
    so_far: list[tuple[str, Cell]] = []
    if kept is not None:
        paid = f"{amount(kept.asked, currency)} / {amount(kept.paid, currency)}"
        so_far = [(_("Asked so far, and paid"), paid), (_("Days late"), kept.days_late)]
    facts(
        _("Plan {plan}").format(plan=plan),
        [
            (_("Loan"), shown["loan"]),
            (_("Kind"), word(f"plan_{found.kind}")),
            (_("State"), word(f"plan_{shown['state']}")),
            (_("Altogether"), f"{amount(int(shown['total_minor']), currency)} {currency}"),
            (_("Signatures"), (_("fit") if fits else _("do not fit")) if found.signed_at else _("none")),
            *so_far,
        ],
    )  # fmt: skip
    table(
        in_currency(_("Payments of the plan"), currency), [_("Day"), _("Amount")],
        [[day, amount(minor, currency)] for day, minor in shown["payments"]], right=(1,),
    )  # fmt: skip


def plan_json(plan: Plan, now: datetime) -> dict[str, Any]:
    """A plan as plain values."""
    said = plain_json.loads(plan.content)
    return {
        "plan_id": plan.plan_id, "case_id": plan.case_id, "loan": said["loan"], "kind": plan.kind,
        "months": plan.months, "deferred": plan.deferred, "as_of": plan.as_of, "state": plan.state(now),
        "currency": said["currency"], "payments": said["payments"], "after": said["after"],
        "total_minor": said["total"], "extra_minor": said["extra"], "restructured": plan.restructured,
        "content": plan.content_hash.hex(), "approval_id": plan.approval_id, "offered_at": plan.offered_at,
        "lapses_at": plan.lapses_at, "signed_at": plan.signed_at, "signed_with": plan.signed_with,
        "ended_at": plan.ended_at,
    }  # fmt: skip


@app.command("list")
def list_plans(
    *, most: Annotated[int, typer.Option(min=1, max=1_000, help="Lines shown at the most.")] = 100, json: Json = False
) -> None:
    """List plans, the latest first."""
    from duecourse.app import now, open_desk
    from duecourse.storage import plans

    instant = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = [plan_json(one, instant) for one in plans.latest(tx, most)]
    if json:
        print_json(found)
        return
    table(
        _("Plans"),
        [_("Plan"), _("Case"), _("Loan"), _("Kind"), _("Months"), _("State"), _("Altogether")],
        [
            [
                str(one["plan_id"]), str(one["case_id"]), one["loan"], word(f"plan_{one['kind']}"), str(one["months"]),
                word(f"plan_{one['state']}"), f"{amount(one['total_minor'], one['currency'])} {one['currency']}",
            ]
            for one in found
        ],
        right=(4, 6),
    )  # fmt: skip


@app.command()
def withdraw(plan: PlanId, *, json: Json = False) -> None:
    """Take an offer back that nobody signed."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.plans import withdraw_offer

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        withdraw_offer(tx, vault=vault_of(desk.settings), plan_id=plan, actor=operator(), now=now())
    if json:
        print_json({"plan_id": plan})
    else:
        say(_("Plan {plan} is withdrawn.").format(plan=plan))


@app.command()
def review(*, json: Json = False) -> None:
    """End the plans that were kept, and break those that are late by their own stated rule. Day runs do so too."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.plans import review_plans

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        done = review_plans(tx, store_of(desk.settings), vault=vault_of(desk.settings), actor=operator(), now=now())
    if json:
        print_json([{"plan_id": plan, "ended_as": as_} for plan, as_ in done])
    elif not done:
        say(_("No plan ended."))
    else:
        table(_("Plans that ended"), [_("Plan"), _("As")], [[str(plan), word(f"plan_{as_}")] for plan, as_ in done])
