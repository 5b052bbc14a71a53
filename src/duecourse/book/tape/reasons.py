"""Why rows are not taken, as sentences that can be put into the reader's language.

A quarantine file says it in English, with its values in place; here the sentence is found again, and its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from duecourse.trouble import N_

SENTENCES = (
    N_("it ends before it begins"),
    N_("rows with this key that say different things: {rows}"),
    N_("the same row stands before: {row}"),
    N_("a row with this key is quarantined: {row}"),
    N_("the desk has another borrower of this loan"),
    N_("instalments add up to {given} of {wanted} minor units"),
    N_("its loan was quarantined"),
    N_("an instalment was quarantined"),
    N_("its opening position was quarantined"),
    N_("a drawdown of it was quarantined"),
    N_("drawdowns add up to {given} of {wanted} minor units"),
    N_("the book has {held} paid out, drawdowns of this tape bring {more} more, of {wanted} minor units of principal"),
    N_("an instalment of its schedule was quarantined"),
    N_("something is due, and since when is not said"),
    N_("after the day of the position"),
    N_("after {day}"),
    N_("before the loan was paid out"),
    N_("due before the loan was paid out"),
    N_("an instalment is due before the loan was paid out"),
    N_("references may not begin with ~"),
    N_("a {kind} needs it"),
    N_("an extension needs months or days"),
    N_("a fee is a cost or a fee"),
    N_("a payment of the loan has this reference: {row}"),
    N_("a card knows no {kind}"),
    N_("the book has another event of the loan under this reference: {kind}"),
    N_("no instalments have this reference as their set_ref"),
    N_("known before what it reverses"),
    N_("it was reversed before"),
    N_("another row reverses it: {row}"),
    N_("method free, and no instalments are given"),
    N_("neither instalments nor first_due and instalment_count are given"),
    N_("a card needs its cycles: instalments with due and days, or first_due, instalment_count and statement_day"),
    N_("a card needs its statement day: statement_day, or the days of each of its instalments"),
    N_("contract rate and default rate together are too high"),
    N_("the method of repayment is not said"),
    N_("two customer numbers of this tape have one id, and would be taken for one person"),
    N_("the borrower follows from the loan"),
    N_("it has {count} values, more than the heading names: a delimiter stands inside one"),
    N_("cannot be read as {shape}"),
    N_("outside {lowest} to {highest}"),
    N_("outside the years 1900 to 2200"),
    N_("longer than {most} characters"),
    N_("part of it is no text in the file's encoding"),
    N_("known: {words}"),
    N_("not in the code table"),
    N_("read as {unit}, it has a rest"),
    N_("missing"),
    N_("the loan is neither in the tape nor in the book"),
    N_("what it names is neither in the tape nor in the book"),
    N_("a currency whose decimal places are not known"),
    N_("two references stand for the same key"),
    N_("the same key stands before"),
    N_("the check digit is not that of the number"),
    N_("the same person again, with other facts"),
    N_("neither natural nor firm"),
    N_("two values under the label {label}"),
    N_("not one of {words}"),
    N_("the person's data was destroyed and stays so"),
    N_("the loan has another borrower; end that tie first"),
    N_("no zone of the IANA data base, such as Asia/Shanghai"),
    N_("no e-mail address, such as name@company.cn"),
    N_("a demo lender takes invented people only: {asked}"),
    N_("it is an invented person's, of a range given to nobody; a real lender does not take it"),
    N_("an end of proof, but no proof"),
    N_("one of them is missing"),
    N_("no such person, on this tape or before, or the person's data was destroyed"),
    N_("the person has no tie to this loan, by the tape or the desk"),
    N_("a phone number cannot be read as one of country {country} or with a country code"),
)
"""Every reason that checks of a tape give; `tests/book/test_tape_checks.py` holds them complete."""


@lru_cache(maxsize=1024)
def parted(why: str) -> tuple[str, dict[str, str]]:
    """The sentence of a reason, and its values by name; the reason itself where it is none of `SENTENCES`.

    >>> parted("outside 0 to 90")
    ('outside {lowest} to {highest}', {'lowest': '0', 'highest': '90'})
    """
    for sentence in SENTENCES:
        found = _pattern(sentence).fullmatch(why)
        if found:
            return sentence, found.groupdict()
    return why, {}


def said(why: str, say: Callable[[str], str]) -> str:
    """A reason in a reader's language, its values too where they are words; ``say`` gives a text in that language.

    >>> said("a card knows no rate_change", str)
    'a card knows no rate change'
    """
    sentence, values = parted(why)
    words = {name: say(value.replace("_", " ") if name in WORDS else value) for name, value in values.items()}
    return say(sentence).format(**words) if words else say(sentence)


WORDS = frozenset({"kind", "shape"})
"""Values that are words of closed lists, and no codes that somebody has to write."""


@lru_cache(maxsize=len(SENTENCES))
def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)))
