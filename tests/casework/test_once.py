"""What holds once, at the gate: a consent until a conversation, a question until an answer, a last notice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from duecourse.casework import holds
from duecourse.casework.holds import HoldKind
from duecourse.casework.outcomes import Outcome
from duecourse.casework.permit import Permit, Refusal
from duecourse.casework.permits import request_permits
from duecourse.casework.settling import release_permit
from duecourse.casework.stating import NotStated, state_fact
from duecourse.law import once
from duecourse.storage import stated
from tests import house_desk
from tests.desk import person
from tests.house_desk import BOLT, GATE, TALKED, VAULT, Desk
from tests.permit_desk import (
    AGENCY,
    OFFICE,
    OPERATOR,
    a_request,
    granted,
    refused,
)  # fmt: skip

america, china = house_desk.america, house_desk.china


def test_a_consent_to_be_called_ends_with_the_conversation(america: Desk) -> None:
    america.make(america.ask(), Outcome.CONNECTED)
    america.clock.forward(days=1)
    assert refused(america.ask()) == TALKED
    america.say("call_consent_direct", firm="acme")
    for _ in range(3):  # rung without answer: nobody talked
        america.make(america.ask(), Outcome.UNANSWERED)
    out = granted(america.ask())
    assert refused(america.ask()) == TALKED  # what is permitted may become the conversation
    america.make(out, Outcome.CONNECTED)
    for days in (0, 1, 3):
        america.clock.forward(days=days)
        assert refused(america.ask()) == TALKED


def test_one_consent_is_no_leave_for_ever(america: Desk) -> None:
    """12 CFR 1006.14(b)(2)(i)(B): without another consent there is a conversation every seventh day, no more."""
    america.say("call_consent_direct", firm="acme")
    talked = []
    for day in range(18):
        for _ in range(3):
            answer = america.ask()
            if isinstance(answer, Permit):
                america.make(answer, Outcome.CONNECTED)
                talked.append(day)
        america.clock.forward(days=1)
    assert talked == [0, 7, 14]


def test_a_conversation_that_the_person_began_uses_the_consent_up(america: Desk) -> None:
    america.make(america.ask(), Outcome.CONNECTED)
    america.clock.forward(seconds=1)
    america.say("call_consent_direct", firm="acme")
    granted_one = granted(america.ask())
    release_permit(
        america.database, "demo", gate=GATE, permit_id=granted_one.permit_id, sender=AGENCY, actor=OPERATOR,
        clock=america.clock,
    )  # fmt: skip
    granted(america.ask())
    america.clock.forward(minutes=30)  # it lapsed
    america.clock.forward(seconds=1)
    america.calls_in(AGENCY.firm)
    assert refused(america.ask()) == TALKED


def test_what_a_law_requires_to_be_sent_is_one_message(america: Desk) -> None:
    """12 CFR 1006.14(h)(2): the refused medium is open to what the law requires, not to the collecting after it."""
    america.say("medium_refused")
    assert refused(america.ask()) == ("us.contact.medium",)
    america.say("medium_required_by_law")
    america.make(granted(america.ask()), Outcome.UNANSWERED)
    for days in (0, 8, 8, 24, 40):  # the message itself is read for 35 days and no longer
        america.clock.forward(days=days)
        assert refused(america.ask()) == ("us.contact.medium",)


def test_what_a_law_requires_is_sent_within_thirty_days(america: Desk) -> None:
    america.say("medium_refused")
    america.say("medium_required_by_law")
    america.clock.forward(days=30)
    assert refused(america.ask()) == ("us.contact.medium",)
    america.clock.forward(days=-1)
    granted(america.ask())


@pytest.mark.parametrize(("days", "stands"), [(0, True), (6, True), (7, False)])
def test_a_consent_to_be_called_lives_for_seven_days(america: Desk, days: int, *, stands: bool) -> None:
    """The day of consent, Tuesday 2026-03-03, is the first; the clocks change on 2026-03-08, within the seven."""
    for _ in range(7):
        america.make(america.ask(), Outcome.UNANSWERED)
    assert refused(america.ask()) == ("us.contact.calls_7d",)
    america.say("call_consent_direct", firm="acme")
    america.clock.forward(days=days)
    with america.database.transaction("demo") as tx:
        tx.execute("UPDATE contact SET local_day = %s", (date(2026, 3, 3) + timedelta(days=days),))
    assert isinstance(america.ask(), Permit if stands else Refusal)


def test_a_consent_is_the_collectors_to_whom_it_was_given(america: Desk) -> None:
    for sender in (AGENCY, BOLT):
        america.make(america.ask(sender), Outcome.CONNECTED)
    america.clock.forward(days=1)
    america.say("call_consent_direct", firm="bolt")
    america.say("call_consent_direct")  # to the lender itself
    assert refused(america.ask()) == TALKED
    america.say("call_consent_direct", firm="bolt")
    granted(america.ask(BOLT))
    with pytest.raises(NotStated, match="leave the firm out"):
        america.say("court_permission", firm="bolt")
    with america.database.transaction("demo") as tx:  # of what was put on record without it, nobody knows to whom
        stated.add(
            tx, person_id=person(1), fact="call_consent_direct", value=True, from_at=america.clock(), to_at=None,
            source="form", actor=str(OPERATOR), now=america.clock(),
        )  # fmt: skip
    assert refused(america.ask()) == TALKED


def test_what_is_used_up_is_said_when_it_begins_and_no_earlier(america: Desk) -> None:
    now = america.clock()
    for fact in ("call_consent_direct", "asked_by_person"):
        with america.database.transaction("demo") as tx, pytest.raises(NotStated, match="begins with what the person"):
            state_fact(
                tx, vault=VAULT, person_id=person(1), fact=fact, value=True, source="recording 7", now=now,
                actor=OPERATOR, from_at=now + timedelta(days=1),
            )  # fmt: skip


def test_after_a_cease_each_notice_goes_out_once(america: Desk) -> None:
    with america.database.transaction("demo") as tx:
        holds.place(
            tx, vault=VAULT, person_id=person(1), kind=HoldKind.CEASE, source="letter 7", actor=OPERATOR,
            clock=america.clock,
        )  # fmt: skip
    again = ("us.contact.cease_notice",)
    assert "us.contact.cease" in refused(america.letter("us.collect.letter"))
    america.make(america.letter("us.cease.ends.letter"), Outcome.SENT)
    assert refused(america.letter("us.cease.ends.letter")) == again
    america.clock.forward(days=30)
    assert refused(america.letter("us.cease.ends.letter")) == again
    america.clock.forward(days=10)  # contacts of that time are not read any more: nobody knows
    unknown = america.letter("us.cease.ends.letter")
    assert isinstance(unknown, Refusal)
    assert unknown.missing == ("cease_notice_sent",)
    america.say("cease_notice_sent", value=False)
    america.make(america.letter("us.cease.ends.letter"), Outcome.SENT)
    assert refused(america.letter("us.cease.ends.letter")) == again
    america.say("cease_notice_sent", value=False)  # nobody's word undoes what was sent
    assert refused(america.letter("us.cease.ends.letter")) == again


@pytest.mark.parametrize(
    ("sent", "asked", "again"),
    [
        ("us.cease.ends.letter", "us.cease.ends.email", True),
        ("us.cease.ends.letter", "us.cease.remedy.letter", False),
        ("us.cease.ends.letter", "own.ends.letter", True),  # it may say the same in other words
        ("own.ends.letter", "us.cease.ends.letter", True),
        ("own.one.letter", "own.two.letter", True),
        (None, "us.cease.ends.letter", True),  # another system sent it
    ],
)
def test_which_notice_a_lenders_own_text_is_nobody_knows(sent: str | None, asked: str, *, again: bool) -> None:
    made = {
        "with_person": True, "direction": "out", "at": 5, "purpose": "notify", "template_id": sent, "loan_keys": [7],
    }  # fmt: skip
    assert once.notice_sent([made], since=5, loans=[7], template=asked) is again
    assert not once.notice_sent([made], since=6, loans=[7], template=asked)
    assert not once.notice_sent([made], since=5, loans=[8], template=asked)
    assert not once.notice_sent([made | {"purpose": "service"}], since=5, loans=[7], template="own.other.letter")


def test_of_a_medium_that_is_named_that_one_is_refused_and_answered_once(america: Desk) -> None:
    america.say("no_letters")
    assert refused(america.letter("us.collect.letter")) == ("us.contact.medium", "house.contact.channel_refused")
    assert isinstance(america.ask(), Permit), "letters were named, and no calls"
    america.clock.forward(seconds=1)
    america.comes("letter")
    assert refused(america.letter("us.collect.letter")) == ("house.contact.channel_refused",), "the law has it open"


def test_a_refused_medium_is_answered_once_and_only_where_the_person_used_it(america: Desk) -> None:
    def closed() -> bool:
        answer = america.letter("us.collect.letter")
        if isinstance(answer, Permit):
            america.make(answer, Outcome.SENT)
            return False
        assert refused(answer) == ("us.contact.medium",)
        return True

    america.comes("letter")  # before the request: no use of it since
    america.clock.forward(seconds=1)
    america.say("medium_refused")
    assert closed()
    with pytest.raises(NotStated, match="takes nobody's word"):
        america.say("medium_answer_open")
    america.comes("email")
    america.comes("letter", agency="bolt")
    assert closed()
    america.comes("letter")
    assert refused(america.ask()) == ("us.contact.medium",)  # it was a letter, and no call
    assert not closed()
    assert closed()
    america.comes("letter")
    assert not closed()
    assert closed()


NO_QUESTION = ("cn.purpose.answer_asked",)
CODE = {"channel": "sms", "template_id": "portal.code.sms", "sender": OFFICE}


def test_a_question_is_answered_once(china: Desk) -> None:
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    china.say("asked_by_person")
    sent = 0
    for _ in range(25):
        answer = china.ask(**CODE)  # type: ignore[arg-type]
        if isinstance(answer, Permit):
            china.make(answer, Outcome.DELIVERED)
            sent += 1
    assert sent == 1
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    china.say("asked_by_person")
    out = granted(china.ask(**CODE))  # type: ignore[arg-type]
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    release_permit(
        china.database, "demo", gate=GATE, permit_id=out.permit_id, sender=OFFICE, actor=OPERATOR, clock=china.clock
    )
    granted(china.ask(**CODE))  # type: ignore[arg-type]


def test_a_question_that_nobody_answered_is_asked_anew_after_thirty_days(china: Desk) -> None:
    china.say("asked_by_person")
    china.clock.forward(days=30)
    assert refused(china.ask(**CODE)) == NO_QUESTION  # type: ignore[arg-type]
    china.clock.forward(days=-1)
    granted(china.ask(**CODE))  # type: ignore[arg-type]


def test_a_batch_uses_up_what_holds_once(america: Desk) -> None:
    america.make(america.ask(), Outcome.CONNECTED)
    america.clock.forward(days=1)
    america.say("call_consent_direct", firm="acme")
    america.clock.forward(seconds=1)
    asked = [
        a_request(america.database, 1, sender=AGENCY, template_id="us.later.call", at=america.clock()) for _ in "ab"
    ]
    first, second = request_permits(
        america.database, "demo", gate=GATE, requests=asked, actor=OPERATOR, clock=america.clock
    )
    granted(first)
    assert refused(second) == TALKED
