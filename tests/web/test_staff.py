"""The register, teams, users, reassignment and reveal over HTTP: what a program may do, what it may not, on record."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import httpx
import polars as pl
import pytest

from duecourse.casework import user
from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import approve
from duecourse.casework.assignment import Handover, assign_case
from duecourse.casework.kinds import KINDS
from duecourse.casework.token import NotAToken
from duecourse.client import Client
from duecourse.evidence.record import read
from duecourse.storage import cases, collectors, holds, log, users
from duecourse.storage.collectors import Collector
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import person
from tests.permit_desk import MORNING, point
from tests.web.conftest import Site, problem
from tests.web.test_permits import DIALLER, ask, contact, granted

STAFF = (*DIALLER, Scope.STAFF_READ, Scope.STAFF_WRITE)
DAY = "2026-03-02"


def keyed(key: str = "") -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}


def kinds(site: Site, like: str) -> list[str]:
    with site.database.transaction("demo") as tx:
        found = tx.execute("SELECT kind FROM log_entry WHERE kind LIKE %s ORDER BY entry_id", (like,))
        return [str(row[0]) for row in found]


def test_a_breach_that_a_program_puts_on_record_refuses_until_it_is_closed(own_site: Site) -> None:
    with own_site.client(*STAFF, name="hr-1") as client:
        body, breach = (
            contact(own_site, 1, staff="E01"),
            {"kind": "breach", "staff": "E01", "begins": DAY, "source": "case 7"},
        )
        key = uuid4().hex
        made = client.post("/staff", json=breach, headers=keyed(key))
        assert made.status_code == 201, made.text
        assert client.post("/staff", json=breach, headers=keyed(key)).json() == made.json()
        problem(client.post("/staff", json=breach | {"source": "x"}, headers=keyed(key)), Kind.OTHER_REQUEST)
        refusal = problem(ask(client, body), Kind.REFUSED)["refusal"]
        assert any("breach" in str(one["facts"]) for one in refusal["reasons"]), refusal
        end = {"kind": "breach", "staff": "E01", "on": DAY, "record": made.json()["record"]}
        assert client.post("/staff/ending", json=end, headers=keyed()).json() == {"ended": 1}
        problem(client.post("/staff/ending", json=end, headers=keyed()), Kind.INVALID)
        granted(ask(client, body))
        listed, cursor = [], None
        while True:
            page = client.get("/staff", params={"most": 3} | ({"cursor": cursor} if cursor else {})).json()
            listed += page["records"]
            cursor = page["next"]
            if cursor is None:
                break
        ids = [int(one["record"]) for one in listed]
        assert ids == sorted(set(ids))
        mine = next(one for one in listed if one["record"] == made.json()["record"])
        assert (mine["by"], mine["until"], mine["ended_by"]) == ("system:hr-1", DAY, "system:hr-1")
        firms = client.get("/staff", params={"firm": "acme"}).json()["records"]
        assert {one["firm"] for one in firms} == {"acme"}
        for wrong in (
            {"kind": "contract"}, {"staff": ""}, {"staff": "nobody-yet"}, {"source": " "}, {"kind": "hero"},
            {"until": "2026-03-01"}, {"staff": "", "kind": "admission"}, {"begins": "2026-02-30"},
        ):  # fmt: skip
            problem(client.post("/staff", json=breach | wrong, headers=keyed()), Kind.INVALID)
    assert kinds(own_site, "staff.%")[-2:] == ["staff.recorded", "staff.ended"]


def enter(site: Site, *numbers: str) -> None:
    with site.database.transaction("demo") as tx:
        for one in numbers:
            collectors.put(tx, Collector(one, "field", ["m1"], ["zh"], 40, MORNING.date()))


def test_a_program_enters_a_collector_once(own_site: Site) -> None:
    with own_site.client(Scope.TEAM_READ, Scope.TEAM_WRITE, name="hr-1") as client:
        row = {"team": "phone", "skills": ["early"], "languages": ["zh"], "capacity": 25}
        key = uuid4().hex
        made = client.post("/collectors", json=row | {"collector": "E31"}, headers=keyed(key))
        assert made.status_code == 201, made.text
        assert made.json() == row | {"collector": "E31", "begins": DAY, "until": None, "away": []}
        assert client.post("/collectors", json=row | {"collector": "E31"}, headers=keyed(key)).json() == made.json()
        known = client.post("/collectors", json=row | {"collector": "E31", "team": "x"}, headers=keyed())
        assert "E31 is a collector already" in problem(known, Kind.CONFLICT)["detail"]
        later = row | {"collector": "E32", "begins": "2026-04-01", "until": "2026-05-01"}
        assert client.post("/collectors", json=later, headers=keyed()).json()["until"] == "2026-05-01"
        for wrong in (
            {"collector": "E 33"}, {"collector": ""}, {"capacity": -1}, {"team": "a b"}, {"skills": ["x y"]},
            {"begins": "2026-02-30"}, {"until": DAY},
        ):  # fmt: skip
            asked = client.post("/collectors", json=row | {"collector": "E33"} | wrong, headers=keyed())
            problem(asked, Kind.INVALID)
        problem(client.post("/collectors", json=row, headers=keyed()), Kind.INVALID)
        assert [one["collector"] for one in client.get("/collectors").json()["collectors"]] == ["E31", "E32"]
    assert kinds(own_site, "collector.%") == ["collector.added"] * 2


def test_teams_capacity_and_absence_are_set_as_on_screen(own_site: Site) -> None:
    enter(own_site, "E01", "E02", "E03")
    with own_site.client(Scope.TEAM_READ, Scope.TEAM_WRITE, name="hr-1") as client:
        row = {"team": "phone", "skills": ["m1", "m2"], "languages": ["zh", "yue"], "capacity": 25}
        changed = client.put("/collectors/E02", json=row, headers=keyed())
        assert changed.status_code == 200, changed.text
        assert {name: changed.json()[name] for name in row} == row
        away = {"kind": "leave", "first": DAY, "back": "2026-03-05"}
        key = uuid4().hex
        for _again in range(2):
            entered = client.post("/collectors/E02/absences", json=away, headers=keyed(key))
            assert (entered.status_code, entered.json()) == (201, away)
        first = client.get("/collectors?most=2").json()
        assert [(one["collector"], one["away"]) for one in first["collectors"]] == [("E01", []), ("E02", [away])]
        rest = client.get("/collectors", params={"most": 2, "cursor": first["next"]}).json()
        assert ([one["collector"] for one in rest["collectors"]], rest["next"]) == (["E03"], None)
        ended = client.post(f"/collectors/E02/absences/{DAY}/ending", headers=keyed())
        assert ended.json()["away"] == []
        problem(client.post(f"/collectors/E02/absences/{DAY}/ending", headers=keyed()), Kind.NOT_FOUND)
        problem(client.put("/collectors/E99", json=row, headers=keyed()), Kind.NOT_FOUND)
        problem(client.put("/collectors/E02", json=row, headers={}), Kind.INVALID)
        for wrong in ({"capacity": 10_001}, {"capacity": 1.5}, {"team": "a b"}, {"skills": ["x y"]}):
            problem(client.put("/collectors/E02", json=row | wrong, headers=keyed()), Kind.INVALID)
        for wrong in ({"kind": "party"}, {"back": DAY}):
            problem(client.post("/collectors/E02/absences", json=away | wrong, headers=keyed()), Kind.INVALID)
        problem(client.put("/teams/phone/leader", json={"leader": "nobody"}, headers=keyed()), Kind.NOT_FOUND)
        operator = Actor(Role.OPERATOR, "t")
        with own_site.database.transaction("demo") as tx:
            user.add_user(tx, vault=own_site.vault, user_id="v1", team=None, actor=operator, now=MORNING)
        problem(client.put("/teams/phone/leader", json={"leader": "v1"}, headers=keyed()), Kind.INVALID)
        with own_site.database.transaction("demo") as tx:
            user.give_role(tx, vault=own_site.vault, user_id="v1", role="supervisor", actor=operator, now=MORNING)
        assert client.put("/teams/phone/leader", json={"leader": "v1"}, headers=keyed()).status_code == 200
        assert {"team": "phone", "led_by": "v1"} in client.get("/teams").json()["teams"]
    assert kinds(own_site, "collector.%") == ["collector.changed", "collector.absent", "collector.present"]


def test_a_program_takes_rights_away_and_only_asks_for_those_of_power(own_site: Site) -> None:
    with own_site.client(Scope.USER_READ, Scope.USER_WRITE, Scope.APPROVAL_READ, name="hr-1") as client:
        wanted = {"user": "c7", "team": "phone", "single_sign_on": "sub-7"}
        key = uuid4().hex
        made = client.post("/users", json=wanted, headers=keyed(key))
        assert (made.status_code, made.json()["roles"], made.json()["single_sign_on"]) == (201, [], True), made.text
        assert client.post("/users", json=wanted, headers=keyed(key)).json() == made.json()
        problem(client.post("/users", json=wanted, headers=keyed()), Kind.INVALID)
        problem(client.post("/users", json={"user": "c8", "single_sign_on": "sub-7"}, headers=keyed()), Kind.INVALID)
        assert [one["user"] for one in client.get("/users").json()["users"]] == ["c7"], "the second left nothing"
        client.post("/users", json={"user": "c8"}, headers=keyed())
        first = client.get("/users", params={"most": 1}).json()
        assert ([one["user"] for one in first["users"]], first["next"]) == (["c7"], "c7")
        last = client.get("/users", params={"most": 1, "cursor": "c7"}).json()
        assert ([one["user"] for one in last["users"]], last["next"]) == (["c8"], None)
        given = client.post("/users/c7/roles", json={"role": "collector"}, headers=keyed()).json()
        assert (given["given"], given["request"]) == (True, None)
        problem(client.post("/users/c7/roles", json={"role": "admin"}, headers=keyed()), Kind.INVALID)  # no reason
        asked = client.post("/users/c7/roles", json={"role": "admin", "reason": "new head"}, headers=keyed()).json()
        assert asked["given"] is False
        assert client.get("/users").json()["users"][0]["roles"] == ["collector"], "asking gives nothing"
        number = asked["request"]
        assert client.get(f"/approvals/{number}").json()["asked_by"] == "admin:hr-1"
        for place in ("", "/approval", "/refusal", "/decision"):
            assert client.post(f"/approvals/{number}{place}", json={}, headers=keyed()).status_code in {404, 405}
        with own_site.database.transaction("demo") as tx:
            approve(
                tx, kinds=KINDS, vault=own_site.vault, approval_id=int(number), reason="yes",
                actor=Actor(Role.COMPLIANCE, "o1"), now=MORNING,
            )  # fmt: skip
        problem(client.post("/users/c7/disabling", headers=keyed()), Kind.CONFLICT)  # nobody could let anybody in
        with own_site.database.transaction("demo") as tx:
            operator = Actor(Role.OPERATOR, "t")
            user.add_user(tx, vault=own_site.vault, user_id="a1", team=None, actor=operator, now=MORNING)
            user.give_role(tx, vault=own_site.vault, user_id="a1", role="admin", actor=operator, now=MORNING)
        ended = client.post("/users/c7/roles/admin/ending", headers=keyed())
        assert (ended.status_code, ended.json()["ended"]) == (200, True)
        assert client.post("/users/c7/sessions/ending", headers=keyed()).json() == {"user": "c7", "ended": 0}
        assert client.put("/users/c7/team", json={"team": None}, headers=keyed()).json()["team"] is None
        assert client.post("/users/c7/disabling", headers=keyed()).json()["disabled_at"]
        problem(client.post("/users/gone/disabling", headers=keyed()), Kind.NOT_FOUND)
        problem(client.post("/users/c7/roles", json={"role": "operator"}, headers=keyed()), Kind.INVALID)
        with own_site.database.transaction("demo") as tx:
            assert not users.get(tx, "c7").has_password
    assert kinds(own_site, "user.disabled") == ["user.disabled"]


def test_many_cases_change_hands_as_the_preview_said_or_not_at_all(own_site: Site) -> None:
    enter(own_site, "E01", "E02", "E03")
    held = [held_case(own_site, number) for number in (1, 2, 3)]
    with own_site.client(Scope.CASE_ASSIGN, name="desk-1") as client:
        problem(client.post("/reassignments/preview", json={}), Kind.INVALID)
        problem(client.post("/reassignments/preview", json={"from_collector": "E99"}), Kind.INVALID)
        wanted = {"from_collector": "E01", "to": ["E02", "E03"]}
        shown = client.post("/reassignments/preview", json=wanted).json()
        assert sorted(int(one["case"]) for one in shown["moves"]) == held
        assert {one["to"] for one in shown["moves"]} == {"E02", "E03"}
        assert sum(one["then"] - one["cases"] for one in shown["loads"]) == 3
        for one in shown["loads"]:  # the page shows the same: nobody of them stands in the register of staff
            assert (one["capacity"] > 0, one["silenced"]["known"], one["lacks"]) == (True, False, []), one
            assert any(rule.startswith("house_cn.staff.") for rule in one["silenced"]["rules"]), one
        wrong = problem(client.post("/reassignments/preview", json=wanted | {"to": ["E02", "E98"]}), Kind.INVALID)
        assert "E98" in wrong["detail"]
        given = {"seen": shown["seen"], "moves": [{"case": one["case"], "to": one["to"]} for one in shown["moves"]]}
        problem(
            client.post("/reassignments", json=given | {"moves": given["moves"][1:]}, headers=keyed()), Kind.CONFLICT
        )
        turned = [one | {"to": "E02" if one["to"] == "E03" else "E03"} for one in given["moves"]]
        problem(client.post("/reassignments", json=given | {"moves": turned}, headers=keyed()), Kind.CONFLICT)
        key = uuid4().hex
        for _again in range(2):
            done = client.post("/reassignments", json=given | {"reason": "absence"}, headers=keyed(key))
            assert (done.status_code, done.json()) == (201, {"cases": 3}), done.text
        problem(client.post("/reassignments", json=given, headers=keyed()), Kind.CONFLICT)
        problem(client.post("/reassignments", json=given | {"moves": []}, headers=keyed()), Kind.INVALID)
    assert kinds(own_site, "case.assigned") == ["case.assigned"] * 6


def test_a_preview_is_carried_out_by_the_client_as_it_came(own_site: Site) -> None:
    enter(own_site, "E01", "E02")
    held_case(own_site, 1)
    with Client(own_site.url.removesuffix("/api/v1"), own_site.token(Scope.CASE_ASSIGN, name="desk-1")) as desk:
        shown = desk.preview_reassignment(from_collector="E01", to=["E02"])
        assert desk.reassign(moves=shown.moves, seen=shown.seen).cases == 1
    with own_site.database.transaction("demo") as tx:
        assert [one.collector_id for one in cases.of_person(tx, person(1))] == ["E02"]


def held_case(site: Site, number: int) -> int:
    """An open case of borrower C<number>, which E01 works."""
    with site.database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person(number)]), day=MORNING.date(), by="test")
        made = cases.of_person(tx, person(number))[0].case_id
        assign_case(
            tx, vault=site.vault, case_id=made, to="E01", reason=Handover.REASSIGNED, actor=Actor(Role.SUPERVISOR, "v"),
            now=MORNING,
        )  # fmt: skip
    return made


def looks(site: Site) -> list[tuple[str, object]]:
    with site.database.transaction("demo") as tx:
        found = [one for one in log.of_person(tx, person(1)) if one.kind == "person.reveal"]
    return [(one.actor, read(one.content)["stated"]) for one in found]


def test_a_value_is_read_for_a_purpose_and_on_record(own_site: Site) -> None:
    place = f"/persons/{person(1)}/reveal"
    with own_site.client(Scope.PERSON_REVEAL, name="core-1") as client:
        seen = client.post(place, json={"what": "name", "purpose": "document"})
        assert (seen.status_code, seen.headers["cache-control"]) == (200, "no-store"), seen.text
        assert "*" not in seen.json()["clear"]
        assert seen.json()["until"] == (MORNING + timedelta(seconds=30)).isoformat().replace("+00:00", "Z")
        number = {"what": "contact_point", "contact_point": str(point(own_site.database, 1))}
        read_number = client.post(place, json=number | {"purpose": "correction"})
        assert read_number.json()["clear"].endswith("0001"), read_number.text
        before = looks(own_site)
        assert before[0] == ("system:core-1", {"field": "contact_point", "purpose": "correction"})
        assert len(before) == 2
        refused = problem(client.post(place, json=number | {"purpose": "contact"}), Kind.CONFLICT)  # no permit
        assert "masked form" in refused["detail"]
        for purpose in ("claim", "supervision", "subject_request", "dispute"):
            problem(client.post(place, json={"what": "id", "purpose": purpose}), Kind.CONFLICT)
        for wrong in (
            {"what": "name"}, {"purpose": "identify"}, {"what": "name", "purpose": "curiosity"},
            {"what": "salary", "purpose": "identify"}, {"what": "contact_point", "purpose": "correction"},
            {"what": "name", "contact_point": "1", "purpose": "identify"},
            {"what": "contact_point", "contact_point": "4611686018427387904", "purpose": "correction"},
        ):  # fmt: skip
            problem(client.post(place, json=wrong), Kind.INVALID)
        nobody = client.post("/persons/4611686018427387904/reveal", json={"what": "name", "purpose": "identify"})
        problem(nobody, Kind.NOT_FOUND)
        with own_site.database.transaction("demo") as tx:
            holds.place(tx, person_id=person(1), kind="storage_only", from_at=MORNING, source="retention", now=MORNING)
        stored = problem(client.post(place, json={"what": "name", "purpose": "identify"}), Kind.CONFLICT)
        assert "only stored" in stored["detail"]
        assert looks(own_site) == before, "what is refused is not read"


@pytest.mark.parametrize(
    ("method", "place", "scope"),
    [
        ("GET", "/staff", Scope.STAFF_READ), ("POST", "/staff", Scope.STAFF_WRITE),
        ("POST", "/staff/ending", Scope.STAFF_WRITE), ("GET", "/collectors", Scope.TEAM_READ),
        ("PUT", "/collectors/E01", Scope.TEAM_WRITE), ("POST", "/collectors", Scope.TEAM_WRITE),
        ("GET", "/teams", Scope.TEAM_READ),
        ("PUT", "/teams/a/leader", Scope.TEAM_WRITE), ("POST", "/users", Scope.USER_WRITE),
        ("POST", "/users/a/roles", Scope.USER_WRITE), ("POST", "/users/a/disabling", Scope.USER_WRITE),
        ("POST", "/reassignments/preview", Scope.CASE_ASSIGN), ("POST", "/reassignments", Scope.CASE_ASSIGN),
        ("POST", "/persons/1/reveal", Scope.PERSON_REVEAL),
    ],
)  # fmt: skip
def test_each_needs_its_own_scope_which_no_firm_gets(site: Site, method: str, place: str, scope: Scope) -> None:
    with site.client(*(one for one in Scope if one is not scope), name="most") as client:
        assert scope.value in problem(request(client, method, place), Kind.NO_SCOPE)["detail"]
    with pytest.raises(NotAToken):
        site.token(scope, firm="acme")


def request(client: httpx.Client, method: str, place: str) -> httpx.Response:
    if method == "GET":
        return client.get(place)
    return client.request(method, place, json={}, headers=keyed())
