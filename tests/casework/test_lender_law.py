"""Which packs bind a lender: closed by default, switched by two people, read by the gate and the day run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.casework import approval, lender_law, pack_switch
from duecourse.casework.actor import Actor, Role
from duecourse.casework.day_past import verify
from duecourse.casework.gate import Gate
from duecourse.casework.kinds import KINDS
from duecourse.casework.pack_switch import LawStays, NoSuchPack, NothingToDecide, PackNeeded
from duecourse.law.pack import PackKind
from duecourse.storage import lenders, runs
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, fill, run_day
from tests.permit_desk import MORNING, Clock, ask, refused, set_up

VAULT = Vault(new_ring())
OFFICER = Actor(Role.COMPLIANCE, "c1")
SECOND = Actor(Role.COMPLIANCE, "c2")
POLICY = "cn-cba-2026"


def switch(database: Database, pack: str, state: str) -> None:
    with database.transaction("demo") as tx:
        made = approval.ask(
            tx, kinds=KINDS, vault=VAULT, kind="law.pack", subject=f"pack:{pack}",
            asked=pack_switch.wanted(tx, pack, state), reason="tried", actor=OFFICER, now=MORNING,
        )  # fmt: skip
    with database.transaction("demo") as tx:
        approval.approve(
            tx, kinds=KINDS, vault=VAULT, approval_id=made.approval_id, reason="", actor=SECOND, now=MORNING
        )


def test_every_pack_binds_until_two_people_say_otherwise(database: Database) -> None:
    set_up(database, VAULT, 1)
    with database.transaction("demo") as tx:
        stands = lender_law.standing(tx)
        assert all(one.on and not one.looked_at for one in stands)
        assert {one.pack.kind for one in stands} == {PackKind.LAW, PackKind.POLICY}
        assert lender_law.law_of(tx).packs == lender_law.book_of(lenders.get(tx)).packs


def test_the_gate_reads_what_was_decided_with_its_next_question(database: Database) -> None:
    set_up(database, VAULT, 1)
    gate, night = Gate(VAULT), Clock(MORNING.replace(hour=15))
    both = {"cn.contact.window", "cn_cba_2026.contact.night"}
    assert both <= set(refused(ask(database, gate, night)))
    switch(database, POLICY, "off")
    assert both & set(refused(ask(database, gate, night))) == {"cn.contact.window"}, "the law stays as it is"
    switch(database, POLICY, "on")
    assert both <= set(refused(ask(database, gate, night)))


def test_a_pack_stays_while_nothing_else_gives_its_numbers(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(database, VAULT, 1)
    with pytest.raises(LawStays):
        switch(database, "house", "off")
    looser = tuple(replace(pack, always=False) for pack in lender_law.installed())
    monkeypatch.setattr(lender_law, "installed", lambda: looser)
    with pytest.raises(PackNeeded, match="which the day run needs"):
        switch(database, "house", "off")


def test_the_law_itself_stays(database: Database) -> None:
    set_up(database, VAULT, 1)
    with pytest.raises(LawStays):
        switch(database, "cn", "off")
    with pytest.raises(NoSuchPack):
        switch(database, "us", "off")
    with database.transaction("demo") as tx:  # whatever stands in the row: what is no policy pack lifts nothing
        lenders.set_packs_off(tx, ["cn", "nonsense"])
    late = Clock(MORNING.replace(hour=15))
    assert "cn.contact.window" in refused(ask(database, Gate(VAULT), late))
    with database.transaction("demo") as tx:
        assert "cn" in {pack.id for pack in lender_law.law_of(tx).packs}


def test_a_new_version_of_the_law_is_put_on_record_as_looked_at(database: Database) -> None:
    set_up(database, VAULT, 1)
    switch(database, "cn", "on")
    with database.transaction("demo") as tx:
        cn = next(one for one in lender_law.standing(tx) if one.pack.id == "cn")
        assert cn.on
        assert cn.looked_at
        assert cn.decided is not None
        assert (cn.decided.asked_by, cn.decided.decided_by) == ("compliance:c1", "compliance:c2")
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'pack.switched'") == 1
    with pytest.raises(NothingToDecide):
        switch(database, "cn", "on")


def test_the_day_run_reads_it_and_past_days_stay_provable(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path / "book")
    fill(database, store, VAULT)
    run_day(database, store, VAULT)
    switch(database, POLICY, "off")
    assert verify(database, store, lender_id="demo", day=DAY).holds, "the day ran with the pack, and is proved with it"
    run_day(database, store, VAULT)
    with database.transaction("demo") as tx:
        packs = runs.published(tx, DAY).manifest["inputs"]["packs"]  # type: ignore[index]
    assert POLICY not in packs
    assert "cn" in packs
    assert verify(database, store, lender_id="demo", day=DAY).holds
