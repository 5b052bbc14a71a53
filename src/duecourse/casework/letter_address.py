"""To whom a letter goes: the contact point, and the name and address in the window of its envelope."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.casework.reveal import RevealPurpose, reveal
from duecourse.channels.render import PRIVATE, Content, not_shown
from duecourse.storage import points
from duecourse.storage.connection import Tx
from duecourse.storage.vault import PersonKey, Vault
from duecourse.storage.vault.blind import normal_address

NO_ADDRESS = {
    "zh": "信上所印地址已不是此人可用的地址，请重新签发通知",
    "en": "the address that it bears is none of the person's in use: issue the notice anew",
}
"""Why a letter is left out that no address in use stands behind."""

_SHOWS = {
    "zh": "信封窗口中的姓名或地址提及债务、含无法印出的字或过长",
    "en": "name or address speak of a debt in the envelope's window, cannot be printed, or are too long for it",
}


def addressed(  # noqa: PLR0917 - what stands when a letter is set
    tx: Tx, vault: Vault, key: PersonKey, person_id: int, content: Content, actor: Actor, now: datetime
) -> tuple[int, Content] | dict[str, str]:
    """The contact point that a letter goes to, and its words with name and address in the envelope's window.

    An address that the notice prints itself must be one in use; else it is the first in use.
    """
    printed = normal_address("".join(content.window[2:]))
    for one in points.of_person(tx, person_id):
        if one.kind != "address" or one.state != "ok" or one.to_at is not None:
            continue
        value = key.open(points.field_name(one.contact_point_id), points.sealed(tx, person_id, one.contact_point_id))
        if value is None or (printed and normal_address(value.value) not in printed):
            continue
        if printed:
            return one.contact_point_id, content
        named = content.window[1:2] or (_name(tx, vault, person_id, actor, now),)
        lines = tuple(line.strip() for line in value.value.splitlines() if line.strip())
        window = (content.window[0] if content.window else PRIVATE[content.lang], *named, *lines)
        if not_shown(window[1:]):
            return _SHOWS
        return one.contact_point_id, replace(content, window=window)
    return NO_ADDRESS


def _name(tx: Tx, vault: Vault, person_id: int, actor: Actor, now: datetime) -> str:
    return reveal(
        tx, vault=vault, person_id=person_id, field="name", purpose=RevealPurpose.DOCUMENT, actor=actor, now=now
    ).value
