"""Taking a call of a provider of texts: proven to be its own, then kept like whatever comes by a line."""

from __future__ import annotations

from collections.abc import Mapping

from duecourse.casework.actor import Actor, Role
from duecourse.casework.channel_setup import settings_of
from duecourse.casework.gate import Gate
from duecourse.casework.permits import Clock
from duecourse.casework.receipts import keep_what_came
from duecourse.channels import sms_http
from duecourse.channels.sms_http.spec import read_spec
from duecourse.law.terms import Channel
from duecourse.storage import transports
from duecourse.storage.connection import Database
from duecourse.storage.transports import NoTransport

PROVIDER = Actor(Role.SCHEDULE, "sms-provider")


def take_call(
    database: Database, lender_id: str, *, gate: Gate, headers: Mapping[str, str], body: bytes, clock: Clock
) -> int:
    """Keep the receipts and replies of a call; how many. The same call again changes nothing.

    Raises `NoTransport` where no provider of the lender calls, `callbacks.NotGenuine`, `callbacks.NotRead`,
    `standing.CountersBusy`: the provider brings it again.
    """
    channel = Channel.SMS.value
    with database.transaction(lender_id) as tx:
        if transports.get(tx, channel).name != sms_http.NAME:
            raise NoTransport(channel)
        settings = settings_of(tx, vault=gate.vault, channel=channel)
    back = read_spec(settings["spec"]).callbacks
    if back is None:
        raise NoTransport(channel)
    lower = {name.lower(): value for name, value in headers.items()}
    came = back.read(settings["callback_secret"], lower, body, clock())
    keep_what_came(database, lender_id, channel, came, gate=gate, actor=PROVIDER, clock=clock)
    return len(came)
