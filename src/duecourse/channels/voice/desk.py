"""The telephone of somebody of the house: rung, taken by a key, and joined to a call that goes on beside it.

Each of the two calls has a telephone of its own here, and the two are joined on this machine: who is called never
learns the address of the other's telephone, and the recording goes on or stops as was said. A transfer by the provider
(REFER) would do neither. That it is taken by a key keeps a voice mailbox of the house out of a call about a debt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from duecourse.channels.voice.phone import Account, Phone
from duecourse.channels.voice.speech import Sound
from duecourse.trouble import N_, BadInput

RING_S = 20
TAKE_S = 8
"""So long it rings; so long a key is waited for after what is said to who took it up."""

TAKES = "1"
EACH_S = 0.1
_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,64}(@(?P<host>[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?)?")
_EXTENSION_MAX = 6


class NotADesk(BadInput):
    """No address of a telephone of the house."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "a desk telephone is an extension of at most {most} digits at the provider, or a SIP address such as "
                "c017@pbx.lender.example; a public number is not taken: nobody works from a private telephone"
            ),
            most=_EXTENSION_MAX,
        )


def checked_address(text: str) -> str:
    """An extension, or ``user@host`` with a port if need be; raises `NotADesk`.

    >>> checked_address(" 8017 "), checked_address("sip:c017@192.0.2.9:5070")
    ('8017', 'c017@192.0.2.9:5070')
    """
    address = text.strip().removeprefix("sip:")
    user = address.partition("@")[0]
    if not _ADDRESS.fullmatch(address) or (user.isdecimal() and len(user) > _EXTENSION_MAX):
        raise NotADesk
    return address


def host_of(address: str) -> str:
    """The host of an address; empty for an extension at the provider."""
    found = _ADDRESS.fullmatch(address)
    return (found["host"] or "") if found else ""


def desk_phone(account: Account, address: str, folder: Path, silence: Path, chance: Callable[[int], bytes]) -> Phone:
    """A telephone to call one of the house by, from the lender's one number; not started yet."""
    return Phone(replace(account, direct="@" in address), folder, silence, link=chance(16).hex())


def taken(desk: Phone, address: str, asked: Sound, *, clock: Callable[[], float], beside: Callable[[], None]) -> bool:
    """Let it ring, say what for; whether somebody took it by key. ``beside`` is looked at all the while."""
    desk.dial(address)
    until, up = clock() + RING_S, False
    while clock() < until:
        beside()
        event = desk.next(EACH_S)
        if event is None:
            continue
        if event.kind == "CALL_CLOSED":
            return False
        if event.kind == "CALL_ESTABLISHED" and not up:
            up, until = True, clock() + asked.millis / 1000 + TAKE_S
            desk.play(asked.path)
        if event.kind == "CALL_DTMF_START" and up:
            return event.param == TAKES
    return False


def hear_each_other(call: Phone, desk: Phone, *, until: float, clock: Callable[[], float]) -> bool:
    """Join both until one of them hangs up; whether they were joined."""
    if not call.join(desk):
        return False
    while clock() < until:
        for phone in (call, desk):
            event = phone.next(EACH_S)
            if event is not None and event.kind == "CALL_CLOSED":
                return True
    return True
