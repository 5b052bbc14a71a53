"""Whose payment a line of a bank statement is: signs that point to debtors, weighed in whole numbers, with a reason.

A line is **certain** only by a rule of `By`, and only where no sign of the same strength points elsewhere and no more
came than is owed. Everything else waits for a person, who sees the debtors that signs point to, the strongest first.
An amount alone points to nobody, and a name alone never makes certain: namesakes pay too.

What does not belong here: how signs are found (casework), and over which loans a payment is shared (`allocation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Sign(StrEnum):
    """What ties a line to a debtor."""

    VIRTUAL_ACCOUNT = "virtual_account"  # it came in on an account that was given to this debtor alone
    LINK = "link"  # it names a payment link
    NOTICE = "notice"  # it names the code of a notice
    LOAN = "loan"  # it names a loan, by a number that hardly stands in a text by chance
    LOAN_SHORT = "loan_short"  # by a number that may: short, or figures alone
    PAYER = "payer"  # the account paid this debtor's debts before, as a person or a rule of certainty said
    PHONE = "phone"  # it holds a phone number of the debtor or of somebody who answers for the debt
    NAME = "name"  # the payer is called like one of them
    NAME_IN_TEXT = "name_in_text"  # the text holds the name of one of them
    PROMISE = "promise"  # the amount is the one that was promised
    OVERDUE = "overdue"  # the amount is all that is overdue, of the case or of one loan
    INSTALMENT = "instalment"  # the amount is what falls due next, with or without what is overdue
    SETTLES = "settles"  # the amount is all that is owed, of the case or of one loan


class By(StrEnum):
    """By which rule a line is certain."""

    NAMED = "named"  # account, link, notice or loan number are this debtor's alone
    NAMED_AGREES = "named_agrees"  # a short loan number, and the name or the amount agrees
    KNOWN_PAYER = "known_payer"  # the account paid this debtor alone before, and the name agrees
    THREE_AGREE = "three_agree"  # phone, name and amount agree, and phone and name are no other debtor's


class Why(StrEnum):
    """Why a line is not certain."""

    NOTHING = "nothing"  # no sign points to anybody
    NOT_ENOUGH = "not_enough"  # signs, but no rule of certainty
    CONTRADICTED = "contradicted"  # a loan number, but the payer is called like other debtors, and nothing agrees
    SEVERAL = "several"  # signs of one strength point to several debtors
    MORE_THAN_OWED = "more_than_owed"  # more came than is owed: what is over is a person's to decide
    NOTHING_OWED = "nothing_owed"  # nothing is owed, or nobody knows what


WEIGHT: dict[Sign, int] = {
    Sign.VIRTUAL_ACCOUNT: 1000, Sign.LINK: 1000, Sign.NOTICE: 950, Sign.LOAN: 900, Sign.PAYER: 500,
    Sign.LOAN_SHORT: 400, Sign.PHONE: 350, Sign.NAME: 300, Sign.PROMISE: 220, Sign.NAME_IN_TEXT: 200,
    Sign.OVERDUE: 180, Sign.SETTLES: 180, Sign.INSTALMENT: 150,
}  # fmt: skip
"""What a sign weighs; one that points to several debtors weighs so much among all of them together."""

SCORE_MAX = 1000
SHOWN_MAX = 5
NAMES = frozenset({Sign.VIRTUAL_ACCOUNT, Sign.LINK, Sign.NOTICE, Sign.LOAN})
AMOUNTS = frozenset({Sign.PROMISE, Sign.OVERDUE, Sign.INSTALMENT, Sign.SETTLES})
AGREES = AMOUNTS | {Sign.NAME, Sign.NAME_IN_TEXT, Sign.PHONE, Sign.PAYER}
"""Signs one of which must stand beside a loan number that may be a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A sign that points to a debtor; ``among`` how many it points to; ``loan_key`` where it names one loan."""

    debtor: int
    sign: Sign
    among: int = 1
    loan_key: int | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """What a debtor owes: ``settle`` all of it, and the amounts that mean something, in minor units."""

    settle: int
    amounts: Mapping[int, Sign]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A debtor that a line may belong to; ``loans`` are those that it names, in no order."""

    debtor: int
    score: int
    signs: tuple[Sign, ...]
    loans: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose a line is by a rule (`by`), or why nobody may say; and who it may belong to, the likeliest first."""

    by: By | None
    why: Why | None
    proposals: tuple[Proposal, ...]


def judge(minor: int, hints: Sequence[Hint], owed: Mapping[int, Owed]) -> Verdict:
    """Weigh the signs of one line of ``minor`` units that came in.

    >>> overdue = {7: Owed(90_000, {30_000: Sign.OVERDUE})}
    >>> judge(30_000, [Hint(7, Sign.LOAN, loan_key=1)], overdue).by
    <By.NAMED: 'named'>
    >>> found = judge(30_000, [Hint(7, Sign.NAME)], overdue)
    >>> found.by, found.why.value, found.proposals[0].score
    (None, 'not_enough', 480)
    """
    if not hints:
        return Verdict(None, Why.NOTHING, ())
    proposals = _ranked(minor, hints, owed)
    found = _certain(hints, proposals)
    if isinstance(found, Why):
        return Verdict(None, found, proposals[:SHOWN_MAX])
    by, debtor = found
    first = next(one for one in proposals if one.debtor == debtor)
    shown = (first, *(one for one in proposals if one is not first))[:SHOWN_MAX]
    known = owed.get(debtor)
    if known is None or known.settle <= 0:
        return Verdict(None, Why.NOTHING_OWED, shown)
    if minor > known.settle:
        return Verdict(None, Why.MORE_THAN_OWED, shown)
    return Verdict(by, None, shown)


def _ranked(minor: int, hints: Iterable[Hint], owed: Mapping[int, Owed]) -> tuple[Proposal, ...]:
    weighed: dict[int, dict[Sign, int]] = {}
    named: dict[int, set[int]] = {}
    for hint in hints:
        signs = weighed.setdefault(hint.debtor, {})
        signs[hint.sign] = max(signs.get(hint.sign, 0), WEIGHT[hint.sign] // max(hint.among, 1))
        if hint.loan_key is not None:
            named.setdefault(hint.debtor, set()).add(hint.loan_key)
    for debtor, signs in weighed.items():
        amount = owed[debtor].amounts.get(minor) if debtor in owed else None
        if amount is not None:
            signs[amount] = WEIGHT[amount]
    found = [
        Proposal(
            debtor, min(sum(signs.values()), SCORE_MAX), tuple(sorted(signs, key=lambda one: (-WEIGHT[one], one))),
            tuple(sorted(named.get(debtor, ()))),
        )
        for debtor, signs in weighed.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.score, one.debtor)))


def _certain(hints: Sequence[Hint], proposals: Sequence[Proposal]) -> tuple[By, int] | Why:
    by_sign: dict[Sign, set[int]] = {}
    for hint in hints:
        by_sign.setdefault(hint.sign, set()).add(hint.debtor)
    named = {debtor for sign in NAMES for debtor in by_sign.get(sign, ())}
    signs = {one.debtor: set(one.signs) for one in proposals}
    if len(named) > 1:
        return Why.SEVERAL
    if named:
        debtor = named.pop()
        only_loan = not signs[debtor] & (NAMES - {Sign.LOAN})
        elsewhere = bool(by_sign.get(Sign.NAME, set()) - {debtor}) and not signs[debtor] & AGREES
        return Why.CONTRADICTED if only_loan and elsewhere else (By.NAMED, debtor)
    agree = {debtor for debtor in by_sign.get(Sign.LOAN_SHORT, ()) if signs[debtor] & AGREES}
    if agree:
        return (By.NAMED_AGREES, agree.pop()) if len(agree) == 1 else Why.SEVERAL
    payers = by_sign.get(Sign.PAYER, set())
    if len(payers) == 1:
        (debtor,) = payers
        if Sign.NAME in signs[debtor]:
            return By.KNOWN_PAYER, debtor
    phones, names = by_sign.get(Sign.PHONE, set()), by_sign.get(Sign.NAME, set())
    if len(phones) == 1 and phones == names and signs[next(iter(phones))] & AMOUNTS:
        return By.THREE_AGREE, phones.pop()
    top = [one for one in proposals if one.score == proposals[0].score]
    return Why.SEVERAL if len(top) > 1 else Why.NOT_ENOUGH
