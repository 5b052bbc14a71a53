"""Calls by click: the collector's own telephone rings first, then the other's; what came of it is recorded after."""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework.desk_calls import Asked, NotAllowedNow, ask_call
from duecourse.casework.handover import Post
from duecourse.casework.opened_case import open_case
from duecourse.casework.rights import Right
from duecourse.law.terms import Channel
from duecourse.storage import desk_calls
from duecourse.storage.desk_calls import DeskCall, NoSuchCall
from duecourse.storage.permits import contact, reserved
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.workbench.contacting import NoSuchWay, outcomes, parts_of, way_of

pages = Pages("workbench")


@pages.post("/cases/{case}/calls", right=Right.CASE_WORK)
def call(visit: Visit) -> Response:
    """Call somebody of the case: one's own telephone rings now."""
    found, way = way_of(visit, visit.form)
    if way.template is None or way.channel is not Channel.CALL:
        raise NoSuchWay
    asked = Asked(
        found.case.case_id, way.person_id, way.point.contact_point_id, way.loan_keys, way.template,
        visit.signed.ref, visit.lang if visit.lang in {"zh", "en"} else "zh",
    )  # fmt: skip
    post = Post(visit.parts.database, visit.parts.gate, visit.parts.clock)
    try:
        made = ask_call(post, visit.lender_id, asked=asked, actor=visit.actor)
    except NotAllowedNow as no:
        return visit.page("workbench/not_redeemed.html", refusal=no.checked, found=found)
    return _shown(visit, made)


@pages.get("/cases/{case}/calls/{call}", right=Right.CASE_WORK)
def show(visit: Visit) -> Response:
    """Where a call stands; once it was answered, with what may have come of it."""
    with visit.transaction() as tx:
        found = desk_calls.get(tx, visit.number("call", visit.path))
    if found.case_id != visit.number("case", visit.path):
        raise NoSuchCall(found.call_id)
    if visit.query.get("part"):
        return visit.page("workbench/call_state.html", call=found)
    return _shown(visit, found)


def _shown(visit: Visit, call: DeskCall) -> Response:
    with visit.transaction() as tx:
        found = open_case(tx, call.case_id, now=visit.now, most=1)
        stands = None if call.permit_id is None else reserved(contact(tx, call.person_id, call.permit_id))
    owed = stands is not None and stands.state == "redeemed" and call.state in {"talking", "ended", "unknown"}
    return visit.page(
        "workbench/call.html", call=call, owed=owed, person=call.person_id, permit=call.permit_id,
        parts=parts_of(visit, found, call.template_id, call.person_id), **outcomes(visit, found, Channel.CALL.value),
    )  # fmt: skip
