"""Holds over HTTP act at once; facts and overrides let pass what they may, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import loan, person
from tests.permit_desk import MORNING, point
from tests.web.conftest import Site, problem
from tests.web.test_permits import DIALLER, NUMBERS, ask, contact, granted, redeem


@pytest.fixture
def office(site: Site) -> Iterator[httpx.Client]:
    scopes = (Scope.HOLD_PLACE, Scope.HOLD_END, Scope.FACT_STATE, Scope.PERMIT_OVERRIDE)
    with site.client(*DIALLER, *scopes, name="officer-7") as client:
        yield client


def rules(answer: httpx.Response) -> set[str]:
    return {one["rule"] for one in problem(answer, Kind.REFUSED)["refusal"]["reasons"]}


def test_a_hold_voids_what_was_granted_and_ends(site: Site, office: httpx.Client) -> None:
    number = next(NUMBERS)
    body = contact(site, number, staff="E01")
    before = granted(ask(office, body))["permit"]
    hold = {"person": str(person(number)), "kind": "dispute", "source": "call:17", "loan": str(loan(number))}
    placed = office.post("/holds", json=hold | {"reason": "张三 says the loan is not his"})
    assert placed.status_code == 201, placed.text
    assert placed.json()["voided"] == 1
    assert problem(redeem(office, before, staff="E01"), Kind.REFUSED)["refusal"]["why"] == "ended"
    assert "house.hold.dispute" in rules(ask(office, body))
    problem(office.post("/holds", json=hold), Kind.CONFLICT)
    ending = f"/holds/{placed.json()['hold']}/ending"
    early = problem(office.post(ending, json={"person": str(person(number))}), Kind.CONFLICT)
    assert "begins at 2026-03-02T02:00:00+00:00" in early["detail"]
    site.set_clock(MORNING + timedelta(minutes=1))
    ended = office.post(ending, json={"person": str(person(number)), "reason": "decided"})
    assert ended.status_code == 200, ended.text
    problem(office.post(ending, json={"person": str(person(number))}), Kind.CONFLICT)
    granted(ask(office, contact(site, number, staff="E01")))


def test_what_is_said_of_a_loan_that_is_not_the_persons_is_refused(site: Site, office: httpx.Client) -> None:
    number = next(NUMBERS)
    who = {"person": str(person(number)), "source": "call:17"}
    fact = who | {"fact": "time_agreed", "value": True}
    for theirs in ("123", str(loan(number + 1))):
        for place, said in (("/holds", who | {"kind": "dispute"}), ("/facts", fact)):
            detail = problem(office.post(place, json=said | {"loan": theirs}), Kind.INVALID)["detail"]
            assert "has no tie to a loan" in detail
    granted(ask(office, contact(site, number, staff="E01")))
    for ends in (
        {"until": "2026-01-01T00:00:00Z"},
        {"begins": "2026-05-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"},
    ):
        assert "before it begins" in problem(office.post("/facts", json=fact | ends), Kind.INVALID)["detail"]


def test_a_wrong_number_names_its_contact_point(site: Site, office: httpx.Client) -> None:
    number = next(NUMBERS)
    wrong = {"person": str(person(number)), "kind": "wrong_number", "source": "call:18"}
    problem(office.post("/holds", json=wrong), Kind.CONFLICT)
    named = office.post("/holds", json=wrong | {"contact_point": str(point(site.database, number))})
    assert named.status_code == 201, named.text
    assert "house.contact.point" in rules(ask(office, contact(site, number, staff="E01")))


def test_other_lenders_place_no_holds_here(site: Site) -> None:
    hold = {"person": str(person(1)), "kind": "cease", "source": "call:19"}
    with site.client(Scope.HOLD_PLACE, lender="other") as other:
        problem(other.post("/holds", json=hold), Kind.INVALID)


def test_an_agreed_consent_opens_the_night(site: Site, office: httpx.Client) -> None:
    number = next(NUMBERS)
    site.set_clock(MORNING + timedelta(hours=12, minutes=30))  # 22:30
    body = contact(site, number, staff="E01")
    assert rules(ask(office, body)) == {"cn.contact.window", "cn_cba_2026.contact.night"}
    fact = {"person": str(person(number)), "fact": "time_consent_recorded", "value": True, "source": "record:5"}
    stated = office.post("/facts", json=fact)
    assert stated.status_code == 201, stated.text
    permit = granted(ask(office, body))
    lifted = {one["rule"]: (one["lifted_by"], one["source"]["instrument"]) for one in permit["lifted"]}
    assert lifted == {
        "cn.contact.window": (["time_consent_recorded"], "GB/T 45251-2025"),
        "cn_cba_2026.contact.night": (["time_consent_recorded"], "金融机构个人消费类贷款催收工作指引(试行)"),
    }
    assert office.get(f"/permits/{permit['permit']}").json()["permit"]["lifted"] == permit["lifted"]
    for wrong in ({"fact": "sms_person_day", "value": 0}, {"fact": "no_such"}, {"value": "yes"}, {"value": None}):
        problem(office.post("/facts", json=fact | wrong), Kind.INVALID)


def test_an_override_lifts_recommendations_for_one_request(site: Site, office: httpx.Client) -> None:
    number, key = next(NUMBERS), uuid4().hex
    site.set_clock(MORNING + timedelta(hours=13))  # 23:00: shall not, which nobody overrides
    said = {"person": str(person(number)), "idempotency_key": key, "staff": "E01", "reason": "asked to be called"}
    given = office.post("/overrides", json=said)
    assert given.status_code == 201, given.text
    assert "cn.contact.window" in rules(ask(office, contact(site, number, staff="E01"), key))
    problem(office.post("/overrides", json=said | {"reason": " "}), Kind.INVALID)
