"""The lines of a scenario; every fault with its file, its line, and the nearest word that would do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from duecourse.core.story.case import Fault
from duecourse.core.story.happenings import VERBS as HAPPENINGS
from duecourse.core.story.lines import OTHER_VERBS, Draft, logical_lines, read_line
from duecourse.core.story.words import Unreadable, Words, one_of
from duecourse.law.clock import UnknownZone, zone
from duecourse.law.fact import Fact, Kind, Value, nearest
from duecourse.law.facts import FACTS
from duecourse.law.once import GIVEN_TO
from duecourse.law.scenario.telling import Attempt, Clock, Expected, Known, Lives, Person, Scenario, Setting
from duecourse.law.terms import Channel, LenderType, Purpose, Relation, SenderType
from duecourse.trouble import N_, Said

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_HOLDS = tuple(name.removeprefix("hold_") for name in FACTS if name.startswith("hold_"))
_LIFTS = tuple(name for name, fact in FACTS.items() if fact.lifts)
_CLOCK_FACTS = frozenset({"on", "second_local", "channel", "purpose"})
ENDS_EARLY = N_("it ends on {until}, before it begins on {begins}; write a later day or time")
"""Of what is known until an instant; where two zones stand on the line, it takes the law's clock to tell."""

_STORY = frozenset({*OTHER_VERBS, *HAPPENINGS})


@dataclass(slots=True)
class _Telling:
    """A scenario while its lines are read."""

    name: str
    line: int
    title: str
    outcomes: Callable[[str, bool], tuple[str, ...]]
    story: Draft
    setting: Setting = field(default_factory=Setting)
    people: dict[str, Person] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)
    lives: list[Lives] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def scenario(self) -> Scenario:
        return Scenario(
            self.name, self.line, self.title, self.setting, dict(self.people), tuple(self.known), tuple(self.lives),
            tuple(self.attempts), self.story.case(),
        )  # fmt: skip

    def person(self, words: Words) -> str:
        """The next word as somebody of the case; a loan's name is its borrower."""
        name = words.take(N_("a person or loan"))
        if name not in self.people:
            if name not in self.story.loans:
                listed = list(dict.fromkeys([*self.people, *self.story.loans]))
                raise Unreadable(
                    N_("nobody is called {name!r} here{near}{known}; a line `loan` or `person` must stand above"),
                    name=name,
                    near=nearest(name, listed),
                    known=Said(N_("; the case knows {names}"), names=", ".join(listed)) if listed else "",
                )
            self.people[name] = Person(name, Relation.BORROWER.value, (name,))
        return name


def parse_scenarios(
    text: str, *, name: str, outcomes: Callable[[str, bool], tuple[str, ...]]
) -> tuple[list[Scenario], list[Fault]]:
    """The cases of a file called ``name`` in messages, and the lines that cannot be read.

    ``outcomes`` gives the words for what came of a contact by a channel (`telling.Counting.of`).
    """
    told: list[_Telling] = []
    faults: list[Fault] = []

    def begin(number: int, title: str) -> None:
        told.append(_Telling(name, number, title, outcomes, Draft(name, number, title)))

    for number, line in logical_lines(text):
        if line.startswith("=="):
            begin(number, line.strip("= "))
            continue
        if not told:
            begin(number, name)
        try:
            _read(told[-1], line.split(), number)
        except Unreadable as fault:
            faults.append(Fault(name, number, fault))
    return [one.scenario() for one in told], faults


def _read(told: _Telling, spelled: list[str], line: int) -> None:
    words = Words(spelled)
    at = _clock(words)
    verb = one_of(
        words.take(N_("a verb")), (*_VERBS, "inbound", *Channel, *sorted(_STORY)), N_("a channel or another verb")
    )
    if verb in _STORY:
        if at.second is not None or at.zone:
            raise Unreadable(N_("{verb!r} is told by the day, without time or zone"), verb=verb)
        read_line(told.story, [at.day.isoformat(), *spelled[1:]], line)
    elif verb in _VERBS:
        _VERBS[verb](told, words, at, line)
        words.end()
    else:
        told.attempts.append(_attempt(told, words, at, verb, line))


def _clock(words: Words) -> Clock:
    """``DAY [TIME [ZONE]]``."""
    at = Clock(words.day())
    if found := _TIME.fullmatch(words.ahead):
        words.take(N_("a time"))
        at = replace(at, second=int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0))
    elif ":" in words.ahead and words.ahead[:1].isdigit():
        raise Unreadable(N_("{word!r} is not a time of day; times look like 22:10 or 22:10:30"), word=words.ahead)
    if "/" in words.ahead or words.ahead == "UTC":
        at = replace(at, zone=_zone(words.take(N_("a zone"))))
    return at


def _zone(name: str) -> str:
    try:
        zone(name)
    except UnknownZone as unknown:
        raise Unreadable(unknown.sentence, **unknown.values) from None
    return name


def _law(told: _Telling, words: Words, _at: Clock, _line: int) -> None:
    """``law CODE [without PACK ...]``."""
    if told.attempts:
        raise Unreadable(N_("the law of a case stands before its contacts"))
    code = words.take(N_("a jurisdiction")).upper()
    without: list[str] = []
    while words.took("without"):
        without.append(words.take(N_("a pack")))
    told.setting = replace(told.setting, jurisdiction=code, without=tuple(without))


def _lender(told: _Telling, words: Words, _at: Clock, _line: int) -> None:
    """``lender KIND``."""
    told.setting = replace(told.setting, lender=words.member(LenderType, N_("a kind of lender")).value)


def _person(told: _Telling, words: Words, _at: Clock, _line: int) -> None:
    """``person NAME RELATION [of LOAN,...]``."""
    name = words.take(N_("a name"))
    relation = words.member(Relation, N_("a relation")).value
    loans: list[str] = []
    if words.took("of"):
        loans = [one_of(one, told.story.loans, N_("a loan of this case")) for one in words.take(N_("loans")).split(",")]
    if name in told.people:
        raise Unreadable(N_("{name!r} is there already"), name=name)
    told.people[name] = Person(name, relation, tuple(loans))


def _lives(told: _Telling, words: Words, at: Clock, line: int) -> None:
    """``lives NAME ZONE,...``: where the person may be; every zone must be open."""
    name = told.person(words)
    told.lives.append(Lives(line, name, tuple(_zone(one) for one in words.take(N_("zones")).split(",")), at))


def _fact(told: _Telling, words: Words, at: Clock, line: int) -> None:
    """``fact NAME FACT=VALUE ... [until DAY [TIME]]``."""
    name = told.person(words)
    pairs = _pairs(words)
    if not pairs:
        raise Unreadable(N_("expected FACT=VALUE, found {word!r}"), word=words.take("FACT=VALUE"))
    until = _end(words, at)
    told.known.extend(Known(line, name, fact, value, at, until) for fact, value in pairs.items())


def _flag(told: _Telling, words: Words, at: Clock, line: int, *, prefix: str, names: tuple[str, ...], on: bool) -> None:
    """A truth value that has a verb of its own, from a line on; one that is true may end."""
    name = told.person(words)
    what = N_("a hold") if prefix else N_("a fact that lifts")
    fact = prefix + words.name(names, what)
    firm = words.take(N_("a firm, or lender")) if on and fact in GIVEN_TO and words.took("to") else None
    until = _end(words, at) if on else None
    given_to = "" if firm == SenderType.LENDER else firm
    told.known.append(Known(line, name, fact, on, at, until, firm=given_to, ends=not on))


def _end(words: Words, begins: Clock) -> Clock | None:
    """``[until DAY [TIME [ZONE]]]``, later than the line's own day and time, and in its zone if it names no other."""
    if not words.took("until"):
        return None
    until = _clock(words)
    until = replace(until, zone=until.zone or begins.zone)
    if until.zone == begins.zone and (until.day, until.second or 0) <= (begins.day, begins.second or 0):
        raise Unreadable(ENDS_EARLY, until=until.day, begins=begins.day)
    return until


def _dies(told: _Telling, words: Words, at: Clock, line: int) -> None:
    """``dies LOAN``: its debtor, with proof."""
    told.known.append(Known(line, told.person(words), "debtor_dead", value=True, since=at))


_VERBS: dict[str, Callable[[_Telling, Words, Clock, int], None]] = {
    "law": _law, "lender": _lender, "person": _person, "lives": _lives, "fact": _fact, "dies": _dies,
    "hold": partial(_flag, prefix="hold_", names=_HOLDS, on=True),  # NAME KIND [until DAY [TIME]]
    "release": partial(_flag, prefix="hold_", names=_HOLDS, on=False),  # NAME KIND
    "consent": partial(_flag, prefix="", names=_LIFTS, on=True),  # NAME LIFT [to FIRM] [until DAY [TIME]]
    "withdraw": partial(_flag, prefix="", names=_LIFTS, on=False),  # NAME LIFT
}  # fmt: skip


def _pairs(words: Words) -> dict[str, Value | None]:
    """``FACT=VALUE`` as often as it stands."""
    found: dict[str, Value | None] = {}
    while "=" in words.ahead:
        name, _, text = words.take(N_("a fact")).partition("=")
        if name not in FACTS:
            raise Unreadable(
                N_("there is no fact {name!r}{near}; `duecourse law facts` lists them"),
                name=name, near=nearest(name, list(FACTS)),
            )  # fmt: skip
        if name in _CLOCK_FACTS:
            raise Unreadable(
                N_("{fact} comes from the line itself: its day, time, channel, template or purpose"), fact=name
            )
        found[name] = _value(FACTS[name], text)
    return found


def _value(fact: Fact, text: str) -> Value | None:
    """The value of a fact as people write it: yes, no, a number, a day, a word; ``missing`` where it is not known."""
    if text == "missing":
        return None
    read: Value | None = None
    if fact.kind is Kind.BOOL:
        read = {"yes": True, "true": True, "no": False, "false": False}.get(text)
        wanted = N_("yes or no")
    elif fact.kind is Kind.INT:
        read = fact.read(int(text)) if text.isascii() and text.replace("-", "", 1).isdigit() else None
        wanted = _whole(fact)
    elif fact.kind is Kind.DATE:
        read, wanted = Words([text]).day(), N_("a day")
    else:
        read, wanted = fact.read(text), Said(N_("one of {known}"), known=", ".join(fact.options))
    if read is None:
        raise Unreadable(
            N_("{text!r} is no value of {fact}, which is {wanted}{near}"),
            text=text, fact=fact.name, wanted=wanted, near=nearest(text, fact.options),
        )  # fmt: skip
    return read


def _whole(fact: Fact) -> str:
    """What number a fact is."""
    if fact.low is None:
        return N_("a whole number")
    if fact.high is None:
        return Said(N_("a whole number from {low}"), low=fact.low)
    return Said(N_("a whole number from {low} to {high}"), low=fact.low, high=fact.high)


def _attempt(told: _Telling, words: Words, at: Clock, verb: str, line: int) -> Attempt:
    """``[inbound] CHANNEL NAME [using TEMPLATE | for PURPOSE] [by SENDER [FIRM]] [to POINT] ... [-> EXPECTED]``."""
    inbound = verb == "inbound"
    channel = words.member(Channel, N_("a channel")).value if inbound else verb
    if at.second is None:
        raise Unreadable(N_("a contact has a time of day: {day} 10:00 {channel!s} …"), day=at.day, channel=channel)
    made = Attempt(line, at, channel, told.person(words), inbound=inbound)
    while words and words.ahead != "->":
        if words.took("using"):
            made = replace(made, template=words.take(N_("a template")))
        elif words.took("for"):
            made = replace(made, purpose=words.member(Purpose, N_("a purpose")).value)
        elif words.took("by"):
            sender = words.member(SenderType, N_("who makes the contact")).value
            firm = (
                ""
                if sender == "lender"
                else words.take(Said(N_("the name of the firm that is {sender!r}"), sender=sender))
            )
            made = replace(made, sender=sender, firm=firm)
        elif words.took("to"):
            made = replace(made, point=words.take(N_("a number or address")))
        elif "=" in words.ahead:
            made = replace(made, facts={**made.facts, **_pairs(words)})
        else:
            what = N_("using, for, by, to, FACT=VALUE, -> or what came of the contact")
            made = replace(made, outcome=words.name(told.outcomes(channel, inbound), what))
    if words.took("->"):
        if inbound:
            raise Unreadable(N_("what comes in is not asked of the law; leave out what stands from -> on"))
        made = replace(made, expected=_expected(words))
    words.end()
    return made


def _expected(words: Words) -> Expected:
    """``allowed [advised RULE ...]`` or ``refused [only] [RULE ...] [missing FACT ...] [next DAY TIME | never]``."""
    if words.name(("allowed", "refused"), N_("allowed or refused")) == "allowed":
        rules = tuple(_rest(words)) if words.took("advised") else ()
        return Expected(allowed=True, rules=rules)
    only = words.took("only")
    rules = tuple(_until_word(words, ("missing", "next")))
    missing: list[str] = []
    if words.took("missing"):
        for name in _until_word(words, ("next",)):
            if name not in FACTS:
                raise Unreadable(
                    N_("there is no fact {name!r}{near}; `duecourse law facts` lists them"),
                    name=name, near=nearest(name, list(FACTS)),
                )  # fmt: skip
            missing.append(name)
    expected = Expected(allowed=False, rules=rules, only=only, missing=tuple(missing))
    if words.took("next"):
        if words.took("never"):
            return replace(expected, never_open=True)
        opens = _clock(words)
        if opens.second is None:
            raise Unreadable(N_("the next open instant has a time of day: next 2026-03-02 08:00"))
        return replace(expected, next_open=opens)
    return expected


def _until_word(words: Words, stops: tuple[str, ...]) -> list[str]:
    found = []
    while words and words.ahead not in stops:
        found.append(words.take(N_("a word")))
    return found


def _rest(words: Words) -> list[str]:
    return _until_word(words, ())
