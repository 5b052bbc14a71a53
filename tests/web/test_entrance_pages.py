"""What people do at the entrance besides coming in: users, roles, approvals, teams, reading a value, another lender."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import date

import httpx
import polars as pl

from duecourse.casework.actor import Role
from duecourse.casework.user import give_role_elsewhere
from duecourse.storage import approvals, cases, collectors, log, persons, points, sessions, teams, users
from duecourse.storage.collectors import Collector
from duecourse.storage.teams import Team
from duecourse.storage.tokens import Scope
from duecourse.web.components.assets import styles, url
from tests.desk import DEMO, enter, loan, person
from tests.permit_desk import MORNING, OPERATOR
from tests.web.conftest import Site
from tests.web.reader import WORD, Ground, Reader

OTHER = replace(DEMO, lender_id="other", name="另一家演示机构")
FIRST_PAGE_BYTES_MAX = 150_000


def test_a_new_user_gets_a_password_once_and_a_role(ground: Ground) -> None:
    admin = ground.reader(Role.ADMIN)
    page = admin.post("/users", "/users", user="E09", team="early").text
    word = re.search(r'<code class="revealed">([^<]+)</code>', page)
    assert word
    assert word[1] not in admin.get("/users/E09").text
    assert admin.post("/users", "/users", user="e09").status_code == 422
    assert admin.post("/users", "/users", user="no spaces").status_code == 422
    assert admin.post("/users/E09/roles", "/users", role="collector").status_code == 303
    with Reader(ground) as new:
        new.sign_in("E09", word=word[1])
        assert new.get("/account").headers["location"] == "/account/password?next=/account"


def test_a_role_of_power_is_asked_for_and_given_by_another(ground: Ground) -> None:
    ground.user("E09", Role.COLLECTOR)
    admin, officer = ground.reader(Role.ADMIN), ground.reader(Role.COMPLIANCE)
    assert admin.post("/users/E09/roles", "/users", role="supervisor", reason="").status_code == 409
    assert admin.post("/users/E09/roles", "/users", role="supervisor", reason="leads").status_code == 303
    with ground.database.transaction("demo") as tx:
        (request,) = approvals.pending(tx)
        assert users.get(tx, "E09").roles == ("collector",)
    own = admin.post(f"/approvals/{request.approval_id}/approval", "/approvals", reason="me too")
    assert own.status_code == 409
    assert "was asked by you" in own.text
    assert officer.post(f"/approvals/{request.approval_id}/refusal", "/approvals", reason="").status_code == 409
    assert officer.post(f"/approvals/{request.approval_id}/approval", "/approvals", reason="fine").status_code == 303
    assert officer.post(f"/approvals/{request.approval_id}/approval", "/approvals", reason="again").status_code == 409
    with ground.database.transaction("demo") as tx:
        assert users.get(tx, "E09").roles == ("collector", "supervisor")


def test_nobody_changes_ones_own_rights_and_one_administrator_stays(ground: Ground) -> None:
    admin = ground.reader(Role.ADMIN)
    name = f"one-{Role.ADMIN.value}"
    assert admin.post(f"/users/{name}/roles/admin/end", "/users").status_code == 409
    assert admin.post(f"/users/{name}/disabling", "/users").status_code == 409
    assert admin.get("/users").status_code == 200


def test_ending_a_role_or_a_session_takes_effect_with_the_next_request(ground: Ground) -> None:
    admin, auditor = ground.reader(Role.ADMIN), ground.reader(Role.AUDITOR)
    assert auditor.get("/users").status_code == 200
    assert admin.post("/users/one-auditor/roles/auditor/end", "/users").status_code == 303
    assert auditor.get("/users").headers["location"].startswith("/sign-in")
    collector = ground.reader(Role.COLLECTOR)
    with ground.database.transaction("demo") as tx:
        (session,) = sessions.live(tx, now=ground.clock(), user_id="one-collector")
    assert admin.post(f"/sessions/{session.session_id}/end", "/sessions").status_code == 303
    assert collector.get("/account").headers["location"].startswith("/sign-in")


def test_a_value_is_read_for_a_purpose_and_the_file_says_who_looked(ground: Ground) -> None:
    whom, reader = person(1), ground.reader(Role.COLLECTOR)
    asked = reader.get(f"/people/{whom}/reveal?field=name").text
    assert re.findall(r'<option value="(\w+)"', asked) == ["contact", "identify"]
    assert "张三" not in asked
    shown = reader.post(f"/people/{whom}/reveal", "/account", field="name", purpose="identify")
    assert "张三" in shown.text
    assert "data-until" in shown.text
    assert f'data-at-end="/people/{whom}/masked?field=name"' in shown.text
    masked = reader.get(f"/people/{whom}/masked?field=name").text
    assert "张三" not in masked
    looked = reader.get(f"/people/{whom}/lookings").text
    assert "one-collector" in looked
    with ground.database.transaction("demo") as tx:
        entries = [one for one in log.of_person(tx, whom) if one.kind == "person.reveal"]
        assert [one.actor for one in entries] == ["collector:one-collector"]
        point = points.of_person(tx, whom)[0]
    number = reader.post(
        f"/people/{whom}/reveal", "/account", field=f"contact_point/{point.contact_point_id}", purpose="contact"
    )
    assert "1540000" in number.text.replace(" ", "")


def test_without_a_purpose_or_with_a_wrong_one_nothing_is_read(ground: Ground) -> None:
    whom, reader = person(1), ground.reader(Role.COLLECTOR)
    for field, purpose, status in (
        ("name", "", 409), ("name", "supervision", 409), ("name", "curiosity", 409), ("id", "contact", 409),
        ("salary", "contact", 422), ("contact_point/x", "contact", 422), ("contact_point", "contact", 422),
    ):  # fmt: skip
        answer = reader.post(f"/people/{whom}/reveal", "/account", field=field, purpose=purpose)
        assert answer.status_code == status, (field, purpose, answer.text)
        assert "张三" not in answer.text
    assert reader.post("/people/17/reveal", "/account", field="name", purpose="contact").status_code == 404
    with ground.database.transaction("demo") as tx:
        assert persons.get(tx, whom).name_masked
        assert not [one for one in log.of_person(tx, whom) if one.kind == "person.reveal"]


def test_capacity_and_absence_count_for_the_day_run(ground: Ground) -> None:
    with ground.database.transaction("demo") as tx:
        collectors.put(tx, Collector("E01", "early", ["early"], ["zh"], 90, date(2026, 1, 1)))
    lead = ground.reader(Role.SUPERVISOR)
    changed = lead.post(
        "/teams/collectors/E01", "/teams", team="late", skills="late card", languages="zh yue", capacity="40"
    )
    assert changed.status_code == 303
    entered = lead.post(
        "/teams/collectors/E01/absences", "/teams", kind="sick", **{"from": "2026-03-02", "to": "2026-03-04"}
    )
    assert entered.status_code == 303
    with ground.database.transaction("demo") as tx:
        found = collectors.get(tx, "E01")
        assert (found.team, found.skills, found.languages, found.capacity) == (
            "late",
            ["late", "card"],
            ["zh", "yue"],
            40,
        )
        assert collectors.present(tx, date(2026, 3, 3)).is_empty()
    assert "E01" in lead.get("/teams").text
    for wrong in ({"capacity": "-1"}, {"capacity": "many"}, {"skills": "bad;word"}):
        fields = {"team": "late", "skills": "late", "languages": "zh", "capacity": "1"} | wrong
        assert lead.post("/teams/collectors/E01", "/teams", **fields).status_code == 422
    backwards = {"from": "2026-03-04", "to": "2026-03-02"}
    assert lead.post("/teams/collectors/E01/absences", "/teams", kind="sick", **backwards).status_code == 422
    assert lead.post("/teams/collectors/E01/absences/2026-03-02/end", "/teams").status_code == 303
    with ground.database.transaction("demo") as tx:
        assert not collectors.present(tx, date(2026, 3, 3)).is_empty()


def test_a_collector_is_entered_on_the_page_of_teams(ground: Ground) -> None:
    lead = ground.reader(Role.SUPERVISOR)
    given = {
        "collector": "E21", "team": "early", "skills": "early m9", "languages": "zh yue", "capacity": "35",
        "from": "2026-03-02", "to": "",
    }  # fmt: skip
    assert "the strategy asks for <code>card early late</code>" in lead.get("/teams").text
    entered = lead.post("/teams/collectors", "/teams", **given)
    assert (entered.status_code, entered.headers["location"]) == (303, "/teams/collectors/E21")
    with ground.database.transaction("demo") as tx:
        found = collectors.get(tx, "E21")
    assert found == Collector("E21", "early", ["early", "m9"], ["zh", "yue"], 35, date(2026, 3, 2))
    shown = lead.get("/teams/collectors/E21").text
    for said in (
        "Nobody signs in as E21 yet",
        "no post of E21",
        "it asks nobody for <code>m9</code>, which brings no cases",
    ):
        assert said in shown
    again = lead.post("/teams/collectors", "/teams", **(given | {"team": "late"}))
    assert again.status_code == 422
    assert "E21 is a collector already" in again.text
    assert 'value="late"' in again.text, "what was typed is not lost"
    assert "data-wanted" in again.text, "the form is open again"
    for wrong in (
        {"collector": "E 22"}, {"capacity": "many"}, {"team": ""}, {"from": "tomorrow"}, {"to": "2026-03-02"},
    ):  # fmt: skip
        assert lead.post("/teams/collectors", "/teams", **(given | {"collector": "E22"} | wrong)).status_code == 422
    admin = ground.reader(Role.ADMIN)
    assert admin.post("/teams/collectors", "/teams", **(given | {"collector": "E23"})).status_code == 303
    nobody = ground.reader(Role.COMPLIANCE)
    assert "new-collector" not in nobody.get("/teams").text
    assert nobody.post("/teams/collectors", "/teams", **(given | {"collector": "E24"})).status_code == 403
    with ground.database.transaction("demo") as tx:
        assert {one.collector_id for one in collectors.every(tx)} & {"E22", "E24"} == set()


def test_a_team_is_led_by_a_supervisor(ground: Ground) -> None:
    with ground.database.transaction("demo") as tx:
        collectors.put(tx, Collector("E01", "early", ["early"], ["zh"], 90, date(2026, 1, 1)))
    lead = ground.reader(Role.SUPERVISOR)
    ground.user("E01", Role.COLLECTOR)
    assert lead.post("/teams/early/leader", "/teams", leader="one-supervisor").status_code == 303
    assert '<option value="one-supervisor" selected>' in lead.get("/teams").text
    assert lead.post("/teams/early/leader", "/teams", leader="E01").status_code == 422
    assert lead.post("/teams/early/leader", "/teams", leader="nobody-here").status_code == 422
    assert lead.post("/teams/early/leader", "/teams", leader="").status_code == 303
    with ground.database.transaction("demo") as tx:
        assert teams.every(tx) == [Team("early", None)]


def test_a_user_works_for_another_lender_that_gave_a_role_and_for_no_other(ground: Ground) -> None:
    enter(ground.database, OTHER)
    enter(ground.database, replace(OTHER, lender_id="third"))
    with ground.database.transaction("other") as tx:
        give_role_elsewhere(
            tx, vault=ground.vault, home="demo", user_id="E01", role="auditor", actor=OPERATOR, now=ground.clock()
        )
    ground.user("E01", Role.COLLECTOR)
    with ground.database.transaction("demo") as tx:
        users.put_elsewhere(tx, "E01", "other")
        users.put_elsewhere(tx, "E01", "third")
    with Reader(ground) as reader:
        reader.sign_in("E01")
        assert reader.get("/users").status_code == 403
        assert reader.post("/account/lender", "/account", lender="third").status_code == 409
        assert reader.post("/account/lender", "/account", lender="nowhere").status_code == 409
        assert reader.post("/account/lender", "/account", lender="other").status_code == 303
        page = reader.get("/account").text
        assert "E01@demo" in page
        assert OTHER.name in page
        there = reader.get("/users")
        assert there.status_code == 200
        assert "one-" not in there.text
        assert reader.get(f"/people/{person(1)}/reveal?field=name").status_code == 200
        assert (
            reader.post(f"/people/{person(1)}/reveal", "/account", field="name", purpose="supervision").status_code
            == 404
        )


def test_who_is_lent_to_a_lender_contacts_nobody_by_the_training_of_that_lenders_namesake(ground: Ground) -> None:
    enter(ground.database, OTHER)
    ground.user("E01", Role.COLLECTOR)
    ground.user("E01", Role.COLLECTOR, lender="other")
    people = pl.Series([person(1)])
    with ground.database.transaction("demo") as tx:
        give_role_elsewhere(
            tx, vault=ground.vault, home="other", user_id="E01", role="collector", actor=OPERATOR, now=ground.clock()
        )
        cases.open_many(tx, people, day=MORNING.date(), by="test")
        cases.set_loans(tx, pl.DataFrame({"person_id": people, "loan_key": [loan(1)]}), day=MORNING.date())
        number = cases.of_person(tx, person(1))[0].case_id
    with ground.database.transaction("other") as tx:
        users.put_elsewhere(tx, "E01", "demo")
    with Reader(ground) as own, Reader(ground) as lent:
        own.sign_in("E01")
        lent.post("/sign-in", name="E01", password=WORD, lender="other")
        assert lent.post("/account/lender", "/account", lender="demo").status_code == 303
        assert "E01@other" in lent.get("/account").text
        at = f"/cases/{number}/openings"
        mine, theirs = own.get(at).text, lent.get(at).text
    assert "cn.staff" not in mine
    assert "cn.staff" in theirs


def test_the_first_page_is_light(ground: Ground) -> None:
    with httpx.Client(base_url=ground.url, headers={"Accept-Encoding": "gzip"}, timeout=30) as browser:
        sizes = []
        for path in ("/sign-in", url("main.js"), *styles("main.js")):
            answer = browser.get(path)
            assert answer.headers["content-encoding"] == "gzip"
            sizes.append(len(gzip.compress(answer.content, 6)))
        kept = browser.get(url("main.js"))
    assert sum(sizes) <= FIRST_PAGE_BYTES_MAX
    assert "immutable" in kept.headers["cache-control"]
    assert re.search(r"main-[\w-]{8}\.js$", url("main.js"))


def test_programs_read_what_waits_and_who_signs_in(own_site: Site) -> None:
    with own_site.client(Scope.APPROVAL_READ, Scope.USER_READ) as client:
        assert client.get("/approvals").json() == {"approvals": [], "next": None}
        assert client.get("/approvals", params={"decided": "true"}).json() == {"approvals": [], "next": None}
        assert client.get("/approvals/9").status_code == 404
        assert client.get("/users").json() == {"users": [], "next": None}
