"""What a borrower sees of what was done with him: contacts, who may contact him, who looked, records with their proofs.

Everything is read where the database shows this one person's rows and nobody else's (`casework.portal.own`).
"""

from __future__ import annotations

import json

from starlette.responses import Response

from duecourse.casework import dossier_words
from duecourse.casework.handing import zipped
from duecourse.casework.person_calendar import NothingOwed, person_calendar
from duecourse.casework.portal.entry import borrower, leave
from duecourse.casework.portal.own import NoSuchOwnThing, own, reading
from duecourse.casework.portal.taking import take_record
from duecourse.casework.proving import NotPublishedYet, prove
from duecourse.casework.reveal import NothingThere, RevealPurpose, reveal
from duecourse.evidence import verifier
from duecourse.evidence.record import read
from duecourse.law.clock import zone
from duecourse.law.terms import word
from duecourse.storage import checkpoints, log, notices, persons, points, portal
from duecourse.storage.connection import Tx
from duecourse.storage.portal import Noted
from duecourse.web.page import PORTAL, Open, Pages
from duecourse.web.portal.own_number import number
from duecourse.web.visit import Visit

pages = Pages("portal")

MOST = 40
DAYS = 3
_LOOK = "person.reveal"


@pages.get(f"{PORTAL}/contacts", right=Open.BORROWER)
def contacts(visit: Visit) -> Response:
    """Every contact: when, how, why, by whom, and what came of it."""
    with reading(visit.parts.database, visit.borrower) as (tx, mine):
        found = portal.touches(tx, mine.persons, before=_before(visit), most=MOST + 1)
        outside = portal.firms(tx, mine.persons)
    names = {one.firm: one.name or one.firm for one in outside}
    return visit.page(
        "portal/contacts.html", contacts=found[:MOST], more=found[MOST - 1].contact_id if len(found) > MOST else None,
        names=names, mine=mine, firms=outside,
    )  # fmt: skip


@pages.get(f"{PORTAL}/windows", right=Open.BORROWER)
def windows(visit: Visit) -> Response:
    """Who may contact him when: the law's rules in plain words with their articles, and the next days."""
    lender = visit.borrower.lender
    law = visit.parts.gate.law(lender.jurisdiction, lender.packs_off, lender.own_packs, lender.own_templates)
    rules = [
        judge.rule for judge in law.book.gate
        if judge.rule.id.split(".")[1] in {"contact", "party", "conduct", "visit"}
        and (not judge.rule.binds or lender.lender_type in judge.rule.binds or "agency" in judge.rule.binds)
        and judge.rule.version(visit.today) is not None
    ]  # fmt: skip
    try:
        found = person_calendar(
            visit.parts.database, visit.lender_id, gate=visit.parts.gate, person_id=visit.borrower.person_id,
            clock=lambda: visit.now, days=DAYS,
        )  # fmt: skip
    except NothingOwed:
        found = None
    rules.sort(key=lambda one: (one.source.instrument == "duecourse", ".contact." not in one.id))
    return visit.page(
        "portal/windows.html",
        graded=lambda one: word(one.source.grade.value, visit.lang),
        rules=rules,
        calendar=found,
        here=zone(found.clock) if found else None,
    )


@pages.get(f"{PORTAL}/looks", right=Open.BORROWER)
def looks(visit: Visit) -> Response:
    """Who looked at his data in clear, when and for what."""
    with reading(visit.parts.database, visit.borrower) as (tx, mine):
        found = portal.records(tx, mine.persons, kind=_LOOK, before=_before(visit), most=MOST + 1)
    return visit.page(
        "portal/looks.html", looks=[(one, _stated(one)) for one in found[:MOST]],
        field=lambda name: dossier_words.word("fields", name, visit.lang),
        more=found[MOST - 1].entry_id if len(found) > MOST else None,
    )  # fmt: skip


@pages.get(f"{PORTAL}/records", right=Open.BORROWER)
def records(visit: Visit) -> Response:
    """All records about him, each with its proof to take away; his notices."""
    with reading(visit.parts.database, visit.borrower) as (tx, mine):
        found = portal.records(tx, mine.persons, before=_before(visit), most=MOST + 1)
        papers = [one for person in mine.persons for one in notices.of_person(tx, person)]
    return visit.page(
        "portal/records.html", records=[(one, _word(visit, one)) for one in found[:MOST]], papers=papers,
        more=found[MOST - 1].entry_id if len(found) > MOST else None, case=mine.case,
    )  # fmt: skip


@pages.get(f"{PORTAL}/records/{{entry}}", right=Open.BORROWER)
def record(visit: Visit) -> Response:
    """One record as a zip: its bytes, its proof under a signed checkpoint, what opens its facts, and the verifier.

    Staff's free text stays closed; that he took it is on record.
    """
    wanted = number(visit, "entry")
    with reading(visit.parts.database, visit.borrower) as (tx, mine):
        found = log.get(tx, wanted)
        if found is None or found.person_id not in mine.persons:
            raise NoSuchOwnThing
    with visit.transaction() as tx:
        opened = take_record(
            tx, vault=visit.parts.vault, person_id=found.person_id, entry=found,
            actor=borrower(visit.borrower.person_id), now=visit.now,
        )  # fmt: skip
        files: dict[str, str | bytes] = {
            f"records/{wanted}.json": found.content,
            f"records/{wanted}.facts.json": json.dumps(
                [{"field": one.field, "value": one.value, "salt": one.salt.hex()} for one in opened], ensure_ascii=False
            ),
            "verify_duecourse.py": verifier.joined(),
        }
        _proof(tx, files, wanted)
    return _file(zipped(files), "application/zip", f"record-{wanted}.zip")


def _proof(tx: Tx, files: dict[str, str | bytes], wanted: int) -> None:
    origin = checkpoints.origin(tx)
    if origin is not None:
        files["key"] = f"{origin.key}\n"
    try:
        proven = prove(tx, wanted)
    except NotPublishedYet:
        return
    files[f"records/{wanted}.tlog-proof"] = str(proven.proof)
    files["checkpoint"] = str(proven.proof.checkpoint)


@pages.get(f"{PORTAL}/data", right=Open.BORROWER)
def data(visit: Visit) -> Response:
    """What is held of him, masked, with sessions; what he may ask."""
    with reading(visit.parts.database, visit.borrower) as (tx, mine):
        people = [persons.get(tx, one) for one in mine.persons]
        found = [one for person in mine.persons for one in points.of_person(tx, person)]
        sessions = [one for person in mine.persons for one in portal.of_person(tx, person, 10)]
    return visit.page(
        "portal/data.html", people=people, points=found, sessions=sessions, here=visit.borrower.session.session_id,
        clear=None,
    )  # fmt: skip


@pages.post(f"{PORTAL}/data/export", right=Open.BORROWER)
def export(visit: Visit) -> Response:
    """What is held of him, in clear, as a file; the identity number stays masked. The reading is on record."""
    person, actor = visit.borrower.person_id, borrower(visit.borrower.person_id)
    with visit.transaction() as tx:
        mine = own(tx, visit.borrower)
        found = persons.get(tx, person)
        clear: dict[str, object] = {"identity number": found.id_masked}
        fields = ["name", "birth", "reference"]
        where = [one for one in points.of_person(tx, person) if one.to_at is None]
        for field in (*fields, *(points.field_name(one.contact_point_id) for one in where)):
            try:
                clear[field] = reveal(
                    tx, vault=visit.parts.vault, person_id=person, field=field, purpose=RevealPurpose.SUBJECT_REQUEST,
                    actor=actor, now=visit.now,
                ).value  # fmt: skip
            except NothingThere:
                continue
        made = portal.touches(tx, mine.persons, most=500)
    said = {
        "lender": visit.lender_id, "as_of": visit.now.isoformat(), "values": clear,
        "contacts": [
            {
                "at": one.at.isoformat(), "channel": one.channel, "purpose": one.purpose, "direction": one.direction,
                "outcome": one.outcome, "sender": one.sender,
            }
            for one in made if one.person_id in mine.persons
        ],
    }  # fmt: skip
    return _file(json.dumps(said, ensure_ascii=False, indent=1).encode(), "application/json", "my-data.json")


@pages.post(f"{PORTAL}/data/sessions/end", right=Open.BORROWER)
def end_others(visit: Visit) -> Response:
    """End every other session of his."""
    with visit.transaction() as tx:
        done = leave(tx, vault=visit.parts.vault, entered=visit.borrower, now=visit.now, everywhere=True)
    return visit.go(f"{PORTAL}/data", said=visit.say("Other sessions ended: {count}.", count=done))


def _stated(one: Noted) -> dict[str, object]:
    said = read(one.content)["stated"]
    return dict(said) if isinstance(said, dict) else {}


def _before(visit: Visit) -> int | None:
    return visit.number("before", visit.query) if visit.query.get("before") else None


def _word(visit: Visit, one: Noted) -> str:
    return dossier_words.word("kinds", one.kind, visit.lang)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
