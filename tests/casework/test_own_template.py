"""A lender's own templates: in order or told file and line, approved by two people, never edited, gone back from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from duecourse.book.store import Store
from duecourse.casework import approval, lender_texts, own_template
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import NoReason
from duecourse.casework.day_past import verify
from duecourse.casework.gate import Gate
from duecourse.casework.kinds import KINDS
from duecourse.casework.lender_texts import OwnTextUnread, text_from
from duecourse.casework.own_template import (
    ApprovedStays,
    MayNotWithdraw,
    NotInUse,
    StandsAlready,
    TemplateTooLong,
    keep_draft,
    withdraw_template,
)
from duecourse.casework.permit import Answer
from duecourse.law.document import Flaw
from duecourse.storage import own_templates, runs
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import DAY, fill, run_day
from tests.permit_desk import MORNING, Clock, ask, granted, refused, set_up

VAULT = Vault(new_ring())
OFFICER = Actor(Role.COMPLIANCE, "c1")
SECOND = Actor(Role.COMPLIANCE, "c2")
TEXT = """- template: own.call
  version: 1
  jurisdictions: [CN]
  channels: [call]
  purpose: collect
  states:
    mentions_debt: true
    states_identity: true
    states_lender: true
    states_purpose: true
    poses_as_lender: false
    poses_as_authority: false
  text:
    zh: >-
      您好,我是{lender}的{collector},工号{staff_no}。截至{as_of},您尾号{loan_tail}的借款欠{amount_due}。投诉{complaint}。
    en: >-
      I am {collector}, staff no. {staff_no}, of {lender}. As of {as_of} your loan
      ending {loan_tail} owes {amount_due}. Complaints {complaint}.
"""
LATER = TEXT.replace("version: 1", "version: 2").replace("您好,", "您好!")


def keep(database: Database, text: str = TEXT, actor: Actor = OFFICER) -> int:
    with database.transaction("demo") as tx:
        return keep_draft(tx, vault=VAULT, content=text, actor=actor, now=MORNING, file="mine.yaml").draft_id


def asks(database: Database, draft: int, actor: Actor = OFFICER) -> int:
    with database.transaction("demo") as tx:
        return approval.ask(
            tx, kinds=KINDS, vault=VAULT, kind="template.approve", subject=f"template:{draft}",
            asked=own_template.wanted(tx, draft), reason="ours", actor=actor, now=MORNING,
        ).approval_id  # fmt: skip


def decides(database: Database, number: int, actor: Actor = SECOND) -> None:
    with database.transaction("demo") as tx:
        approval.approve(tx, kinds=KINDS, vault=VAULT, approval_id=number, reason="", actor=actor, now=MORNING)


def approved(database: Database, draft: int) -> None:
    decides(database, asks(database, draft))


def withdrawn(database: Database, actor: Actor = OFFICER, reason: str = "wrong words") -> None:
    with database.transaction("demo") as tx:
        withdraw_template(tx, vault=VAULT, template_id="own.call", reason=reason, actor=actor, now=MORNING)


def version_in_use(database: Database) -> int:
    with database.transaction("demo") as tx:
        return lender_texts.register_for(tx)["own.call"].version


@pytest.fixture
def asking(database: Database) -> Callable[[], Answer]:
    set_up(database, VAULT, 1)
    gate, clock = Gate(VAULT, texts=lambda name: text_from(database.url, name)), Clock()
    return lambda: ask(database, gate, clock, template_id="own.call")


def test_the_gate_knows_a_template_when_two_people_have_approved_it_and_not_before(
    database: Database, asking: Callable[[], Answer]
) -> None:
    draft = keep(database)
    assert keep(database) == draft  # the same text again is the same draft
    refused(asking())
    number = asks(database, draft)
    refused(asking())
    with pytest.raises(approval.SameEyes):
        decides(database, number, OFFICER)
    for nobody in (Actor(Role.SUPERVISOR, "s1"), Actor(Role.ADMIN, "a1"), Actor(Role.COLLECTOR, "k1")):
        with pytest.raises(approval.MayNotDecide):
            decides(database, number, nobody)
    decides(database, number)
    granted(asking())
    assert version_in_use(database) == 1


def test_an_approved_text_is_superseded_withdrawn_and_gone_back_to_but_never_edited(
    database: Database, asking: Callable[[], Answer]
) -> None:
    first = keep(database)
    approved(database, first)
    with pytest.raises(ApprovedStays, match="version 2"):
        keep(database, TEXT.replace("您好", "喂"))
    with pytest.raises(StandsAlready):
        asks(database, first)
    second = keep(database, LATER)
    granted(asking())
    approved(database, second)
    assert version_in_use(database) == 2
    approved(database, first)  # back, by two people again
    assert version_in_use(database) == 1
    with pytest.raises(MayNotWithdraw):
        withdrawn(database, Actor(Role.STRATEGIST, "s1"))
    with pytest.raises(NoReason):
        withdrawn(database, reason=" ")
    withdrawn(database)  # one person stops what two let begin
    refused(asking())
    with pytest.raises(NotInUse):
        withdrawn(database)
    with database.transaction("demo") as tx:
        told = tx.execute(
            "SELECT kind FROM log_entry WHERE lender_id = 'demo' AND kind LIKE 'template.%' ORDER BY entry_id"
        ).fetchall()
        states = [(one.version, one.state) for one in own_templates.every(tx)]
    assert [row[0] for row in told] == [
        "template.kept", "template.approved", "template.kept", "template.approved", "template.approved",
        "template.withdrawn",
    ]  # fmt: skip
    assert states == [(2, "approved"), (1, "withdrawn")]
    for change in ("UPDATE own_template SET content = 'x'", "DELETE FROM own_template", "DELETE FROM own_template_use"):
        with pytest.raises(psycopg.Error), database.transaction("demo") as tx:
            tx.execute(change)


def test_two_drafts_of_one_version_cannot_both_be_approved(database: Database, asking: Callable[[], Answer]) -> None:
    one, other = keep(database), keep(database, TEXT.replace("您好", "早上好"))
    late = asks(database, other)
    approved(database, one)
    with pytest.raises(ApprovedStays):
        decides(database, late)
    granted(asking())


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("template: own.call", "template: m1.call"), 1, "named own."),
        (("version: 1", "version: 0"), 2, "counted from 1"),
        (("jurisdictions: [CN]", "jurisdictions: [IN]"), 1, "CN"),
        (("purpose: collect", "purpose: colect"), 5, "collect"),
        (("  purpose: collect", "  puprose: collect"), 5, "purpose"),
        (("{amount_due}。", "{amount_deu}。"), 14, "amount_due"),
        (("mentions_debt: true", "mentions_debt: false"), 6, "mentions_debt"),
        (("  purpose: collect", "  purpose: collect\n  status: approved"), 6, "status"),
    ],
)
def test_what_is_wrong_with_a_draft_is_told_by_file_and_line(
    database: Database, change: tuple[str, str], line: int, said: str
) -> None:
    set_up(database, VAULT, 1)
    with pytest.raises(Flaw) as told:
        keep(database, TEXT.replace(*change))
    assert said in str(told.value)
    assert (told.value.file, told.value.line) == ("mine.yaml", line)


def test_a_draft_that_is_no_text_or_two_or_far_too_long_is_not_kept(database: Database) -> None:
    set_up(database, VAULT, 1)
    for text in ("", "[]", "plain", TEXT + TEXT, "{", TEXT + "\t"):
        with pytest.raises(Flaw):
            keep(database, text)
    for text in ("x" * 70_000, TEXT + "\0"):
        with pytest.raises(TemplateTooLong):
            keep(database, text)


def test_a_text_that_binds_and_cannot_be_read_lets_nothing_pass(
    database: Database, asking: Callable[[], Answer]
) -> None:
    with database.transaction("demo") as tx:
        tx.execute(
            "UPDATE lender SET own_templates = %s WHERE lender_id = 'demo'", ([f"demo:{'00' * 32}:2026-01-01:"],)
        )
    with pytest.raises(OwnTextUnread):
        asking()


def test_a_past_day_is_verified_by_the_texts_that_stood_then(database: Database, tmp_path: Path) -> None:
    store = Store(tmp_path)
    fill(database, store, VAULT, 60)
    approved(database, keep(database))
    run_day(database, store, VAULT)
    with database.transaction("demo") as tx:
        manifest: Any = runs.published(tx, DAY).manifest
    assert [one.split(":")[0] for one in manifest["inputs"]["own_templates"]] == ["demo"]
    approved(database, keep(database, LATER))
    assert verify(database, store, lender_id="demo", day=DAY).holds


def test_own_templates_never_have_the_name_of_one_that_ships() -> None:
    assert not any(name.startswith("own.") for name in lender_texts.shipped("CN").templates)
    assert date.fromisoformat(lender_texts.name_of("demo", "00", DAY).split(":")[2]) == DAY
