"""Which facts of a record can be shown: those that what is stored still gives, each tried against the commitment.

What names somebody stays closed: a name, a number or an address that was read. The record shows that it was read, and
the rest of a bundle names nobody. Nothing is shown of somebody whose data was destroyed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeAlias

from duecourse.casework import documents, holds, ledger, legal_hold, recordings, stating
from duecourse.casework.answering import about
from duecourse.casework.permit import PermitRequest, Sender
from duecourse.casework.visits import FIELD as VISIT
from duecourse.evidence import record
from duecourse.evidence.record import Fact, NotARecord, Opening, instant_text
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import (
    contacts,
    desk_events,
    languages,
    notes,
    notices,
    pay_links,
    payments,
    permits,
    persons,
    plans,
    points,
    promise_settlements,
    promises,
    readings,
    reminders,
    retention,
    stated,
    transcripts,
    visits,
)
from duecourse.storage import documents as kept_documents
from duecourse.storage import holds as kept_holds
from duecourse.storage import inbound as kept_inbound
from duecourse.storage import recordings as kept_recordings
from duecourse.storage.connection import Tx
from duecourse.storage.log import Entry
from duecourse.storage.vault import Destroyed, PersonKey, Vault

NOTES_MAX = 200
"""Notes that one reading opens, as `casework.notes` does."""

Said: TypeAlias = Mapping[str, Fact]
Values: TypeAlias = Iterator[tuple[str, Fact]]
"""Facts as what is stored gives them; a field may come more than once, and at most one of its values fits."""


def key_of(tx: Tx, vault: Vault, person_id: int) -> PersonKey | None:
    """The key of a person, None where the data was destroyed."""
    try:
        return vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    except Destroyed:
        return None


def openings(tx: Tx, entry: Entry, key: PersonKey) -> list[Opening]:
    """What opens the facts of a record about the person of the key."""
    give, found = _GIVE.get(entry.kind), dict[str, Opening]()
    for field, value in give(tx, entry, said(entry), key) if give else ():
        opened = None if field in found else _opened(entry, field, value, key)
        if opened is not None:
            found[field] = opened
    return list(found.values())


def said(entry: Entry) -> Said:
    """What a record states."""
    found = record.read(entry.content)["stated"]
    return found if isinstance(found, dict) else {}


def _opened(entry: Entry, field: str, value: Fact, key: PersonKey) -> Opening | None:
    try:
        return record.open_fact(entry.content, field, value, key.secret)
    except NotARecord:
        return None


def _permit(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    row = permits.get(tx, _number(says, "permit"))
    request = PermitRequest(
        person_id=row.person_id, loan_keys=tuple(row.loan_keys), contact_point_id=row.contact_point_id,
        channel=Channel(row.channel), at=row.at, template_id=row.template_id, content_hash=row.content_hash.hex(),
        sender=Sender(SenderType(row.sender_type), row.firm, row.staff), idempotency_key=row.idempotency_key,
    )  # fmt: skip
    yield "about", about(request, row.debtor_id)
    yield "facts", row.said.get("facts")
    yield "outcome", says.get("outcome")
    made = row.contact_id and permits.reserved(permits.contact(tx, row.person_id, row.contact_id))
    yield "made", instant_text(made.at) if made else None
    yield from (("unredeemed", one) for one in (False, True))


def _inbound(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    found = contacts.happened(tx, key.person_id, _number(says, "contact"))
    if found is not None:
        yield "outcome", found.outcome
        yield "loans", [str(loan) for loan in found.loan_keys]


def _received(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    number = _number(says, "inbound")
    yield "text", _clear(key, kept_inbound.field_name(number), kept_inbound.sealed(tx, number)[1])


def _reading(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    found = readings.get(tx, _number(says, "inbound"))
    if found is not None:
        yield "read", found.meaning
        yield "decided", found.decided_as


def _promise(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    kept = promises.get(tx, _number(says, "promise"))
    yield "amount", kept.amount_minor
    yield "currency", kept.currency
    yield "due", kept.due_day.isoformat()
    yield "promised_by", str(kept.promised_by)
    yield "contact", None if kept.contact_id is None else str(kept.contact_id)
    yield "given", kept.given
    if kept.replaces is not None:
        before = promises.get(tx, kept.replaces)
        yield "amount_before", before.amount_minor
        yield "due_before", before.due_day.isoformat()


def _settlement(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    number = _number(says, "promise")
    due = promises.get(tx, number).due_day
    for one in promise_settlements.of_promise(tx, number):
        yield "amount", one.amount_minor
        yield "paid", one.paid_minor
        yield "due", due.isoformat()
        yield "looked_at", [[each["loan"], each["day"], each["minor"], each["why"]] for each in one.looked_at]


def _recording(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    yield "sha256", bytes(kept_recordings.get(tx, _number(says, "recording")).sha256).hex()


def _transcript(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    for one in transcripts.of_person(tx, key.person_id):
        if one.transcript_id == _number(says, "transcript"):
            yield "sha256", bytes(one.sha256).hex()


def _document(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    found = kept_documents.sealed(tx, key.person_id, _number(says, "document"))
    yield "sha256", bytes(found.sha256).hex()
    yield "name", _clear(key, documents.NAME, found.name_sealed)


def _note(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    for one in notes.sealed(tx, key.person_id, NOTES_MAX):
        if one.note_id == _number(says, "note"):
            yield "text", _clear(key, notes.FIELD, one.text_sealed)


def _reveal(tx: Tx, entry: Entry, says: Said, key: PersonKey) -> Values:
    """Which field was read. Of a document or recording its hash is told too, for it names nobody."""
    yield "field", says.get("field")
    yield from (("field", points.field_name(one.contact_point_id)) for one in points.of_person(tx, key.person_id))
    for one in kept_documents.of_person(tx, key.person_id):
        yield "field", f"{documents.FIELD}/{one.document_id}"
        yield "value", bytes(one.sha256).hex()
    for each in kept_recordings.of_person(tx, key.person_id):
        yield "field", f"{recordings.FIELD}/{each.recording_id}"
        yield "value", bytes(each.sha256).hex()
    for paper in notices.of_person(tx, key.person_id):
        yield "field", f"notice/{paper.notice_id}"
        yield "value", bytes(paper.content_hash).hex()
    yield "notes", [str(one.note_id) for one in notes.of_person(tx, key.person_id) if one.at <= entry.at][:NOTES_MAX]


def _notice(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    """The words by their hash, figures and loans; the code stays closed: it opens the verify page to whoever has it."""
    for one in notices.of_person(tx, key.person_id):
        if str(one.notice_id) == says.get("notice"):
            yield "content", bytes(one.content_hash).hex()
            yield "amount", one.shown["amount_minor"]
            yield "currency", one.shown["currency"]
            yield "as_of", one.shown["as_of"]
            yield "loans", [str(loan) for loan in one.loan_keys]


def _fact(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    for one in stated.of_person(tx, key.person_id):
        if one.stated_id == _number(says, "stated"):
            yield "value", one.value
            yield "source", one.source
            yield "bound_to", one.bound_to
            yield "firm", one.firm
            yield "reason", _clear(key, stating.FIELD, stated.reason_sealed(tx, one.person_id, one.stated_id))


def _hold(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    yield from (
        ("loan", None),
        ("reason", None),
    )  # a hold that is a state of a number; the reason of an end is not kept
    for one in kept_holds.of_person(tx, key.person_id):
        if str(one.hold_id) == says.get("hold"):
            yield "loan", None if one.loan_key is None else str(one.loan_key)
            yield "source", one.source
            yield "reason", _clear(key, holds.FIELD, kept_holds.reason_sealed(tx, one.person_id, one.hold_id))


def _legal_hold(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    for one in retention.holds_of(tx, [key.person_id]):
        if str(one.legal_hold_id) == says.get("legal_hold"):
            yield "source", one.source
            sealed = retention.reason_sealed(tx, one.person_id, one.legal_hold_id)
            yield "reason", _clear(key, legal_hold.FIELD, sealed)


def _merge(tx: Tx, _entry: Entry, _says: Said, key: PersonKey) -> Values:
    yield from (("with", str(one)) for one in persons.same(tx, key.person_id))


def _language(tx: Tx, _entry: Entry, _says: Said, key: PersonKey) -> Values:
    yield "language", languages.of(tx, key.person_id)


def _terms(tx: Tx, _entry: Entry, _says: Said, key: PersonKey) -> Values:
    """What was fixed together: of one loan, or of all of a contract."""
    fixed = reminders.of_person(tx, key.person_id)
    for together in (lambda one: (one.chain, one.contract, one.loan_key), lambda one: (one.chain, one.contract)):
        yield from (("commitments", [one.commitment.hex() for one in part]) for _, part in groupby(fixed, together))


def _reminder(tx: Tx, _entry: Entry, _says: Said, key: PersonKey) -> Values:
    yield from (("commitment", one.commitment.hex()) for one in reminders.of_person(tx, key.person_id))


def _visit(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    """What was handed in of a visit, but for where the door is and who stood in it."""
    number = _number(says, "visit")
    row, kept = visits.visit(tx, number), _clear(key, VISIT, visits.report_sealed(tx, number))
    said_: dict[str, Any] = json.loads(kept) if kept else {}
    staff = visits.get(tx, row.round_id)
    yield "staff", [staff.first_staff, staff.second_staff]
    yield "made", instant_text(row.made_at) if row.made_at else None
    yield "photos", [str(one["sha256"]) for one in said_.get("photos", ())]
    yield "signature", (said_.get("signature") or {}).get("sha256")


def _payment(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    number = _number(says, "payment")
    kept = payments.get(tx, number)
    yield "amount", kept.amount_minor
    yield "currency", kept.currency
    yield "value_day", kept.value_day.isoformat()
    yield "over", kept.over_minor
    yield "shares", [[str(one.loan_key), one.amount_minor, one.because] for one in payments.shares(tx, number)]
    yield "day", None if kept.back_day is None else kept.back_day.isoformat()
    yield "why", kept.back_why


def _payment_link(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    kept = pay_links.get(tx, _number(says, "link"))
    if kept is not None:
        yield "amount", kept.amount_minor
        yield "currency", kept.currency
        yield "reference", kept.reference


def _ledger(tx: Tx, _entry: Entry, says: Said, _key: PersonKey) -> Values:
    kept = desk_events.numbered(tx, _number(says, "event"))
    if kept is not None:
        yield from ledger.facts_of(kept.loan_key, kept.event).items()


def _affordability(tx: Tx, _entry: Entry, says: Said, key: PersonKey) -> Values:
    kept = plans.statement(tx, _number(says, "statement"))
    if kept is not None:
        yield "left", kept.left_minor
        yield from json.loads(_clear(key, plans.FIELD, kept.statement_sealed) or "{}").items()


def _nothing(_tx: Tx, _entry: Entry, _says: Said, _key: PersonKey) -> Values:
    """Where somebody lives, and the number of an account, stay closed."""
    yield from ()


_GIVE: dict[str, Callable[[Tx, Entry, Said, PersonKey], Values]] = {
    "permit.granted": _permit,
    "permit.refused": _permit,
    "permit.redeemed": _permit,
    "permit.not_redeemed": _permit,
    "contact.settled": _permit,
    "contact.inbound": _inbound,
    "inbound.received": _received,
    "inbound.placed": _received,
    "reading.made": _reading,
    "reading.decided": _reading,
    "promise.recorded": _promise,
    "promise.renegotiated": _promise,
    "promise.settled": _settlement,
    "document.kept": _document,
    "recording.kept": _recording,
    "transcript.kept": _transcript,
    "note.recorded": _note,
    "visit.located": _nothing,
    "visit.made": _visit,
    "notice.issued": _notice,
    "person.reveal": _reveal,
    "fact.stated": _fact,
    "payment.recorded": _payment,
    "payment.taken_back": _payment,
    "payment_link.made": _payment_link,
    "virtual_account.given": _nothing,
    "ledger.entered": _ledger,
    "affordability.stated": _affordability,
    "hold.placed": _hold,
    "hold.ended": _hold,
    "legal_hold.placed": _legal_hold,
    "person.merge": _merge,
    "person.unmerge": _merge,
    "person.language": _language,
    "terms.fixed": _terms,
    "reminder.read": _reminder,
}
"""The kinds of records that commit to facts; `tests/casework/test_bundle.py` holds the list to the acts."""


def _number(says: Said, name: str) -> int:
    return int(str(says[name]))


def _clear(key: PersonKey, field: str, sealed: bytes | None) -> str | None:
    opened = key.open(field, sealed)
    return opened.value if opened else None
