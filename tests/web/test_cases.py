"""Cases over HTTP: worked by programs of the lender, masked, attributed to the token, and closed to other firms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import polars as pl
import pytest

from duecourse.casework.token import LENDER_ONLY
from duecourse.client import Client, Conflict
from duecourse.storage import cases, collectors
from duecourse.storage.collectors import Collector
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import loan, person
from tests.permit_desk import MORNING
from tests.web.conftest import Site, problem
from tests.web.test_permits import NUMBERS
from tests.web.test_strategies import post

DAY = date(2026, 3, 2)


@pytest.fixture
def office(site: Site) -> Iterator[httpx.Client]:
    with site.client(Scope.CASE_READ, Scope.CASE_WORK, name="desk-1") as client:
        yield client


@pytest.fixture
def case(site: Site) -> tuple[int, int]:
    """The number of an open case, and of its borrower."""
    number = next(NUMBERS)
    people = pl.Series([person(number)])
    with site.database.transaction("demo") as tx:
        for staff in ("E01", "E02"):
            collectors.put(tx, Collector(staff, "early", [], ["zh"], 10, DAY - timedelta(days=90)))
        cases.open_many(tx, people, day=DAY, by="test")
        cases.set_loans(tx, pl.DataFrame({"person_id": people, "loan_key": [loan(number)]}), day=DAY)
        found = cases.of_person(tx, person(number))[0].case_id
    return found, number


def test_a_case_is_laid_open_masked(office: httpx.Client, case: tuple[int, int]) -> None:
    number, borrower = case
    found = office.get(f"/cases/{number}").json()
    assert found["person"] == str(person(borrower))
    (who,) = found["people"]
    assert who["name"] == "张*"
    assert {one["relation"] for one in who["ties"]} == {"borrower"}
    assert {one["kind"] for one in who["contact_points"]} == {"phone", "app"}
    assert f"0000{borrower:04d}" not in office.get(f"/cases/{number}").text.replace(" ", "")
    assert found["meanings"]["overdue_minor"].startswith("What has to be paid today")
    problem(office.get("/cases/999999999"), Kind.NOT_FOUND)


def test_what_may_be_done_now_and_until_when_it_may_not(
    site: Site, office: httpx.Client, case: tuple[int, int]
) -> None:
    number, _ = case
    ways = {one["channel"]: one for one in office.get(f"/cases/{number}/openings?staff=E01").json()["ways"]}
    assert ways["call"]["answer"]["allowed"]
    assert ways["call"]["purpose"] == "collect"
    site.set_clock(MORNING + timedelta(hours=12, minutes=30))  # 22:30
    ways = {one["channel"]: one for one in office.get(f"/cases/{number}/openings?staff=E01").json()["ways"]}
    answer = ways["call"]["answer"]
    assert not answer["allowed"]
    assert answer["next_open"] == "2026-03-03T00:00:00Z"
    assert "cn.contact.window" in {one["rule"] for one in answer["reasons"]}


def test_notes_are_sealed_and_their_reading_is_told(office: httpx.Client, case: tuple[int, int]) -> None:
    number, _ = case
    written = post(office, f"/cases/{number}/notes", f"note-{number}", text="周五还款")
    assert written.status_code == 201, written.text
    assert office.get(f"/cases/{number}").json()["notes"] == 1
    read = office.post(f"/cases/{number}/notes/reading", json={"purpose": "contact"})
    assert [one["text"] for one in read.json()["notes"]] == ["周五还款"]
    problem(office.post(f"/cases/{number}/notes/reading", json={"purpose": "curiosity"}), Kind.INVALID)
    told = office.get(f"/cases/{number}/happenings").json()["happenings"]
    assert [one["kind"] for one in told][:2] == ["record", "note"]
    assert told[0]["what"]["stated"] == {"field": "note", "purpose": "contact", "values": 1}
    assert "周五" not in str(told)
    first = office.get(f"/cases/{number}/happenings?most=1").json()
    second = office.get(f"/cases/{number}/happenings", params={"most": 1, "cursor": first["next"]}).json()
    assert second["happenings"] == told[1:2]


def test_a_note_that_is_sent_twice_is_written_once(office: httpx.Client, case: tuple[int, int]) -> None:
    number, _ = case
    place = f"/cases/{number}/notes"
    first = post(office, place, f"note-{number}", text="asks for a letter")
    again = post(office, place, f"note-{number}", text="asks for a letter")
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert again.json() == first.json()
    assert office.get(f"/cases/{number}").json()["notes"] == 1
    problem(post(office, place, f"note-{number}", text="asks for a call"), Kind.OTHER_REQUEST)
    problem(post(office, "/cases/999999999/notes", f"note-{number}", text="asks for a letter"), Kind.OTHER_REQUEST)
    without = problem(office.post(place, json={"text": "asks for a letter"}), Kind.INVALID)
    assert [one["pointer"] for one in without["errors"]] == ["/Idempotency-Key"]
    assert post(office, place, f"other-{number}", text="asks for a letter").json() != first.json()
    assert office.get(f"/cases/{number}").json()["notes"] == 2


def test_a_promise_is_recorded_listed_and_withdrawn(office: httpx.Client, case: tuple[int, int]) -> None:
    number, _ = case
    said = {"amount_minor": 50_000, "currency": "CNY", "due": "2026-03-05"}
    place, key = f"/cases/{number}/promises", f"promise-{number}"
    made = post(office, place, key, **said)
    assert made.status_code == 201, made.text
    assert post(office, place, key, **said).json() == made.json()  # nothing is promised twice
    problem(post(office, place, key, **said | {"amount_minor": 60_000}), Kind.OTHER_REQUEST)
    without = problem(office.post(place, json=said), Kind.INVALID)
    assert [one["pointer"] for one in without["errors"]] == ["/Idempotency-Key"]
    (listed,) = [
        one for one in office.get("/promises?first=2026-03-05&last=2026-03-05").json()["promises"]
        if one["case"] == str(number)
    ]  # fmt: skip
    assert (listed["amount_minor"], listed["state"], listed["actor"]) == (50_000, None, "system:desk-1")
    problem(post(office, place, f"{key}-late", **said | {"due": "2026-06-05"}), Kind.CONFLICT)
    problem(post(office, place, f"{key}-none", **said | {"amount_minor": 0}), Kind.INVALID)
    withdrawal = f"/promises/{made.json()['promise']}/withdrawal"
    assert office.post(withdrawal).status_code == 200
    problem(office.post(withdrawal), Kind.CONFLICT)


def test_a_promise_is_renegotiated_with_a_reason_and_shown_whole(office: httpx.Client, case: tuple[int, int]) -> None:
    number, _ = case
    said = {"amount_minor": 50_000, "currency": "CNY", "due": "2026-03-05"}
    first = post(office, f"/cases/{number}/promises", f"first-{number}", **said).json()["promise"]
    place = f"/promises/{first}/renegotiation"
    problem(post(office, place, f"anew-{first}-1", **said | {"due": "2026-03-06", "why": "whim"}), Kind.INVALID)
    problem(post(office, place, f"anew-{first}-2", **said | {"due": "2026-03-06"}), Kind.INVALID)
    problem(post(office, place, f"anew-{first}-3", **said | {"why": "bank"}), Kind.CONFLICT)
    made = post(office, place, f"anew-{first}-4", **said | {"due": "2026-03-06", "why": "bank"})
    assert made.status_code == 201, made.text
    second = made.json()["promise"]
    again = post(office, place, f"anew-{first}-4", **said | {"due": "2026-03-06", "why": "bank"})
    assert again.json() == made.json()
    problem(post(office, place, f"anew-{first}-5", **said | {"due": "2026-03-07", "why": "bank"}), Kind.CONFLICT)
    old, new = (office.get(f"/promises/{one}").json() for one in (first, second))
    assert (old["promise"]["became"], old["promise"]["replaced_by"]) == ("renegotiated", second)
    assert (new["promise"]["replaces"], new["promise"]["why"], new["promise"]["given"]) == (first, "bank", "desk")
    assert new["settlements"] == []
    problem(office.get("/promises/987654321"), Kind.NOT_FOUND)
    office.post(f"/promises/{second}/withdrawal")


def test_a_case_changes_hands(office: httpx.Client, case: tuple[int, int]) -> None:
    number, borrower = case
    taken = office.put(f"/cases/{number}/collector", json={"collector": "E01", "reason": "taken"})
    assert taken.json() == {"case": str(number), "collector": "E01", "since": "2026-03-02"}
    problem(office.put(f"/cases/{number}/collector", json={"collector": "E02", "reason": "taken"}), Kind.CONFLICT)
    given = office.put(f"/cases/{number}/collector", json={"collector": "E02", "reason": "reassigned"})
    assert given.json()["collector"] == "E02"
    spoken = office.put(f"/persons/{person(borrower)}/language", json={"language": "yue"})
    assert spoken.status_code == 200, spoken.text
    assert office.get(f"/cases/{number}").json()["people"][0]["language"] == "yue"


def test_search_finds_whole_values_of_every_kind(office: httpx.Client, case: tuple[int, int]) -> None:
    number, borrower = case
    looked_for = {
        f"154-0000-{borrower:04d}": "contact_point",
        f"９９０１０１1990{borrower:07d}x": "id",
        f"C{borrower}": "customer",
        f"L{borrower}": "loan",
        str(number): "case",
    }
    for text, by in looked_for.items():
        people = office.post("/search", json={"text": text}).json()["people"]
        assert str(person(borrower)) in {one["person"] for one in people if by in one["by"]}, text
    padded = office.post("/search", json={"text": f"C{number:06d}"}).json()["people"]
    assert not [one for one in padded if "case" in one["by"]], "a customer's number with zeros before is no case"
    named = office.post("/search", json={"text": " 张 三", "most": 50}).json()["people"]
    assert {one["name"] for one in named} == {"张*"}
    assert named[0]["case"] is not None
    for part in ("张", "154-0000", "9901011990"):
        people = office.post("/search", json={"text": part}).json()["people"]
        assert str(person(borrower)) not in {one["person"] for one in people}


def test_views_are_kept_by_name(office: httpx.Client, site: Site) -> None:
    assert office.put("/views/Late ones", json={"query": "stage=M3"}).status_code == 200
    assert office.get("/views").json()["views"] == [{"name": "Late ones", "query": "stage=M3"}]
    with site.client(Scope.CASE_READ, name="desk-2") as other:
        assert other.get("/views").json()["views"] == []
    assert office.delete("/views/Late ones").status_code == 200
    problem(office.delete("/views/Late ones"), Kind.NOT_FOUND)


def test_without_a_day_there_is_no_worklist(office: httpx.Client, case: tuple[int, int]) -> None:
    number, _ = case
    problem(office.get("/worklist"), Kind.CONFLICT)
    problem(office.post(f"/worklist/{number}/skip", json={"reason": "language"}), Kind.CONFLICT)


def test_the_client_speaks_of_cases(site: Site, case: tuple[int, int]) -> None:
    number, borrower = case
    token = site.token(Scope.CASE_READ, Scope.CASE_WORK, name="client-desk")
    with Client(site.url.removesuffix("/api/v1"), token) as client:
        (found,) = [one for one in client.search(text=f"L{borrower}").people if one.person == str(person(borrower))]
        assert (found.case, found.name, found.by) == (str(number), "张*", ("loan",))
        assert client.record_note(str(number), text="by a program").note.isdecimal()
        made = client.record_promise(str(number), amount_minor=1_000, currency="CNY", due=DAY).promise
        (promise,) = [one for one in client.list_promises(first=DAY, last=DAY).promises if one.case == str(number)]
        assert (promise.promise, promise.amount_minor, promise.state) == (made, 1_000, None)
        whole = client.list_promises().promises
        pages = [client.list_promises(most=1)]
        while (cursor := pages[-1].next) is not None:
            pages.append(client.list_promises(most=1, cursor=cursor))
        assert [one for page in pages for one in page.promises] == list(whole)
        with pytest.raises(Conflict):
            client.list_entries(collector="E01")


def test_cases_are_the_lenders_own(site: Site, case: tuple[int, int]) -> None:
    number, _ = case
    assert {Scope.CASE_READ, Scope.CASE_WORK} <= LENDER_ONLY
    with site.client(Scope.CASE_READ, name="reader") as reader:
        assert reader.get(f"/cases/{number}").status_code == 200
        problem(post(reader, f"/cases/{number}/notes", "note-9", text="no"), Kind.NO_SCOPE)
    with site.client(Scope.CASE_READ, lender="other") as other:
        problem(other.get(f"/cases/{number}"), Kind.NOT_FOUND)
