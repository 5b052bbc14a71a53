"""People come in from a tape: once, sealed, with their history, and never the wrong kind."""

from __future__ import annotations

import traceback
from datetime import date, timedelta

import polars as pl
import psycopg
import pytest
from psycopg import sql

from duecourse.casework import bare, parties
from duecourse.casework.parties import Batch, Finding, Registered
from duecourse.casework.reveal import reveal
from duecourse.core.money import BrokenInvariant
from duecourse.evidence.record import read
from duecourse.storage import log, persons, points
from duecourse.storage import parties as ties_of
from duecourse.storage.connection import Database
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.desk import DEMO, IMPORT, NOW, REAL, TODAY, batch, enter, loan, person, phones, register, ties
from tests.desk import persons as borrowers

VAULT = Vault(new_ring())
NOTHING = Batch(borrowers(), phones(), ties())
TOMORROW = TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    return database


def value(database: Database, number: int, field: str) -> str:
    with database.transaction("demo") as tx:
        return reveal(
            tx, vault=VAULT, person_id=person(number), field=field, purpose="supervision", actor=IMPORT, now=NOW
        ).value


def point(database: Database, number: int) -> list[points.ContactPoint]:
    with database.transaction("demo") as tx:
        return points.of_person(tx, person(number))


def test_the_same_tape_twice_changes_nothing(desk: Database) -> None:
    assert register(desk, VAULT, batch(1, 2, 3)) == Registered(3, 0, 3, 0, 3, 0, ())
    again = register(desk, VAULT, batch(1, 2, 3), now=LATER)
    assert again.changes == 0
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM log_entry") == 1
        assert tx.value("SELECT count(*) FROM person_history") == 0
        assert tx.value("SELECT max(known_at) FROM person") == NOW


def test_people_known_by_number_alone_are_those_that_a_file_of_persons_would_make(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bare, "AT_ONCE", 2)
    numbers = (1, 2, 3, 4, 5)
    told = pl.DataFrame(
        {"person_id": [person(n) for n in numbers], "reference": [f" C{n}" for n in numbers]}, schema=bare.BARE
    )
    with desk.transaction("demo") as tx:
        fit, _ = parties.inspect(DEMO, NOTHING)
        done = parties.register_parties(
            tx, vault=VAULT, fit=fit, source="tape", day=TODAY, actor=IMPORT, now=NOW, bare=told
        )
    assert done == Registered(5, 0, 0, 0, 0, 0, ())
    assert [value(desk, n, "reference") for n in numbers] == ["C1", "C2", "C3", "C4", "C5"]
    same = borrowers(*numbers, name=None, id_kind=None, id=None, birth=None)
    assert register(desk, VAULT, Batch(same, phones(), ties()), now=LATER).changes == 0


def test_what_is_stored_is_sealed_masked_and_found(desk: Database, database_url: str) -> None:
    register(desk, VAULT, batch(1))
    with desk.transaction("demo") as tx:
        stored = persons.get(tx, person(1))
        assert (stored.name_masked, stored.id_masked, stored.birth_masked, stored.reference_masked) == (
            "张*", "990***********001X", "1990-**-**", "C***",
        )  # fmt: skip
        for found in (
            persons.by_name(tx, VAULT.index("demo", "name", "张 三", "CN")),
            persons.by_id(tx, VAULT.index("demo", "id", "9901011990 0000001x", "CN")),
            persons.by_point(tx, VAULT.index("demo", "phone", "+86 154-0000-0001", "CN")),
        ):
            assert [p.person_id for p in found] == [person(1)]
    assert [value(desk, 1, f) for f in persons.FIELDS] == ["张三", "99010119900000001X", "1990-05-17", "C1"]
    with psycopg.connect(database_url) as owner:
        for table in ("person", "contact_point", "party", "log_entry"):
            for (row,) in owner.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))):
                for clear in ("张三", "99010119900000001X", "1990-05-17", "15400000001"):
                    assert clear not in row
                    assert clear.encode().hex() not in row


def test_a_changed_name_keeps_its_history(desk: Database) -> None:
    register(desk, VAULT, batch(1, 2))
    changed = Batch(borrowers(1, name="李四"), phones(), ties())
    assert register(desk, VAULT, changed, now=LATER) == Registered(0, 1, 0, 0, 0, 0, ())
    assert value(desk, 1, "name") == "李四"
    assert value(desk, 2, "name") == "张三"
    with desk.transaction("demo") as tx:
        earlier = persons.history(tx, person(1))
        assert [(e.name_masked, e.known_at, e.until_at) for e in earlier] == [("张*", NOW, LATER)]
        sealed = tx.value("SELECT name_sealed FROM person_history")
        key = VAULT.person("demo", person(1), persons.wrapped(tx, person(1)))
        assert isinstance(sealed, bytes)
        opened = key.open("name", sealed)
        assert opened is not None
        assert opened.value == "张三"


def test_somebody_else_with_the_same_id_is_refused(desk: Database) -> None:
    register(desk, VAULT, batch(1, 2))
    other = Batch(borrowers(1, name="李四", reference="C77"), phones(), ties())
    done = register(desk, VAULT, other, now=LATER)
    assert done.changes == 0
    assert [(finding.column, finding.why) for finding in done.refused] == [
        (
            "reference",
            "another customer number has this person's id; give one of the two another number in the lender's system",
        )
    ]
    assert value(desk, 1, "name") == "张三"


def test_a_new_number_replaces_the_old_under_its_label(desk: Database) -> None:
    register(desk, VAULT, batch(1))
    new = Batch(borrowers(), phones(1, value="15499990000"), ties())
    assert register(desk, VAULT, new, now=LATER) == Registered(0, 0, 1, 0, 0, 0, ())
    now, before = point(desk, 1)
    assert (now.value_masked, now.ordinal, now.to_at) == ("154****0000", 2, None)
    assert (before.value_masked, before.ordinal, before.to_at) == ("154****0001", 1, LATER)
    assert value(desk, 1, f"contact_point/{now.contact_point_id}") == "15499990000"
    assert value(desk, 1, f"contact_point/{before.contact_point_id}") == "154 0000 0001"


def test_another_label_stands_beside_it(desk: Database) -> None:
    register(desk, VAULT, batch(1))
    register(desk, VAULT, Batch(borrowers(), phones(1, label="work", value="15499990000"), ties()))
    assert [(p.label, p.to_at) for p in point(desk, 1)] == [("mobile", None), ("work", None)]


def test_a_stopped_number_that_comes_back_is_still_stopped(desk: Database) -> None:
    register(desk, VAULT, batch(1))
    first = point(desk, 1)[0]
    with desk.transaction("demo") as tx:
        points.set_state(tx, person(1), first.contact_point_id, "stopped", now=NOW)
    register(desk, VAULT, Batch(borrowers(), phones(1, value="15499990000"), ties()), now=LATER)
    assert point(desk, 1)[0].state == "ok"
    register(desk, VAULT, Batch(borrowers(), phones(1), ties()), now=LATER + timedelta(days=1))
    assert point(desk, 1)[0].state == "stopped"


def test_zone_and_consent_change_in_place(desk: Database) -> None:
    register(desk, VAULT, batch(1))
    changed = Batch(borrowers(), phones(1, zone="Asia/Urumqi", consent="given"), ties())
    assert register(desk, VAULT, changed, now=LATER) == Registered(0, 0, 0, 1, 0, 0, ())
    assert [(p.zone, p.consent, p.ordinal) for p in point(desk, 1)] == [("Asia/Urumqi", "given", 1)]


def test_the_line_of_a_phone_is_known_and_filled_in_by_the_next_tape(desk: Database) -> None:
    enter(desk, REAL)
    who = borrowers(1, lender=REAL, id="110101199005170011")
    numbers = pl.concat(
        [
            phones(1, lender=REAL, value="010-1234 5678", label="home"),
            phones(1, lender=REAL, value="139 1234 5678"),
            phones(1, lender=REAL, value="+1 212 555 1234", label="abroad"),
            phones(1, lender=REAL, value="139 1234 5678 转 8", label="work"),
            phones(1, lender=REAL, kind="email", value="a@duecourse.cn", label="email"),
        ]
    )
    tape = Batch(who, numbers, ties(1, lender=REAL))
    register(desk, VAULT, tape, lender=REAL)

    def lines() -> dict[str, str | None]:
        with desk.transaction("bank") as tx:
            return {p.label: p.line for p in points.of_person(tx, person(1, REAL))}

    known = {"home": "fixed", "mobile": "mobile", "abroad": "unknown", "work": "fixed", "email": None}
    assert lines() == known
    with desk.transaction("bank") as tx:
        assert points.current(tx)["takes_text"].to_list() == [False, True, True, False, True]
        tx.execute("UPDATE contact_point SET line = NULL WHERE lender_id = 'bank'")
        assert points.current(tx)["takes_text"].to_list() == [True] * 5
    assert register(desk, VAULT, tape, lender=REAL, now=LATER).points_changed == 4
    assert lines() == known


def test_a_changed_proof_begins_a_new_row(desk: Database) -> None:
    register(desk, VAULT, batch(1))
    guarantee = ties(1, loan_key=loan(9), relation="guarantor", proof_kind="guarantee", proof_until=date(2026, 6, 30))
    register(desk, VAULT, Batch(borrowers(), phones(), guarantee))
    longer = guarantee.with_columns(proof_until=date(2027, 6, 30))
    assert register(desk, VAULT, Batch(borrowers(), phones(), longer), day=TOMORROW, now=LATER).parties_changed == 1
    longest = guarantee.with_columns(proof_until=date(2028, 6, 30))
    assert register(desk, VAULT, Batch(borrowers(), phones(), longest), day=TOMORROW, now=LATER).parties_changed == 1
    with desk.transaction("demo") as tx:
        found = [(p.from_day, p.to_day, p.proof_until) for p in ties_of.of_loan(tx, loan(9))]
    assert found == [
        (date(2025, 1, 1), TOMORROW, date(2026, 6, 30)),
        (TOMORROW, None, date(2028, 6, 30)),
    ]


def test_what_only_the_desk_can_tell_is_refused_row_by_row(desk: Database) -> None:
    register(desk, VAULT, batch(1, 2, 3))
    with desk.transaction("demo") as tx:
        persons.destroy(tx, person(3), now=NOW)
    strange = Batch(
        borrowers(3, name="李四"),
        phones(1, 7, 3, label="home"),
        pl.concat([ties(2, loan_key=loan(1)), ties(7), ties(4, person_id=person(1), relation="guarantor")]),
    )
    done = register(desk, VAULT, strange)
    assert {(f.frame, f.row, f.column) for f in done.refused} == {
        ("persons", 0, "person_id"),
        ("points", 1, "person_id"),
        ("points", 2, "person_id"),
        ("parties", 0, "relation"),
        ("parties", 1, "person_id"),
    }
    assert (done.points_new, done.parties_new) == (1, 1)


def test_the_record_says_how_many_and_nothing_of_whom(desk: Database) -> None:
    register(desk, VAULT, batch(1, 2))
    with desk.transaction("demo") as tx:
        entry = log.get(tx, log.last_id(tx))
    assert entry is not None
    assert entry.kind == "parties.register"
    said = read(entry.content)
    assert said["stated"] == {
        "source": "test", "persons_new": 2, "persons_changed": 0, "points_new": 2, "points_changed": 0,
        "parties_new": 2, "parties_changed": 0,
    }  # fmt: skip
    assert said["subject"] is None


def findings(what: Batch, lender: Lender = DEMO) -> list[Finding]:
    return parties.inspect(lender, what)[1]


def test_rows_that_cannot_be_right_are_named_and_not_quoted() -> None:
    nobody = borrowers(5).with_columns(person_id=pl.lit(None, dtype=pl.Int64))
    bad = Batch(
        pl.concat([borrowers(1), borrowers(1, name="李四"), borrowers(2, kind="ghost"), nobody, borrowers(1)]),
        pl.concat(
            [
                phones(1, value="12ab"),
                phones(1, kind="fax"),
                phones(1, value=" "),
                phones(1),
                phones(1, value="15499990000"),
            ]
        ),
        pl.concat(
            [
                ties(1, relation="friend"),
                ties(1, proof_kind=None, proof_until=TODAY),
                ties(1, from_day=None),
                ties(1, 1),
            ]
        ),
    )
    fit, found = parties.inspect(DEMO, bad)
    assert [(f.frame, f.row, f.column) for f in found] == [
        ("persons", 1, "person_id"),
        ("persons", 2, "kind"),
        ("persons", 3, "person_id"),
        ("points", 0, "value"),
        ("points", 1, "kind"),
        ("points", 2, "value"),
        ("points", 4, "label"),
        ("parties", 0, "relation"),
        ("parties", 1, "proof_until"),
        ("parties", 2, "person_id, loan_key, from_day"),
    ]
    assert (len(fit.humans), len(fit.points), len(fit.ties)) == (1, 1, 1)
    said = " ".join(f.why for f in found) + repr(fit) + repr(bad) + str(bad)
    assert not any(clear in said for clear in ("12ab", "李四", "张三", "0000 0001", "990101"))


REAL_LOOKING = {
    "a mobile": phones(1, value="13800001111"),
    "a landline": phones(1, value="010-12345678"),
    "a mailbox": phones(1, kind="email", value="zhang@qq.com"),
    "an address": phones(1, kind="address", value="北京市朝阳区建国路88号"),
    "an account": phones(1, kind="im", value="wx_zhang"),
}
INVENTED = {
    "a mobile": phones(1),
    "a British mobile": phones(1, value="+44 7700 900123"),
    "an American number": phones(1, value="+1 202 555 0143"),
    "a mailbox": phones(1, kind="email", value="zhang@demo.invalid"),
    "an address": phones(1, kind="address", value="演示省演示市东区1号"),
    "an account": phones(1, kind="im", value="demo_zhang"),
}


@pytest.mark.parametrize("what", REAL_LOOKING)
def test_a_demo_lender_takes_no_real_contact_point(what: str) -> None:
    points_of = REAL_LOOKING[what]
    assert [f.row for f in findings(Batch(borrowers(), points_of, ties()))] == [0]
    assert findings(Batch(borrowers(), points_of, ties()), REAL) == []


@pytest.mark.parametrize("what", INVENTED)
def test_a_real_lender_takes_no_invented_contact_point(what: str) -> None:
    points_of = INVENTED[what]
    assert findings(Batch(borrowers(), points_of, ties())) == []
    refused = [f.row for f in findings(Batch(borrowers(), points_of, ties()), REAL)]
    assert refused == ([] if what in {"an address", "an account"} else [0])


@pytest.mark.parametrize(("zone", "refused"), [("Asia/Beijing", True), ("示例路1号", True), ("Asia/Shanghai", False)])
def test_a_zone_that_is_none_is_refused_and_never_reaches_a_day_run(zone: str, refused: bool) -> None:  # noqa: FBT001
    found = findings(Batch(borrowers(1), phones(1, zone=zone), ties(1)))
    assert [(one.frame, one.column) for one in found] == ([("points", "zone")] if refused else [])
    assert not any(zone in one.why for one in found)


@pytest.mark.parametrize("value", ["a@b", "a@b.", "no mailbox", "a@b.cn@c.cn", "zhang..san@qq.com"])
def test_what_is_no_mailbox_is_refused(value: str) -> None:
    found = findings(Batch(borrowers(1, lender=REAL), phones(1, lender=REAL, kind="email", value=value), ties(1)), REAL)
    assert [(one.frame, one.column, one.why) for one in found if one.frame == "points"] == [
        ("points", "value", "no e-mail address, such as name@company.cn")
    ]


def test_identity_numbers_are_of_one_kind_too() -> None:
    real, firm = borrowers(1, id="110101199001011234"), borrowers(1, kind="firm", id="91990001MA0000000X")
    assert [f.column for f in findings(Batch(real, phones(), ties()))] == ["id"]
    assert findings(Batch(real, phones(), ties()), REAL) == []
    assert findings(Batch(firm, phones(), ties())) == []
    assert [f.column for f in findings(Batch(firm, phones(), ties()), REAL)] == ["id"]


def test_a_batch_of_one_lender_is_not_registered_for_another(desk: Database) -> None:
    fit, _ = parties.inspect(REAL, NOTHING)
    with pytest.raises(BrokenInvariant, match="lender bank"), desk.transaction("demo") as tx:
        parties.register_parties(tx, vault=VAULT, fit=fit, source="x", day=TODAY, actor=IMPORT, now=NOW)


def test_a_frame_lacks_no_column() -> None:
    with pytest.raises(BrokenInvariant, match="frame persons lacks the columns name"):
        parties.inspect(DEMO, Batch(borrowers(1).drop("name"), phones(), ties()))


def test_a_failure_in_the_database_shows_no_value(desk: Database) -> None:
    strange = Batch(borrowers(1), phones(1, label="Not A Label"), ties())
    fit, _ = parties.inspect(DEMO, strange)

    def fail() -> None:
        with desk.transaction("demo") as tx:
            parties.register_parties(tx, vault=VAULT, fit=fit, source="x", day=TODAY, actor=IMPORT, now=NOW)

    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        fail()
    said = "".join(traceback.format_exception(caught.value)) + str(caught.value.diag.message_detail)
    assert "张三" not in said
    assert "0000 0001" not in said
    with desk.transaction("demo") as tx:
        assert tx.value("SELECT count(*) FROM person") == 0
