"""A lender's own pack: in order or told file and line, bound by two people, gone back from, in past days proved."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework import approval, lender_law, own_pack, pack_switch
from duecourse.casework.actor import Actor, Role
from duecourse.casework.day_past import verify
from duecourse.casework.gate import Gate
from duecourse.casework.kinds import KINDS
from duecourse.casework.lender_law import OwnPackUnread, own_from
from duecourse.casework.own_pack import BindsAlready, NotPackFiles, keep_pack, unzipped
from duecourse.law.document import Flaws
from duecourse.storage import runs
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, fill, run_day
from tests.permit_desk import MORNING, Clock, ask, granted, refused, set_up

VAULT = Vault(new_ring())
OFFICER = Actor(Role.COMPLIANCE, "c1")
SECOND = Actor(Role.COMPLIANCE, "c2")
HEAD = """pack: mine
jurisdiction: any
kind: policy
status: in_force
lang: en
says: {zh: 本机构政策, en: Our own policy}
sources: [{instrument: our handbook, known: written by us}]
"""
RULE = """rule: mine.contact.noon
says: {zh: 午前不打电话, en: No call before noon}
source: {instrument: our handbook, authority: lender_policy, modal: shall_not, grade: product}
values: [{from: 2020-01-01, opens: 43200}]
applies_when: channel = 'call'
refuse_when: second_local < opens
instead: {zh: 午后再打, en: call after noon}
given: {on: 2026-03-01, channel: call}
cases:
  - {second_local: 43199, answer: refuse}
  - {second_local: 43200, answer: allow}
"""
FILES = {"mine/pack.yaml": HEAD, "mine/contact/noon.yaml": RULE}
LATER = FILES | {"mine/contact/noon.yaml": RULE.replace("43200", "32400").replace("43199", "32399")}


def keep(database: Database, files: dict[str, str], vault: Vault = VAULT) -> int:
    with database.transaction("demo") as tx:
        return keep_pack(tx, vault=vault, files=files, actor=OFFICER, now=MORNING).version


def activate(database: Database, version: int, vault: Vault = VAULT) -> None:
    with database.transaction("demo") as tx:
        made = approval.ask(
            tx, kinds=KINDS, vault=vault, kind="law.own_pack", subject=f"own pack:mine@{version}",
            asked=own_pack.wanted(tx, "mine", version), reason="ours", actor=OFFICER, now=MORNING,
        )  # fmt: skip
    with database.transaction("demo") as tx, pytest.raises(approval.SameEyes):
        approval.approve(
            tx, kinds=KINDS, vault=vault, approval_id=made.approval_id, reason="", actor=OFFICER, now=MORNING
        )
    with database.transaction("demo") as tx:
        approval.approve(
            tx, kinds=KINDS, vault=vault, approval_id=made.approval_id, reason="", actor=SECOND, now=MORNING
        )


def gate_of(database: Database) -> Gate:
    return Gate(VAULT, own=lambda name: own_from(database.url, name))


def test_what_two_people_bind_the_gate_asks_and_goes_back_from(database: Database) -> None:
    set_up(database, VAULT, 1)
    gate, clock = gate_of(database), Clock()  # it is ten in the morning
    assert (keep(database, FILES), keep(database, LATER), keep(database, FILES)) == (1, 2, 1)
    granted(ask(database, gate, clock))
    activate(database, 1)
    assert "mine.contact.noon" in refused(ask(database, gate, clock))
    with pytest.raises(BindsAlready):
        activate(database, 1)
    activate(database, 2)
    granted(ask(database, gate, clock))
    activate(database, 1)
    assert "mine.contact.noon" in refused(ask(database, gate, clock))
    with database.transaction("demo") as tx:
        mine = next(one for one in lender_law.standing(tx) if one.pack.id == "mine")
        assert (mine.on, mine.looked_at, mine.may_be_off) == (True, True, True)
        made = approval.ask(
            tx, kinds=KINDS, vault=VAULT, kind="law.pack", subject="pack:mine",
            asked=pack_switch.wanted(tx, "mine", "off"), reason="no more", actor=OFFICER, now=MORNING,
        )  # fmt: skip
    with database.transaction("demo") as tx:
        approval.approve(
            tx, kinds=KINDS, vault=VAULT, approval_id=made.approval_id, reason="", actor=SECOND, now=MORNING
        )
    granted(ask(database, gate, clock))


def test_an_own_pack_that_cannot_be_read_lets_nothing_pass(database: Database) -> None:
    set_up(database, VAULT, 1)
    keep(database, FILES)
    activate(database, 1)
    with database.transaction("demo") as tx:
        tx.execute("UPDATE lender SET own_packs = %s WHERE lender_id = 'demo'", (["demo:" + "00" * 32],))
    with pytest.raises(OwnPackUnread):
        ask(database, gate_of(database), Clock())
    with database.transaction("demo") as tx, pytest.raises(OwnPackUnread):
        lender_law.law_of(tx)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            FILES | {"mine/contact/noon.yaml": RULE.replace("second_local <", "second_lokal <")},
            "mine/contact/noon.yaml:6",
        ),
        (
            FILES | {"mine/contact/noon.yaml": RULE.replace("43199, answer: refuse", "43199, answer: allow")},
            "noon.yaml",
        ),
        (FILES | {"mine/contact/noon.yaml": RULE.replace("lender_policy", "law")}, "its authority is lender_policy"),
        (FILES | {"mine/pack.yaml": HEAD.replace("kind: policy", "kind: law\nzone: local")}, "of kind policy"),
        (FILES | {"mine/pack.yaml": HEAD.replace("jurisdiction: any", "jurisdiction: US")}, "is not this lender's"),
        (FILES | {"mine/pack.yaml": HEAD + "always: true\n"}, "does not say always"),
        ({"mine/pack.yaml": HEAD}, "has no rule"),
        (
            {
                "house_cn/pack.yaml": HEAD.replace("pack: mine", "pack: house_cn"),
                "house_cn/staff/exam.yaml": RULE.replace("mine.contact.noon", "house_cn.staff.exam"),
            },
            "rule 'house_cn.staff.exam' stands in pack house-cn too",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(database: Database, files: dict[str, str], said: str) -> None:
    set_up(database, VAULT, 1)
    with pytest.raises(Flaws) as wrong:
        keep(database, files)
    assert said in str(wrong.value)


def test_what_is_no_folder_of_a_pack_is_refused(database: Database) -> None:
    set_up(database, VAULT, 1)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for place, text in FILES.items():
            out.writestr(place, text)
    assert unzipped(packed.getvalue()) == FILES
    pressed = io.BytesIO()
    with zipfile.ZipFile(pressed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("mine/pack.yaml", HEAD)
    at = len("mine/pack.yaml") + 30  # where the content begins, after the local heading
    broken = pressed.getvalue()[:at] + b"\xff" * 8 + pressed.getvalue()[at + 8 :]
    for content in (b"", b"PK\x03\x04", packed.getvalue()[:-30], broken):
        with pytest.raises(NotPackFiles):
            unzipped(content)
    for place in ("../mine/pack.yaml", "/mine/pack.yaml", "pack.yaml", "mine/../x.yaml"):
        with pytest.raises(NotPackFiles):
            keep(database, {place: HEAD})


def test_a_day_runs_with_it_and_is_proved_when_it_is_gone(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path / "book")
    fill(database, store, VAULT)
    keep(database, FILES)
    activate(database, 1)
    run_day(database, store, VAULT)
    with database.transaction("demo") as tx:
        assert "mine" in runs.published(tx, DAY).manifest["inputs"]["packs"]  # type: ignore[index]
    keep(database, LATER)
    activate(database, 2)
    assert verify(database, store, lender_id="demo", day=DAY).holds
