"""A stop is confirmed once, where the law lets it be, whatever is repeated, killed or asked in parallel; else never."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Thread

import pytest

from duecourse.casework import inbound
from duecourse.casework.channel_setup import set_up as set_up_channel
from duecourse.casework.confirming import confirm_due
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.inbound import Inbound
from duecourse.casework.lender_facts import state_lender_fact
from duecourse.casework.letterhead import enter_line
from duecourse.casework.message import queue_prepared, sealed, whole
from duecourse.casework.permit import PermitRequest
from duecourse.casework.posting import Lines, lock_name, work_off
from duecourse.casework.stating import NotStated, state_fact
from duecourse.channels.render import compose
from duecourse.channels.render.examples import example_values
from duecourse.law.fact import Value
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel
from duecourse.storage import confirmations, messages, persons, points
from duecourse.storage.confirmations import Confirmation
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import loan, person, phones
from tests.permit_desk import AGENCY, OPERATOR, Clock, ask, granted, point, refused, set_up
from tests.post_desk import Desk
from tests.sms_peer import Centre, sms_peer

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
US = Lender("demo", "Demo Credit", "US", "America/New_York", "USD", "bank", demo=True, masters={})
NUMBER = "+12125550101"
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)
KNOWN: dict[str, Value] = {
    "initial_communication": False, "validation_given": True, "days_since_initial_communication": 9,
}  # fmt: skip
OF_PERSON: dict[str, Value] = {
    "resident_territory": "other_state", "address_basis": "direct_consent", "days_since_text_renewal": 3,
    "automated_consent": True, "address_confirmed": True,
}  # fmt: skip
SAID: dict[str, Value] = {"consumer_debt": True, "amount_authorised": True}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with sms_peer(tmp_path_factory.mktemp("sms")) as centre:
        yield centre


@pytest.fixture
def centre(running: Centre) -> Centre:
    running.tell(mood="takes", receipts="", hang_up=True)
    running.file.write_text("", encoding="utf-8")
    return running


@dataclass
class America:
    """A borrower in New York whom an agency texts, and a message centre."""

    database: Database
    clock: Clock
    lines: Lines = field(default_factory=Lines)

    def open(self, centre: Centre) -> None:
        set_up(self.database, VAULT, 1, lender=US, points=phones(1, value=NUMBER, zone="America/New_York"))
        with self.database.transaction("demo") as tx:
            for name, fact in (KNOWN | OF_PERSON).items():
                state_fact(
                    tx, vault=VAULT, person_id=person(1), fact=name, value=fact, source="file", now=self.clock(),
                    actor=OPERATOR, loan_key=loan(1) if name in KNOWN else None,
                )  # fmt: skip
            for name, fact in SAID.items():
                state_lender_fact(
                    tx, vault=VAULT, fact=name, value=fact, source="form 7", actor=OPERATOR, now=self.clock()
                )  # fmt: skip
            state_lender_fact(
                tx, vault=VAULT, fact="autodialled", value=False, source="form 7", actor=OPERATOR, now=self.clock(),
                firm=AGENCY.firm,
            )  # fmt: skip
            for firm in ("", AGENCY.firm):
                for name in ("business",) if not firm else ("agency",):
                    enter_line(
                        tx, vault=VAULT, name=name, value="Example Customer Services", firm=firm, source="form",
                        actor=OPERATOR, now=self.clock(),
                    )  # fmt: skip
            set_up_channel(
                tx, vault=VAULT, name="sms", given=centre.settings(), minute_max=60_000, actor=OPERATOR,
                now=self.clock(),
            )  # fmt: skip

    def text(self) -> None:
        """Let the agency text the borrower about the debt."""
        template = load_register(jurisdiction="US")["us.collect.sms"]
        with self.database.transaction("demo") as tx:
            number = messages.next_id(tx)
            key = VAULT.person("demo", person(1), persons.wrapped(tx, person(1)))
        words = whole(compose(template, example_values(template, "en"), "en", verify=None))
        request = PermitRequest(
            person_id=person(1), loan_keys=(loan(1),), contact_point_id=point(self.database, 1), channel=Channel.SMS,
            at=self.clock(), template_id=template.id, content_hash=sha256(words).hexdigest(), sender=AGENCY,
            idempotency_key="first",
        )  # fmt: skip
        made = sealed(VAULT, key, number, words, request=request, lang="en", chance=os.urandom)
        granted(queue_prepared(self.database, "demo", gate=GATE, prepared=[made], actor=OPERATOR, clock=self.clock)[0])
        self.work()

    def hear(self, text: str, ref: str = "mo-1") -> None:
        with self.database.transaction("demo") as tx:
            came = Inbound(
                channel=Channel.SMS, sender=NUMBER, receiver="10690000", text=text, at=self.clock(), provider_ref=ref
            )
            inbound.receive(tx, gate=GATE, came=came, actor=OPERATOR, clock=self.clock)

    def work(self) -> int:
        with self.database.session_lock(lock_name("w1")):
            return work_off(Post(self.database, GATE, self.clock), "demo", worker="w1", lines=self.lines, threads=1)

    def ask_once(self) -> int:
        return confirm_due(
            self.database, "demo", gate=GATE, public_url=None, actor=OPERATOR, clock=self.clock, chance=os.urandom
        )

    def rows(self) -> list[Confirmation]:
        with self.database.transaction("demo") as tx:
            found = [int(n) for (n,) in tx.execute("SELECT inbound_id FROM inbound ORDER BY inbound_id")]
            return [one for n in found if (one := confirmations.of_inbound(tx, n)) is not None]

    def stopped(self) -> bool:
        with self.database.transaction("demo") as tx:
            return next(one for one in points.of_person(tx, person(1)) if one.kind == "phone").state == "stopped"


@pytest.fixture
def america(database: Database, centre: Centre) -> Iterator[America]:
    found = America(database, Clock(NOON))
    found.open(centre)
    found.text()
    centre.file.write_text("", encoding="utf-8")
    yield found
    found.lines.close()


def test_a_stop_acts_at_once_and_is_confirmed_once_through_the_gate(america: America, centre: Centre) -> None:
    america.clock.forward(minutes=1)
    america.hear("STOP")
    assert america.stopped()
    america.work()
    assert [text for text in centre.texts() if "no more texts" in text] == centre.texts()
    assert len(centre.texts()) == 1
    one = america.rows()[0]
    assert (one.state, one.until) == ("queued", america.clock() + timedelta(minutes=5))
    for again in range(3):
        america.clock.forward(seconds=20)
        america.hear("STOP", f"again-{again}")
        america.work()
    assert len(centre.texts()) == 1
    with america.database.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM message") == 2
        assert tx.value("SELECT template_id FROM message ORDER BY message_id DESC LIMIT 1") == "us.opt_out.sms"
        assert tx.value("SELECT purpose FROM permit_request ORDER BY permit_id DESC LIMIT 1") == "answer"
    rules = refused(
        ask(america.database, GATE, america.clock, channel="sms", sender=AGENCY, template_id="us.collect.sms")
    )
    assert {"house.contact.point", "us.tcpa.revoked"} <= set(rules)
    with pytest.raises(NotStated, match="nobody's word"), america.database.transaction("demo") as tx:
        state_fact(
            tx, vault=VAULT, person_id=person(1), fact="opt_out_confirmation_open", value=True, source="me",
            actor=OPERATOR, now=america.clock(),
        )  # fmt: skip


def test_workers_side_by_side_make_one(america: America, centre: Centre) -> None:
    america.hear("STOP")
    asking = [Thread(target=america.ask_once) for _ in range(6)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    america.work()
    assert len(centre.texts()) == 1
    with america.database.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM message WHERE template_id = 'us.opt_out.sms'") == 1


def test_whoever_dies_between_the_law_and_the_gate_leaves_it_to_the_next(
    america: America, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    america.hear("STOP")
    with monkeypatch.context() as died:
        died.setattr("duecourse.casework.confirming.queue_prepared", _dies)
        with pytest.raises(SystemExit):
            america.ask_once()
    assert [one.state for one in america.rows()] == ["due"]
    assert america.ask_once() == 1
    assert america.ask_once() == 0
    america.work()
    assert len(centre.texts()) == 1


def _dies(*_: object, **__: object) -> None:
    raise SystemExit


def test_after_its_time_and_outside_the_window_nothing_goes(america: America, centre: Centre) -> None:
    america.hear("STOP")
    america.clock.forward(minutes=5)
    america.work()
    assert [(one.state, one.why) for one in america.rows()] == [("late", "late")]
    assert centre.texts() == []


def test_at_night_the_gate_refuses_it_like_any_message(america: America, centre: Centre) -> None:
    america.clock.at = datetime(2026, 3, 4, 3, tzinfo=UTC)  # 22:00 in New York
    america.hear("STOP")
    america.work()
    assert [(one.state, one.why) for one in america.rows()] == [("refused", "law")]
    assert centre.texts() == []
    assert america.stopped()


def test_one_that_waits_past_its_time_is_withheld_by_the_gate(america: America, centre: Centre) -> None:
    america.hear("STOP")
    assert america.ask_once() == 1
    america.clock.forward(minutes=6)
    america.work()
    assert centre.texts() == []
    with america.database.transaction("demo") as tx:
        assert tx.value("SELECT state FROM message ORDER BY message_id DESC LIMIT 1") == "withheld"


def test_where_the_law_is_silent_none_is_sent_and_that_is_on_record(database: Database, centre: Centre) -> None:
    desk = Desk(database, GATE, Clock())
    desk.fill(1)
    desk.set_up(centre)
    desk.queue(1)
    desk.work()
    centre.file.write_text("", encoding="utf-8")
    with database.transaction("demo") as tx:
        found = next(one for one in points.of_person(tx, person(1)) if one.kind == "phone")
        key = VAULT.person("demo", person(1), persons.wrapped(tx, person(1)))
        sender = key.open(
            points.field_name(found.contact_point_id), points.sealed(tx, person(1), found.contact_point_id)
        )
        assert sender is not None
        came = Inbound(
            channel=Channel.SMS, sender=sender.value, receiver="1069", text="退订", at=desk.clock(), provider_ref="x"
        )
        number = inbound.receive(tx, gate=GATE, came=came, actor=OPERATOR, clock=desk.clock).row.inbound_id
    desk.work()
    desk.lines.close()
    with database.transaction("demo") as tx:
        one = confirmations.of_inbound(tx, number)
        assert one is not None
        assert (one.state, one.why, one.message_id) == ("none", "law", None)
        assert tx.value("SELECT count(*) FROM log_entry WHERE kind = 'stop.not_confirmed'") == 1
    assert centre.texts() == []
