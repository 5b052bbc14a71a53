"""Four eyes: one asks, another decides, once; what was asked is what is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import psycopg
import pytest

from duecourse.casework import approval
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import AskedAlready, Decided, Kind, MayNotAsk, MayNotDecide, NoReason, SameEyes
from duecourse.casework.user import ROLE_OF_POWER, NotYourself, add_user
from duecourse.storage import approvals, log, users
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import NOW, enter

ASKER = Actor(Role.ADMIN, "a1")
OTHER = Actor(Role.COMPLIANCE, "c1")
KINDS: Mapping[str, Kind] = {ROLE_OF_POWER.kind: ROLE_OF_POWER}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def vault() -> Vault:
    return Vault(new_ring())


@pytest.fixture
def desk(database: Database, vault: Vault) -> Database:
    enter(database)
    with database.transaction("demo") as tx:
        add_user(tx, vault=vault, user_id="E01", team=None, actor=ASKER, now=NOW)
    return database


def ask(tx: Tx, vault: Vault, *, actor: Actor = ASKER, role: str = "admin") -> Approval:
    return approval.ask(
        tx, kinds=KINDS, vault=vault, kind="user.role", subject=f"user:E01:{role}", asked={"user": "E01", "role": role},
        reason="leads from Monday", actor=actor, now=NOW,
    )  # fmt: skip


def approve(tx: Tx, vault: Vault, number: int, actor: Actor = OTHER) -> Approval:
    return approval.approve(
        tx,
        kinds=KINDS,
        vault=vault,
        approval_id=number,
        reason="",
        actor=actor,
        now=LATER,
    )


def test_what_is_approved_is_done_with_it(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        asked = ask(tx, vault)
        assert users.get(tx, "E01").roles == ()
        done = approve(tx, vault, asked.approval_id)
        assert (done.decision, done.decided_by) == ("approved", "compliance:c1")
        assert users.get(tx, "E01").roles == ("admin",)
        kinds = [str(row[0]) for row in tx.execute("SELECT kind FROM log_entry ORDER BY entry_id")]
    assert kinds[-3:] == ["approval.asked", "approval.approved", "user.role_given"]


def test_who_asked_never_decides(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        number = ask(tx, vault).approval_id
        for role in Role:
            with pytest.raises(SameEyes):
                approve(tx, vault, number, Actor(role, ASKER.ref))
    with desk.transaction("demo") as tx, pytest.raises(psycopg.errors.CheckViolation):
        approvals.decide(tx, number, decision="approved", by=f"compliance:{ASKER.ref}", reason=None, now=LATER)


def test_only_roles_of_the_kind_ask_and_decide(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        with pytest.raises(MayNotAsk):
            ask(tx, vault, actor=Actor(Role.COLLECTOR, "x"))
        number = ask(tx, vault).approval_id
        for role in set(Role) - ROLE_OF_POWER.decides:
            with pytest.raises(MayNotDecide):
                approve(tx, vault, number, Actor(role, "x"))
        assert users.get(tx, "E01").roles == ()


def test_a_decision_stands(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        number = ask(tx, vault).approval_id
        with pytest.raises(NoReason):
            approval.refuse(tx, kinds=KINDS, vault=vault, approval_id=number, reason=" ", actor=OTHER, now=LATER)
        approval.refuse(tx, kinds=KINDS, vault=vault, approval_id=number, reason="not now", actor=OTHER, now=LATER)
        with pytest.raises(Decided):
            approve(tx, vault, number)
        with pytest.raises(Decided):
            approval.withdraw(tx, vault=vault, approval_id=number, actor=ASKER, now=LATER)
    with desk.transaction("demo") as tx, pytest.raises(psycopg.errors.RestrictViolation):
        approvals.decide(tx, number, decision="approved", by="compliance:c2", reason=None, now=LATER)


def test_the_same_waits_once_and_again_after_it_was_decided(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        number = ask(tx, vault).approval_id
        with pytest.raises(AskedAlready):
            ask(tx, vault)
        ask(tx, vault, role="auditor")
        approval.withdraw(tx, vault=vault, approval_id=number, actor=ASKER, now=LATER)
        assert ask(tx, vault).approval_id != number


def test_what_waits_and_what_is_decided_is_listed_page_by_page(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        made = [ask(tx, vault, role=role).approval_id for role in ("admin", "auditor", "compliance", "supervisor")]
        assert [one.approval_id for one in approvals.pending(tx)] == made
        assert [one.approval_id for one in approvals.pending(tx, after=made[1], most=1)] == [made[2]]
        for number in made:
            approval.withdraw(tx, vault=vault, approval_id=number, actor=ASKER, now=LATER)
        assert approvals.pending(tx, after=made[1]) == [], "one that was decided meanwhile still tells where to go on"
        assert [one.approval_id for one in approvals.decided(tx)] == made[::-1]
        assert [one.approval_id for one in approvals.decided(tx, 2, after=made[3])] == [made[2], made[1]]


def test_what_waits_too_long_lapses_and_is_not_approved_any_more(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        asked = ask(tx, vault)
        with pytest.raises(Decided):
            approval.approve(
                tx, kinds=KINDS, vault=vault, approval_id=asked.approval_id, reason="", actor=OTHER, now=asked.lapses_at
            )
        assert approval.lapse(tx, vault=vault, now=asked.lapses_at - timedelta(seconds=1)) == 0
        assert approval.lapse(tx, vault=vault, now=asked.lapses_at) == 1
        assert approvals.get(tx, asked.approval_id).decision == "lapsed"
        assert approvals.pending(tx) == []
        entry = log.get(tx, log.last_id(tx))
        assert entry is not None
        assert (entry.kind, entry.actor) == ("approval.lapsed", "schedule:lapse")


def test_nobody_is_approved_into_a_role_by_the_one_who_gets_it(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        number = ask(tx, vault).approval_id
        with pytest.raises(NotYourself):
            approve(tx, vault, number, Actor(Role.ADMIN, "E01"))


def test_of_two_who_decide_at_once_one_is_told_it_is_decided(desk: Database, vault: Vault) -> None:
    with desk.transaction("demo") as tx:
        number = ask(tx, vault).approval_id
    said: list[str] = []

    def decide(ref: str) -> None:
        try:
            with desk.transaction("demo") as tx:
                approve(tx, vault, number, replace(OTHER, ref=ref))
            said.append("done")
        except Decided:
            said.append("decided")

    threads = [Thread(target=decide, args=(f"c{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["decided"] * 5 + ["done"]
