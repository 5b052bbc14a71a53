"""May this contact be made? One answer from all packs that apply: deny wins, and every reason is given.

`decide` asks about a contact whose local day and second are among the facts; `decide_at` reckons them from an instant
and the zones the person may be in, all of which must be open; `next_open` searches the next instant that is allowed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from duecourse.law.clock import UnknownZone, change, instants, known_zone, local, zone
from duecourse.law.condition import Compare, Expr, Known, Name, parts
from duecourse.law.fact import NEVER
from duecourse.law.facts import FACTS, Value
from duecourse.law.judge import Finding, Judge, Outcome, clean
from duecourse.law.restdays import rest_facts
from duecourse.law.rule import Effect, Rule
from duecourse.law.rulebook import Rulebook

HORIZON_DAYS = 14
"""How far `next_open` searches by default."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer for one contact."""

    findings: tuple[Finding, ...]  # every rule that was in force, bound and applied, in the rulebook's order
    rulebook: str  # hash of the rulebook

    @property
    def allowed(self) -> bool:
        """Whether the contact may be made."""
        return not any(finding.outcome.says_no for finding in self.findings)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Every rule that says no, in order; empty if allowed."""
        return tuple(finding for finding in self.findings if finding.outcome.says_no)

    @property
    def advice(self) -> tuple[Finding, ...]:
        """What to mind although it is allowed."""
        return tuple(finding for finding in self.findings if finding.outcome is Outcome.ADVISES)

    @property
    def lifted(self) -> tuple[Finding, ...]:
        """The rules that would say no, had not a consent, an agreement or an override lifted them."""
        return tuple(finding for finding in self.findings if finding.outcome is Outcome.LIFTED)

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts for want of which rules refuse, each once."""
        return tuple(dict.fromkeys(name for finding in self.refusals for name in finding.missing))

    @property
    def lifts(self) -> tuple[str, ...]:
        """The facts each of which alone would lift every refusal; empty if there is none."""
        if not self.refusals or self.missing:
            return ()
        first, *more = (finding.rule.lifted_by for finding in self.refusals)
        return tuple(name for name in first if all(name in other for other in more))


_SILENT = (Outcome.NOT_IN_FORCE, Outcome.NOT_BOUND, Outcome.NOT_APPLICABLE)


def _ask(judges: Iterable[Judge], facts: Mapping[str, Value]) -> Iterator[Finding]:
    for judge in judges:
        finding = judge.ask(facts)
        if finding.outcome not in _SILENT:
            yield finding


def decide(book: Rulebook, facts: Mapping[str, object], *, passing: bool = True) -> Decision:
    """The answer for one contact. Raises `KeyError` for a fact outside the vocabulary.

    Without ``passing`` the rules that were asked and pass are left out, which takes a tenth of the time.
    """
    known = clean(facts)
    day = known.get("on")
    if not passing and isinstance(day, date):
        said = [book.speakers[place].ask(known) for place in book.speaking(day)(known)]
    else:
        said = [*_ask(book.gate, known), *_ask(book.advisers, known)]
    # An adviser that lacks a fact has nothing to say.
    heard = (one for one in said if one.rule.effect is not Effect.ADVISE or one.outcome is Outcome.ADVISES)
    return Decision(tuple(heard), book.hash)


def decide_at(
    book: Rulebook,
    facts: Mapping[str, object],
    instant: datetime,
    zones: Iterable[str] = (),
    homes: Iterable[Mapping[str, object]] = (),
    *,
    passing: bool = True,
) -> Decision:
    """The answer at a UTC instant, in the law's zone and in every other zone the person may be in.

    The day (`on`) is that of the law's own clock, or of each place where the law has none of its own; the second
    (`second_local`) is that of each place. A rule that refuses in one place refuses. A zone that is not known leaves
    the second missing, which refuses where a rule asks for it; so does a law without a clock of its own if no zone is
    given. ``homes`` are the facts of each place where the person may live, where that is uncertain: each is asked.
    For ``passing`` see `decide`.
    """
    lives = [{**facts, **home} for home in homes] or [dict(facts)]
    decisions = [
        decide(book, _there(book, one, instant, name), passing=passing) for one in lives for name in places(book, zones)
    ]
    if not decisions:
        return decide(book, {**facts, "on": None, "second_local": None})
    strictest: dict[str, Finding] = {}
    for finding in (finding for decision in decisions for finding in decision.findings):
        before = strictest.get(finding.rule.id)
        if before is None or _weight(finding) > _weight(before):
            strictest[finding.rule.id] = finding
    return Decision(tuple(sorted(strictest.values(), key=lambda one: book.places[one.rule.id])), book.hash)


def _weight(finding: Finding) -> int:
    """What one place says goes before what another says: a no, then a no that was lifted."""
    return 2 if finding.outcome.says_no else int(finding.outcome is Outcome.LIFTED)


def places(book: Rulebook, zones: Iterable[str]) -> tuple[str, ...]:
    """The zones in which a contact is asked: the law's own clock, and where the person may be."""
    return tuple(dict.fromkeys((book.zone, *zones))) if book.zone else tuple(dict.fromkeys(zones))


def _there(book: Rulebook, facts: Mapping[str, object], instant: datetime, place: str) -> dict[str, object]:
    law_day = local(instant, zone(book.zone))[0] if book.zone else None
    try:
        day, second = local(instant, zone(place))
    except UnknownZone:
        return {**facts, "on": law_day, "second_local": None, "day_of_rest_local": None}
    clock = {"on": law_day or day, "second_local": second, **rest_facts(book.jurisdiction, day, facts)}
    return {**facts, **clock}


@dataclass(frozen=True, slots=True)
class Outlook:
    """The facts of later instants, if nothing happens until then."""

    ask: Callable[[datetime], Mapping[str, object]]  # all facts but the clock's, at an instant
    changes: Sequence[datetime]  # at which one of them may change within a local day of the law's; in order
    moving: frozenset[str]  # the facts that may change by themselves, as a consent does that ends


def next_open(
    book: Rulebook,
    facts: Mapping[str, object],
    instant: datetime,
    *,
    zones: Iterable[str] = (),
    homes: Iterable[Mapping[str, object]] = (),
    falling: Mapping[str, Sequence[int]] | None = None,
    outlook: Outlook | None = None,
    horizon_days: int = HORIZON_DAYS,
) -> datetime | None:
    """The first instant from ``instant`` on at which the contact is allowed.

    ``None`` if there is none within the horizon, or a zone is not known.

    ``outlook`` gives the facts of each instant. Without it everything but the clock is taken to stay as it is, save
    what each later day changes by itself (`days_on`), and of what falls out of a counter over several days
    ``falling`` says after how many local days each contact counted in it does so; without that it stays.

    The search is exact: between the instants tried no rule's answer can change, since they include every second of the
    day with which a rule compares, every local midnight, every change of the clocks and of what the outlook knows.
    """
    names, lives = places(book, zones), [dict(home) for home in homes]
    if not names or any(not known_zone(name) for name in names):
        return None
    end = (instant + timedelta(days=horizon_days + 1)).date()
    moving = outlook.moving if outlook else frozenset(falling or {})
    now = decide_at(book, facts, instant, names, lives, passing=False)
    if any(_for_good(finding, end, moving) for finding in now.refusals):
        return None
    changes = list(outlook.changes) if outlook else []
    there = outlook.ask if outlook else _days_on(book, facts, instant, names, falling or {})
    clocks = [zone(name) for name in names]
    stretch: tuple[object, ...] = ()  # of equal days everywhere, in which no fact changes
    held: Mapping[str, object] = {}
    closed = False  # by a rule that does not ask the hour, so for the whole stretch
    for at in _candidates(book, instant, names, horizon_days, changes):
        here = (bisect_right(changes, at), *(local(at, clock)[0] for clock in clocks))
        if here != stretch:
            stretch, held, closed = here, there(at), False
        if closed:
            continue
        decision = decide_at(book, held, at, names, lives, passing=False)
        if decision.allowed:
            return at
        closed = any("second_local" not in finding.rule.facts for finding in decision.refusals)
    return None


def _days_on(
    book: Rulebook,
    facts: Mapping[str, object],
    instant: datetime,
    names: Sequence[str],
    falling: Mapping[str, Sequence[int]],
) -> Callable[[datetime], Mapping[str, object]]:
    """The facts as each later day changes them by itself; the day is later only when it is later everywhere."""
    clocks = [zone(name) for name in ((book.zone,) if book.zone else names)]
    today = [local(instant, clock)[0] for clock in clocks]

    def there(at: datetime) -> Mapping[str, object]:
        days = min((local(at, clock)[0] - day).days for clock, day in zip(clocks, today, strict=True))
        return days_on(facts, days, falling)

    return there


def _for_good(finding: Finding, end: date, moving: frozenset[str]) -> bool:
    """Whether a rule that says no asks nothing that a later day or another hour changes by itself, up to a day."""
    asked = {name for stage in finding.rule.stages for name in stage.facts}
    moves = any(name in _CLOCK or name in moving or FACTS[name].daily or FACTS[name].ages for name in asked)
    version = finding.version
    return not moves and version is not None and (version.end is None or version.end > end)


_CLOCK = frozenset({"on", "second_local", "day_of_rest_local"})


def turns(book: Rulebook, start: datetime, days: int, zones: Iterable[str] = ()) -> list[datetime]:
    """Every instant from ``start`` on, over some days, at which the clock alone can change an answer; in order."""
    return _candidates(book, start, places(book, zones), days)


def days_on(facts: Mapping[str, object], days: int, falling: Mapping[str, Sequence[int]]) -> Mapping[str, object]:
    """The facts some days later: the day's counters start again at 0, others lose what falls out, days grow."""
    if not days:
        return facts
    later = dict(facts)
    for name, value in facts.items():
        if FACTS[name].daily and value is not None:
            later[name] = 0
        elif FACTS[name].rolling and isinstance(value, int):
            later[name] = value - sum(after <= days for after in falling.get(name, ()))
        elif FACTS[name].ages and isinstance(value, int):
            later[name] = min(value + days, NEVER)
    return later


def _candidates(
    book: Rulebook, start: datetime, names: tuple[str, ...], horizon_days: int, changes: Iterable[datetime] = ()
) -> list[datetime]:
    marks = sorted({0, *(second for judge in book.gate for second in _seconds(judge.rule))})
    end = start + timedelta(days=horizon_days)
    found = {start.astimezone(UTC), *changes}
    for where in (zone(name) for name in names):
        first = local(start, where)[0] - timedelta(days=1)
        for day in (first + timedelta(days=ahead) for ahead in range(horizon_days + 3)):
            jump = change(day, where)
            found.update(at for mark in marks for at in instants(day, mark, where))
            found.update(() if jump is None else (jump,))
    return sorted(at for at in found if start <= at <= end)


def _seconds(rule: Rule) -> Iterator[int]:
    """Every second of the day at which a rule's answer may change: what it compares with, and the second after."""
    for expr in (rule.applies, rule.asks):
        for other in _compared(expr):
            known = [other.value] if isinstance(other, Known) else []
            if isinstance(other, Name):
                known = [version.values[other.name] for version in rule.versions if other.name in version.values]
            for value in known:
                if isinstance(value, int) and not isinstance(value, bool):
                    yield from (second for second in (value, value + 1) if 0 <= second < 86_400)


def _compared(expr: Expr) -> Iterator[Expr]:
    """The other side of every comparison with `second_local`."""
    if isinstance(expr, Compare):
        sides = (expr.left, expr.right)
        for one, other in (sides, sides[::-1]):
            if isinstance(one, Name) and one.name == "second_local":
                yield other
        return
    for part in parts(expr):
        yield from _compared(part)
