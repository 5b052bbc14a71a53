"""What people write lands once, on the case of whose it is, with the contact that it answers; nobody is guessed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import polars as pl
import pytest

from duecourse.casework import disclosure, inbound
from duecourse.casework.gate import Gate
from duecourse.casework.inbound import Inbound, NotInbound, NotTheirs, NotUnplaced, Received, receive
from duecourse.casework.mail_reports import take_over
from duecourse.casework.outcomes import Outcome
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.settling import record_outcome
from duecourse.channels.email.reply import read_reply, unquoted
from duecourse.evidence import record
from duecourse.law.terms import Channel
from duecourse.storage import case_file, cases, log, persons, rotation, transports
from duecourse.storage import inbound as kept
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person, phones
from tests.mail_peer import Peer, mail_peer
from tests.permit_desk import CONTENT, MORNING, OPERATOR, Clock, ask, granted, set_up
from tests.post_desk import Desk

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


def number_of(n: int) -> str:
    return str(phones(n)["value"][0])


@pytest.fixture
def desk(database: Database) -> Database:
    """Borrowers C1 to C4 with open cases; C3 and C4 share a phone; C1 guarantees nothing."""
    points = pl.concat([phones(1), phones(2), phones(3), phones(4, value=number_of(3))])
    set_up(database, VAULT, 1, 2, 3, 4, points=points)
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person(n) for n in (1, 2, 3, 4)]), day=MORNING.date(), by="rule")
        cases.set_loans(
            tx, pl.DataFrame([{"person_id": person(n), "loan_key": loan(n)} for n in range(1, 5)]),
            day=MORNING.date(),
        )  # fmt: skip
    return database


def came(n: int = 1, text: str = "好的", **changed: object) -> Inbound:
    values: dict[str, object] = {
        "channel": Channel.SMS, "sender": number_of(n), "receiver": "1069000", "text": text,
        "at": MORNING + timedelta(minutes=5), "provider_ref": f"mo-{n}",
    }  # fmt: skip
    return Inbound(**(values | changed))  # type: ignore[arg-type]


def take(desk: Database, what: Inbound, clock: Clock | None = None) -> Received:
    with desk.transaction("demo") as tx:
        return receive(tx, gate=GATE, came=what, actor=OPERATOR, clock=clock or Clock(MORNING + timedelta(minutes=6)))


def count(tx: Tx, table: str) -> int:
    return int(str(tx.value(f"SELECT count(*) FROM {table}")))  # noqa: S608 - names of ours


def test_a_reply_lands_once_with_the_contact_that_it_answers(desk: Database) -> None:
    earlier = granted(ask(desk, GATE, Clock(), 1, channel="sms"))
    with desk.transaction("demo") as tx:
        tx.execute("UPDATE contact SET state = 'reported', outcome = 'sent', connected = false")
    first = take(desk, came(text="  发工资就还，15号 "))
    assert not first.again
    row = first.row
    assert (row.state, row.person_id, row.debtor_id, row.answers) == ("landed", person(1), person(1), earlier.permit_id)
    again = take(desk, came(text="another text under the same name"))
    assert again.again
    assert again.row == row
    with desk.transaction("demo") as tx:
        case = cases.of_person(tx, person(1))[0].case_id
        assert row.case_id == case
        assert (count(tx, "inbound"), count(tx, "contact WHERE direction = 'in'")) == (1, 1)
        told = case_file.happenings(tx, person_id=person(1), people=[person(1)], now=MORNING + timedelta(hours=1))
        assert [one.kind for one in told if one.what.get("direction") == "in" or one.kind == "inbound"] == ["inbound"]
        sealed = tx.execute("SELECT text_sealed FROM inbound").fetchone()
        assert sealed is not None
        assert "工资".encode() not in bytes(sealed[0])
        key = VAULT.person("demo", person(1), persons.wrapped(tx, person(1)))
        entry = next(one for one in log.of_person(tx, person(1)) if one.kind == "inbound.received")
        record.open_fact(entry.content, "text", "发工资就还，15号", key.secret)
        assert disclosure.openings(tx, entry, key)
        text = inbound.read_text(
            tx, vault=VAULT, inbound_id=row.inbound_id, purpose="contact", actor=OPERATOR, now=MORNING
        )
        assert text is not None
        assert text.value == "发工资就还，15号"
        assert count(tx, "log_entry WHERE kind = 'person.reveal'") == 1


def test_the_number_may_be_written_in_any_way(desk: Database) -> None:
    plain = number_of(2)
    for nth, sender in enumerate((plain, "+8615400000002", "0086 154-0000-0002", "１５４００００ ０００２")):
        assert take(desk, came(2, sender=sender, provider_ref=f"form-{nth}")).row.person_id == person(2), sender


@pytest.mark.parametrize(
    ("sender", "why"), [("+8615499999999", "unknown"), ("10086", "unknown"), ("BANK", "unknown"), (None, "several")]
)
def test_nobody_is_guessed(desk: Database, sender: str | None, why: str) -> None:
    row = take(desk, came(3, "hello", sender=sender or number_of(3))).row
    assert (row.state, row.unplaced, row.person_id, row.case_id) == ("unplaced", why, None, None)
    with desk.transaction("demo") as tx:
        assert count(tx, "contact") == 0
        assert [one.inbound_id for one in kept.latest(tx, state="unplaced")] == [row.inbound_id]


def test_a_person_says_whose_it_is_or_that_it_is_nobodys(desk: Database) -> None:
    shared = take(desk, came(3, "我下周还")).row
    strange = take(desk, came(sender="+8615499999999", text="优惠贷款", provider_ref="ad")).row
    clock = Clock(MORNING + timedelta(hours=1))
    with desk.transaction("demo") as tx:
        case = cases.of_person(tx, person(4))[0].case_id
        with pytest.raises(NotTheirs):
            inbound.place(
                tx,
                gate=GATE,
                inbound_id=shared.inbound_id,
                person_id=person(1),
                case_id=case,
                actor=OPERATOR,
                clock=clock,
            )
        row = inbound.place(
            tx, gate=GATE, inbound_id=shared.inbound_id, person_id=person(4), case_id=case, actor=OPERATOR, clock=clock
        )
        assert (row.state, row.person_id, row.case_id, row.placed_by) == ("landed", person(4), case, str(OPERATOR))
        assert row.contact_id is not None
        text = inbound.read_text(
            tx, vault=VAULT, inbound_id=row.inbound_id, purpose="contact", actor=OPERATOR, now=clock()
        )
        assert text is not None
        assert text.value == "我下周还"
        gone = inbound.dismiss(tx, vault=VAULT, inbound_id=strange.inbound_id, actor=OPERATOR, now=clock())
        assert gone.state == "dismissed"
        assert inbound.read_text(
            tx, vault=VAULT, inbound_id=gone.inbound_id, purpose="contact", actor=OPERATOR, now=clock()
        ) is None  # fmt: skip
        for done in (row, gone):
            with pytest.raises(NotUnplaced):
                inbound.dismiss(tx, vault=VAULT, inbound_id=done.inbound_id, actor=OPERATOR, now=clock())


def test_keys_within_a_call_of_ours_are_that_contact(desk: Database) -> None:
    call = granted(ask(desk, GATE, Clock(), 1))
    row = take(desk, came(channel=Channel.ROBOT_CALL, text="9", sender="", answers=call.permit_id)).row
    assert (row.person_id, row.answers, row.contact_id) == (person(1), call.permit_id, None)
    with desk.transaction("demo") as tx:
        assert count(tx, "contact WHERE direction = 'in'") == 0


def test_a_call_that_the_person_made_is_a_contact_of_its_own(desk: Database) -> None:
    """12 CFR 1006.14(b)(2)(i)(B) and its like count conversations, whoever began them."""
    call = granted(ask(desk, GATE, Clock(), 1, channel="call", template_id="m1.call"))
    made = [
        came(channel=Channel.CALL, text="您昨天打来过", at=MORNING + timedelta(hours=5), provider_ref="in-1"),
        came(
            channel=Channel.CALL, text="您昨天打来过", at=MORNING + timedelta(hours=5), provider_ref="in-2",
            answers=call.permit_id,
        ),
    ]  # fmt: skip
    for number, one in enumerate(made, start=1):
        row = take(desk, one, Clock(MORNING + timedelta(hours=6))).row
        assert row.contact_id is not None
        with desk.transaction("demo") as tx:
            assert count(tx, "contact WHERE direction = 'in' AND channel = 'call'") == number


def test_a_call_back_after_one_that_nobody_answered_is_a_contact(desk: Database) -> None:
    clock = Clock()
    call = granted(ask(desk, GATE, clock, 1, channel="call", template_id="m1.call"))
    redeem_permit(
        desk, "demo", gate=GATE, permit_id=call.permit_id, sender=call.sender, content_hash=CONTENT, actor=OPERATOR,
        clock=clock,
    )  # fmt: skip
    record_outcome(
        desk, "demo", gate=GATE, permit_id=call.permit_id, sender=call.sender, outcome=Outcome.UNANSWERED,
        actor=OPERATOR, clock=clock,
    )  # fmt: skip
    row = take(desk, came(channel=Channel.CALL, text="我回电", sender="", answers=call.permit_id)).row
    assert row.contact_id is not None


def test_bad_input_is_said_and_nothing_is_kept(desk: Database) -> None:
    for changed in (
        {"text": " \n"},
        {"text": "a\0b"},
        {"text": "x" * 20_001},
        {"provider_ref": ""},
        {"provider_ref": "a\n"},
    ):
        with pytest.raises(NotInbound):
            came(**changed)  # type: ignore[arg-type]
    with pytest.raises(NotInbound):
        take(desk, came(at=MORNING + timedelta(days=2)))
    with desk.transaction("demo") as tx:
        assert count(tx, "inbound") == 0


def test_of_many_who_bring_the_same_one_is_kept(desk: Database) -> None:
    found: list[Received] = []
    threads = [threading.Thread(target=lambda: found.append(take(desk, came(2)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(one.again for one in found) == [False] + [True] * 5
    assert len({one.row.inbound_id for one in found}) == 1


def test_a_new_key_of_the_ring_seals_what_waits_too(desk: Database) -> None:
    row = take(desk, came(sender="+8615499999999", text="谁？")).row
    newer = Vault(VAULT.ring.with_new("k2"))
    rotation.rotate(desk, "demo", newer)
    with desk.transaction("demo") as tx:
        key_id, _sealed = kept.sealed(tx, row.inbound_id)
        assert key_id == newer.ring.newest
        text = inbound.read_text(
            tx, vault=newer, inbound_id=row.inbound_id, purpose="contact", actor=OPERATOR, now=MORNING
        )
    assert text is not None
    assert text.value == "谁？"


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with mail_peer(tmp_path) as running:
        yield running


def mail(
    to: str,
    text: str,
    *,
    answers: str = "",
    sender: str = "demo-1@example.com",
    name: str = "<m1@example.com>",
    **more: str,
) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"Zhang <{sender}>", to, "Re: your account"
    made["Date"], made["Message-ID"] = "Mon, 02 Mar 2026 10:01:00 +0800", name
    if answers:
        made["In-Reply-To"] = answers
    for header, value in more.items():
        made[header.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


def test_an_answer_by_e_mail_lands_without_what_it_quotes(database: Database, peer: Peer) -> None:
    sending = Desk(database, GATE, Clock())
    sending.fill(1, 2)
    sending.set_up(peer)
    sending.queue(1)
    sending.work()
    ours = next(
        line.partition(":")[2].strip() for line in original(peer).splitlines() if line.lower().startswith("message-id:")
    )
    address = sending_address(database)
    text = "我已经失业了，能不能延期？\n\n在 2026年3月2日 10:00，示例银行 写道：\n> 您的借款\n> 退订"
    raws = [
        mail("anything@bank.example", text, answers=ours),
        mail("anything@bank.example", text, answers=ours),
        mail("anything@bank.example", "我不是他", answers=ours, sender="other@example.com", name="<m2@example.com>"),
        mail(address, "hello", sender="demo-2@example.com", name="<m3@example.com>"),
        mail(address, "hello", sender="stranger@example.com", name="<m4@example.com>"),
        mail("elsewhere@bank.example", "hello", name="<m5@example.com>"),
        mail(address, "On holiday", name="<m6@example.com>", Auto_Submitted="auto-replied"),
    ]
    found = dict(take_over(database, raws, gate=GATE, actor=OPERATOR, clock=Clock(MORNING + timedelta(minutes=9))))
    assert found == {"reply landed": 3, "read before": 1, "reply unplaced": 1, "not ours": 1, "no report": 1}
    with database.transaction("demo") as tx:
        rows = kept.latest(tx)[::-1]
        assert [(one.person_id, one.other_sender, one.answers is not None) for one in rows] == [
            (person(1), False, True), (person(1), True, True), (person(2), False, False), (None, False, False),
        ]  # fmt: skip
        text_kept = inbound.read_text(
            tx, vault=VAULT, inbound_id=rows[0].inbound_id, purpose="contact", actor=OPERATOR, now=MORNING
        )
    assert text_kept is not None
    assert text_kept.value == "我已经失业了，能不能延期？"
    sending.lines.close()


def original(peer: Peer) -> str:
    content = peer.handler.kept[0].content
    assert isinstance(content, bytes)
    return content.decode("ascii")


def sending_address(database: Database) -> str:
    with database.transaction("demo") as tx:
        return str(transports.every(tx)[0].settings["from"])


@pytest.mark.parametrize(
    ("whole", "new"),
    [
        ("停止联系我\r\n\r\n------------------ 原始邮件 ------------------\r\n发件人: 银行\r\n退订", "停止联系我"),
        ("Stop.\n\nOn Mon, 2 Mar 2026 at 10:00, Example Bank <a@b.example> wrote:\n> pay", "Stop."),
        ("ok\n\n-----Original Message-----\nFrom: Bank\nstop", "ok"),
        ("好\n________________________________\n发件人: 银行\n发送时间: 今天", "好"),
        ("知道了\n\n发自我的iPhone", "知道了"),
        ("> only quoted", "> only quoted"),
        ("From: me to you: I will pay on Friday", "From: me to you: I will pay on Friday"),
    ],
)
def test_what_is_quoted_is_cut_off(whole: str, new: str) -> None:
    assert unquoted(whole) == new


def test_a_page_of_html_is_read_by_its_words() -> None:
    made = EmailMessage()
    made["From"], made["To"] = "demo-1@example.com", "a@bank.example"
    made.set_content(
        "<style>p{}</style><p>I cannot pay.</p><blockquote><p>Please pay &amp; stop</p></blockquote>", subtype="html"
    )
    found = read_reply(made.as_bytes())
    assert found is not None
    assert found.text == "I cannot pay."
    assert found.name.startswith("sha256:")
    assert read_reply(b"\xff\xfe" * 50) is None
    for subject, body, text in (
        ("STOP", "", "STOP"), ("Cease all contact", "See my letter.", "Cease all contact\n\nSee my letter."),
        ("Re: your account", "See my letter.", "See my letter."), ("回复：您的账户", "好的", "好的"),
    ):  # fmt: skip
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = "one@example.com", "us@example.com", subject
        made.set_content(body)
        found = read_reply(made.as_bytes())
        assert found is not None
        assert found.text == text
