"""What nobody may say goes into no template and no notice, and is refused with its words and rule."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from duecourse.casework import images, issue_notice, letters
from duecourse.casework import letterhead as of_letterhead
from duecourse.casework.channel_setup import set_up as set_up_channel
from duecourse.casework.gate import Gate
from duecourse.casework.issue_notice import preview
from duecourse.casework.lender_texts import text_from
from duecourse.casework.letterhead import enter_line
from duecourse.casework.message import Wanted, prepare
from duecourse.casework.notes import record_note
from duecourse.casework.own_template import keep_draft
from duecourse.casework.parties import POINTS, Batch
from duecourse.casework.speech import NotToBeNoted, NotToBeSaid
from duecourse.law.terms import Channel
from duecourse.storage import letterhead, log, messages, notices, own_templates
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests import notice_desk as notice_desk_of
from tests.desk import persons as nobody
from tests.desk import register, ties
from tests.notice_desk import COLLECTOR, OFFICE, OFFICER, URL, Desk, draft, notice_desk
from tests.permit_desk import Clock
from tests.work_desk import NOW

BAD = {
    "threat": "再不还就弄死你", "shaming": "把你欠钱的照片贴到小区公告栏", "false_legal": "不还钱警察会来抓你",
}  # fmt: skip
"""What nobody may type, by category."""


def test_neither_a_template_nor_what_is_typed_may_threaten(database: Database, tmp_path: Path) -> None:
    desk = notice_desk(database, tmp_path, Vault(new_ring()), 60)
    text = draft("dunning_letter", 2)
    marred = text.replace("    zh: |", "    zh: |\n      不还就去你 家 闹。", 1)
    assert marred != text
    with database.transaction("demo") as tx:
        before = len(own_templates.every(tx))
        with pytest.raises(
            NotToBeSaid, match=r"own\.dunning_letter \(zh\) says '去你 家 闹': a threat \(rule threat\.family\)"
        ):
            keep_draft(tx, vault=desk.vault, content=marred, actor=OFFICER, now=NOW)
        assert len(own_templates.every(tx)) == before
        with pytest.raises(NotToBeSaid, match="next_step says '弄死你'"):
            preview(tx, desk.store, desk.wanted(said={"next_step": "再不还就弄死你"}), now=NOW)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """A desk with a notice to issue, and a borrower who has a mobile."""
    vault = Vault(new_ring())
    found = notice_desk(database, tmp_path, vault, 60)
    mobile = {
        "person_id": found.person, "kind": "phone", "label": "hand", "value": "154 0000 7777", "zone": None,
        "consent": "contract",
    }  # fmt: skip
    register(database, vault, Batch(nobody(), pl.DataFrame([mobile], schema=POINTS), ties()), now=NOW)
    return found


def rows(desk: Desk) -> tuple[int, int, int]:
    """How many notices, messages and lines of letters there are."""
    with desk.database.transaction("demo") as tx:
        return (
            len(notices.of_person(tx, desk.person)), len(messages.latest(tx)),
            len(letterhead.on_day(tx, "", NOW.date())),
        )  # fmt: skip


def test_what_is_typed_for_a_borrower_is_refused_on_every_way_out(desk: Desk, tmp_path: Path) -> None:
    with desk.database.transaction("demo") as tx:
        set_up_channel(
            tx, vault=desk.vault, name="captured", given={"folder": str(tmp_path / "sent")}, actor=OFFICER, now=NOW
        )
    asked = Wanted(
        case_id=desk.case, person_id=desk.person, channel=Channel.SMS, sender=OFFICE, key="k1",
        template_id="plan.offer.sms", said={"plan_terms": "", "amount_offer": "100.00 CNY"},
    )  # fmt: skip

    def previewed(words: str) -> None:
        with desk.database.transaction("demo") as tx:
            preview(tx, desk.store, desk.wanted(said={"next_step": words}), now=NOW)

    def texted(words: str) -> None:
        with desk.database.transaction("demo") as tx:
            prepare(
                tx, vault=desk.vault, store=desk.store, wanted=replace(asked, said={**asked.said, "plan_terms": words}),
                public_url=URL, actor=COLLECTOR, now=NOW, chance=_chance,
            )  # fmt: skip

    def put_on_letters(words: str) -> None:
        with desk.database.transaction("demo") as tx:
            enter_line(
                tx, vault=desk.vault, name="pay_at", value=f"本行 App，{words}", source="t", actor=OFFICER, now=NOW
            )

    ways: dict[str, Callable[[str], object]] = {
        "a notice tried": previewed,
        "a notice issued": lambda words: desk.issue(desk.wanted(said={"next_step": words})),
        "a text message": texted,
        "a line of letters": put_on_letters,
    }
    before = rows(desk)
    for way, say in ways.items():
        for category, words in BAD.items():
            with pytest.raises(NotToBeSaid) as refused:
                say(words)
            assert refused.value.found.category == category, (way, words)
            with pytest.raises(NotToBeSaid):
                say(" ".join(words))  # letters apart
    assert rows(desk) == before
    previewed("七日后再次联系您")
    texted("分三期归还")
    put_on_letters("或柜面")
    assert desk.issue()


def test_words_of_two_places_that_meet_in_the_text_are_read_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        notice_desk_of, "draft", lambda *asked: draft(*asked).replace("{next_step}", "{next_step}{plan_terms}")
    )
    desk.approve("dunning_letter", 2)
    apart = desk.wanted(said={"next_step": "不还就去你", "plan_terms": "家闹事"})
    for issue in (lambda: desk.issue(apart), lambda: _preview(desk, apart)):
        with pytest.raises(NotToBeSaid, match=r"own\.dunning_letter says '去你家闹'"):
            issue()
    assert desk.issue(desk.wanted(said={"next_step": "七日后联系您", "plan_terms": "可分期"}))


def _preview(desk: Desk, wanted: issue_notice.Wanted) -> None:
    with desk.database.transaction("demo") as tx:
        preview(tx, desk.store, wanted, now=NOW)


def test_a_notice_of_before_goes_neither_by_hand_nor_by_letter(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.approve("dunning_image")
    with monkeypatch.context() as before:  # issued when the guard did not know the words yet
        before.setattr(issue_notice, "screened", lambda *_texts, **_own: None)
        letter = desk.issue(desk.wanted(said={"next_step": BAD["shaming"]}))
        before.setattr(of_letterhead, "screened", lambda *_texts, **_own: None)
        desk.enter({"pay_at": f"本行 App，{BAD['false_legal']}"})
        picture = desk.issue(desk.wanted("dunning_image"))
    gate = Gate(desk.vault, texts=lambda name: text_from(desk.database.url, name))
    with pytest.raises(NotToBeSaid, match="a false legal consequence"):
        images.hand_out(
            desk.database, "demo", gate=gate, notice_id=picture, channel=Channel.MMS_IMAGE, staff="a0", key="k",
            actor=COLLECTOR, clock=Clock(NOW), chance=_chance,
        )  # fmt: skip
    with desk.database.transaction("demo") as tx:
        batch = letters.make_batch(tx, vault=desk.vault, named=[letter], actor=COLLECTOR, now=NOW).batch_id
    done = letters.hand_over(
        desk.database, "demo", gate=gate, batch_id=batch, actor=COLLECTOR, clock=Clock(NOW), chance=_chance
    )
    assert done.file is None
    assert ["what nobody may say" in (one.left_out or {}).get("en", "") for one in done.letters] == [True]
    assert rows(desk)[1] == 0


def test_a_note_says_of_nobody_what_may_not_be_said_to_him(desk: Desk) -> None:
    for words in (BAD["threat"], BAD["shaming"]):
        with desk.database.transaction("demo") as tx, pytest.raises(NotToBeNoted):
            record_note(tx, vault=desk.vault, case_id=desk.case, text=words, actor=COLLECTOR, now=NOW)
    with desk.database.transaction("demo") as tx:
        said = "他说前一家公司威胁要让警察抓他"
        assert record_note(tx, vault=desk.vault, case_id=desk.case, text=said, actor=COLLECTOR, now=NOW)
        assert [one.kind for one in log.of_person(tx, desk.person)].count("note.recorded") == 1


def _chance(size: int) -> bytes:
    return os.urandom(size)


def guard(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command."""
    command = [sys.executable, "-m", "duecourse", "guard", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_the_guard_at_the_terminal() -> None:
    done = guard("check", "您好", "You will be arrested", "--json")
    assert done.returncode == 1, done.stderr
    (one,) = json.loads(done.stdout)
    assert (one["text"], one["category"], one["rule"], one["words"]) == (
        2,
        "false_legal",
        "false_legal.crime",
        "arrested",
    )
    clean = guard("check", text="您好\nGood morning\n")
    assert (clean.returncode, clean.stdout) == (0, "Nothing in it that nobody may say.\n")
    assert guard("check", "请致电13800138000", "--own", "138 0013 8000").returncode == 0
    assert "threat.gang" in guard("rules").stdout
    assert guard("measure", "/nowhere").returncode == 2
