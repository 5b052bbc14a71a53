"""The law on screen: rules in force with text and source, one rule in full, packs, and switching them by two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from duecourse.casework import approval, lender_law, own_pack, pack_switch
from duecourse.casework.figures.asking import FIGURES
from duecourse.casework.figures.figure import Span
from duecourse.casework.kinds import KINDS
from duecourse.casework.rights import Right
from duecourse.law import wording
from duecourse.law.check import answer_of, ask_case
from duecourse.law.coverage import rule_coverage
from duecourse.law.document import Flaws
from duecourse.law.judge import Judge
from duecourse.law.pack import Pack
from duecourse.law.rule import Rule
from duecourse.law.terms import word
from duecourse.storage import approvals, lenders, own_packs, packs
from duecourse.storage.connection import Tx
from duecourse.trouble import N_, BadInput, Trouble
from duecourse.web.components import forms
from duecourse.web.oversight.reading import Reader, reading, rows_path, summed
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")


class NoSuchRule(BadInput):
    """No rule of this id."""

    def __init__(self, rule: str) -> None:
        super().__init__(N_("there is no rule {rule} in the installed packs"), rule=rule)


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule in the list, with how often it refused."""

    rule: Rule
    says: str
    cited: str
    refused: int
    href: str


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A worked case of a rule."""

    line: int
    facts: str
    answer: str
    found: str
    holds: bool


@pages.get("/law", right=Right.LAW_READ)
def rules(visit: Visit) -> Response:
    """The rules that bind this lender, with text and source, and how often each refused of late."""
    asked = visit.query.get("q", "").strip().lower()
    with reading(visit) as reader:
        refused, days = _refused(reader)
    with visit.transaction() as tx:
        book, stands = lender_law.law_of(tx), lender_law.standing(tx)
    lang = visit.lang
    listed = [
        Listed(
            rule, rule.says[lang], wording.cited(rule.source, lang), refused.get(rule.id, 0),
            rows_path("refusal.proposal", days, {"rule": rule.id}) if days else "",
        )
        for rule in book.rules
    ]  # fmt: skip
    if asked:
        listed = [one for one in listed if asked in f"{one.rule.id} {one.says} {one.cited}".lower()]
    chosen = visit.query.get("pack", "")
    if chosen:
        listed = [one for one in listed if one.rule.pack == chosen]
    return visit.page(
        "oversight/law.html", listed=listed, stands=stands, book=book, asked=visit.query.get("q", ""), chosen=chosen,
        word=lambda value: word(str(value), lang),
    )  # fmt: skip


@pages.get("/law/rules/{rule}", right=Right.LAW_READ)
def rule(visit: Visit) -> Response:
    """One rule: its text in both languages, source, history of values, condition, cases, coverage, refusals."""
    wanted = str(visit.path["rule"])
    with visit.transaction() as tx:
        found, pack = _found(tx, wanted)
    lang = visit.lang
    with reading(visit) as reader:
        refused, days = _refused(reader)
    judge = Judge(found)
    cases = []
    for case in found.cases:
        answer = ask_case(judge, case)
        said = ", ".join(f"{name} = {wording.shown(name, case.facts[name], lang)}" for name in case.own)
        right = str(case.answer) == str(answer_of(answer)) and case.because in ("", answer.because)
        cases.append(CaseShown(case.line, said, str(case.answer), answer.because, right))
    names = list(found.versions[0].values)
    clock = "second_local" in found.facts
    values = [
        (one, [wording.shown("second_local" if clock else name, one.values[name], lang) for name in names])
        for one in found.versions
    ]
    covered = rule_coverage(found)
    return visit.page(
        "oversight/rule.html", rule=found, pack=pack, cases=cases, names=names, values=values, covered=covered,
        cited=wording.cited(found.source, lang), remark=wording.recommendation(found, lang),
        meaning=lambda name: wording.meaning(name, lang), word=lambda value: word(str(value), lang),
        branch=partial(branch, visit), refused=refused.get(found.id, 0),
        rows=rows_path("refusal.proposal", days, {"rule": found.id}) if days else "",
    )  # fmt: skip


@pages.get("/law/packs", right=Right.LAW_READ)
def every_pack(visit: Visit) -> Response:
    """The packs of the lender's jurisdiction: which bind, what was decided about them, what waits."""
    return _packs(visit)


@pages.post("/law/packs/{pack}/switch", right=Right.LAW_ACTIVATE)
def switch(visit: Visit) -> Response:
    """Ask a second person to switch a pack, or to put on record that its version was looked at."""
    pack = str(visit.path["pack"])
    state = pack_switch.OFF if visit.text("state") == pack_switch.OFF else pack_switch.ON
    with visit.transaction() as tx:
        made = approval.ask(
            tx, kinds=KINDS, vault=visit.parts.vault, kind=pack_switch.SWITCH.kind, subject=f"pack:{pack}",
            asked=pack_switch.wanted(tx, pack, state), reason=visit.text("reason"), actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return visit.go(
        f"/approvals/{made.approval_id}", said=visit.say("Somebody else decides now; until then nothing changes.")
    )


@pages.post("/law/packs/own", right=Right.LAW_ACTIVATE, body_max=own_pack.BYTES_MAX + 10_000)
def keep_own(visit: Visit) -> Response:
    """Keep a version of a pack of the lender's own, once it is in order; what is wrong is told with file and line."""
    try:
        files = own_pack.unzipped(visit.file("file"))
        with visit.transaction() as tx:
            kept = own_pack.keep_pack(tx, vault=visit.parts.vault, files=files, actor=visit.actor, now=visit.now)
    except Flaws as wrong:
        return _packs(visit, flaws=[str(one) for one in wrong.flaws])
    except Trouble as error:
        return _packs(visit, flaws=[sentence(error, visit.choice.language)])
    return visit.go(
        "/law/packs",
        said=visit.say(
            "Version {version} of pack {pack} is kept; nothing binds by that.", version=kept.version, pack=kept.pack_id
        ),
    )


@pages.post("/law/packs/own/{pack}/{version}/activation", right=Right.LAW_ACTIVATE)
def activate_own(visit: Visit) -> Response:
    """Ask a second person to let a version bind, the next or an earlier one."""
    pack, version = str(visit.path["pack"]), visit.number("version", visit.path)
    with visit.transaction() as tx:
        made = approval.ask(
            tx, kinds=KINDS, vault=visit.parts.vault, kind=own_pack.ACTIVATE.kind, subject=f"own pack:{pack}@{version}",
            asked=own_pack.wanted(tx, pack, version), reason=visit.text("reason"), actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return visit.go(
        f"/approvals/{made.approval_id}", said=visit.say("Somebody else decides now; until then nothing changes.")
    )


def _packs(visit: Visit, *, flaws: Sequence[str] = ()) -> Response:
    with visit.transaction() as tx:
        stands, history = lender_law.standing(tx), packs.history(tx)
        kept, binding = own_packs.every(tx), lenders.get(tx).own_packs
        waiting = {
            one.subject.removeprefix("pack:"): one
            for one in approvals.pending(tx)
            if one.kind == pack_switch.SWITCH.kind
        }
    return visit.page(
        "oversight/packs.html",
        status=422 if flaws else 200,
        flaws=flaws,
        own=kept,
        binds=lambda one: lender_law.name_of(visit.lender_id, one.hash) in binding,
        stands=stands,
        history=history,
        waiting=waiting,
        word=lambda value: word(str(value), visit.lang),
    )


def _found(tx: Tx, rule: str) -> tuple[Rule, Pack]:
    for pack in lender_law.packs_named(tx):
        for one in pack.rules:
            if one.id == rule:
                return one, pack
    raise NoSuchRule(rule)


_BRANCHES = {
    "allow": N_("allowed"),
    "refuse": N_("refused"),
    "advise": N_("advises"),
    "passes": N_("passes"),
    "refuses": N_("refuses"),
    "advises": N_("advises"),
    "gives": N_("gives"),
    "not in force": N_("not in force"),
    "not bound": N_("does not bind"),
    "does not apply": N_("does not apply"),
}
_BEGINNINGS = {
    "missing ": N_("missing: {what}"),
    "lifted by ": N_("lifted by: {what}"),
    "in force from ": N_("in force from {what}"),
}


def branch(visit: Visit, text: str) -> str:
    """What a rule may say of a contact, and facts by what they mean, in the reader's words; a number stays as it is."""
    if text in _BRANCHES:
        return visit.say(_BRANCHES[text])
    for beginning, said in _BEGINNINGS.items():
        if text.startswith(beginning):
            what = text.removeprefix(beginning)
            return visit.say(said, what=wording.meaning(what, visit.lang))
    return text


def _refused(reader: Reader | None) -> tuple[dict[str, int], Span | None]:
    """How often each rule refused proposals over the usual days."""
    if reader is None:
        return {}, None
    found = summed(reader.cells("refusal.proposal", by=["rule"]), ["rule"])
    return {at[0]: of["refusals"] for at, of in found.items()}, reader.usual(FIGURES["refusal.proposal"])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule with what it refused: proposals, requests, and near misses, each leading to its rows."""

    rule: str
    known: Rule | None
    says: str
    cited: str
    counts: dict[str, tuple[int, str]]


@pages.get("/refusals", right=Right.FIGURE_READ)
def refusals(visit: Visit) -> Response:
    """Refusals by rule with the text of the law, and near misses: asked at the limit."""
    kinds = (
        ("proposals", "refusal.proposal", "refusals"), ("requests", "refusal.request", "refusals"),
        ("near", "gate.near_miss", "near_misses"),
    )  # fmt: skip
    found: dict[str, dict[str, tuple[int, str]]] = {}
    with reading(visit) as reader:
        if reader is None:
            return visit.page("oversight/nothing_run.html")
        for key, name, measure in kinds:
            days = reader.usual(FIGURES[name])
            for (rule_id,), of in summed(reader.cells(name, by=["rule"]), ["rule"]).items():
                found.setdefault(rule_id, {})[key] = (of[measure], rows_path(name, days, {"rule": rule_id}))
        span = reader.usual(FIGURES["refusal.proposal"])
        known = lender_law.rules_named(reader.tx)
        listed = [
            Refusal(name, known.get(name), *reader.refusing(name, known), counts) for name, counts in found.items()
        ]
    listed.sort(key=lambda one: (-sum(count for count, _href in one.counts.values()), one.rule))
    return visit.page(
        "oversight/refusals.html", listed=listed, span=span, count=forms.count,
        near=[one for one in listed if "near" in one.counts],
    )  # fmt: skip
