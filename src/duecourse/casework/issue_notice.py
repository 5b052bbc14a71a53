"""Issuing a notice: for a party of a case, by an approved template, in words that are fixed, sealed and on record.

Issuing sends nothing. What is sent goes by a permit of the gate, which binds the hash of the notice's template; the
dunning purpose, the person and the channel are checked there, at the instant of sending.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import rfc8785

from duecourse.book.store import Store
from duecourse.casework import acceleration, lender_texts, letterhead
from duecourse.casework.actor import Actor
from duecourse.casework.notice_code import new_code, shown
from duecourse.casework.notice_figures import MUST_BE, Figures, figures
from duecourse.casework.notice_said import stand_ins
from duecourse.casework.notice_values import Addressee, values
from duecourse.casework.permit import Sender
from duecourse.casework.registers import in_post
from duecourse.casework.reveal import NothingThere, RevealPurpose, reveal
from duecourse.casework.scripts import tail
from duecourse.casework.speech import screened
from duecourse.casework.staff import OfFirm
from duecourse.casework.verify_notice import PRINTED, code_index
from duecourse.channels.render import Content, Verify, compose
from duecourse.channels.render import text as plain_text
from duecourse.law.templates import Template
from duecourse.law.terms import THIRD_PERSONS, Channel, Relation, SenderType
from duecourse.storage import case_file, cases, changes, lenders, log, notices, persons, points, request_keys, senders
from duecourse.storage.case_file import Tie
from duecourse.storage.cases import Case
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.letterhead import Line
from duecourse.storage.notices import Notice, Sealed
from duecourse.storage.points import ContactPoint
from duecourse.storage.vault import Vault
from duecourse.storage.vault.content import KEY_BYTES, seal_content
from duecourse.trouble import N_, BadInput, Refused

FIELD = "notice"
"""Under which the key of a notice's content is sealed."""

VERIFY_PATH = "/v/"
LANGUAGES = ("zh", "en")

OF_WHAT_IS_PAID = frozenset({"paid_in_full", "credit_repair"})
"""Documents about loans on which nothing is owed."""


class NotApproved(Refused):
    """The template is in use for nobody today."""

    def __init__(self, template: str) -> None:
        super().__init__(
            N_("template {template} is not approved today, or no document: `law templates` shows those in use"),
            template=template,
        )  # fmt: skip


class NotToThem(Refused):
    """Somebody who does not owe, or is no party of the case today."""

    def __init__(self) -> None:
        super().__init__(
            N_("a notice about a debt goes to who owes it or speaks for the debtor; this person is no such party today")
        )


class NotOfTheCase(BadInput):
    """A loan that is not in the case, or not this party's."""

    def __init__(self, case_id: int) -> None:
        super().__init__(N_("the loans named are not loans of case {case} that this party owes"), case=case_id)


class NoMandate(Refused):
    """A lawyer letter without a law firm, its lawyer and its mandate on file."""

    def __init__(self, lacking: Sequence[str]) -> None:
        super().__init__(
            N_(
                "a lawyer letter needs the law firm, its lawyer and the mandate on file; it lacks {lacking}. "
                "`duecourse staff add` and `duecourse letterhead enter` put them on file, with their documents"
            ),
            lacking=", ".join(lacking),
        )


class NotNamed(Refused):
    """A firm would write, and the text does not say so on paper."""

    def __init__(self, template: str, firm: str, wants: Sequence[str]) -> None:
        super().__init__(
            N_(
                "{template} does not name {firm} as its writer, and nobody writes unnamed: use a text with the slot "
                "{slots}, and enter the name of the firm for it with `duecourse letterhead enter`"
            ),
            template=template, firm=firm, slots=", ".join(wants),
        )  # fmt: skip


class NoVerifyAddress(Refused):
    """The installation does not say under which address readers reach it."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "a notice carries the address of its verify page, and the installation does not say its own: set "
                "DUECOURSE_PUBLIC_URL, such as https://notices.example"
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be issued. ``loan_keys`` empty: all loans of the case that the party owes; ``said``: see `SAID`."""

    case_id: int
    person_id: int
    template_id: str
    lang: str
    sender: Sender
    loan_keys: tuple[int, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    replaces: int | None = None  # a notice that this one supersedes


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands about a notice before its words are made."""

    lender: Lender
    case: Case
    template: Template
    loan_keys: tuple[int, ...]
    figures: Figures
    lines: Mapping[str, Line]
    day: date


def ground(tx: Tx, store: Store, wanted: Wanted, *, now: datetime, template: Template | None = None) -> Ground:
    """Read and check everything that a notice rests on; ``template`` is a draft that is only tried.

    Raises `NotApproved`, `NotToThem`, `NotToBeSaid`, `NotInPost`, `NotOfTheCase`, `NoMandate`, `NotNamed`, `NotSo`,
    `NoFigures`, `cases.NoSuchCase`.
    """
    lender = lender_texts.learn(tx, lenders.get(tx))
    day = now.astimezone(ZoneInfo(lender.zone)).date()
    case = cases.get(tx, wanted.case_id)
    text = template or _approved(lender, wanted.template_id, day)
    if wanted.lang not in LANGUAGES:
        raise NotApproved(text.id)
    screened(wanted.said)
    if template is None:
        in_post(tx, wanted.sender, day)
    loan_keys = loans_owed(
        tx, wanted.case_id, wanted.person_id, wanted.loan_keys, day, paid=text.document in OF_WHAT_IS_PAID
    )
    lines = letterhead.lines_on(tx, wanted.sender.firm, day)
    if _of_lawyer(text):
        _on_file(tx, wanted.sender, lines, day)
    _named(text, wanted.sender, lines)
    found = figures(tx, store, person_id=case.person_id, loan_keys=loan_keys)
    if text.document is not None:
        MUST_BE[text.document](found)
    if template is None and text.document == acceleration.DOCUMENT:
        to_debtor = wanted.person_id == case.person_id
        acceleration.may_be_told(tx, loan_keys=loan_keys, to_debtor=to_debtor, replaces=wanted.replaces)
    return Ground(lender, case, text, loan_keys, found, lines, day)


def preview(
    tx: Tx, store: Store, wanted: Wanted, *, now: datetime, template: Template | None = None
) -> tuple[Ground, Content]:
    """The notice as it would read, names masked, without a code; nothing is kept and nothing is opened."""
    on = ground(tx, store, wanted, now=now, template=template)
    person = persons.get(tx, wanted.person_id)
    to = Addressee(
        person.name_masked or "***", person.id_masked or "", _address_masked(tx, on.template, person.person_id)
    )
    if template is not None:
        wanted = replace(wanted, said={**stand_ins(template, figures=on.figures, today=on.day), **wanted.said})
    content = compose(on.template, _values(on, wanted, to), wanted.lang, verify=None)
    _whole(on, content)
    return on, content


def issue_notice(
    tx: Tx,
    *,
    vault: Vault,
    store: Store,
    wanted: Wanted,
    public_url: str | None,
    request_key: str,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Issue a notice and return its number; the same request again is the notice that it made.

    Raises what `ground` raises, `NoVerifyAddress`, `ValuesLacking`, `NotSaid`, `request_keys.KeyTaken`,
    `vault.Destroyed`, and what `compose` finds missing or forbidden.
    """
    if public_url is None:
        raise NoVerifyAddress

    def act() -> dict[str, int]:
        number = _issue(
            tx, vault=vault, store=store, wanted=wanted, verify_url=f"{public_url}{VERIFY_PATH}", actor=actor, now=now,
            chance=chance,
        )  # fmt: skip
        return {"notice": number}

    answer = request_keys.once(
        tx, asker=str(actor), key=request_key, request_hash=_digest(wanted), now=now, act=act
    )  # fmt: skip
    return int(answer["notice"])


def withdraw_notice(tx: Tx, *, vault: Vault, notice_id: int, actor: Actor, now: datetime) -> Notice:
    """Take a notice back: whoever asks by its code is told so. Raises `NoSuchNotice`, `EndedAlready`."""
    found = notices.get(tx, notice_id)
    if not notices.end(tx, found, as_="withdrawn", by=str(actor), now=now):
        raise EndedAlready(notice_id)
    _ended(tx, found, "notice.withdrawn", vault=vault, actor=actor, now=now)
    return notices.get(tx, notice_id)


class EndedAlready(BadInput):
    """The notice was withdrawn or superseded before."""

    def __init__(self, notice_id: int) -> None:
        super().__init__(N_("notice {number} was withdrawn or superseded already"), number=notice_id)


def _issue(
    tx: Tx,
    *,
    vault: Vault,
    store: Store,
    wanted: Wanted,
    verify_url: str,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    on = ground(tx, store, wanted, now=now)
    older = _older(tx, on, wanted)
    to = _addressee(tx, vault, on.template, wanted.person_id, actor=actor, now=now)
    code = new_code(chance)
    verify = Verify(shown(code), f"{verify_url}{code}")
    filled = _values(on, wanted, to)
    content = compose(on.template, filled, wanted.lang, verify=verify)
    _whole(on, content)
    said = content.canonical()
    digest, key = sha256(said).digest(), chance(KEY_BYTES)
    person = vault.person(tx.lender_id, wanted.person_id, persons.wrapped(tx, wanted.person_id))
    number, template = notices.next_id(tx), on.template
    entry = log.append(
        tx, vault=vault, kind="notice.issued", at=now, actor=str(actor), subject=person,
        stated={
            "notice": str(number), "case": str(wanted.case_id), "document": template.document,
            "template": template.id, "version": template.version, "template_hash": template.hash,
            "lang": wanted.lang, "sender": wanted.sender.type.value,
        },
        facts={
            "content": digest.hex(), "code": code, "amount": _amount(on), "currency": on.figures.currency,
            "as_of": on.figures.day.isoformat(), "loans": [str(one) for one in on.loan_keys],
        },
    )  # fmt: skip
    notices.add(
        tx, notice_id=number, person_id=wanted.person_id, debtor_id=on.case.person_id, case_id=wanted.case_id,
        loan_keys=on.loan_keys, template=(template.id, template.version, bytes.fromhex(template.hash)),
        document=template.document, lang=wanted.lang, sender=str(wanted.sender), shown=_shown(on, wanted),
        code_index=code_index(vault, tx.lender_id, code), content_hash=digest,
        sealed=Sealed(vault.seal(person, FIELD, key.hex()), seal_content(key, said, chance)),
        entry_id=entry,
        actor=str(actor), now=now,
    )  # fmt: skip
    if older is not None:
        if not notices.end(tx, older, as_="superseded", by=str(actor), now=now, replaced_by=number):
            raise EndedAlready(older.notice_id)
        _ended(tx, older, "notice.superseded", vault=vault, actor=actor, now=now, more={"by_notice": str(number)})
    if template.document == acceleration.DOCUMENT:
        acceleration.tell(tx, vault=vault, notice_id=number, actor=actor, now=now)
    changes.tell(tx, wanted.person_id, by=str(actor))
    return number


def _whole(on: Ground, content: Content) -> None:
    """Raise `NotToBeSaid` for what the parts do not say alone: words of several slots that meet in the text."""
    screened({on.template.id: plain_text(content)}, own=lambda: [line.value for line in on.lines.values()])


def _approved(lender: Lender, template_id: str, day: date) -> Template:
    text = lender_texts.register_of(lender).templates.get(template_id)
    if text is None or text.document is None or not any(text.usable(day, one) for one in text.channels):
        raise NotApproved(template_id)
    return text


def loans_owed(
    tx: Tx, case_id: int, person_id: int, named: Sequence[int], day: date, *, paid: bool = False
) -> tuple[int, ...]:
    """The loans of a case that a party owes, or those that were named. Raises `NotToThem`, `NotOfTheCase`.

    ``paid``: what is named need not be in the case, which a loan leaves once nothing is owed on it; it is enough that
    it is of the borrower whose case it is.
    """
    mine: dict[int, list[Tie]] = {}
    for one in case_file.ties(tx, _of_borrower(tx, case_id, named) if paid else cases.loans_of(tx, case_id)):
        if one.person_id == person_id and one.from_day <= day and (one.to_day is None or day < one.to_day):
            mine.setdefault(one.loan_key, []).append(one)
    owed = {key for key, ties in mine.items() if any(Relation(one.relation) not in THIRD_PERSONS for one in ties)}
    if not owed:
        raise NotToThem
    if not set(named) <= owed:
        raise NotOfTheCase(case_id)
    return tuple(sorted(named or owed))


def _of_borrower(tx: Tx, case_id: int, named: Sequence[int]) -> list[int]:
    """The loans of a case, and of those that were named each that is the borrower's whose case it is."""
    whose, inside = cases.get(tx, case_id).person_id, cases.loans_of(tx, case_id)
    his = {
        one.loan_key
        for one in case_file.ties(tx, list(named))
        if one.person_id == whose and Relation(one.relation) not in THIRD_PERSONS
    }
    return sorted({*inside, *his})


def _of_lawyer(template: Template) -> bool:
    return template.document == "lawyer_letter" or Channel.LAWYER_LETTER in template.channels


def _on_file(tx: Tx, sender: Sender, lines: Mapping[str, Line], day: date) -> None:
    """Raise `NoMandate` unless a law firm is admitted, under contract, and named with its lawyer and its mandate."""
    stand = {
        one.kind
        for one in senders.of(tx, sender.firm, "")
        if one.from_day <= day and (one.to_day is None or day < one.to_day)
    }
    wants = {
        "a law firm as sender": sender.type is SenderType.LAW_FIRM,
        "its admission": OfFirm.ADMISSION in stand,
        "its contract": OfFirm.CONTRACT in stand,
        **{name: name in lines and lines[name].firm == sender.firm for name in ("law_firm", "lawyer", "mandate")},
    }
    lacking = [name for name, there in wants.items() if not there]
    if lacking:
        raise NoMandate(lacking)


def _named(template: Template, sender: Sender, lines: Mapping[str, Line]) -> None:
    """Raise `NotNamed` where a firm writes and the paper would not say so."""
    wants = {SenderType.LAW_FIRM: ("law_firm", "agency"), SenderType.AGENCY: ("agency",)}.get(sender.type, ())
    if wants and not any(
        name in template.slots and name in lines and lines[name].firm == sender.firm for name in wants
    ):
        raise NotNamed(template.id, sender.firm, wants)


def _older(tx: Tx, on: Ground, wanted: Wanted) -> Notice | None:
    if wanted.replaces is None:
        return None
    found = notices.get(tx, wanted.replaces)
    if (found.case_id, found.person_id) != (on.case.case_id, wanted.person_id):
        raise notices.NoSuchNotice(wanted.replaces)
    return found


def _addressee(tx: Tx, vault: Vault, template: Template, person_id: int, *, actor: Actor, now: datetime) -> Addressee:
    """The party in clear, as far as the template names it: read on record, for a document."""

    def read(field_name: str) -> str:
        try:
            return reveal(
                tx, vault=vault, person_id=person_id, field=field_name, purpose=RevealPurpose.DOCUMENT, actor=actor,
                now=now,
            ).value  # fmt: skip
        except NothingThere:
            return ""

    named = {"salutation", "debtor"} & set(template.slots)
    address = _address(tx, person_id) if _posted(template) else None
    return Addressee(
        read("name") if named else "",
        persons.get(tx, person_id).id_masked or "",
        read(f"contact_point/{address.contact_point_id}") if address else "",
    )


def _posted(template: Template) -> bool:
    """Whether an address belongs on it: it says one, or it goes by post and the envelope has a window."""
    return "postal_address" in template.slots or bool({Channel.LETTER, Channel.LAWYER_LETTER} & set(template.channels))


def _address(tx: Tx, person_id: int) -> ContactPoint | None:
    found = [one for one in points.of_person(tx, person_id) if one.kind == "address" and one.to_at is None]
    return next((one for one in sorted(found, key=lambda one: one.state != "ok")), None)


def _address_masked(tx: Tx, template: Template, person_id: int) -> str:
    found = _address(tx, person_id) if _posted(template) else None
    return found.value_masked if found else ""


def _values(on: Ground, wanted: Wanted, to: Addressee) -> dict[str, str]:
    return values(
        on.template, lender=on.lender, figures=on.figures, lines=on.lines, sender=wanted.sender, to=to,
        issued_on=on.day, said=wanted.said, lang=wanted.lang,
    )  # fmt: skip


def _amount(on: Ground) -> int:
    """The amount that the notice is about: what was paid, what the plan comes to, or what is due."""
    if on.template.document == "receipt":
        return on.figures.payments[-1].amount
    if on.template.document == "plan_confirmation" and on.figures.plan is not None:
        return sum(row.principal for row in on.figures.plan.grid)
    return on.figures.due


def _shown(on: Ground, wanted: Wanted) -> dict[str, object]:
    """What the verify page says: the debt by its last digits, figures, sender, ways; nobody's name."""
    return {
        "loans": [tail(one) for one in on.figures.refs],
        "amount_minor": _amount(on),
        "currency": on.figures.currency,
        "as_of": on.figures.day.isoformat(),
        "issued_on": on.day.isoformat(),
        "sender": wanted.sender.type.value,
        "staff": wanted.sender.staff,
        "title": dict(on.template.title or {}),
        **{name: on.lines[name].value for name in PRINTED if name in on.lines},
    }


def _ended(
    tx: Tx,
    notice: Notice,
    kind: str,
    *,
    vault: Vault,
    actor: Actor,
    now: datetime,
    more: Mapping[str, str] | None = None,
) -> None:
    person = vault.person(tx.lender_id, notice.person_id, persons.wrapped(tx, notice.person_id))
    log.append(
        tx, vault=vault, kind=kind, at=now, actor=str(actor), subject=person,
        stated={"notice": str(notice.notice_id), "case": str(notice.case_id), **(more or {})},
    )  # fmt: skip
    if notice.document == acceleration.DOCUMENT:
        acceleration.take_back(tx, vault=vault, notice=notice, actor=actor, now=now)
    changes.tell(tx, notice.person_id, by=str(actor))


def _digest(wanted: Wanted) -> bytes:
    said = {
        "case": wanted.case_id, "person": str(wanted.person_id), "template": wanted.template_id, "lang": wanted.lang,
        "sender": str(wanted.sender), "loans": [str(one) for one in wanted.loan_keys], "said": dict(wanted.said),
        "replaces": wanted.replaces,
    }  # fmt: skip
    return sha256(rfc8785.dumps(json.loads(json.dumps(said)))).digest()
