"""Administration: the lender, the register of staff, keys and their rotation, imports and runs, health, webhooks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from duecourse.casework import webhook
from duecourse.casework.keys import rotate_keys
from duecourse.casework.registers import end_record, put_on_record
from duecourse.casework.rights import Right
from duecourse.casework.staff import OfFirm, OfStaff
from duecourse.storage import books, floor, health, lenders, rotation, runs, senders, webhooks
from duecourse.storage.senders import Record
from duecourse.trouble import Trouble
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PAGE_ROWS = 50
TRAINING_DAYS = 365
"""After so many days the law asks for training again; the page says so a month before."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A member of staff or a firm with what is on record."""

    firm: str
    staff: str
    records: list[Record]
    missing: list[str]


@pages.get("/administration", right=Right.JOB_READ)
def overview(visit: Visit) -> Response:
    """The lender, what runs, what was imported, and whether all is well."""
    with visit.transaction() as tx:
        lender, fresh = lenders.get(tx), floor.freshness(tx)
        ran, sources = runs.every(tx, most=15), books.sources(tx)[:15]
        counts = webhooks.counts(tx)
        well = health.of(tx)
    return visit.page(
        "oversight/administration.html", lender=lender, fresh=fresh, runs=ran, sources=sources, well=well,
        waiting=sum(of.get("waiting", 0) for of in counts.values()),
        failed=sum(of.get("failed", 0) for of in counts.values()),
    )  # fmt: skip


@pages.get("/administration/keys", right=Right.KEY_ROTATE)
def keys(visit: Visit) -> Response:
    """Which keys wrap how many secrets."""
    return _keys(visit)


@pages.post("/administration/keys/rotation", right=Right.KEY_ROTATE)
def rotate(visit: Visit) -> Response:
    """Rewrap every secret under the newest key; what was committed stays good however it ends."""
    moved = rotate_keys(
        visit.parts.database, visit.lender_id, vault=visit.parts.vault, actor=visit.actor, clock=visit.parts.clock
    )
    return visit.go(
        "/administration/keys",
        said=visit.say("Secrets that moved to the newest key: {count}.", count=moved),
    )


def _keys(visit: Visit) -> Response:
    with visit.transaction() as tx:
        counts = rotation.count_by_key(tx)
    ring = visit.parts.vault.ring
    return visit.page(
        "oversight/keys.html", counts={name: counts.get(name, 0) for name in sorted({*ring.ids, *counts})},
        newest=ring.newest, old=sum(count for name, count in counts.items() if name != ring.newest),
    )  # fmt: skip


@pages.get("/staff", right=Right.STAFF_READ)
def staff(visit: Visit) -> Response:
    """Who may speak for the lender, and what is on record of each."""
    return _staff(visit)


@pages.post("/staff/records", right=Right.STAFF_WRITE)
def put(visit: Visit) -> Response:
    """Put something on record of a member of staff or a firm."""
    try:
        kind = _kind(visit.text("staff"), visit.text("kind"))
        ends = visit.text("to")
        with visit.transaction() as tx:
            put_on_record(
                tx, vault=visit.parts.vault, firm=visit.text("firm"), staff=visit.text("staff"), kind=kind,
                from_day=visit.day("from"), to_day=visit.day("to") if ends else None, source=visit.text("source"),
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _staff(visit, error=sentence(error, visit.choice.language))
    return visit.go("/staff", said=visit.say("It is on record."))


@pages.post("/staff/records/end", right=Right.STAFF_WRITE)
def end(visit: Visit) -> Response:
    """End what is on record: a post left, a breach closed, a contract ended."""
    try:
        with visit.transaction() as tx:
            end_record(
                tx, vault=visit.parts.vault, firm=visit.text("firm"), staff=visit.text("staff"),
                kind=_kind(visit.text("staff"), visit.text("kind")), to_day=visit.day("to"), actor=visit.actor,
                now=visit.now, record_id=visit.number("record"),
            )  # fmt: skip
    except Trouble as error:
        return _staff(visit, error=sentence(error, visit.choice.language))
    return visit.go("/staff", said=visit.say("It is ended."))


def _kind(staff_: str, kind: str) -> OfStaff | OfFirm:
    try:
        return OfStaff(kind) if staff_ else OfFirm(kind)
    except ValueError:
        raise NotAFieldValue("kind") from None


def _staff(visit: Visit, *, error: str = "") -> Response:
    with visit.transaction() as tx:
        records = senders.every(tx)
    found: dict[tuple[str, str], list[Record]] = {}
    for one in records:
        found.setdefault((one.firm, one.staff), []).append(one)
    shown = [Sender(firm, who, rows, _missing(rows, visit.today)) for (firm, who), rows in found.items()]
    return visit.page(
        "oversight/staff.html", status=422 if error else 200, senders=shown, error=error, today=visit.today,
        of_staff=list(OfStaff), of_firm=list(OfFirm), writable=visit.may(Right.STAFF_WRITE),
        stands=lambda one: one.to_day is None or one.to_day > visit.today,
    )  # fmt: skip


def _missing(records: list[Record], today: date) -> list[str]:
    """What stands against somebody speaking: what is not on record, or too old, or a breach."""
    standing = {one.kind for one in records if one.from_day <= today and (one.to_day is None or today < one.to_day)}
    if not records or not records[0].staff:
        return [kind.value for kind in (OfFirm.LISTING, OfFirm.CONTRACT) if kind.value not in standing]
    if OfStaff.POST.value not in standing:
        return ["left"]
    found = [kind.value for kind in (OfStaff.EXAM, OfStaff.UNDERTAKING) if kind.value not in standing]
    trained = max((one.from_day for one in records if one.kind == OfStaff.TRAINING.value), default=None)
    if trained is None or today - trained > timedelta(days=TRAINING_DAYS):
        found.append(OfStaff.TRAINING.value)
    return [*found, *([OfStaff.BREACH.value] if OfStaff.BREACH.value in standing else [])]


@pages.get("/administration/webhooks", right=Right.JOB_READ)
def hooks(visit: Visit) -> Response:
    """Who is told of what was done, and what became of each telling."""
    return _hooks(visit)


@pages.post("/administration/webhooks", right=Right.LENDER_WRITE)
def add_hook(visit: Visit) -> Response:
    """Let an address be told; its secret is shown this once."""
    kinds = [str(one) for one in visit.form.getlist("kind")]
    try:
        with visit.transaction() as tx:
            made = webhook.add_endpoint(
                tx, vault=visit.parts.vault, url=visit.text("url"), kinds=kinds, actor=visit.actor, now=visit.now,
                chance=os.urandom,
            )  # fmt: skip
    except Trouble as error:
        return _hooks(visit, error=sentence(error, visit.choice.language))
    return _hooks(visit, secret=made.secret)


@pages.post("/administration/webhooks/{endpoint}/end", right=Right.LENDER_WRITE)
def end_hook(visit: Visit) -> Response:
    """Tell an endpoint nothing more."""
    with visit.transaction() as tx:
        webhook.end_endpoint(
            tx,
            vault=visit.parts.vault,
            endpoint_id=visit.number("endpoint", visit.path),
            actor=visit.actor,
            now=visit.now,
        )
    return visit.go("/administration/webhooks", said=visit.say("It is told nothing more."))


def _hooks(visit: Visit, *, error: str = "", secret: str = "") -> Response:
    before = visit.number("before", visit.query) if visit.query.get("before") else None
    with visit.transaction() as tx:
        endpoints, counts = webhooks.every(tx), webhooks.counts(tx)
        events = webhooks.latest(tx, before=before, most=PAGE_ROWS)
    more: Any = events[-1].entry_id if len(events) >= PAGE_ROWS else None
    return visit.page(
        "oversight/webhooks.html", status=422 if error else 200, endpoints=endpoints, counts=counts, events=events,
        kinds=webhook.KINDS, url_max=webhook.URL_MAX, error=error, secret=secret,
        writable=visit.may(Right.LENDER_WRITE), today=visit.today, url=visit.text("url") if error else "",
        chosen=visit.form.getlist("kind") if error else webhook.KINDS,
        later=f"/administration/webhooks?before={more}" if more else "",
        first="/administration/webhooks" if before else "",
    )  # fmt: skip
