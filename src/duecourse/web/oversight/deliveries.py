"""What other systems and apps were told: each delivery with its state, attempts and answer; letting some go again.

Events go again under the message id that they had, since their receivers know it. A notification of an app is a contact
with a person: it is shown here, and never sent again by this page.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from duecourse.casework import webhook
from duecourse.casework.rights import Right
from duecourse.law.terms import Channel
from duecourse.storage import messages, webhooks
from duecourse.trouble import N_, Trouble
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PATH = "/webhooks"
PAGE_ROWS = 50
PUSHES = 20
STATES = ("waiting", "delivered", "failed")


@pages.get(PATH, right=Right.WEBHOOK_READ)
def deliveries(visit: Visit) -> Response:
    """What endpoints were told of, with attempts and answer; what was let go again; notifications of apps."""
    return _page(visit)


@pages.post(PATH + "/replays", right=Right.WEBHOOK_REPLAY)
def replay(visit: Visit) -> Response:
    """Tell an endpoint again of the acts that were chosen, under the same message ids."""
    chosen = [str(one).partition("/") for one in visit.form.getlist("event")]
    if not all(endpoint.isdecimal() and entry.isdecimal() for endpoint, _slash, entry in chosen):
        raise NotAFieldValue("event")
    by_endpoint: dict[int, list[int]] = {}
    for endpoint, _slash, entry in chosen:
        by_endpoint.setdefault(int(endpoint), []).append(int(entry))
    try:
        if not by_endpoint:
            raise NotAFieldValue("event")
        with visit.transaction() as tx:
            count = sum(
                webhook.tell_some_again(
                    tx, vault=visit.parts.vault, endpoint_id=endpoint, entries=entries, reason=visit.text("reason"),
                    actor=visit.actor, now=visit.now,
                )
                for endpoint, entries in sorted(by_endpoint.items())
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say(N_("Acts that are told again: {count}."), count=count))


@pages.post(PATH + "/ranges", right=Right.WEBHOOK_REPLAY)
def replay_range(visit: Visit) -> Response:
    """The same of all acts of some days."""
    try:
        first, last = (datetime.combine(visit.day(name), datetime.min.time(), visit.zone) for name in ("from", "to"))
        with visit.transaction() as tx:
            count = webhook.tell_again(
                tx, vault=visit.parts.vault, endpoint_id=visit.number("endpoint"), first=first.astimezone(UTC),
                last=(last + timedelta(days=1)).astimezone(UTC), reason=visit.text("reason"), actor=visit.actor,
                now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say(N_("Acts that are told again: {count}."), count=count))


def _page(visit: Visit, *, error: str = "") -> Response:
    state = visit.query.get("state") if visit.query.get("state") in STATES else None
    endpoint = visit.number("endpoint", visit.query) if visit.query.get("endpoint") else None
    before = visit.number("before", visit.query) if visit.query.get("before") else None
    with visit.transaction() as tx:
        endpoints = webhooks.every(tx)
        events = webhooks.latest(tx, endpoint_id=endpoint, state=state, before=before, most=PAGE_ROWS)
        replays = webhooks.replays(tx, most=10)
        pushes = messages.latest(tx, channel=Channel.PUSH.value, most=PUSHES)
    more: Any = events[-1].entry_id if len(events) >= PAGE_ROWS else None
    kept = {name: value for name, value in (("state", state), ("endpoint", endpoint)) if value}
    return visit.page(
        "oversight/deliveries.html", status=422 if error else 200, error=error, endpoints=endpoints, events=events,
        replays=replays, pushes=pushes, state=state or "", endpoint=endpoint, states=STATES, today=visit.today,
        live=[one for one in endpoints if one.ended_at is None], lender=visit.lender_id,
        writable=visit.may(Right.WEBHOOK_REPLAY), tabs=_tabs(visit, state, endpoint),
        later=f"{PATH}?{urlencode({**kept, 'before': more})}" if more else "",
        first=f"{PATH}?{urlencode(kept)}" if before else "",
    )  # fmt: skip


def _tabs(visit: Visit, state: str | None, endpoint: int | None) -> list[tuple[str, str, bool]]:
    """All deliveries, and those of each state, of the endpoint that is shown."""
    of = {"endpoint": endpoint} if endpoint else {}
    every = [(f"{PATH}?{urlencode(of)}" if of else PATH, visit.say(N_("All")), state is None)]
    return [*every, *((f"{PATH}?{urlencode({**of, 'state': one})}", visit.say(one), state == one) for one in STATES)]
