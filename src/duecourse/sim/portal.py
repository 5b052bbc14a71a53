"""A way into the borrower's portal of the demo: a telephone that is a folder, and a notice with its code.

The notice is issued once, by the ordinary act; the code is printed at every start. Nothing leaves this machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from duecourse.book.store import Store
from duecourse.casework.actor import Actor, Role
from duecourse.casework.channel_setup import set_up
from duecourse.casework.issue_notice import Wanted, issue_notice
from duecourse.casework.notice_paper import open_notice
from duecourse.casework.permit import Sender
from duecourse.casework.reveal import RevealPurpose
from duecourse.channels.captured import NAME
from duecourse.law.terms import Channel, SenderType
from duecourse.sim.lender import LAST_DAY, LENDER_ID
from duecourse.storage import points, transports, worklists
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import Trouble

ACTOR: Final = Actor(Role.SCHEDULE, "demo")
TEMPLATE: Final = "m3.letter"
STAFF: Final = "L01"
NEXT_STEP: Final = "七日后再次联系您，听取您的安排"


@dataclass(frozen=True, slots=True)
class WayIn:
    """What a borrower of the demo has: the code of a notice, and where the texts to him lie."""

    code: str
    folder: Path


def way_in(
    database: Database,
    store: Store,
    vault: Vault,
    *,
    folder: Path,
    public_url: str,
    now: datetime,
    chance: Callable[[int], bytes],
) -> WayIn | None:
    """Set the telephone up and issue the notice, each once; None where no case of the demo can be given one."""
    with database.transaction(LENDER_ID) as tx:
        _telephone(tx, vault, folder, now)
        cases = [
            (one.case_id, one.person_id) for one in worklists.worklist(tx, LAST_DAY, most=500) if one.stage == "M3"
        ]
    for case_id, person_id in cases[:20]:
        try:
            with database.transaction(LENDER_ID) as tx:
                if not any(one.kind == "phone" and one.state == "ok" and one.to_at is None and one.line != "fixed"
                           for one in points.of_person(tx, person_id)):  # fmt: skip
                    continue
                number = issue_notice(
                    tx, vault=vault, store=store, public_url=public_url, request_key="demo-portal", actor=ACTOR,
                    now=now, chance=chance,
                    wanted=Wanted(
                        case_id=case_id, person_id=person_id, template_id=TEMPLATE, lang="zh",
                        sender=Sender(SenderType.LENDER, staff=STAFF), said={"next_step": NEXT_STEP},
                    ),
                )  # fmt: skip
                opened = open_notice(
                    tx, vault=vault, notice_id=number, purpose=RevealPurpose.DOCUMENT.value, actor=ACTOR, now=now
                )
        except Trouble:
            continue
        return WayIn(str(json.loads(opened.content)["code"]), folder)
    return None


def _telephone(tx: Tx, vault: Vault, folder: Path, now: datetime) -> None:
    there = next((one for one in transports.every(tx) if one.channel == Channel.SMS), None)
    if there is None or (there.name == NAME and there.settings.get("folder") != str(folder)):
        set_up(tx, vault=vault, name=NAME, given={"folder": str(folder)}, actor=ACTOR, now=now)
