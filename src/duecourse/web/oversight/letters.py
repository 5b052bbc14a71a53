"""Letters on screen: batches, handing over to a print house, the file, and what came back by its code."""

from __future__ import annotations

import os

from starlette.responses import Response

from duecourse.casework import letters as acts
from duecourse.casework.letters import CameBack
from duecourse.casework.rights import Right
from duecourse.storage import letters
from duecourse.trouble import N_, Trouble
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PATH = "/letters"
PAGE_ROWS = 50
CODES_MAX = 5_000


@pages.get(PATH, right=Right.OUTBOX_READ)
def batches(visit: Visit) -> Response:
    """Batches of letters, the latest first; and where letters that came back are scanned."""
    return _page(visit)


@pages.post(PATH, right=Right.OUTBOX_WORK)
def put_together(visit: Visit) -> Response:
    """Put all notices together that go by letter; nobody is asked yet."""
    try:
        with visit.transaction() as tx:
            made = acts.make_batch(tx, vault=visit.parts.vault, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"{PATH}/{made.batch_id}", said=visit.say("The letters are put together. Nothing is sent yet."))


@pages.post(PATH + "/returned", right=Right.OUTBOX_WORK)
def take_returned(visit: Visit) -> Response:
    """Take letters over that came back, by their codes, one a line as a hand scanner types them."""
    codes = visit.text("codes").split()
    if visit.text("as") not in set(CameBack):
        raise NotAFieldValue("as")
    if not codes or len(codes) > CODES_MAX:
        raise NotAFieldValue("codes")
    found = acts.take_returned(
        visit.parts.database, visit.lender_id, codes, as_=CameBack(visit.text("as")), gate=visit.parts.gate,
        actor=visit.actor, clock=visit.parts.clock,
    )  # fmt: skip
    said = N_("Returned: {returned}; returned before: {before}; no code of ours: {foreign}.")
    return visit.go(
        PATH,
        said=visit.say(said, returned=found[acts.RETURNED], before=found[acts.BEFORE], foreign=found[acts.NOT_OURS]),
    )


@pages.get(PATH + "/{batch}", right=Right.OUTBOX_READ)
def one_batch(visit: Visit) -> Response:
    """A batch: each letter, what the gate said of it, what became of it."""
    return _batch(visit)


@pages.post(PATH + "/{batch}/handover", right=Right.OUTBOX_WORK)
def hand_over(visit: Visit) -> Response:
    """Ask for each letter and redeem its permit; what is permitted goes into the file."""
    number = visit.number("batch", visit.path)
    try:
        done = acts.hand_over(
            visit.parts.database, visit.lender_id, gate=visit.parts.gate, batch_id=number,
            actor=visit.actor, clock=visit.parts.clock, chance=os.urandom,
        )  # fmt: skip
    except Trouble as error:
        return _batch(visit, error=sentence(error, visit.choice.language))
    gone = done.batch.letters - done.batch.left_out
    return visit.go(
        f"{PATH}/{number}",
        said=visit.say("Letters in the file: {count}. Give it to the print house once.", count=gone),
    )


@pages.post(PATH + "/{batch}/file", right=Right.OUTBOX_WORK)
def file_of(visit: Visit) -> Response:
    """The hand-over file, on record; the same to the byte each time."""
    number = visit.number("batch", visit.path)
    try:
        with visit.transaction() as tx:
            made = acts.file_of(tx, vault=visit.parts.vault, batch_id=number, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _batch(visit, error=sentence(error, visit.choice.language))
    named = f'attachment; filename="letters-{visit.lender_id}-{number}.zip"'
    return Response(made.content, media_type="application/zip", headers={"Content-Disposition": named})


@pages.post(PATH + "/{batch}/withdrawal", right=Right.OUTBOX_WORK)
def withdraw(visit: Visit) -> Response:
    """Hand a batch over no more."""
    number = visit.number("batch", visit.path)
    try:
        with visit.transaction() as tx:
            acts.withdraw_batch(tx, vault=visit.parts.vault, batch_id=number, actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _batch(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say("The batch is withdrawn; its notices may go in another."))


def _page(visit: Visit, *, error: str = "") -> Response:
    before = visit.number("before", visit.query) if visit.query.get("before") else None
    with visit.transaction() as tx:
        found = letters.batches(tx, before=before, most=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    return visit.page(
        "oversight/letters.html", status=422 if error else 200, error=error, batches=shown,
        first=PATH if before else "",
        later=f"{PATH}?before={shown[-1].batch_id}" if len(found) > PAGE_ROWS else "",
        why=[one.value for one in CameBack], writable=visit.may(Right.OUTBOX_WORK),
    )  # fmt: skip


def _batch(visit: Visit, *, error: str = "") -> Response:
    number = visit.number("batch", visit.path)
    with visit.transaction() as tx:
        found, listed = letters.get(tx, number), letters.of_batch(tx, number)
    return visit.page(
        "oversight/letter_batch.html", status=422 if error else 200, error=error, batch=found, letters=listed,
        writable=visit.may(Right.OUTBOX_WORK), linked=visit.may(Right.CASE_READ),
    )  # fmt: skip
