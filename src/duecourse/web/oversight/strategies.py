"""Strategies on screen: what is in use, drafts, what a draft would change, asking for activation, going back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any

from starlette.responses import Response

from duecourse.book.saying import in_words
from duecourse.book.strategy import Strategy, first_in, read_strategy, shipped
from duecourse.casework import strategy_draft
from duecourse.casework.kinds import KINDS
from duecourse.casework.rights import Right
from duecourse.casework.strategy_trial import try_out
from duecourse.storage import approvals, drafts, lenders, runs, strategies
from duecourse.trouble import N_, Busy, Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PAGE_ROWS = 50
_one_at_a_time = Lock()


class Trying(Busy):
    """Another trial is under way in this process."""

    def __init__(self) -> None:
        super().__init__(N_("somebody tries a strategy out just now; try again in a moment"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a strategy in words."""

    name: str
    when: str
    more: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What a trial changes for one treatment."""

    treatment: str
    name: str
    before: tuple[int, int]  # allowed, refused
    after: tuple[int, int]
    changes: dict[str, int]


@pages.get("/strategies", right=Right.STRATEGY_READ)
def every(visit: Visit) -> Response:
    """What is in use, what was, drafts, and what waits for a second person."""
    with visit.transaction() as tx:
        ran = runs.last_day(tx)
        tomorrow = (ran + timedelta(days=1)) if ran else visit.today
        used, jurisdiction = strategies.in_use(tx, tomorrow), lenders.get(tx).jurisdiction
        uses, versions, found = strategies.uses(tx), strategies.every(tx), drafts.every(tx)
        waiting = [one for one in approvals.pending(tx) if one.kind.startswith("strategy.")]
    text = used.content if used else shipped(first_in(jurisdiction))
    strategy = read_strategy(text, "kept")
    return visit.page(
        "oversight/strategies.html",
        strategy=strategy,
        used=used,
        lines=_lines(strategy, visit.lang),
        uses=uses,
        versions=versions,
        drafts=found,
        waiting=waiting,
        tomorrow=tomorrow,
    )


@pages.post("/strategies/drafts", right=Right.STRATEGY_WRITE)
def begin(visit: Visit) -> Response:
    """Begin a draft from the version in use."""
    with visit.transaction() as tx:
        made = strategy_draft.begin_draft(
            tx, vault=visit.parts.vault, strategy_id=None, actor=visit.actor, now=visit.now
        )
    return visit.go(f"/strategies/drafts/{made.draft_id}")


@pages.get("/strategies/drafts/{draft}", right=Right.STRATEGY_READ)
def draft(visit: Visit) -> Response:
    """A draft: its text, what is wrong with it or what it says, its trials, its activation."""
    return _draft(visit)


@pages.post("/strategies/drafts/{draft}/revisions", right=Right.STRATEGY_WRITE)
def write(visit: Visit) -> Response:
    """Keep what was written as the next revision."""
    number = visit.number("draft", visit.path)
    content = str(visit.form.get("content", ""))
    try:
        with visit.transaction() as tx:
            strategy_draft.write_draft(
                tx, vault=visit.parts.vault, draft_id=number, content=content, after=visit.number("after"),
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _draft(visit, error=sentence(error, visit.choice.language), content=content)
    return visit.go(f"/strategies/drafts/{number}", said=visit.say("The draft is kept."))


@pages.post("/strategies/drafts/{draft}/trials", right=Right.STRATEGY_WRITE)
def try_it(visit: Visit) -> Response:
    """Work the last day out again by the draft, and show what it would change."""
    number = visit.number("draft", visit.path)
    with visit.transaction() as tx:
        content = drafts.get(tx, number).content
    if not _one_at_a_time.acquire(blocking=False):
        raise Trying
    try:
        trial = try_out(
            visit.parts.database, visit.parts.store(visit.lender_id), lender_id=visit.lender_id,
            vault=visit.parts.vault, content=content, actor=visit.actor, now=visit.now,
        )  # fmt: skip
    except Trouble as error:
        return _draft(visit, error=sentence(error, visit.choice.language))
    finally:
        _one_at_a_time.release()
    return visit.go(f"/strategies/trials/{trial}?draft={number}")


@pages.get("/strategies/trials/{trial}", right=Right.STRATEGY_READ)
def trial(visit: Visit) -> Response:
    """What a draft would change: by treatment, by rule, and proposal by proposal."""
    number = visit.number("trial", visit.path)
    after = visit.number("after", visit.query) if visit.query.get("after") else 0
    change, treatment = visit.query.get("change") or None, visit.query.get("treatment") or None
    with visit.transaction() as tx:
        found = drafts.trial(tx, number)
        rows = drafts.changes(tx, number, change=change, treatment=treatment, after=after, most=PAGE_ROWS + 1)
        words = _words(tx, found)
    narrowed = "".join(f"&{name}={value}" for name, value in (("change", change), ("treatment", treatment)) if value)
    draft_id = visit.query.get("draft", "")
    base = f"/strategies/trials/{number}?draft={draft_id if draft_id.isdecimal() else ''}"
    shown = rows[:PAGE_ROWS]
    return visit.page(
        "oversight/trial.html",
        trial=found,
        sums=_sums(found.sums, words, visit),
        rows=shown,
        words=lambda name: words.get(name, {}).get(visit.lang) or _treatment(visit, name),
        lang=visit.lang,
        change=change,
        treatment=treatment,
        base=base,
        draft=draft_id if draft_id.isdecimal() else "",
        later=f"{base}{narrowed}&after={shown[-1].place}" if len(rows) > PAGE_ROWS else "",
        first=f"{base}{narrowed}" if after else "",
    )


@pages.post("/strategies/drafts/{draft}/activation", right=Right.STRATEGY_WRITE)
def ask(visit: Visit) -> Response:
    """Ask a second person to let the day run take the draft."""
    number = visit.number("draft", visit.path)
    try:
        with visit.transaction() as tx:
            made = strategy_draft.ask_activation(
                tx, kinds=KINDS, vault=visit.parts.vault, draft_id=number, from_day=visit.day("from"),
                reason=visit.text("reason"), actor=visit.actor, now=visit.now, untried="untried" in visit.form,
            )  # fmt: skip
    except Trouble as error:
        return _draft(visit, error=sentence(error, visit.choice.language))
    return visit.go(
        f"/approvals/{made.approval_id}", said=visit.say("Somebody else decides now; until then nothing changes.")
    )


@pages.post("/strategies/drafts/{draft}/end", right=Right.STRATEGY_WRITE)
def discard(visit: Visit) -> Response:
    """Give a draft up."""
    with visit.transaction() as tx:
        strategy_draft.discard_draft(
            tx, vault=visit.parts.vault, draft_id=visit.number("draft", visit.path), actor=visit.actor, now=visit.now
        )
    return visit.go("/strategies", said=visit.say("The draft is given up."))


@pages.post("/strategies/versions/{strategy}/{version}/activation", right=Right.STRATEGY_WRITE)
def roll_back(visit: Visit) -> Response:
    """Ask a second person to let the day run take an earlier version again."""
    with visit.transaction() as tx:
        made = strategy_draft.ask_rollback(
            tx, kinds=KINDS, vault=visit.parts.vault, strategy_id=str(visit.path["strategy"]),
            version=visit.number("version", visit.path), from_day=visit.day("from"), reason=visit.text("reason"),
            actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return visit.go(
        f"/approvals/{made.approval_id}", said=visit.say("Somebody else decides now; until then nothing changes.")
    )


def _draft(visit: Visit, *, error: str = "", content: str | None = None) -> Response:
    number = visit.number("draft", visit.path)
    with visit.transaction() as tx:
        found = drafts.get(tx, number)
        revisions, trials = drafts.revisions(tx, number), drafts.trials(tx, found.content_hash)
        waiting = approvals.open_of(tx, strategy_draft.ACTIVATE.kind, f"draft:{number}")
        ran, unseen = runs.last_day(tx), strategy_draft.untried_on(tx, found)
        strategy, _fault = strategy_draft.fault_of(tx, found.content)
    return visit.page(
        "oversight/draft.html",
        status=422 if error else 200,
        draft=found,
        content=found.content if content is None else content,
        revisions=revisions,
        trials=trials,
        unseen=unseen,
        waiting=waiting,
        error=error,
        strategy=strategy,
        lines=_lines(strategy, visit.lang) if strategy else [],
        tomorrow=(ran + timedelta(days=1)) if ran else visit.today,
        writable=found.closed_at is None and visit.may(Right.STRATEGY_WRITE),
    )


def _lines(strategy: Strategy, lang: str) -> list[Line]:
    return [Line(one.says[lang], in_words(one.when.text, lang), one.template or "") for one in strategy.treatments]


def _words(tx: Any, found: drafts.Trial) -> dict[str, Any]:  # noqa: ANN401 - storage.connection.Tx
    """The words of treatments: as the tried text says them, else as the day's own strategy did."""
    ran = runs.published(tx, found.day)
    manifest: Any = ran.manifest or {}
    used = manifest.get("inputs", {}).get("strategy")
    kept = strategies.get(tx, used["name"], used["kept_version"]) if used else None
    text = drafts.content_of(tx, found.content_hash)
    words: dict[str, Any] = {}
    for one in (kept.content if kept else None, text):
        if one:
            words |= {treatment.name: treatment.says for treatment in read_strategy(one, "kept").treatments}
    return words


def _treatment(visit: Visit, name: str) -> str:
    return visit.say("left alone") if name == "leave_alone" else visit.say(name.replace("_", " "))


def _sums(sums: Any, words: dict[str, Any], visit: Visit) -> list[Sum]:  # noqa: ANN401 - JSON as kept
    return [
        Sum(
            name,
            words.get(name, {}).get(visit.lang) or _treatment(visit, name),
            (of.get("before_allowed", 0), of.get("before_refused", 0)),
            (of.get("after_allowed", 0), of.get("after_refused", 0)),
            {change: of.get(change, 0) for change in ("added", "removed", "changed")},
        )
        for name, of in sums["treatments"].items()
    ]
