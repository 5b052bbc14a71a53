"""Reading a reply: every meaning that a rule finds, with its place; the speech guard reads abuse; amount and day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from duecourse.insight.guard import Category, Guard, fold
from duecourse.insight.guard.fold import Form
from duecourse.insight.replies.amount import read_amount
from duecourse.insight.replies.due import read_day

TEXT_MAX = 20_000


class Meaning(StrEnum):
    """What a reply says; of several the first in this order is what it is shown under."""

    CRISIS = "crisis"  # the writer may be about to harm himself
    STOP = "stop"  # contact at this address shall stop
    WRONG_PERSON = "wrong_person"  # the address is somebody else's
    DISPUTE = "dispute"  # the debt, or its amount, is not owed
    COMPLAINT = "complaint"  # we treated him badly
    PAID = "paid"  # it is paid
    PROMISE = "promise"  # an amount, a day, or both
    HARDSHIP = "hardship"  # he cannot pay, or asks for easier terms
    ABUSE = "abuse"  # abuse of who reads it
    WANTS_PERSON = "wants_person"  # wants to speak with somebody
    NONE = "none"  # none of these; a person reads it


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that a rule, or a model, found in a text. ``acts``: the rule acts at once; a model never does."""

    meaning: Meaning
    rule: str
    start: int
    end: int
    acts: bool
    model: bool
    says: dict[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody may have promised: a person asks for what is missing, and confirms it."""

    minor: int | None  # None: not said, or all that is owed
    whole: bool  # all that is owed
    due: date | None
    rest: bool  # nobody works on that day


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says. ``meaning`` is the first of its signs' by `Meaning`'s order."""

    meaning: Meaning
    signs: tuple[Sign, ...]
    offer: Offer | None

    @property
    def acts(self) -> frozenset[Meaning]:
        """The meanings that act at once."""
        return frozenset(one.meaning for one in self.signs if one.acts)


_ORDER = {meaning: place for place, meaning in enumerate(Meaning)}
_PAYS = re.compile(
    r"还|付款|付清|付你|转(?:账|给|过|你)|打(?:给|过|款)|处理|缴|交(?:上|清|款)|存(?:钱|进)|结清"
    r"|\b(?:pay|paying|payment|send|sending|transfer\w*|settle|clear it)\b|\byou(?:'ll| will) (?:have|get|receive)\b"
)
_PAYS_NOT = re.compile(
    r"(?:还|付|拿|凑|处理|交)不|不(?:会|想|打算|准备|能|可能)?(?:还|付|交)|没(?:有|法|办法)?(?:钱)?(?:还|付)"
    r"|怎么(?:还|付)|(?:还|付)(?:到)?(?:哪|多少)"
    r"|\b(?:can(?:no|')?t|cannot|won'?t|will not|unable to|not able to|not going to|never|refuse to|don'?t) "
    r"(?:\w+ ){0,2}(?:pay|send|afford)\b"
    r"|\bhow (?:do|can|should|much)\b|\bwhere (?:do|can)\b|\bto pay\?"
)
_WISHES = re.compile(
    r"发(?:了)?(?:工资|薪|奖金)|\b(?:get|getting|gets) paid\b|\bpay ?day\b|\bpaycheck\b|\bpromise\b|承诺|保证|一定"
)


class _Rule:
    """A rule, ready to look."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.name, self.meaning = str(said["rule"]), Meaning(said["meaning"])
        self.acts, self.says = bool(said.get("acts")), dict(said["says"])
        self.only = frozenset(map(str, said.get("only", ())))
        self.whole = frozenset(map(str, said.get("whole", ())))
        ends = str(said.get("ends", ""))
        parts = [*said.get("zh", ()), *(f"(?:{part}){ends}" for part in said.get("en", ()))]
        self.pattern = re.compile("|".join(f"(?:{part})" for part in parts)) if parts else None
        bars = [str(said[key]) for key in ("unless", "unless_zh", "unless_en") if key in said]
        self.unless = re.compile("|".join(f"(?:{bar})" for bar in bars)) if bars else None

    def find(self, words: str, bare: str) -> tuple[int, int] | None:
        """Where it finds what it looks for; ``bare`` is the text without signs around it."""
        if bare in self.whole:
            return 0, len(words)
        if self.pattern is None:
            return None
        barred = [one.span() for one in self.unless.finditer(words)] if self.unless else []
        for found in self.pattern.finditer(words):
            if not any(start < found.end() and found.start() < end for start, end in barred):
                return found.span()
        return None


@cache
def rules() -> tuple[_Rule, ...]:
    """The rules as they ship."""
    text = (files("duecourse.insight.replies") / "rules.yaml").read_text("utf-8")
    return tuple(_Rule(one) for one in yaml.safe_load(text))


@cache
def _guard() -> Guard:
    return Guard()


_ABUSE = frozenset({Category.INSULT, Category.THREAT})
_TALK = frozenset({"threat.killing"})
"""A rule for what goes out, that in what comes in is everyday talk (`the heat is killing me`), or a cry for help."""

_ABUSE_SAYS = {"zh": "辱骂或威胁", "en": "abuse or a threat"}
_PROMISE_SAYS = {"zh": "承诺还款", "en": "a promise to pay"}
_PIECE = re.compile(r"\s+|\S")
_BARE = " \t\n.,!?;:。，！？；：、~～\"'“”‘’()（）【】[]"


def read(text: str, *, today: date, country: str, currency: str) -> Reading:
    """What a reply says; ``today`` is the day of the message in its lender's zone. Places are those of the text.

    >>> found = read("发工资就还，15号", today=date(2026, 3, 2), country="CN", currency="CNY")
    >>> found.meaning.value, found.offer
    ('promise', Offer(minor=None, whole=False, due=datetime.date(2026, 3, 15), rest=True))
    >>> read("STOP", today=date(2026, 3, 2), country="US", currency="USD").acts == {Meaning.STOP}
    True
    """
    form = fold.words(text[:TEXT_MAX])
    words = form.text.replace("’", "'")
    forms = (Form(words, form.first, form.end), _flowing(words, form))
    bare = words.strip(_BARE)
    signs = []
    for rule in rules():
        if rule.only and country not in rule.only:
            continue
        found = next(((each, span) for each in forms if (span := rule.find(each.text, bare))), None)
        if found is not None and found[1][0] < found[1][1]:
            start, end = found[0].span(*found[1])
            signs.append(Sign(rule.meaning, rule.name, start, end, rule.acts, model=False, says=rule.says))
    signs += _abuse(text)
    offer, place = _offer(words, today, country, currency)
    if offer is not None and not any(one.meaning is Meaning.PAID for one in signs):
        start, end = form.span(*place)
        signs.append(Sign(Meaning.PROMISE, "promise.day", start, end, acts=False, model=False, says=_PROMISE_SAYS))
    else:
        offer = None
    signs.sort(key=lambda one: (one.model, _ORDER[one.meaning], one.start))
    return Reading(signs[0].meaning if signs else Meaning.NONE, tuple(signs), offer)


def _flowing(words: str, form: Form) -> Form:
    """The words as one line for each paragraph: mail breaks its lines where no sentence ends."""
    parts = [
        (one.start(), "\n" if one[0].count("\n") > 1 else " " if one[0].isspace() else one[0])
        for one in _PIECE.finditer(words)
    ]
    return Form(
        "".join(text for _at, text in parts),
        [form.first[at] for at, _text in parts],
        [form.end[at] for at, _text in parts],
    )


def _abuse(text: str) -> Sequence[Sign]:
    found = [one for one in _guard().screen(text) if one.category in _ABUSE and one.rule not in _TALK]
    if not found:
        return ()
    one = next((each for each in found if not each.rule.startswith("model.")), found[0])
    return (
        Sign(
            Meaning.ABUSE, f"guard.{one.rule}", one.start, one.end, acts=False, model=one.rule.startswith("model."),
            says=_ABUSE_SAYS,
        ),
    )  # fmt: skip


def _offer(words: str, today: date, country: str, currency: str) -> tuple[Offer | None, tuple[int, int]]:
    """What is promised: words of paying that nothing takes back, with a day or an amount."""
    pays = _PAYS.search(words)
    if pays is None or _PAYS_NOT.search(words):
        return None, (0, 0)
    day, amount = read_day(words, today, country), read_amount(words, currency)
    if day is None and (amount is None or not _WISHES.search(words)):
        return None, (0, 0)
    places = [pays.span(), *((one.start, one.end) for one in (day, amount) if one is not None)]
    offer = Offer(
        amount.minor if amount else None, amount is not None and amount.minor is None, day.day if day else None,
        day.rest if day else False,
    )  # fmt: skip
    return offer, (min(one[0] for one in places), max(one[1] for one in places))
