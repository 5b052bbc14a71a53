"""Field visits on screen: rounds, setting out, and the page for the phone that works without a network."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from duecourse.casework import visits as acts
from duecourse.casework.rights import Right
from duecourse.casework.visit_report import OUTCOMES, report_of
from duecourse.casework.visit_route import read_place
from duecourse.casework.visits import Stop
from duecourse.storage import visits
from duecourse.storage.visits import Round
from duecourse.trouble import Trouble
from duecourse.web import fields
from duecourse.web.components import assets
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("workbench")

PATH = "/visits"
PAGE_ROWS = 50
REPORT_BYTES_MAX = 30_000_000
DEVICES = {"Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"}
"""The page for the phone alone may ask where it is, and for a picture."""

WIDTH, HEIGHT, EDGE = 640, 420, 36


@pages.get(PATH, right=Right.CASE_READ)
def rounds(visit: Visit) -> Response:
    """Rounds of visits, the latest first, and the way to another one."""
    return _page(visit)


@pages.post(PATH, right=Right.CASE_WORK)
def plan(visit: Visit) -> Response:
    """Plan a round to some cases by the shortest way; nobody is asked yet."""
    numbers = fields.wholes(visit.text("cases"), "cases")
    try:
        leaves = datetime.fromisoformat(visit.text("leaves"))
    except ValueError:
        raise NotAFieldValue("leaves") from None
    north, _comma, east = visit.text("start").replace("，", ",").partition(",")
    try:
        with visit.transaction() as tx:
            made = acts.plan_round(
                tx, vault=visit.parts.vault, case_ids=numbers, leaves=leaves.replace(tzinfo=visit.zone),
                staff=(visit.text("first"), visit.text("second")), start=read_place(north, east), actor=visit.actor,
                now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(
        f"{PATH}/rounds/{made.round_id}", said=visit.say("The round is planned. Nobody is visited by that.")
    )


@pages.post(PATH + "/places", right=Right.CASE_WORK)
def locate(visit: Visit) -> Response:
    """Say where the address of a person lies."""
    north, _comma, east = visit.text("place").replace("，", ",").partition(",")
    try:
        with visit.transaction() as tx:
            acts.locate(
                tx, vault=visit.parts.vault, person_id=visit.number("person"), place=read_place(north, east),
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say("The place of the address is kept, sealed."))


@pages.get(PATH + "/rounds/{round}", right=Right.CASE_READ)
def one_round(visit: Visit) -> Response:
    """A round: its visits in their order, what the gate said, what came of each."""
    return _round(visit)


@pages.post(PATH + "/rounds/{round}/setting-out", right=Right.CASE_WORK)
def set_out(visit: Visit) -> Response:
    """Ask the gate for each visit; what it allows counts as made from then on."""
    number = visit.number("round", visit.path)
    try:
        acts.set_out(
            visit.parts.database, visit.lender_id, gate=visit.parts.gate, round_id=number, actor=visit.actor,
            clock=visit.parts.clock,
        )  # fmt: skip
    except Trouble as error:
        return _round(visit, error=sentence(error, visit.choice.language))
    return visit.go(f"{PATH}/rounds/{number}", said=visit.say("The round has set out. Take it to the phone now."))


@pages.post(PATH + "/rounds/{round}/opening", right=Right.CASE_WORK)
def open_it(visit: Visit) -> Response:
    """Names, addresses and places, on record: as a page with a map, or as JSON for the phone."""
    number = visit.number("round", visit.path)
    try:
        with visit.transaction() as tx:
            found, stops, text = acts.open_round(
                tx, vault=visit.parts.vault, round_id=number, actor=visit.actor, now=visit.now
            )
    except Trouble as error:
        if visit.text("as") == "json":
            return JSONResponse({"error": sentence(error, visit.choice.language)}, 409)
        return _round(visit, error=sentence(error, visit.choice.language))
    if visit.text("as") == "json":
        return JSONResponse(
            {
                "round": str(number), "lender": visit.lender_id, "staff": [found.first_staff, found.second_staff],
                "zone": str(visit.zone), "start": [found.start_north, found.start_east],
                "script": text.text[visit.lang] if text else "",
                "stops": [_stop(one) for one in stops if one.row.permit_id is not None],
            }
        )  # fmt: skip
    return visit.page(
        "workbench/visit_map.html", round=found, stops=stops, drawn=drawn(found, stops), width=WIDTH, height=HEIGHT
    )


@pages.get(PATH + "/phone", right=Right.CASE_WORK)
def phone(visit: Visit) -> Response:
    """The page for the phone: nothing of anybody is in it; rounds are kept by the browser until they are handed in."""
    with visit.transaction() as tx:
        found = [
            one for one in visits.rounds(tx)
            if one.state == "out" and visit.actor.ref in {one.first_staff, one.second_staff}
        ]  # fmt: skip
    answer = visit.page("workbench/visit_phone.html", rounds=found, outcomes=[one.value for one in OUTCOMES])
    answer.headers.update(DEVICES)
    return answer


@pages.get(PATH + "/worker.js", right=Right.CASE_WORK)
def worker(visit: Visit) -> Response:
    """What lets the page for the phone open without a network."""
    script = visit.html(
        "workbench/visit_worker.js",
        files=json.dumps([assets.url("main.js"), assets.url("visits.js"), *assets.styles("main.js")]),
    )
    return Response(script, media_type="text/javascript", headers={"Service-Worker-Allowed": PATH + "/"})


@pages.get(PATH + "/manifest.webmanifest", right=Right.CASE_WORK)
def manifest(visit: Visit) -> Response:
    """What makes the page for the phone an app that can be installed."""
    icon = f"{assets.url('main.js').rpartition('/')[0]}/icon.svg"
    said = {
        "name": visit.say("Field visits"), "short_name": visit.say("Visits"), "id": f"{PATH}/phone",
        "start_url": f"{PATH}/phone", "scope": f"{PATH}/", "display": "standalone", "background_color": "#f5f6f7",
        "theme_color": "#0b5563", "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml"}],
    }  # fmt: skip
    return JSONResponse(said, media_type="application/manifest+json")


@pages.post(PATH + "/{visit}/report", right=Right.CASE_WORK, body_max=REPORT_BYTES_MAX)
def hand_in(visit: Visit) -> Response:
    """Take over what came of a visit, as the phone kept it; sent twice, it is one."""
    try:
        report = report_of(json.loads(visit.text("report")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return JSONResponse({"error": visit.say("The report cannot be read; it stays on the phone.")}, 422)
    try:
        with visit.transaction() as tx:
            row = acts.record_visit(
                tx, gate=visit.parts.gate, visit_id=visit.number("visit", visit.path), report=report,
                actor=visit.actor, clock=visit.parts.clock, chance=os.urandom,
            )  # fmt: skip
    except Trouble as error:
        return JSONResponse({"error": sentence(error, visit.choice.language)}, 409)
    return JSONResponse({"visit": str(row.visit_id), "outcome": row.outcome})


def drawn(found: Round, stops: list[Stop]) -> list[tuple[int, int]]:
    """Start and stops as points of a picture: north is up, and no tile of anybody's map is under them."""
    places = [(found.start_north, found.start_east), *(one.place for one in stops if one.place)]
    north, east = [one[0] for one in places], [one[1] for one in places]
    tall, wide = max(max(north) - min(north), 1), max(max(east) - min(east), 1)
    scale = max(tall * 1000 // (HEIGHT - 2 * EDGE), wide * 860 // (WIDTH - 2 * EDGE), 1)
    return [
        (
            WIDTH // 2 + (there[1] - (min(east) + max(east)) // 2) * 860 // scale,
            HEIGHT // 2 - (there[0] - (min(north) + max(north)) // 2) * 1000 // scale,
        )
        for there in places
    ]


def _stop(one: Stop) -> dict[str, Any]:
    return {
        "visit": str(one.row.visit_id), "position": one.row.position, "case": str(one.row.case_id),
        "planned_at": one.row.planned_at.isoformat(), "until": one.row.until.isoformat() if one.row.until else None,
        "name": one.name, "address": one.address, "place": one.place,
    }  # fmt: skip


def _page(visit: Visit, *, error: str = "") -> Response:
    before = visit.number("before", visit.query) if visit.query.get("before") else None
    with visit.transaction() as tx:
        found = visits.rounds(tx, before=before, most=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    leaves = (visit.now.astimezone(visit.zone) + timedelta(hours=1)).replace(minute=0)
    return visit.page(
        "workbench/visits.html", status=422 if error else 200, error=error, rounds=shown,
        leaves=leaves.strftime("%Y-%m-%dT%H:%M"), most=acts.STOPS_MAX, writable=visit.may(Right.CASE_WORK),
        first=PATH if before else "",
        later=f"{PATH}?before={shown[-1].round_id}" if len(found) > PAGE_ROWS else "",
    )  # fmt: skip


def _round(visit: Visit, *, error: str = "") -> Response:
    number = visit.number("round", visit.path)
    with visit.transaction() as tx:
        found, listed = visits.get(tx, number), visits.of_round(tx, number)
    return visit.page(
        "workbench/visit_round.html", status=422 if error else 200, error=error, round=found, visits=listed,
        writable=visit.may(Right.CASE_WORK),
    )  # fmt: skip
