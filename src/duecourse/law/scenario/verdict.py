"""The law's answer to each contact of a scenario, and where it is not what the line expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from duecourse.core.contract import Method
from duecourse.core.delinquency import reading
from duecourse.core.story.case import Fault, mismatches
from duecourse.core.story.happenings import learnt
from duecourse.law import once
from duecourse.law.clock import instants, local, zone
from duecourse.law.decide import Decision, Outlook, days_on, decide_at, next_open
from duecourse.law.fact import Value, nearest
from duecourse.law.facts import FACTS
from duecourse.law.ordinary import ORDINARY, text_facts
from duecourse.law.pack import Pack
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.scenario.lines import ENDS_EARLY
from duecourse.law.scenario.telling import Attempt, Clock, Counting, Known, Lives, Person, Scenario
from duecourse.law.silence import OF_THE_DEBT
from duecourse.law.templates import Register
from duecourse.law.terms import THIRD_PERSONS, Channel, Purpose, Relation
from duecourse.law.wording import sentence
from duecourse.trouble import N_, BadInput, Said, worded

_UNREPORTED = {"answered": True, "unanswered": True, "talked": True, "placed": True}
_WRONG, _REFUSED = "wrong_number", "refused"
_OF_WRONG: Mapping[str, Value] = {"contact_point_valid": False, "wrong_number": True}
"""What a wrong number makes known of the number or address."""

_CALLS = (Channel.CALL, Channel.ROBOT_CALL)
_KIND = {
    "call": "phone", "robot_call": "phone", "sms": "phone", "mms_image": "phone", "letter": "address",
    "lawyer_letter": "address", "visit": "address",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """One contact put to the law."""

    line: int
    at: datetime
    what: str  # channel and person, as the line says
    decision: Decision
    next_open: datetime | None  # searched where it is refused
    clock: str  # the zone in which the line speaks
    wrong: tuple[Said, ...]  # what is not as expected; empty where the line holds
    assumed: Mapping[str, Value] = field(default_factory=dict)  # what nobody said and a rule asked

    def told(self, translate: Callable[[str], str]) -> Verdict:
        """The same, with what is wrong in the language of ``translate``."""
        return replace(self, wrong=tuple(Said(worded(one.sentence, one.values, translate)) for one in self.wrong))


Books = Callable[[str], Register]
"""The register of templates of a jurisdiction."""


def verdicts(
    told: Scenario, packs: tuple[Pack, ...], registers: Books, counting: Counting, *, lang: str = "en"
) -> tuple[list[Verdict], list[Fault]]:
    """The law's answers to a case's contacts that expect one, and everything that is not as the case expects.

    A contact that expects nothing was made; one that is expected to be allowed was made if it is. Faults are also lines
    that name an unknown pack, rule, template or law or a time that no clock shows, and figures of loans that differ. An
    answer that a fault quotes is in ``lang``.
    """
    faults = mismatches(told.story)
    found: list[Verdict] = []
    try:
        book = rulebook(packs, jurisdiction=told.setting.jurisdiction, without=told.setting.without)
    except BadInput as trouble:
        return [], [*faults, Fault(told.name, told.line, trouble)]
    world = _World(told, book, registers(told.setting.jurisdiction), counting, lang)
    faults += [*world.ended_before_begun(), *world.never_stood(), *world.jumped_over()]
    for attempt in sorted(told.attempts, key=lambda one: (world.instant(one.at, one.person), one.line)):
        try:
            verdict = world.live(attempt)
        except BadInput as trouble:
            faults.append(Fault(told.name, attempt.line, trouble))
            continue
        if verdict is not None:
            found.append(verdict)
            faults.extend(Fault(told.name, attempt.line, wrong) for wrong in verdict.wrong)
    return sorted(found, key=lambda one: one.line), sorted(faults, key=lambda one: one.line)


class _World:
    """A case as it goes on: contacts made so far."""

    def __init__(self, told: Scenario, book: Rulebook, register: Register, counting: Counting, lang: str) -> None:
        self.told, self.book, self.register, self.counting, self.lang = told, book, register, counting, lang
        self.made: list[dict[str, Any]] = []
        self.places = {name: place for place, name in enumerate(told.story.loans)}
        self.rules = [rule.id for rule in book.rules]

    def clock(self, person: str, at: Clock) -> str:
        """The zone in which a line speaks: its own, else the law's, else where the person is."""
        if at.zone or self.book.zone:
            return at.zone or self.book.zone
        lives = [one for one in self.told.lives if one.person == person]
        if lives:
            return lives[-1].zones[0]
        raise BadInput(
            N_(
                "which zone is meant? the law of {jurisdiction} has no clock of its own: write `{day} 10:00 "
                "America/New_York …` or a line `lives {person} ZONE`"
            ),
            jurisdiction=self.book.jurisdiction,
            day=at.day,
            person=person,
        )

    def instant(self, at: Clock, person: str) -> datetime:
        """A line's time as an instant; a time that clocks show twice is the first of them."""
        return instants(at.day, at.second or 0, zone(self._clock(person, at)))[0]

    def _clock(self, person: str, at: Clock) -> str:
        """The zone in which a line speaks, UTC where it cannot be known: `live` refuses the line."""
        try:
            return self.clock(person, at)
        except BadInput:
            return "UTC"

    def ended_before_begun(self) -> Iterator[Fault]:
        """Holds that a line releases and consents that it withdraws although none stands then."""
        for end in (one for one in self.told.known if one.value is False and one.ends):
            at, of = self.instant(end.since, end.person), (end.person, end.fact)
            before = [
                (self.instant(one.since, one.person), one.line, one)
                for one in self.told.known
                if (one.person, one.fact) == of and (self.instant(one.since, one.person), one.line) < (at, end.line)
            ]
            last = max(before, key=lambda each: each[:2])[2] if before else None
            why = Said(N_("no line before says so")) if last is None else self._over(last, at)
            if why:
                what = Said(
                    N_("no {what} of {person} stands on {day}: {why}"),
                    what=end.fact.replace("hold_", "hold ", 1), person=end.person, day=end.since.day, why=why,
                )  # fmt: skip
                yield Fault(self.told.name, end.line, what)

    def never_stood(self) -> Iterator[Fault]:
        """Lines whose end, in a zone of its own, is no later than their beginning."""
        early = {
            one.line: Said(ENDS_EARLY, until=one.until.day, begins=one.since.day)
            for one in self.told.known
            if one.until is not None and self.instant(one.until, one.person) <= self.instant(one.since, one.person)
        }
        yield from (Fault(self.told.name, line, what) for line, what in early.items())

    def jumped_over(self) -> Iterator[Fault]:
        """Times that the clocks of their zone never show, since they go forward there."""
        known = self.told.known
        told = [(one.line, one.person, one.at) for one in self.told.attempts]
        told += [(one.line, one.person, at) for one in known for at in (one.since, one.until) if at is not None]
        for line, person, at in told:
            where = zone(self._clock(person, at))
            if at.second is not None and local(self.instant(at, person), where) != (at.day, at.second):
                no_such = Said(
                    N_("clocks in {zone} do not show {time} on {day}: they go forward then; write another time"),
                    zone=where.key, time=str(timedelta(seconds=at.second)), day=at.day,
                )  # fmt: skip
                yield Fault(self.told.name, line, no_such)

    def _over(self, last: Known, at: datetime) -> Said | None:
        """Why what was said last does not stand at an instant; None where it stands."""
        if last.value is not True:
            return Said(N_("it ended by line {line}"), line=last.line)
        if last.until is not None and self.instant(last.until, last.person) <= at:
            return Said(N_("line {line} ends it on {day}"), line=last.line, day=last.until.day)
        return None

    def live(self, attempt: Attempt) -> Verdict | None:
        """Ask the law where the line expects an answer, and count the contact where it was made."""
        self.clock(attempt.person, attempt.at)
        at = self.instant(attempt.at, attempt.person)
        person = self.told.people[attempt.person]
        day = local(at, zone(self.book.zone or self.clock(attempt.person, attempt.at)))[0]
        self._begun(attempt, person, day)
        expected = attempt.expected
        if expected is None:
            self._count(attempt, person, at, day)
            return None
        self._check(attempt)
        facts, assumed = self._facts(attempt, person, at, day, told=at)
        zones = self._zones(person, at)
        decision = decide_at(self.book, facts, at, zones)
        ahead = self._outlook(attempt, person, at)
        opens = None if decision.allowed else next_open(self.book, facts, at, zones=zones, outlook=ahead)
        wrong = tuple(self._wrong(attempt, decision, opens))
        if decision.allowed and expected.allowed:
            self._count(attempt, person, at, day)
        asked = {name for finding in decision.findings for name in finding.rule.facts}
        return Verdict(
            line=attempt.line,
            at=at,
            what=f"{attempt.channel} {attempt.person}",
            decision=decision,
            next_open=opens,
            clock=self.clock(attempt.person, attempt.at),
            wrong=wrong,
            assumed={name: value for name, value in assumed.items() if name in asked},
        )

    def _begun(self, attempt: Attempt, person: Person, day: date) -> None:
        """The loans that a contact is about are there by then."""
        for name in person.loans:
            begins = self.told.story.loans[name].start
            if begins is not None and day < begins:
                raise BadInput(
                    N_("{contact} on {day} is before its loan: {loan} begins on {begins}; correct one of the two days"),
                    contact=f"{attempt.channel} {attempt.person}",
                    day=day,
                    loan=name,
                    begins=begins,
                )

    def _check(self, attempt: Attempt) -> None:
        """Rules that a line names are rules of the law."""
        for name in attempt.expected.rules if attempt.expected else ():
            if name not in self.rules:
                raise BadInput(
                    N_("no rule {name!r} binds here{near}; `duecourse law list` shows the rules"),
                    name=name,
                    near=nearest(name, self.rules),
                )

    def _zones(self, person: Person, at: datetime) -> tuple[str, ...]:
        lives: list[Lives] = [one for one in self.told.lives if one.person == person.name]
        begun = [one for one in lives if self.instant(one.since, person.name) <= at]
        return begun[-1].zones if begun else ()

    def _outlook(self, attempt: Attempt, person: Person, now: datetime) -> Outlook:
        """The contact at later instants, by what was told until now."""
        clock = zone(self.book.zone or self.clock(attempt.person, attempt.at))
        today = local(now, clock)[0]

        def ask(at: datetime) -> Mapping[str, object]:
            day = local(at, clock)[0]
            found, _ = self._facts(attempt, person, at, day, told=now)
            return {**found, **days_on(attempt.facts, (day - today).days, {})}

        ends = {self.instant(one.until, one.person) for one in self.told.known if one.until is not None}
        return Outlook(ask, sorted(at for at in ends if at > now), frozenset(FACTS))

    def _facts(
        self, attempt: Attempt, person: Person, at: datetime, day: date, *, told: datetime
    ) -> tuple[dict[str, Value | None], dict[str, Value]]:
        """The facts of a contact by what was told until an instant, and those of them that nobody said."""
        purpose = attempt.purpose or (None if attempt.template else Purpose.COLLECT.value)
        text = text_facts(self.register, template=attempt.template, purpose=purpose, day=day, channel=attempt.channel)
        assumed: dict[str, Value] = {**ORDINARY, **({} if attempt.template else text)}
        said: dict[str, Value | None] = {
            **(text if attempt.template else {"purpose": purpose}),
            "channel": attempt.channel,
            "relation": person.relation,
            "lender_type": self.told.setting.lender,
            "sender_type": attempt.sender,
            **self._loan_facts(person, attempt.line, at),
            **self.counting.count(
                [self._seen(one, person) for one in self.made], day, self._point(attempt),
                tuple(self.places[name] for name in person.loans), attempt.firm,
            ),
        }  # fmt: skip
        said |= self._heard(attempt, person, at, day, told=told, assumed=assumed)
        said |= self._notices(attempt, person, text, told)
        said |= self._learnt(attempt, person, at, told)
        said |= attempt.facts
        return {**assumed, **said}, {name: value for name, value in assumed.items() if name not in said}

    def _heard(
        self,
        attempt: Attempt,
        person: Person,
        at: datetime,
        day: date,
        *,
        told: datetime,
        assumed: Mapping[str, Value],
    ) -> dict[str, Value | None]:
        """What was stated of the person and of the debtors; of several debts what is strictest of theirs."""
        debtors = [name for name in person.loans if name != person.name]
        heard: dict[str, dict[str, Value | None]] = {}
        for one in sorted(self.told.known, key=lambda one: self.instant(one.since, one.person)):
            if self.instant(one.since, one.person) > told:
                continue
            owes = one.person in person.loans or FACTS[one.fact].source not in OF_THE_DEBT
            own = one.person == person.name and owes
            if own or (one.person in debtors and _of_the_debt(one.fact)):
                for name, value in self._now(one, at, day, attempt).items():
                    heard.setdefault(name, {})[one.person] = value
        found: dict[str, Value | None] = {}
        for name, by in heard.items():
            unsaid = [one for one in debtors if one not in by and not by.keys().isdisjoint(debtors)]
            found[name] = FACTS[name].strictest([*by.values(), *(assumed.get(name) for _ in unsaid)])
        return found

    def _learnt(self, attempt: Attempt, person: Person, at: datetime, told: datetime) -> dict[str, Value | None]:
        """What came of earlier contacts with the person beside their being counted, whoever began them.

        A wrong number stays wrong until somebody says otherwise of the person's; a third person's refusal, for ever.
        """
        found: dict[str, Value | None] = {}
        mine = [one for one in self.made if one["person"] == person.name]
        here = [one["at"] for one in mine if one["point_index"] == self._point(attempt) and one["outcome"] == _WRONG]
        if here:
            since = max(here)
            later = {
                one.fact
                for one in self.told.known
                if one.person == person.name
                and since < _micros(self.instant(one.since, one.person)) <= _micros(told)
                and (one.until is None or at < self.instant(one.until, one.person))
            }
            found |= {name: value for name, value in _OF_WRONG.items() if name not in later}
        if person.relation in THIRD_PERSONS and any(one["outcome"] == _REFUSED for one in mine):
            found["contact_person_refused"] = True
        return found

    def _now(self, one: Known, at: datetime, day: date, attempt: Attempt) -> dict[str, Value | None]:
        """A stated fact at an instant: nothing before it was said; what it was before, once it has ended.

        A consent is nothing to a house that it was not given to.
        """
        since = self.instant(one.since, one.person)
        if at < since or one.firm not in (None, attempt.firm):
            return {}
        if one.until is not None and at >= self.instant(one.until, one.person):
            return {one.fact: False} if one.value is True else {}
        passed = (day - one.since.day).days
        if one.value is True and one.fact in once.USED_UP:
            return {one.fact: self._unused(one, _micros(since), passed)}
        if one.value is True and one.fact == once.RELEASED:
            known = (
                self.instant(each.since, each.person)
                for each in self.told.known
                if each.person == one.person and each.fact == "attorney_known"
            )
            return {one.fact: not any(since < begun <= at for begun in known)}
        if one.value is True and one.fact in once.refusals(attempt.channel):
            opened = once.medium_open(
                self._all_seen(one.person), channel=attempt.channel, since=_micros(since), firm=attempt.firm
            )
            return {one.fact: True, once.MEDIUM: opened}  # of two refusals the later is read last
        return dict(days_on({one.fact: one.value}, max(passed, 0), {}))  # type: ignore[arg-type]

    def _unused(self, one: Known, since: int, days: int) -> bool:
        """Whether what was said holds still, by the contacts made since."""
        contacts = self._all_seen(one.person)
        match one.fact:
            case once.CONSENT:
                return once.consent_stands(contacts, since=since, days=days, firm=one.firm)
            case once.QUESTION:
                return once.question_open(contacts, since=since, days=days)
            case once.LOCATION:
                return once.location_open(contacts, since=since, days=days)
        return once.required_open(contacts, since=since, days=days)

    def _notices(
        self, attempt: Attempt, person: Person, text: Mapping[str, Value], told: datetime
    ) -> dict[str, Value | None]:
        """Whether a notice such as this one went out since the person asked that contact cease."""
        ceased = self._ceased({person.name, *person.loans}, told)
        template = attempt.template or _unnamed(attempt.facts)
        if ceased is None or template is None or not {**text, **attempt.facts}.get("after_cease_notice"):
            return {}
        loans = [self.places[name] for name in person.loans]
        if once.notice_sent(self._all_seen(person.name), since=_micros(ceased), loans=loans, template=template):
            return {once.NOTICE: True}
        return {}

    def _ceased(self, people: set[str], told: datetime) -> datetime | None:
        """From when on the first of the requests to cease that stand was known."""
        standing: list[tuple[datetime, Known]] = []
        for at, one in sorted(
            ((self.instant(one.since, one.person), one) for one in self.told.known if one.person in people),
            key=lambda each: (each[0], each[1].line),
        ):
            if one.fact != "hold_cease" or at > told:
                continue
            if one.value is True:
                standing.append((at, one))
            else:
                standing = [(since, other) for since, other in standing if other.person != one.person]
        return min(
            (at for at, one in standing if one.until is None or told < self.instant(one.until, one.person)),
            default=None,
        )

    def _all_seen(self, name: str) -> list[dict[str, Any]]:
        person = self.told.people[name]
        return [self._seen(one, person) for one in self.made]

    def _loan_facts(self, person: Person, line: int, at: datetime) -> dict[str, Value]:
        """What the loans say: days past due of the latest, the amount overdue of all."""
        if not person.loans:
            return {}
        day = local(at, zone(self.book.zone or "UTC"))[0]
        loans = [self.told.story.loans[name] for name in person.loans]
        found = [reading(loan, day, known=learnt(day, line)) for loan in loans]
        return {
            "days_past_due": max(one.dpd for one in found),
            "demand_minor": sum(one.overdue for one in found),
            "card_account": any(loan.terms.method is Method.CARD for loan in loans),
        }

    def _point(self, attempt: Attempt) -> str:
        return attempt.point or f"{attempt.person} {_KIND.get(attempt.channel, attempt.channel)}"

    def _count(self, attempt: Attempt, person: Person, at: datetime, day: date) -> None:
        """Put a contact among those made."""
        usual = "connected" if attempt.channel in _CALLS else "sent"
        outcome = attempt.outcome or usual
        counts = self.counting.outcomes.get(outcome, _UNREPORTED)
        purpose = attempt.purpose or Purpose.COLLECT.value
        if attempt.template is not None and attempt.template in self.register.templates:
            purpose = self.register[attempt.template].purpose.value
        self.made.append({
            "person": person.name, "loans": person.loans, "point_index": self._point(attempt),
            "loan_keys": [self.places[name] for name in person.loans], "agency": attempt.firm or None,
            "local_day": day, "channel": attempt.channel, "purpose": purpose, "relation": person.relation,
            "direction": "in" if attempt.inbound else "out", "at_work": attempt.facts.get("at_work") is True, **counts,
            "at": _micros(at), "template_id": attempt.template or _unnamed(attempt.facts),
            "outcome": outcome,
        })  # fmt: skip

    def _seen(self, made: dict[str, Any], person: Person) -> dict[str, Any]:
        """A contact made, from where the person stands who is asked about."""
        debtor = bool(set(made["loans"]) & set(person.loans))
        return {
            **made,
            "with_person": made["person"] == person.name,
            "about_debtor": debtor,
            "with_debtor": debtor and made["relation"] == Relation.BORROWER,
        }

    def _wrong(self, attempt: Attempt, decision: Decision, opens: datetime | None) -> Iterator[Said]:
        expected, who = attempt.expected, f"{attempt.channel} {attempt.person}"
        if expected is None:
            return
        answer = sentence(decision, self.lang)
        if expected.allowed is not decision.allowed:
            wanted = " ".join(["allowed"] if expected.allowed else ["refused", *expected.rules])
            yield Said(N_("{who}: expected {wanted}; {answer}"), who=who, wanted=wanted, answer=answer)
            return
        told = decision.advice if expected.allowed else decision.refusals
        ids = [finding.rule.id for finding in told]
        if lacking := [name for name in expected.rules if name not in ids]:
            does_not = N_("{who}: {rules} does not advise; {answer}")
            if not expected.allowed:
                does_not = N_("{who}: {rules} does not refuse; {answer}")
            yield Said(does_not, who=who, rules=", ".join(lacking), answer=answer)
        if expected.only and (more := sorted(set(ids) - set(expected.rules))):
            yield Said(N_("{who}: refused by {rules} too"), who=who, rules=", ".join(more))
        if lacking := [name for name in expected.missing if name not in decision.missing]:
            yield Said(
                N_("{who}: {facts} is not missing; missing is {missing}"),
                who=who, facts=", ".join(lacking), missing=", ".join(decision.missing) or N_("nothing"),
            )  # fmt: skip
        yield from self._wrong_opening(attempt, opens)

    def _wrong_opening(self, attempt: Attempt, opens: datetime | None) -> Iterator[Said]:
        expected, who = attempt.expected, f"{attempt.channel} {attempt.person}"
        if expected is None or not (expected.never_open or expected.next_open):
            return
        wanted = self.instant(expected.next_open, attempt.person) if expected.next_open else None
        if wanted == (None if opens is None else opens.astimezone(UTC)):
            return
        where = zone(self.clock(attempt.person, expected.next_open or attempt.at))
        line = "never" if wanted is None else f"{wanted.astimezone(where):%Y-%m-%d %H:%M:%S}"
        if opens is None:
            yield Said(N_("{who}: expected next {wanted}, is not open within 14 days"), who=who, wanted=line)
            return
        at = f"{opens.astimezone(where):%Y-%m-%d %H:%M:%S}"
        yield Said(N_("{who}: expected next {wanted}, is next open {at}"), who=who, wanted=line, at=at)


def _unnamed(facts: Mapping[str, Value | None]) -> str | None:
    """What stands for the text of a notice after a cease that no template names."""
    return once.NOTICE if facts.get("after_cease_notice") is True else None


def _micros(at: datetime) -> int:
    """An instant in microseconds since 1970."""
    return (at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def _of_the_debt(name: str) -> bool:
    """Whether a fact that is said of a debtor holds for contacts with others about the debt, too."""
    return name.startswith(("debtor_", "hold_")) or FACTS[name].source in OF_THE_DEBT
