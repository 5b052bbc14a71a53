"""The outbox on screen: what waits, is sent, came to nothing; pauses; unknown outcomes; channels as they are set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from duecourse.casework import lender_law
from duecourse.casework import outbox as acts
from duecourse.casework.outbox import Found
from duecourse.casework.rights import Right
from duecourse.channels.contract import kinds
from duecourse.law import wording
from duecourse.law.terms import Channel, word
from duecourse.storage import cases, messages, transports
from duecourse.storage.connection import Tx
from duecourse.storage.messages import MessageRow, Pause
from duecourse.storage.transports import TransportRow
from duecourse.trouble import N_, Trouble
from duecourse.web.fields import NotAFieldValue
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("oversight")

PATH = "/outbox"
REFRESH_SECONDS = 5
PAGE_ROWS = 50
UNKNOWN_MOST = 20
LATELY = timedelta(hours=24)
STATES = ("queued", "sending", "unknown", "sent", "failed", "withheld", "withdrawn")
AT_ONCE = N_("stopped at once, on screen")
"""The reason of a pause that was asked for by one click."""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel of the lender: what sends on it, what waits, whether it is paused or left alone for a while."""

    row: TransportRow
    waiting: int
    pause: Pause | None
    shut: bool


@dataclass(frozen=True, slots=True)
class Against:
    """A rule that withheld a message: its words and its source."""

    rule: str
    says: str
    cited: str
    known: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as a page may show it: of a secret only that there is one."""

    name: str
    says: str
    value: str | None  # None: a secret


@pages.get(PATH, right=Right.OUTBOX_READ)
def outbox(visit: Visit) -> Response:
    """What waits, is being sent, was sent, failed, is unknown, was withheld; and the switch that stops all sending."""
    return _page(visit)


@pages.get("/live/outbox", right=Right.OUTBOX_READ)
def outbox_now(visit: Visit) -> Response:
    """The same as it is now, for a page that stays open."""
    return visit.page("oversight/outbox_now.html", **_now(visit))


@pages.get(PATH + "/messages/{message}", right=Right.OUTBOX_READ)
def message(visit: Visit) -> Response:
    """One message: its way, and why it ended as it did."""
    return _message(visit)


@pages.post(PATH + "/pauses", right=Right.OUTBOX_WORK)
def pause(visit: Visit) -> Response:
    """Send nothing from now on, on one channel or at all."""
    reason = visit.text("reason") or visit.say(AT_ONCE)
    try:
        with visit.transaction() as tx:
            acts.pause(
                tx, vault=visit.parts.vault, channel=_channel(visit), reason=reason, actor=visit.actor, now=visit.now
            )
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say("Sending is paused. What a provider has already is not undone."))


@pages.post(PATH + "/pauses/ending", right=Right.OUTBOX_WORK)
def resume(visit: Visit) -> Response:
    """Let sending go on."""
    try:
        with visit.transaction() as tx:
            acts.resume(tx, vault=visit.parts.vault, channel=_channel(visit), actor=visit.actor, now=visit.now)
    except Trouble as error:
        return _page(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say("Sending goes on. Messages whose permit ended meanwhile are withheld."))


@pages.post(PATH + "/messages/{message}/settlement", right=Right.OUTBOX_WORK)
def settle(visit: Visit) -> Response:
    """Say what became of an unknown message; nothing is sent by that."""
    if visit.text("found") not in set(Found):
        raise NotAFieldValue("found")
    number = visit.number("message", visit.path)
    try:
        with visit.transaction() as tx:
            acts.settle(
                tx, gate=visit.parts.gate, message_id=number, found=Found(visit.text("found")), actor=visit.actor,
                clock=visit.parts.clock,
            )  # fmt: skip
    except Trouble as error:
        return _message(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say("It is on record what became of message {number}.", number=number))


@pages.post(PATH + "/messages/{message}/withdrawal", right=Right.OUTBOX_WORK)
def withdraw(visit: Visit) -> Response:
    """Take back a message that waits."""
    number = visit.number("message", visit.path)
    try:
        with visit.transaction() as tx:
            acts.withdraw(
                tx, gate=visit.parts.gate, message_id=number, actor=visit.actor, clock=visit.parts.clock
            )  # fmt: skip
    except Trouble as error:
        return _message(visit, error=sentence(error, visit.choice.language))
    return visit.go(PATH, said=visit.say("Message {number} is taken back; its permit's place is free.", number=number))


def _page(visit: Visit, *, error: str = "") -> Response:
    with visit.transaction() as tx:
        ways = transports.every(tx)
    known = kinds()
    settings = {
        one.channel: [
            Setting(each.name, visit.say(each.says), None if each.secret else one.settings.get(each.name, each.default))
            for each in known[one.name].settings
        ]
        for one in ways
        if one.name in known
    }
    return visit.page(
        "oversight/outbox.html", status=422 if error else 200, error=error, settings=settings, set_up=ways,
        channel_names=[(one.channel, word(one.channel, visit.lang)) for one in ways], **_now(visit),
    )  # fmt: skip


def _now(visit: Visit) -> dict[str, Any]:
    asked = {name: visit.query.get(name, "") for name in ("state", "channel")}
    state = asked["state"] if asked["state"] in STATES else None
    channel = asked["channel"] if asked["channel"] in set(Channel) else None
    before = visit.number("before", visit.query) if visit.query.get("before") else None
    with visit.transaction() as tx:
        found = messages.latest(tx, state=state, channel=channel, before=before, most=PAGE_ROWS + 1)
        unknown = messages.latest(tx, state="unknown", most=UNKNOWN_MOST)
        standing = messages.standing(tx, since=visit.now - LATELY)
        pauses, ways = messages.pauses(tx), transports.every(tx)
    kept = {name: value for name, value in (("state", state), ("channel", channel)) if value}
    shown = found[:PAGE_ROWS]
    paused = {one.channel: one for one in pauses}
    return {
        "messages": shown,
        "unknown": unknown,
        "counts": {one: sum(n for (_way, of), n in standing.items() if of == one) for one in STATES},
        "ways": [
            Way(
                one, standing.get((one.channel, "queued"), 0), paused.get(one.channel),
                one.shut_until is not None and one.shut_until > visit.now,
            )
            for one in ways
        ],
        "all_paused": paused.get(None),
        "states": STATES,
        "state": state or "",
        "channel": channel or "",
        "channels": sorted({*(one.channel for one in ways), *(way for way, _state in standing)}),
        "refresh": REFRESH_SECONDS,
        "again": "/live/outbox?" + urlencode({**kept, **({"before": before} if before else {})}),
        "first": f"{PATH}?{urlencode(kept)}" if before else "",
        "later": f"{PATH}?{urlencode({**kept, 'before': shown[-1].message_id})}" if len(found) > PAGE_ROWS else "",
        "writable": visit.may(Right.OUTBOX_WORK),
        "path": lambda **given: f"{PATH}?{urlencode({**kept, **given})}",
    }  # fmt: skip


def _message(visit: Visit, *, error: str = "") -> Response:
    with visit.transaction() as tx:
        found = messages.get(tx, visit.number("message", visit.path))
        against = rules_against(tx, found, visit.lang)
        kept = cases.of_person(tx, found.person_id) if visit.may(Right.CASE_READ) else []
    return visit.page(
        "oversight/outbox_message.html", status=422 if error else 200, error=error, message=found, against=against,
        case=kept[0].case_id if kept else None, writable=visit.may(Right.OUTBOX_WORK),
    )  # fmt: skip


def rules_against(tx: Tx, found: MessageRow, lang: str) -> list[Against]:
    """The rules that withheld a message, in the words of the law as it is known now."""
    why: Mapping[str, str] = found.why or {}
    names = why.get("rules", "").split()
    known = lender_law.rules_named(tx) if names else {}
    return [
        Against(name, known[name].says[lang], wording.cited(known[name].source, lang), known=True)
        if name in known
        else Against(name, "", "", known=False)
        for name in names
    ]


def _channel(visit: Visit) -> Channel | None:
    given = visit.text("channel")
    if given and given not in set(Channel):
        raise NotAFieldValue("channel")
    return Channel(given) if given else None
