"""A story file's lines: cases, what happens in them, and what is expected; every fault with its file and line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from duecourse.core.allocation import Debt
from duecourse.core.delinquency import Loan
from duecourse.core.events import Event, Kind
from duecourse.core.money import EXPONENTS, Remainder
from duecourse.core.story import contracts
from duecourse.core.story.case import COUNTS, DAYS, MONEY, NAMES, Case, Check, Fault, Sharing, Value
from duecourse.core.story.happenings import VERBS, happening, learnt
from duecourse.core.story.words import Unreadable, Words, one_of
from duecourse.trouble import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER_VERBS = ("loan", "card", "debt", "share", "expect")


@dataclass(slots=True)
class Draft:
    """A case while its lines are read."""

    name: str
    line: int
    title: str
    loans: dict[str, Loan] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)
    debts: dict[str, Debt] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    sharings: list[Sharing] = field(default_factory=list)

    def case(self) -> Case:
        """The case as far as it was read."""
        loans = {ref: replace(loan, events=tuple(self.events[ref])) for ref, loan in self.loans.items()}
        return Case(self.name, self.line, self.title, loans, tuple(self.checks), tuple(self.sharings))


def parse_stories(text: str, *, name: str) -> tuple[list[Case], list[Fault]]:
    """The cases of a file called ``name`` in messages, and the lines that cannot be read."""
    cases: list[Draft] = []
    broken: list[Fault] = []
    for number, line in logical_lines(text):
        if line.startswith("=="):
            cases.append(Draft(name, number, line.strip("= ")))
            continue
        if not cases:
            cases.append(Draft(name, number, name))
        try:
            read_line(cases[-1], line.split(), number)
        except Unreadable as fault:
            broken.append(Fault(name, number, fault))
    return [draft.case() for draft in cases], broken


_NARROW = {ord("！") + place: ord("!") + place for place in range(94)} | {0x3000: " ", 0xA0: " ", ord("→"): "->"}
"""What a Chinese keyboard or a word processor writes where a line has ASCII: ：２２％，－＞, wide blanks, an arrow."""


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without comments; a line that begins with a blank is part of the one before.

    Full-width signs are read as the others; a title keeps its own.

    >>> list(logical_lines("2026－03－01　２２：１０ call L1 → allowed"))
    [(1, '2026-03-01 22:10 call L1 -> allowed')]
    """
    number, held = 0, ""
    for at, typed in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        narrow = typed.translate(_NARROW)
        raw = typed.replace("＝", "=") if narrow.lstrip().startswith("==") else narrow
        line = raw.partition("#")[0].rstrip()
        if not line:
            continue
        if line[0] in " \t" and held:
            held += " " + line.strip()
            continue
        if held:
            yield number, held
        number, held = at, line.strip()
    if held:
        yield number, held


def read_line(case: Draft, spelled: list[str], line: int) -> None:
    """Add what a line says to a case. Raises `Unreadable`."""
    words = Words(spelled)
    day = words.day()
    verb = words.name((*OTHER_VERBS, *VERBS), N_("a verb"))
    if verb == "share":
        case.sharings.append(_sharing(case, words, line))
        return
    ref = words.take(N_("a loan's name"))
    if verb == "debt":
        case.debts[ref] = _debt(ref, words)
        return
    if verb in {"loan", "card"}:
        _begin(case, ref, words, verb=verb, day=day, line=line)
        return
    if ref not in case.loans:
        raise Unreadable(N_("no loan or card {loan} in this case; a loan line must stand above"), loan=ref)
    terms = case.loans[ref].terms
    words.currency = terms.currency
    if verb == "expect":
        case.checks.append(_check(words, ref, day, line))
        return
    event = happening(verb, words, day=day, terms=terms, line=line)
    if any(event.ref == other.ref for other in case.events[ref]):
        raise Unreadable(N_("the reference {ref!r} is taken by an earlier line"), ref=event.ref)
    case.events[ref].append(event)


def _begin(case: Draft, ref: str, words: Words, *, verb: str, day: date, line: int) -> None:
    if ref in case.loans:
        raise Unreadable(N_("{loan} is there already; another loan needs another name"), loan=ref)
    terms, rows, drawn = (contracts.loan if verb == "loan" else contracts.card)(words, day)
    case.loans[ref] = Loan(ref=ref, terms=terms, grid=rows, events=(), start=day)
    paid_out = Event(kind=Kind.DRAWDOWN, effective=day, known=learnt(day, line), ref=f"line {line:04}", amount=drawn)
    case.events[ref] = [paid_out] if drawn else []


def _check(words: Words, ref: str, day: date, line: int) -> Check:
    """``FIELD VALUE ... [as-known DAY]``, or ``refused``."""
    wants: list[tuple[str, Value]] = []
    known, refused = day, False
    while words:
        if words.took("as-known"):
            known = words.day()
        elif words.took("refused"):
            refused = True
        else:
            wants.append(_want(words))
    if not wants and not refused:
        may = ", ".join([*COUNTS, *MONEY, "week", *DAYS, *NAMES, "refused"])
        raise Unreadable(N_("nothing is expected; one of: {known}"), known=may)
    return Check(line, day, ref, learnt(known, line), tuple(wants), refused=refused)


def _want(words: Words) -> tuple[str, Value]:
    word = words.name((*COUNTS, *MONEY, "week", *DAYS, *NAMES), N_("what may be expected"))
    if word in COUNTS:
        return word, words.number()
    if word in DAYS:
        return word, None if words.took("none") else words.day()
    return word, words.take(N_("a name")) if word in NAMES else words.amount()


def _debt(ref: str, words: Words) -> Debt:
    """``CURRENCY due AMOUNT not-due AMOUNT secured|unsecured RATE since DAY``."""
    words.currency = words.name(EXPONENTS, N_("a currency"))
    words.keyword("due")
    due = words.amount()
    words.keyword("not-due")
    not_due = words.amount()
    secured = words.name(("secured", "unsecured"), N_("secured or unsecured")) == "secured"
    burden = words.rate()
    words.keyword("since")
    debt = Debt(ref, due, not_due, secured, burden, words.day())
    words.end()
    return debt


def _sharing(case: Draft, words: Words, line: int) -> Sharing:
    """``AMOUNT CURRENCY [for DEBT,...] [remainder WHO] -> [DEBT AMOUNT ...] left AMOUNT`` over its debts."""
    spelled = words.take(N_("an amount"))
    words.currency = words.name(EXPONENTS, N_("a currency"))
    minor = Words([spelled], words.currency).amount()
    designated = words.take(N_("the debts designated")).split(",") if words.took("for") else []
    for ref in designated:
        one_of(ref, case.debts, N_("a debt of this case"))
    odd = (
        words.member(Remainder, N_("who takes the odd units"))
        if words.took("remainder")
        else Remainder.LARGEST_FRACTION
    )
    words.keyword("->")
    wants = []
    while words.ahead != "left":
        wants.append((words.name([*case.debts, "left"], N_("a debt of this case")), words.amount()))
    words.took("left")
    left = words.amount()
    words.end()
    debts = tuple(case.debts.values())
    return Sharing(line, minor, words.currency, debts, tuple(designated), odd, tuple(wants), left)
