"""Permits over HTTP: the whole way of a contact, its refusals, and who may do what to whose."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import loan, person
from tests.permit_desk import MORNING, point
from tests.web.conftest import Site, problem

TEXT = b"the script as it is spoken"
HASH = sha256(TEXT).hexdigest()
DIALLER = (Scope.PERMIT_REQUEST, Scope.PERMIT_READ, Scope.PERMIT_REDEEM, Scope.OUTCOME_REPORT)
NUMBERS = iter(range(1, 1_000))
"""Borrowers; each test takes new ones, since one server serves all."""


@pytest.fixture
def number() -> int:
    """A borrower whom nobody has contacted yet."""
    return next(NUMBERS)


@pytest.fixture
def agency(site: Site) -> Iterator[httpx.Client]:
    with site.client(*DIALLER, firm="acme") as client:
        yield client


@pytest.fixture
def office(site: Site) -> Iterator[httpx.Client]:
    with site.client(*DIALLER, name="office") as client:
        yield client


def contact(site: Site, number: int, **changed: object) -> dict[str, Any]:
    """A call to a borrower by an agent of the agency, as JSON."""
    return {
        "person": str(person(number)),
        "loans": [str(loan(number))],
        "contact_point": str(point(site.database, number)),
        "channel": "call",
        "at": site.now().isoformat(),
        "template": "m1.call",
        "content_sha256": HASH,
        "staff": "a017",
    } | changed


def ask(client: httpx.Client, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    return client.post("/permits", json=body, headers={"Idempotency-Key": key or uuid4().hex})


def granted(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1/permits/{found['permit']}"
    return found


def redeem(client: httpx.Client, permit: str, **changed: object) -> httpx.Response:
    return client.post(f"/permits/{permit}/redemption", json={"content_sha256": HASH, "staff": "a017"} | changed)


def report(client: httpx.Client, permit: str, outcome: str = "unanswered") -> httpx.Response:
    return client.post(f"/permits/{permit}/outcome", json={"outcome": outcome})


def test_the_way_of_a_contact(site: Site, agency: httpx.Client, number: int) -> None:
    permit = granted(ask(agency, contact(site, number)))
    assert permit["purpose"] == "collect"
    assert permit["relation"] == "borrower"
    assert permit["sender"] == {"type": "agency", "firm": "acme"}
    assert permit["expires_at"] == (site.now() + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")
    where = f"/permits/{permit['permit']}"
    assert agency.get(where).json()["state"] == "reserved"
    used = redeem(agency, permit["permit"])
    assert used.status_code == 200, used.text
    assert agency.get(where).json()["state"] == "redeemed"
    settled = report(agency, permit["permit"], "connected")
    assert settled.status_code == 200, settled.text
    kept = agency.get(where).json()
    assert (kept["state"], kept["outcome"]) == ("reported", "connected")
    assert kept["permit"] == permit
    assert report(agency, permit["permit"], "connected").json() == settled.json()
    problem(report(agency, permit["permit"], "unanswered"), Kind.CONFLICT)


def test_one_borrower_has_one_budget_across_everybody(
    site: Site, agency: httpx.Client, office: httpx.Client, number: int
) -> None:
    for client, staff in ((agency, "a017"), (office, "E01"), (agency, "a017")):
        granted(ask(client, contact(site, number, staff=staff)))
    said = problem(ask(office, contact(site, number, staff="E01")), Kind.REFUSED)
    refusal = said["refusal"]
    assert refusal["why"] == "law"
    (reason,) = (one for one in refusal["reasons"] if one["rule"] == "cn.contact.connected_calls")
    assert reason["source"]["instrument"] == "GB/T 45251-2025"
    assert reason["facts"]["connected_calls_person_day"] == 3
    assert reason["instead"]
    assert refusal["next_open"] == "2026-03-03T00:00:00Z"
    assert said["detail"] == refusal["says"]


def test_a_refusal_is_kept_and_can_be_read(site: Site, agency: httpx.Client, number: int) -> None:
    site.set_clock(MORNING + timedelta(hours=12))
    body = contact(site, number)
    said = problem(ask(agency, body, key := uuid4().hex), Kind.REFUSED)
    assert {one["rule"] for one in said["refusal"]["reasons"]} >= {"cn.contact.window"}
    kept = agency.get(f"/permits/{said['refusal']['permit']}").json()
    assert (kept["state"], kept["refusal"]) == ("refused", said["refusal"])
    zh = agency.post("/permits", json=body, headers={"Idempotency-Key": key, "Accept-Language": "zh-CN"})
    assert problem(zh, Kind.REFUSED)["detail"].startswith("拒绝")
    problem(redeem(agency, said["refusal"]["permit"]), Kind.CONFLICT)


def test_a_permit_is_redeemed_once_by_its_sender_with_its_content_in_its_time(
    site: Site, agency: httpx.Client, office: httpx.Client, number: int
) -> None:
    permit = granted(ask(agency, contact(site, number)))["permit"]

    def why(answer: httpx.Response) -> str:
        return str(problem(answer, Kind.REFUSED)["refusal"]["why"])

    assert why(redeem(office, permit)) == "other_sender"
    assert why(redeem(agency, permit, staff="a099")) == "other_sender"
    assert why(redeem(agency, permit, content_sha256="0" * 64)) == "other_content"
    assert redeem(agency, permit).status_code == 200
    assert why(redeem(agency, permit)) == "used"
    late = granted(ask(agency, contact(site, number)))["permit"]
    site.set_clock(MORNING + timedelta(minutes=10))
    assert why(redeem(agency, late)) == "expired"


def test_the_same_key_gives_the_same_answer(site: Site, agency: httpx.Client, number: int) -> None:
    body, key = contact(site, number), uuid4().hex
    first = granted(ask(agency, body, key))
    site.set_clock(MORNING + timedelta(minutes=1))
    assert granted(ask(agency, body, key)) == first
    said = problem(ask(agency, body | {"content_sha256": "0" * 64}, key), Kind.OTHER_REQUEST)
    assert key not in said["detail"]
    problem(agency.post("/permits", json=body), Kind.INVALID)  # a key is needed


def test_what_nobody_is_named_by_is_said_once(site: Site, agency: httpx.Client, number: int) -> None:
    for wrong in (None, "a 017", "x" * 65):
        said = problem(ask(agency, contact(site, number, staff=wrong)), Kind.INVALID)
        assert [one["pointer"] for one in said["errors"]] == ["/staff"]


def test_a_text_for_another_channel_is_refused_with_what_to_do(site: Site, agency: httpx.Client, number: int) -> None:
    said = problem(ask(agency, contact(site, number, template="m1.notice.sms")), Kind.REFUSED)
    (reason,) = (one for one in said["refusal"]["reasons"] if one["rule"] == "house.template.approved")
    assert reason["instead"].startswith("use a text that the register approves for this channel")


def test_a_batch_is_answered_in_its_order(site: Site, agency: httpx.Client, number: int) -> None:
    requests = [contact(site, number, idempotency_key=uuid4().hex) for _ in range(5)]
    found = agency.post("/permits/batch", json={"requests": requests})
    assert found.status_code == 200, found.text
    answers = found.json()["answers"]
    assert [one["idempotency_key"] for one in answers] == [one["idempotency_key"] for one in requests]
    assert [one["permit"] is not None for one in answers] == [True] * 3 + [False] * 2
    assert [one["refusal"] is not None for one in answers] == [False] * 3 + [True] * 2
    assert agency.post("/permits/batch", json={"requests": requests}).json() == found.json()
    problem(agency.post("/permits/batch", json={"requests": []}), Kind.INVALID)


def test_a_batch_says_which_of_its_requests_cannot_be_asked(site: Site, agency: httpx.Client, number: int) -> None:
    good = [contact(site, number, idempotency_key=uuid4().hex) for _ in range(3)]
    for changed, kind in (
        ({"contact_point": "1"}, Kind.INVALID),
        ({"loans": [str(loan(number)), str(loan(next(NUMBERS)))]}, Kind.INVALID),
        ({"idempotency_key": good[0]["idempotency_key"]}, Kind.INVALID),
        ({"sender": {"type": "agency", "firm": "rival"}}, Kind.NO_SCOPE),
    ):
        batch = [*good[:2], good[2] | changed]
        said = problem(agency.post("/permits/batch", json={"requests": batch}), kind)
        assert said["errors"] == [{"in": "body", "pointer": "/requests/2", "detail": said["detail"]}], changed
    found = agency.post("/permits/batch", json={"requests": good})
    assert [one["permit"] is not None for one in found.json()["answers"]] == [True] * 3, "nothing was reserved before"
    other = [good[0] | {"template": "m1.call", "staff": "a018"}]
    said = problem(agency.post("/permits/batch", json={"requests": other}), Kind.OTHER_REQUEST)
    assert said["errors"][0]["pointer"] == "/requests/0"


def test_checking_reserves_nothing(site: Site, agency: httpx.Client, number: int) -> None:
    for _ in range(5):
        found = agency.post("/permits/check", json=contact(site, number)).json()
        assert (found["allowed"], found["reasons"]) == (True, [])
    site.set_clock(MORNING + timedelta(hours=12))
    found = agency.post("/permits/check", json=contact(site, number)).json()
    assert found["allowed"] is False
    assert found["next_open"] == "2026-03-03T00:00:00Z"


def test_other_lenders_and_other_firms_see_nothing(site: Site, agency: httpx.Client, number: int) -> None:
    permit = granted(ask(agency, contact(site, number)))["permit"]
    with site.client(*DIALLER, lender="other") as other:
        problem(other.get(f"/permits/{permit}"), Kind.NOT_FOUND)
        problem(redeem(other, permit), Kind.NOT_FOUND)
        problem(report(other, permit), Kind.NOT_FOUND)
        problem(ask(other, contact(site, number)), Kind.INVALID)
    with site.client(*DIALLER, firm="rival") as rival:
        problem(rival.get(f"/permits/{permit}"), Kind.NOT_FOUND)
        problem(report(rival, permit), Kind.NOT_FOUND)
        problem(redeem(rival, permit), Kind.NOT_FOUND)
        no_permit = problem(redeem(rival, str(10**9)), Kind.NOT_FOUND)
        assert problem(redeem(rival, permit), Kind.NOT_FOUND)["detail"] == no_permit["detail"]
        assert agency.get(f"/permits/{permit}").json()["state"] == "reserved"
        site.set_clock(MORNING + timedelta(hours=12))
        refusal = problem(ask(agency, contact(site, number)), Kind.REFUSED)["refusal"]["permit"]
        problem(redeem(rival, refusal), Kind.NOT_FOUND)
        problem(report(rival, refusal), Kind.NOT_FOUND)
        problem(report(agency, refusal), Kind.CONFLICT)


def test_a_call_is_not_delivered_and_a_message_not_answered(site: Site, agency: httpx.Client, number: int) -> None:
    """Else whoever calls would count his calls as unanswered, and pass the cap of those that connect."""
    call = granted(ask(agency, contact(site, number)))["permit"]
    for wrong in ("delivered", "sent"):
        said = problem(report(agency, call, wrong), Kind.INVALID)
        assert f"{wrong} is no outcome of a contact by call: it is one of connected" in said["detail"]
    assert agency.get(f"/permits/{call}").json()["state"] == "reserved", "nothing was settled"
    assert report(agency, call, "connected").status_code == 200
    text = granted(ask(agency, contact(site, number, channel="sms", template="m1.notice.sms", staff="")))["permit"]
    problem(report(agency, text, "connected"), Kind.INVALID)
    assert report(agency, text, "delivered").status_code == 200
    came = {"person": str(person(number)), "loans": [str(loan(number))], "at": site.now().isoformat()}
    never = (("call", "delivered"), ("call", "not_sent"), ("sms", "connected"), ("sms", "failed"), ("visit", "busy"))
    for channel, wrong in never:
        problem(agency.post("/contacts", json=came | {"channel": channel, "outcome": wrong}), Kind.INVALID)


def test_an_outcome_says_when_the_contact_was_made(site: Site, agency: httpx.Client, number: int) -> None:
    permit = granted(ask(agency, contact(site, number)))["permit"]
    assert redeem(agency, permit).status_code == 200
    site.set_clock(MORNING + timedelta(days=1))

    def told(at: datetime) -> httpx.Response:
        return agency.post(f"/permits/{permit}/outcome", json={"outcome": "connected", "at": at.isoformat()})

    for wrong in (MORNING - timedelta(seconds=1), MORNING + timedelta(days=1, seconds=1)):
        assert "at:" in problem(told(wrong), Kind.INVALID)["detail"]
    assert told(MORNING + timedelta(seconds=30)).json()["at"] == "2026-03-02T02:00:30Z"


def test_speaking_for_another_needs_a_scope(site: Site, agency: httpx.Client, number: int) -> None:
    other = contact(site, number, sender={"type": "agency", "firm": "rival"})
    problem(ask(agency, other), Kind.NO_SCOPE)
    problem(ask(agency, contact(site, number, sender={"type": "lender"})), Kind.NO_SCOPE)
    granted(ask(agency, contact(site, number, sender={"type": "agency", "firm": "acme"})))
    for_acme = contact(site, number, sender={"type": "agency", "firm": "acme"})
    with site.client(*DIALLER, name="office") as plain:
        problem(ask(plain, for_acme), Kind.NO_SCOPE)
    with site.client(*DIALLER, Scope.PERMIT_ACT_FOR_SENDER, name="switch") as switch:
        permit = granted(ask(switch, for_acme))
        assert permit["sender"] == {"type": "agency", "firm": "acme"}
        assert redeem(switch, permit["permit"], sender={"type": "agency", "firm": "acme"}).status_code == 200
    assert report(agency, permit["permit"]).status_code == 200


def test_a_sender_with_unreported_outcomes_is_stopped(site: Site) -> None:
    with site.client(*DIALLER, name="silent") as office:
        permits = []
        for _ in range(20):
            permit = granted(ask(office, contact(site, next(NUMBERS), staff="E01")))["permit"]
            assert redeem(office, permit, staff="E01").status_code == 200
            permits.append(permit)
        stopped = problem(ask(office, contact(site, next(NUMBERS), staff="E01")), Kind.REFUSED)
        assert stopped["refusal"]["why"] == "sender_stopped"
        assert report(office, permits[0]).status_code == 200
        granted(ask(office, contact(site, next(NUMBERS), staff="E01")))
        for permit in permits[1:]:
            assert report(office, permit).status_code == 200


def test_a_contact_that_came_in_uses_up_nothing(site: Site, office: httpx.Client, number: int) -> None:
    body = contact(site, number)
    inbound = {
        "person": body["person"], "loans": body["loans"], "contact_point": body["contact_point"], "channel": "call",
        "outcome": "connected", "at": body["at"],
    }  # fmt: skip
    for _ in range(4):
        noted = office.post("/contacts", json=inbound)
        assert noted.status_code == 201, noted.text
    granted(ask(office, contact(site, number, staff="E01")))
    later = (site.now() + timedelta(minutes=1)).isoformat()
    problem(office.post("/contacts", json=inbound | {"at": later}), Kind.INVALID)


@pytest.mark.parametrize(
    "changed",
    [
        {"person": 81},
        {"person": "81x"},
        {"person": "9223372036854775808"},
        {"loans": []},
        {"loans": ["1", "1"]},
        {"channel": "fax"},
        {"at": "2026-03-01T10:00:00"},
        {"content_sha256": "A" * 64},
        {"template": "M1 call"},
        {"purpose": "service"},
        {"sender": {"type": "agency"}},
        {"visit": {"collectors": 0, "enters_private": False}},
        {"visit": {"collectors": True, "enters_private": 1}},
        {"contact_point": "4"},
        {"staff": "a b"},
    ],
)
def test_what_cannot_be_asked(site: Site, agency: httpx.Client, changed: dict[str, Any]) -> None:
    answer = ask(agency, contact(site, 1) | changed)
    assert problem(answer, Kind.INVALID)["detail"]


def test_many_at_once_never_pass_a_cap_nor_waste_it(site: Site) -> None:
    """Twelve diallers ask for four borrowers at once: of each, three calls are allowed, and three are granted."""
    borrowers = [next(NUMBERS) for _ in range(4)]
    bodies = [contact(site, one) for one in borrowers]
    found: Counter[tuple[str, int]] = Counter()
    guard, start = threading.Lock(), threading.Barrier(12)

    def dialler() -> None:
        with site.client(*DIALLER, firm="acme") as client:
            start.wait()
            for body in bodies * 2:
                status = ask(client, body).status_code
                with guard:
                    found[body["person"], status] += 1

    threads = [threading.Thread(target=dialler) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {status for _, status in found} == {201, 409}
    assert [found[body["person"], 201] for body in bodies] == [3] * 4
