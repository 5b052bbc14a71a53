"""The certificate of full payment that a borrower asks for himself: a notice like every other, by the lender's text.

It is issued by `casework.issue_notice`, so that nothing is certified that book and desk do not say on that day, and it
bears its code and its proof. Nothing is sent: he takes it where he asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from duecourse.book.store import Store
from duecourse.casework.issue_notice import NotApproved, NoVerifyAddress, Wanted, issue_notice
from duecourse.casework.lender_texts import learn, register_of, shipped
from duecourse.casework.notice_figures import NoFigures
from duecourse.casework.notice_values import ValuesLacking
from duecourse.casework.permit import Sender
from duecourse.casework.portal.entry import borrower
from duecourse.casework.portal.own import NoSuchOwnThing, Own
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import cases, lenders, notices
from duecourse.storage.connection import Tx
from duecourse.storage.notices import Notice
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, Refused

DOCUMENT = "paid_in_full"


class NoCertificate(Refused):
    """The lender cannot certify here: no text of it is approved, or something of it is not on file."""

    def __init__(self) -> None:
        super().__init__(
            N_("the lender cannot issue this certificate here yet; write to the lender, and somebody issues it")
        )


def certify(
    tx: Tx,
    store: Store,
    *,
    vault: Vault,
    mine: Own,
    person_id: int,
    key: int,
    lang: str,
    public_url: str | None,
    day: date,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Issue the certificate of a loan of his own that is paid in full; its number.

    Asked again on a day, it is one while it stands.

    Raises `NoSuchOwnThing`, `NoCertificate`, `notice_figures.NotSo` where something is owed or will fall due.
    """
    if person_id not in mine.debtor:
        raise NoSuchOwnThing  # who answers for another's debt did not pay his own
    mine.loan(key)
    found, template_id = _case(tx, mine, key), _template(tx, day)
    if found is None or template_id is None:
        raise NoCertificate
    over = sum(one.ended_as is not None for one in _every(tx, mine, key))  # after a withdrawal it is asked anew
    wanted = Wanted(
        case_id=found, person_id=person_id, template_id=template_id, lang=lang, sender=Sender(SenderType.LENDER),
        loan_keys=(key,),
    )  # fmt: skip
    try:
        return issue_notice(
            tx, vault=vault, store=store, wanted=wanted, public_url=public_url,
            request_key=f"certificate-{key}-{lang}-{day}-{over}", actor=borrower(person_id), now=now, chance=chance,
        )  # fmt: skip
    except (NotApproved, ValuesLacking, NoFigures, NoVerifyAddress):
        raise NoCertificate from None


def certificates(tx: Tx, mine: Own, key: int) -> list[Notice]:
    """The certificates of a loan that stand, to himself, the latest first."""
    return [one for one in _every(tx, mine, key) if one.ended_as is None]


def _every(tx: Tx, mine: Own, key: int) -> list[Notice]:
    return [
        one
        for person in mine.persons
        for one in notices.of_person(tx, person)
        if one.document == DOCUMENT and key in one.loan_keys
    ]


def _case(tx: Tx, mine: Own, key: int) -> int | None:
    """The case of the loan, or the latest of his where it is in none: a certificate is kept with a case."""
    found = [one.case_id for person in mine.debtor for one in cases.of_person(tx, person)]
    return next((one for one in found if key in cases.loans_of(tx, one)), found[0] if found else None)


def _template(tx: Tx, day: date) -> str | None:
    """The lender's text for it, its own before one that ships."""
    lender = learn(tx, lenders.get(tx))
    ships = shipped(lender.jurisdiction).templates
    usable = [
        one.id
        for one in register_of(lender).templates.values()
        if one.document == DOCUMENT and one.usable(day, Channel.PORTAL)
    ]
    return min(usable, key=lambda one: (one in ships, one), default=None)
