"""The dunning image for sending by hand: downloading is a contact, once, by a permit; e-mails take it along."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from duecourse.casework import images
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind, place
from duecourse.casework.images import HandedOut, NoImage, NotHandedOut
from duecourse.casework.outbox import pause, resume
from duecourse.casework.parties import POINTS, Batch
from duecourse.casework.permit import Refusal
from duecourse.law.terms import Channel
from duecourse.storage import messages
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import persons, register, ties
from tests.notice_desk import COLLECTOR, Desk, notice_desk
from tests.permit_desk import Clock
from tests.work_desk import NOW


def hand_out(desk: Desk, gate: Gate, notice: int, key: str, channel: Channel = Channel.MMS_IMAGE) -> object:
    return images.hand_out(
        desk.database, "demo", gate=gate, notice_id=notice, channel=channel, staff="a0", key=key, actor=COLLECTOR,
        clock=Clock(NOW), chance=os.urandom,
    )  # fmt: skip


def desk_rows(database: Database) -> list[messages.MessageRow]:
    with database.transaction("demo") as tx:
        return messages.latest(tx)


def test_downloading_is_a_contact(database: Database, tmp_path: Path) -> None:
    vault = Vault(new_ring())
    desk, gate = notice_desk(database, tmp_path, vault), Gate(vault)
    mobile = {
        "person_id": desk.person, "kind": "phone", "label": "hand", "value": "154 0000 7777", "zone": None,
        "consent": "contract",
    }  # fmt: skip
    register(database, vault, Batch(persons(), pl.DataFrame([mobile], schema=POINTS), ties()), now=NOW)
    letter = desk.issue()
    with pytest.raises(NoImage):
        hand_out(desk, gate, letter, "k0")
    desk.approve("dunning_image")
    notice = desk.issue(desk.wanted("dunning_image"))
    done = hand_out(desk, gate, notice, "k1")
    assert isinstance(done, HandedOut), done
    assert Image.open(BytesIO(done.picture)).size[0] == 1080
    again = hand_out(desk, gate, notice, "k1")
    assert isinstance(again, HandedOut)
    assert (again.picture, again.message) == (done.picture, done.message)
    with database.transaction("demo") as tx:
        rows = messages.latest(tx)
        made = tx.execute("SELECT state, outcome FROM contact WHERE channel = 'mms_image'").fetchall()
        assert [(one.channel, one.state) for one in rows] == [("mms_image", "sent")]
        assert [tuple(one) for one in made] == [("reported", "sent")]
        pause(tx, vault=vault, channel=None, reason="a test", actor=COLLECTOR, now=NOW)
    with pytest.raises(NotHandedOut):
        hand_out(desk, gate, notice, "k2")
    assert len(desk_rows(database)) == 1
    with database.transaction("demo") as tx:
        resume(tx, vault=vault, channel=None, actor=COLLECTOR, now=NOW)
        place(
            tx, vault=vault, person_id=desk.person, kind=HoldKind.CEASE, source="letter:1", actor=COLLECTOR,
            clock=Clock(NOW),
        )  # fmt: skip
    assert isinstance(hand_out(desk, gate, notice, "k3"), Refusal)
