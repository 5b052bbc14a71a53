"""The gate as acts ask it: which law binds the lender, the facts of a contact, the answer, and how long it holds.

One gate serves a whole process: it holds packs, registers and keys, and no state of any request.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock

from duecourse.casework import ground, outlook
from duecourse.casework.counting import Made
from duecourse.casework.ground import Moment
from duecourse.casework.lender_law import own_pack
from duecourse.casework.lender_texts import own_text, shipped
from duecourse.casework.permit import DEFAULTS, Parameters, PermitRequest
from duecourse.law.clock import known_zone, local, zone
from duecourse.law.decide import HORIZON_DAYS, Decision, Outlook, decide_at, next_open, turns
from duecourse.law.fact import Value
from duecourse.law.limitation import days_safe
from duecourse.law.pack import Pack, PackKind, load_packs
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.templates import Register, Template
from duecourse.law.terms import Relation
from duecourse.storage.lenders import Lender
from duecourse.storage.standing import Standing
from duecourse.storage.vault import Vault
from duecourse.storage.vault.signing import Signer

_KEPT_MAX = 512
"""Days whose turns are kept, over all zones; the table is emptied when it is full."""

GOVERNS = "governing_territory"

_LAWS_MAX = 32
"""Laws kept ready; a lender that switches a pack needs another one."""


@dataclass(frozen=True, slots=True)
class Law:
    """What binds in one jurisdiction."""

    book: Rulebook
    register: Register
    asked: frozenset[str]  # every fact that a rule of the gate or an advice may ask


@dataclass(frozen=True, slots=True)
class Question:
    """One contact put to the gate at one instant, with the answer."""

    standing: Standing
    request: PermitRequest
    contacts: Sequence[Made]  # the live ones, the one asked about left out
    law: Law
    template_id: str  # as it was asked for
    template: Template | None  # None: it stands in no register
    relation: Relation | None
    zones: tuple[str, ...]
    moment: Moment
    facts: dict[str, Value]  # those that are known and that a rule may ask
    decision: Decision


class Gate:
    """Packs, texts, keys and parameters, put together once."""

    def __init__(
        self,
        vault: Vault,
        *,
        packs: Iterable[Pack] | None = None,
        without: Collection[str] = (),
        parameters: Parameters = DEFAULTS,
        own: Callable[[str], Pack] = own_pack,
        texts: Callable[[str], Template] = own_text,
    ) -> None:
        self.vault = vault
        self.signer = Signer(vault)
        self.parameters = parameters
        self._packs = tuple(load_packs() if packs is None else packs)
        self._without = tuple(without)
        self._own = own
        self._texts = texts
        self._laws: dict[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], Law] = {}
        self._turns: dict[tuple[str, tuple[str, ...], int], list[datetime]] = {}  # by rulebook, places, day
        self._safe: dict[tuple[object, ...], int | None] = {}  # days past due within limitation
        self._lock = Lock()

    def law(
        self,
        jurisdiction: str,
        off: Collection[str] = (),
        own: Collection[str] = (),
        texts: Collection[str] = (),
    ) -> Law:
        """The law of a jurisdiction without the policy packs that a lender has switched off, with its own packs.

        ``texts`` are the lender's own templates. A name in ``off`` that is no policy pack of today lifts nothing: the
        packs of the law always bind. What is the lender's own and cannot be read lets nothing pass: raises
        `OwnPackUnread`, `OwnTextUnread`.
        """
        key = (jurisdiction, tuple(sorted(off)), tuple(sorted(own)), tuple(sorted(texts)))
        with self._lock:
            found = self._laws.get(key)
            if found is None:
                packs = (*self._packs, *(self._own(name) for name in key[2]))
                policies = {pack.id for pack in packs if pack.kind is PackKind.POLICY and not pack.always}
                without = sorted({*self._without, *(policies & set(off))})
                book = rulebook(packs, jurisdiction=jurisdiction, without=without)
                asked = {name for judge in (*book.gate, *book.advisers) for name in judge.rule.facts}
                found = Law(book, self._register(jurisdiction, key[3]), frozenset(asked))
                if len(self._laws) >= _LAWS_MAX:
                    self._laws.clear()
                self._laws[key] = found
            return found

    def law_of(self, standing: Standing) -> Law:
        """The law that binds the lender that a contact is for."""
        return self.law(standing.jurisdiction, standing.packs_off, standing.own_packs, standing.own_templates)

    def register(self, lender: Lender) -> Register:
        """The templates that may be used for a lender. Raises `OwnTextUnread`."""
        return self._register(lender.jurisdiction, tuple(sorted(lender.own_templates)))

    def _register(self, jurisdiction: str, names: tuple[str, ...]) -> Register:
        return shipped(jurisdiction).with_own(self._texts(name) for name in names)

    def moment(self, standing: Standing, at: datetime) -> Moment:
        """An instant by the law's own clock; where it has none, by the contact point's place, or the lender's."""
        own = self.law_of(standing).book.zone
        there = standing.point[2] if standing.point else None
        place = own or next((name for name in (there, *standing.zones) if name and known_zone(name)), standing.zone)
        where = zone(place)
        return Moment(at, *local(at, where), where)

    def ask(self, standing: Standing, request: PermitRequest, contacts: Sequence[Made], at: datetime) -> Question:
        """The answer for a contact at an instant; ``contacts`` are the live ones, the one asked about left out."""
        law = self.law_of(standing)
        moment = self.moment(standing, at)
        facts = self.facts(standing, request, contacts, moment)
        zones = where_they_may_be(standing)
        return Question(
            standing=standing,
            request=request,
            contacts=contacts,
            law=law,
            template_id=request.template_id,
            template=law.register.templates.get(request.template_id),
            relation=ground.relation(standing, request.loan_keys, moment.day),
            zones=zones,
            moment=moment,
            facts=facts,
            decision=decide_at(law.book, facts, at, zones, passing=False),
        )

    def facts(
        self, standing: Standing, request: PermitRequest, contacts: Sequence[Made], moment: Moment
    ) -> dict[str, Value]:
        """The facts of a contact at a moment that are known and that a rule may ask, but for the clock's."""
        law = self.law_of(standing)
        text = law.register.facts(request.template_id, moment.day, request.channel)
        known = ground.facts(standing, request, contacts, moment, text=text, asked=law.asked)
        if known.get("limitation_expired") is None and standing.snapshot is not None:
            safe = self._days_safe(standing, law.book, moment.day, known.get(GOVERNS))
            known["limitation_expired"] = False if safe is not None and standing.snapshot[0] <= safe else None
        return {name: value for name, value in known.items() if value is not None and name in law.asked}

    def _days_safe(self, standing: Standing, book: Rulebook, day: date, territory: Value | None) -> int | None:
        key = (book.hash, day, standing.lender_type, territory)
        if key not in self._safe:
            if len(self._safe) >= _KEPT_MAX:
                self._safe.clear()
            self._safe[key] = days_safe(book, {"on": day, "lender_type": standing.lender_type, GOVERNS: territory})
        return self._safe[key]

    def closes(self, asked: Question, until: datetime) -> datetime:
        """The first instant after the one asked at which the clock alone turns the answer to no; else ``until``."""
        for at in self._between(asked, until):
            if not decide_at(asked.law.book, asked.facts, at, asked.zones, passing=False).allowed:
                return at
        return until

    def next_open(self, asked: Question) -> datetime | None:
        """When the contact would be allowed, if nothing happens until then."""
        stands, moment, book = asked.standing, asked.moment, asked.law.book

        def ask(at: datetime) -> dict[str, Value]:
            return self.facts(stands, asked.request, asked.contacts, self.moment(stands, at))

        ahead = Outlook(
            ask,
            outlook.changes(stands, moment, HORIZON_DAYS),
            outlook.moving(stands, asked.law.asked, moment),
        )
        return next_open(book, asked.facts, moment.at, zones=asked.zones, outlook=ahead)

    def _between(self, asked: Question, until: datetime) -> list[datetime]:
        begin = asked.moment.at.astimezone(UTC)
        book = asked.law.book
        key = (book.hash, asked.zones, begin.date().toordinal())
        found = self._turns.get(key)
        if found is None:
            zones = [name for name in asked.zones if known_zone(name)]
            midnight = datetime.combine(begin.date(), time(), UTC)
            found = turns(book, midnight, 2, zones)
            if len(self._turns) >= _KEPT_MAX:
                self._turns.clear()
            self._turns[key] = found
        return found[bisect_right(found, begin) : bisect_left(found, min(until, begin + timedelta(days=1)))]


def where_they_may_be(standing: Standing) -> tuple[str, ...]:
    """Where the person may be, by all that is known; nowhere known where the number itself does not tell its zone."""
    kind, zone_of_number = (standing.point[0], standing.point[2]) if standing.point else ("", None)
    return () if kind == "phone" and not zone_of_number else tuple(standing.zones)
