"""The worklist: what comes next, why, whether it may be done now; filters in the address, views, several at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from starlette.responses import Response

from duecourse.casework import assignment, lender_law
from duecourse.casework.actor import Role
from duecourse.casework.assignment import Handover, SkipReason
from duecourse.casework.meanings import meaning
from duecourse.casework.openings import entry_answers
from duecourse.casework.permit import Sender
from duecourse.casework.rights import Right
from duecourse.core.reading import Stage
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import collectors as staff
from duecourse.storage import entries, views
from duecourse.storage.connection import Tx
from duecourse.storage.entries import Entry, EntryState, Filter, Published, Scope
from duecourse.trouble import N_, Trouble
from duecourse.web import fields
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence
from duecourse.web.workbench import words

pages = Pages("workbench")

PAGE = 50
EVERYBODY = "*"
SEVERAL_MAX = 100
SCOPES = {
    Scope.TODAY: N_("Today"), Scope.ALL: N_("All my cases"), Scope.LOST: N_("Lost cases"), Scope.NOBODY: N_("Nobody's"),
}  # fmt: skip
STATES = {EntryState.OPEN: N_("to do"), EntryState.DONE: N_("done"), EntryState.SKIPPED: N_("skipped")}
ACTS = {"skip": N_("Skip"), "take": N_("Take"), "hand_back": N_("Hand back")}


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter with what of it stands in the address."""

    wanted: Filter
    params: dict[str, list[str]]

    def query(self, **changed: str | None) -> str:
        """The address's query with some of it changed; None takes away."""
        kept = {name: values for name, values in self.params.items() if name not in changed and name != "after"}
        added = {name: [value] for name, value in changed.items() if value is not None}
        return urlencode({**kept, **added}, doseq=True)


def asked(visit: Visit) -> Asked:
    """The filter in the address; raises `NotAFieldValue`."""
    query = visit.query
    params = {name: query.getlist(name) for name in query}
    whose = query.get("whose") or _own(visit)
    try:
        return Asked(
            Filter(
                collector_id=None if whose == EVERYBODY else whose,
                scope=Scope(query.get("scope") or Scope.TODAY),
                stages=tuple(Stage(one).value for one in query.getlist("stage") if one),
                amount_min=_minor(visit, query.get("min")),
                amount_max=_minor(visit, query.get("max")),
                product=query.get("product") or None,
                channel=Channel(query["channel"]).value if query.get("channel") else None,
                language=query.get("language") or None,
                state=EntryState(query["state"]) if query.get("state") else None,
                new=bool(query.get("new")),
                promise_due=bool(query.get("promise")),
            ),
            params,
        )
    except ValueError:
        raise NotAFieldValue("filter") from None


def _own(visit: Visit) -> str:
    """Whose list is shown without a word: one's own to who works cases, everybody's to others."""
    return visit.signed.ref if Role.COLLECTOR in visit.signed.roles else EVERYBODY


def _minor(visit: Visit, text: str | None) -> int | None:
    """An amount as somebody writes it, in minor units of the lender's currency."""
    if not text:
        return None
    return fields.money(text, "amount", visit.signed.lender.currency).minor


@pages.get("/worklist", right=Right.CASE_READ)
def worklist(visit: Visit) -> Response:
    """A page of the list, as of the latest published day."""
    filtered = asked(visit)
    with visit.transaction() as tx:
        shown = entries.published(tx)
        saved = views.of(tx, owner=str(visit.actor), page="worklist")
        if shown is None:
            return visit.page("workbench/worklist_none.html")
        found = entries.page(
            tx, filtered.wanted, day=shown.day, run_id=shown.run_id, today=visit.today, now=visit.now,
            after=visit.query.get("after") or None, most=PAGE,
        )  # fmt: skip
        others = entries.alternatives(tx, [one.person_id for one in found.entries], day=shown.day, run_id=shown.run_id)
        strategy, known = words.strategy_of(tx, shown), lender_law.rules_named(tx)
        products = entries.products(tx)
        people = [one.collector_id for one in staff.every(tx)]
    by_person: dict[int, list[entries.Alternative]] = {}
    for one in others:
        by_person.setdefault(one.person_id, []).append(one)
    lines = [
        {
            "entry": one,
            "doing": words.treatment(visit, one.treatment, strategy),
            "earned": words.earned(visit, strategy, one.reasons),
            "others": [
                (words.treatment(visit, other.treatment, strategy), other, words.grounds(
                    visit, known, strategy, other))
                for other in by_person.get(one.person_id, []) if other.ordinal != one.ordinal
            ],
        }
        for one in found.entries
    ]  # fmt: skip
    return visit.page(
        "workbench/worklist.html", lines=lines, shown=shown, asked=filtered, saved=saved, products=products,
        collectors=people, stages=[one.value for one in Stage], channels=list(Channel),
        meanings={name: meaning(name, visit.lang) for name in ("place", "stage", "dpd", "overdue_minor")},
        states=[(one.value, visit.say(text)) for one, text in STATES.items()], everybody=EVERYBODY,
        tabs=[
            (f"/worklist?{filtered.query(scope=scope.value)}", visit.say(text), scope is filtered.wanted.scope)
            for scope, text in SCOPES.items()
        ],
        whose=filtered.wanted.collector_id or EVERYBODY,
        later=f"/worklist?{filtered.query(after=found.cursor)}" if found.cursor else "",
        first=bool(visit.query.get("after")),
    )  # fmt: skip


@pages.get("/worklist/answers", right=Right.CASE_READ)
def answers(visit: Visit) -> Response:
    """What the gate answers now to the next action of the cases on a page, and until when it is no."""
    numbers = _numbers(visit, visit.query.getlist("case"))
    lender = visit.signed.lender
    with visit.transaction() as tx:
        shown = entries.published(tx)
        found = _of_cases(visit, tx, numbers, shown) if shown else []
        reaches = entries.reaches(tx, [one for one in found if one.recipient_id and one.relation])
    told = entry_answers(
        visit.parts.database, visit.lender_id, gate=visit.parts.gate, entries=found, reaches=reaches,
        lender=lender, sender=Sender(SenderType.LENDER, staff=visit.signed.ref),
        clock=visit.parts.clock,
    )  # fmt: skip
    return visit.page("workbench/answers.html", numbers=numbers, answers=told)


def _of_cases(visit: Visit, tx: Tx, numbers: list[int], shown: Published) -> list[Entry]:
    return entries.of_cases(tx, numbers, day=shown.day, run_id=shown.run_id, today=visit.today, now=visit.now)


@pages.post("/worklist/preview", right=Right.CASE_WORK)
def preview(visit: Visit) -> Response:
    """What an act over several cases would do, case by case, before it is done."""
    act, numbers = _act(visit), _numbers(visit, visit.form.getlist("case"))
    with visit.transaction() as tx:
        shown = entries.published(tx)
        found = _of_cases(visit, tx, numbers, shown) if shown else []
    lines = [(one, _hinders(visit, act, one)) for one in found]
    return visit.page(
        "workbench/preview.html", act=act, title=ACTS[act], lines=lines,
        doable=[one for one, why in lines if not why], reason_options=worded(visit, SkipReason),
    )  # fmt: skip


@pages.post("/worklist/several", right=Right.CASE_WORK)
def several(visit: Visit) -> Response:
    """Do it to each of the cases; what cannot be done to one stops no other and is said."""
    act, numbers = _act(visit), _numbers(visit, visit.form.getlist("case"))
    reason = visit.text("reason", SkipReason.LATER_TODAY)
    if act == "skip" and reason not in set(SkipReason):
        raise NotAFieldValue("reason")
    done, refused = 0, []
    for number in numbers:
        try:
            with visit.transaction() as tx:
                _do(visit, tx, act, number, reason)
            done += 1
        except Trouble as trouble:
            refused.append(f"{number}: {sentence(trouble, visit.choice.language)}")
    said = visit.say(N_("Cases done: {count}."), count=done)
    return visit.go(_back(visit), said=" ".join([said, *refused[:3]]))


def worded(visit: Visit, closed_list: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Words of a closed list to choose from: value and text."""
    return [(one.value, visit.say(one.value.replace("_", " "))) for one in closed_list]


def _do(visit: Visit, tx: Tx, act: str, case_id: int, reason: str) -> None:
    vault, actor, now = visit.parts.vault, visit.actor, visit.now
    if act == "skip":
        assignment.skip_entry(tx, vault=vault, case_id=case_id, reason=SkipReason(reason), actor=actor, now=now)
    elif act == "take":
        assignment.assign_case(
            tx, vault=vault, case_id=case_id, to=visit.signed.ref, reason=Handover.TAKEN, actor=actor, now=now
        )
    else:
        assignment.assign_case(
            tx, vault=vault, case_id=case_id, to=None, reason=Handover.HANDED_BACK, actor=actor, now=now
        )


def _hinders(visit: Visit, act: str, one: Entry) -> str:
    """Why an act would not be done to a case; empty where it would."""
    if act == "skip":
        return visit.say(N_("skipped already")) if one.skipped else ""
    if act == "take":
        held = one.collector_id
        return visit.say(N_("it is {collector}'s"), collector=held) if held else ""
    return visit.say(N_("it is nobody's already")) if one.collector_id is None else ""


def _act(visit: Visit) -> str:
    act = visit.text("act")
    if act not in ACTS:
        raise NotAFieldValue("act")
    return act


def _numbers(visit: Visit, given: Sequence[object]) -> list[int]:
    """Case numbers that were sent, each once."""
    found = [visit.number("case", {"case": one}) for one in given[:SEVERAL_MAX]]
    return list(dict.fromkeys(found))


def _back(visit: Visit) -> str:
    query = visit.text("query")
    return f"/worklist?{query}" if query else "/worklist"


@pages.post("/worklist/views", right=Right.CASE_READ)
def save_view(visit: Visit) -> Response:
    """Keep the filter of the address under a name, or forget it."""
    name, query = visit.text("name"), visit.text("query")
    with visit.transaction() as tx:
        if visit.text("forget"):
            views.delete(tx, owner=str(visit.actor), page="worklist", name=name)
        else:
            views.save(tx, owner=str(visit.actor), page="worklist", name=name, query=query, now=visit.now)
    return visit.go(_back(visit))
