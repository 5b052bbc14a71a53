"""What the lender says once of all its claims: over HTTP and on screen, asked by the gate, each act on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from duecourse.casework.actor import Role
from duecourse.casework.lender_facts import SAYABLE
from duecourse.casework.token import NotAToken
from duecourse.storage import lender_facts
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.permit_desk import MORNING
from tests.web.conftest import Site, problem
from tests.web.reader import Ground
from tests.web.test_permits import DIALLER, ask, contact, granted

PLACE = "/lender/facts"
SAID = {"fact": "calls_unrecorded", "value": True, "source": "line list 7"}


SPEAKER = (*DIALLER, Scope.LENDER_STATE, Scope.LAW_ANALYSE)


@pytest.fixture
def speaker(site: Site) -> Iterator[httpx.Client]:
    with site.client(*SPEAKER, name="core-1") as client:
        yield client


@pytest.fixture
def own_speaker(own_site: Site) -> Iterator[httpx.Client]:
    """The same on a desk of its own: what a lender says holds for everybody who calls for it."""
    with own_site.client(*SPEAKER, name="core-1") as client:
        yield client


def say(client: httpx.Client, key: str = "", **said: bool | str | None) -> httpx.Response:
    return client.post(PLACE, json=SAID | said, headers={"Idempotency-Key": key or uuid4().hex})


def end(client: httpx.Client, stated: object) -> httpx.Response:
    return client.post(f"{PLACE}/{stated}/ending", headers={"Idempotency-Key": uuid4().hex})


def test_what_is_said_is_asked_at_the_gate_until_it_ends(own_site: Site, own_speaker: httpx.Client) -> None:
    body = contact(own_site, 1, staff="E01")
    key = uuid4().hex
    said = say(own_speaker, key)
    assert said.status_code == 201, said.text
    assert say(own_speaker, key).json() == said.json()
    problem(say(own_speaker, key, value=False), Kind.OTHER_REQUEST)
    own_site.set_clock(MORNING + timedelta(seconds=1))
    refusal = problem(ask(own_speaker, body), Kind.REFUSED)["refusal"]
    assert [one["rule"] for one in refusal["reasons"]] == ["cn_cba_2026.record.calls"]
    number = said.json()["stated"]
    listed = own_speaker.get(PLACE, headers={"Accept-Language": "zh"}).json()
    found = [one for one in listed["said"] if one["stated"] == number]
    assert [(one["fact"], one["by"], one["source"]) for one in found] == [
        ("calls_unrecorded", "system:core-1", "line list 7")
    ]
    assert "录音" in found[0]["means"]
    assert end(own_speaker, number).status_code == 200
    problem(end(own_speaker, number), Kind.NOT_FOUND)
    granted(ask(own_speaker, body))
    assert next(one["ended_by"] for one in own_speaker.get(PLACE).json()["said"] if one["stated"] == number)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fact": "no_such"}, {"fact": "time_agreed"}, {"value": "maybe"}, {"value": None}, {"source": " "},
        {"fact": "consumer_debt", "firm": "acme"}, {"until": "2020-01-01T00:00:00Z"}, {"firm": "a firm"},
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_a_problem(speaker: httpx.Client, wrong: dict[str, bool | str | None]) -> None:
    problem(say(speaker, uuid4().hex, **wrong), Kind.INVALID)


def test_no_other_token_says_it(site: Site) -> None:
    with site.client(Scope.FACT_STATE) as other:
        problem(say(other), Kind.NO_SCOPE)
        problem(other.get(PLACE), Kind.NO_SCOPE)
    with pytest.raises(NotAToken):
        site.token(Scope.LENDER_STATE, firm="acme")


def test_compliance_says_it_on_screen_and_everybody_reads_it(ground: Ground) -> None:
    officer, collector = ground.reader(Role.COMPLIANCE), ground.reader(Role.COLLECTOR)
    page = officer.get("/law/facts").text
    assert all(f"say-{name}" in page for name in SAYABLE)
    said = officer.post("/law/facts/calls_unrecorded", "/law/facts", value="true", source="line list", firm="acme")
    assert said.status_code == 303, said.text
    page = officer.get("/law/facts").text
    assert ("line list" in page, "one-compliance" in page, "/law/facts/1/end" in page) == (True, True, True)
    late = officer.post(
        "/law/facts/call_recorded", "/law/facts", **{"value": "true", "source": "x", "from": "2026-03-09",
        "until": "2026-03-08"},
    )  # fmt: skip
    assert (late.status_code, "before it begins" in late.text) == (422, True)
    seen = collector.get("/law/facts").text
    assert ("line list" in seen, "/law/facts/1/end" in seen, "say-autodialled" in seen) == (True, False, False)
    assert collector.post("/law/facts/1/end").status_code == 403
    ground.clock.forward(minutes=1)
    assert officer.post("/law/facts/1/end", "/law/facts").status_code == 303
    assert officer.post("/law/facts/1/end", "/law/facts").status_code == 422
    with ground.database.transaction("demo") as tx:
        kinds = [str(row[0]) for row in tx.execute("SELECT kind FROM log_entry WHERE kind LIKE 'lender.fact%'")]
        assert kinds == ["lender.fact_stated", "lender.fact_ended"]
        assert [one.ended_by for one in lender_facts.every(tx)] == ["compliance:one-compliance"]
