"""Retention: each period on both sides of its last day, holds before all, storage only, destruction certified."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from duecourse.book.store import Store
from duecourse.casework import (
    approval,
    bundle,
    destruction,
    legal_hold,
    retention,
    retention_run,
    storage_only,
)
from duecourse.casework.actor import Actor, Role
from duecourse.casework.destroy import Ground, StillNeeded, destroy
from duecourse.casework.gate import Gate
from duecourse.casework.holds import HoldKind, NotAHold
from duecourse.casework.holds import end as end_hold
from duecourse.casework.holds import place as place_hold
from duecourse.casework.kept import Kept, Phase
from duecourse.casework.kinds import KINDS
from duecourse.casework.legal_hold import Held
from duecourse.casework.opened_case import open_case
from duecourse.casework.parties import Batch
from duecourse.casework.permit import Refusal
from duecourse.casework.redemption import redeem_permit
from duecourse.casework.reveal import reveal
from duecourse.casework.searching import search
from duecourse.casework.sequencing import Sequencer
from duecourse.casework.storage_only import StorageOnly
from duecourse.core.ids import shard as shard_of
from duecourse.core.story import parse_stories
from duecourse.evidence.record import read
from duecourse.evidence.verifier.main import main
from duecourse.storage import cases, checkpoints, log, persons
from duecourse.storage import retention as kept_retention
from duecourse.storage.connection import Database, Tx
from duecourse.storage.published import Published
from duecourse.storage.vault import Destroyed, Vault
from duecourse.storage.vault.ring import new_ring
from tests.day_desk import SHARDS, add_version
from tests.desk import loan, person, phones, register, ties
from tests.desk import persons as people
from tests.permit_desk import CONTENT, OPERATOR, Clock, ask, granted, refused, set_up
from tests.random_columns import book

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
COMPLIANCE, SECOND = Actor(Role.COMPLIANCE, "co1"), Actor(Role.COMPLIANCE, "co2")

LOANS = """== What became of the loans
2020-01-05  loan    L1  100.00 CNY  row 2020-03-01 100.00
2020-05-01  pay     L1  100.00
2020-01-05  loan    L2  100.00 CNY  row 2020-03-01 100.00
2020-06-30  sell    L2
2020-01-05  loan    L3  100.00 CNY  row 2020-03-01 100.00
2020-01-05  loan    L4  100.00 CNY  row 2020-02-01 100.00
2020-02-29  pay     L4  100.00
"""
"""L1 is settled on 2020-05-01, L2 sold on 2020-06-30, L3 never paid, L4 settled on a leap day."""


def commit(database: Database, store: Store, text: str = LOANS) -> None:
    (told,), faults = parse_stories(text, name="retention")
    assert not faults
    made = book([told.loans[ref] for ref in sorted(told.loans)])
    numbers = {1000 + place: int(ref[1:]) for place, ref in enumerate(sorted(told.loans))}
    keys = {key: loan(number) for key, number in numbers.items()}
    people = {key: person(1 if number == 5 else number) for key, number in numbers.items()}
    shards = {key: shard_of(one, SHARDS) for key, one in people.items()}
    old = pl.col("loan_key")
    rows = {
        name: frame.with_columns(
            shard=old.replace_strict(shards, return_dtype=pl.Int16),
            **({"person_id": old.replace_strict(people, return_dtype=pl.Int64)} if name == "loans" else {}),
            loan_key=old.replace_strict(keys, return_dtype=pl.Int64),
        )
        for name, frame in (("loans", made.loans), ("instalments", made.instalments), ("events", made.events))
    }
    add_version(database, store, rows | {"conventions": made.conventions}, known=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    """Four borrowers with a loan each; whatever the register of them left in the log is of March 2026."""
    set_up(database, VAULT, 1, 2, 3, 4)
    made = Store(tmp_path / "book")
    commit(database, made)
    return made


def at(day: date) -> datetime:
    """Noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def kept(database: Database, store: Store, number: int, day: date) -> Kept:
    with database.transaction("demo") as tx:
        (found,) = retention.schedule(tx, store=store, person_ids=[person(number)], day=day, now=at(day))
    return found


def contacted(database: Database, number: int, day: date, channel: str = "call") -> None:
    with database.transaction("demo") as tx:
        tx.execute(
            "INSERT INTO contact (lender_id, person_id, debtor_id, loan_keys, channel, purpose, relation, direction, "
            "at, local_day, state, outcome, connected, known_at) "
            "SELECT 'demo', %s, %s, ARRAY[%s::bigint], %s, 'collect', 'borrower', 'out', %s, %s, 'reported', "
            "'unanswered', false, %s",
            (person(number), person(number), loan(number), channel, at(day), day, at(day)),
        )


def run(database: Database, store: Store, day: date, *, dry: bool = False) -> retention_run.Done:
    return retention_run.run(
        database, "demo", vault=VAULT, store=store, day=day, actor=OPERATOR, clock=lambda: at(day), dry=dry
    )


def decided(database: Database, kind: str, subject: str, asked: dict[str, object], now: datetime) -> None:
    """One asks, another approves."""
    with database.transaction("demo") as tx:
        made = approval.ask(
            tx, kinds=KINDS, vault=VAULT, kind=kind, subject=subject, asked=asked, reason="r", actor=COMPLIANCE, now=now
        )
        with pytest.raises(approval.SameEyes):
            approval.approve(
                tx, kinds=KINDS, vault=VAULT, approval_id=made.approval_id, reason="", actor=COMPLIANCE, now=now
            )
        approval.approve(tx, kinds=KINDS, vault=VAULT, approval_id=made.approval_id, reason="", actor=SECOND, now=now)


def destroyed(database: Database, store: Store, day: date, *numbers: int) -> int:
    with database.transaction("demo") as tx:
        found = destruction.propose(
            tx,
            vault=VAULT,
            store=store,
            person_ids=[person(one) for one in numbers],
            day=day,
            actor=COMPLIANCE,
            now=at(day),
        )
    number = found.destruction_id
    decided(database, "retention.destroy", f"destruction/{number}", destruction.asked(found), at(day))
    return number


@pytest.mark.parametrize(
    ("number", "last", "rules"),
    [
        (1, date(2025, 5, 1), ("house_cn.retention.own",)),  # settled 2020-05-01, five years
        (2, date(2025, 6, 30), ("house_cn.retention.own",)),  # sold 2020-06-30
        (4, date(2025, 2, 28), ("house_cn.retention.own",)),  # settled 2020-02-29: February 2025 has no 29th
    ],
)
def test_five_years_from_settlement_or_transfer_to_the_day(
    database: Database, store: Store, number: int, last: date, rules: tuple[str, ...]
) -> None:
    before, after = (kept(database, store, number, last + timedelta(days=more)) for more in (0, 1))
    assert (before.phase, before.until, before.by) == (Phase.KEPT, last + timedelta(days=1), rules)
    assert after.phase is Phase.OVER


@pytest.mark.parametrize("day", [date(2025, 2, 28), date(2025, 3, 1), date(2040, 1, 1)])
def test_what_was_paid_before_it_fell_due_ends_on_its_due_day_whenever_one_asks(
    database: Database, store: Store, day: date
) -> None:
    register(database, VAULT, Batch(people(6), phones(6), ties(6, loan_key=loan(6))))
    early = "2020-01-05  loan    L6  100.00 CNY  row 2020-03-01 100.00\n2020-01-20  pay     L6  100.00\n"
    commit(database, store, f"== Paid early\n{early}")
    found = kept(database, store, 6, day)
    assert (found.until, found.phase is Phase.OVER) == (date(2025, 3, 2), day >= date(2025, 3, 2))


def test_a_right_to_deletion_waits_for_a_period_of_law_and_for_nothing_of_the_lender_s(
    database: Database, store: Store
) -> None:
    def destroys(number: int, ground: Ground, day: date) -> None:
        with database.transaction("demo") as tx:
            destruction.by_right(
                tx, vault=VAULT, store=store, person_id=person(number), ground=ground, day=day, actor=OPERATOR,
                now=at(day),
            )  # fmt: skip

    with pytest.raises(destruction.ByTwo):
        destroys(1, Ground.RETENTION_OVER, date(2044, 1, 1))
    contacted(database, 1, date(2023, 8, 10))
    with pytest.raises(destruction.PeriodRuns, match=r"cn.retention.consumer_finance.*2028-08-11"):
        destroys(1, Ground.CONSENT_WITHDRAWN, date(2028, 8, 10))
    destroys(1, Ground.CONSENT_WITHDRAWN, date(2028, 8, 11))
    assert kept(database, store, 4, date(2025, 2, 1)).by == ("house_cn.retention.own",)
    destroys(4, Ground.CONSENT_WITHDRAWN, date(2025, 2, 1))
    with pytest.raises(StillNeeded, match="L3"):
        destroys(3, Ground.UNLAWFUL, date(2028, 8, 11))


def test_a_loan_that_runs_keeps_everything_of_whoever_has_two(database: Database, store: Store) -> None:
    late = date(2045, 1, 1)
    assert kept(database, store, 3, late).phase is Phase.IN_USE
    register_second(database)
    two = kept(database, store, 1, late)
    assert (two.phase, two.until) == (Phase.UNKNOWN, None)  # the book does not hold the second loan yet
    commit(database, store, "== Another\n2024-01-05  loan    L5  100.00 CNY  row 2024-03-01 100.00\n")
    two = kept(database, store, 1, late)
    assert (two.phase, two.running) == (Phase.IN_USE, ("L5",))
    with database.transaction("demo") as tx, pytest.raises(storage_only.StillInUse, match="L5"):
        storage_only.store(tx, vault=VAULT, kept=two, actor=COMPLIANCE, clock=lambda: at(late))
    with database.transaction("demo") as tx, pytest.raises(destruction.NothingOver):
        destruction.propose(
            tx, vault=VAULT, store=store, person_ids=[person(1)], day=late, actor=COMPLIANCE, now=at(late)
        )


def register_second(database: Database) -> None:
    register(database, VAULT, Batch(people(1), phones(1), ties(1, loan_key=loan(5))))


def test_a_consumer_finance_record_is_kept_five_years_from_the_record(database: Database, store: Store) -> None:
    contacted(database, 1, date(2023, 8, 10))
    last = date(2028, 8, 10)
    found = kept(database, store, 1, last)
    assert (found.phase, found.by) == (Phase.KEPT, ("cn.retention.consumer_finance",))
    assert kept(database, store, 1, last + timedelta(days=1)).phase is Phase.OVER
    assert {(one.kind.value, one.clock, one.years) for one in found.terms} == {
        ("collection", "record", 5), ("collection", "end", 5), ("recording", "record", 5), ("recording", "end", 5),
    }  # fmt: skip


def test_a_legal_hold_goes_before_everything_and_two_people_release_it(database: Database, store: Store) -> None:
    day = date(2026, 1, 10)
    assert kept(database, store, 1, day).phase is Phase.OVER
    number = destroyed(database, store, day, 1, 2)
    with database.transaction("demo") as tx:
        hold = legal_hold.place(
            tx, vault=VAULT, person_id=person(1), source="(2026) 民初 12", reason="起诉", until=None, actor=COMPLIANCE,
            day=day, now=at(day),
        )  # fmt: skip
        with pytest.raises(Held):
            destroy(
                tx, vault=VAULT, person_id=person(1), ground=Ground.CONSENT_WITHDRAWN, standing=(),
                day=day, actor=OPERATOR, now=at(day),
            )  # fmt: skip
    assert kept(database, store, 1, date(2099, 1, 1)).phase is Phase.HELD
    done = run(database, store, day)  # what was approved before the hold is not done to whoever has one
    (certificate,) = done.certificates
    assert (certificate["people"], certificate["left"]) == (1, {"held": 1})
    with database.transaction("demo") as tx:
        assert persons.get(tx, person(1)).destroyed_at is None
        assert persons.get(tx, person(2)).destroyed_at is not None
        assert destruction.certificate_of(tx, number)[0] == certificate
    decided(database, "retention.release", f"legal_hold/{hold}", {"hold": hold}, at(day))
    assert kept(database, store, 1, day).phase is Phase.OVER
    with database.transaction("demo") as tx, pytest.raises(kept_retention.NoSuchLegalHold):
        approval.ask(
            tx, kinds=KINDS, vault=VAULT, kind="retention.release", subject="x", asked={"hold": hold}, reason="r",
            actor=COMPLIANCE, now=at(day),
        )  # fmt: skip


def test_a_legal_hold_with_an_end_stands_until_that_day(database: Database, store: Store) -> None:
    day, until = date(2026, 1, 10), date(2026, 2, 1)
    with database.transaction("demo") as tx:
        legal_hold.place(
            tx, vault=VAULT, person_id=person(1), source="s", reason="r", until=until, actor=COMPLIANCE, day=day,
            now=at(day),
        )  # fmt: skip
        for wrong in ({"source": " "}, {"reason": ""}, {"until": day}):
            with pytest.raises(legal_hold.NotALegalHold):
                legal_hold.place(
                    tx, vault=VAULT, person_id=person(1), actor=COMPLIANCE, day=day, now=at(day),
                    **({"source": "s", "reason": "r", "until": until} | wrong),  # type: ignore[arg-type]
                )  # fmt: skip
    assert kept(database, store, 1, until - timedelta(days=1)).phase is Phase.HELD
    assert kept(database, store, 1, until).phase is Phase.OVER


@pytest.mark.parametrize(("jurisdiction", "missing"), [("IN", ()), ("HK", ()), ("US", ("debt_collector",))])
def test_where_no_rule_speaks_or_a_fact_is_missing_the_data_are_kept(
    database: Database, tmp_path: Path, jurisdiction: str, missing: tuple[str, ...]
) -> None:
    set_up(database, VAULT, 1)
    store = Store(tmp_path / "book")
    commit(database, store)
    contacted(database, 1, date(2020, 4, 1))
    with database.transaction("demo") as tx:
        tx.execute(
            "UPDATE lender SET jurisdiction = %s, lender_type = 'transferee' WHERE lender_id = 'demo'", (jurisdiction,)
        )
    found = kept(database, store, 1, date(2099, 1, 1))
    assert found.phase is Phase.UNKNOWN
    assert set(missing) <= set(found.missing)


def test_what_is_only_stored_is_used_for_nothing(database: Database, store: Store) -> None:
    clock = Clock(at(date(2026, 1, 12)))
    day = clock().date()
    permit = granted(ask(database, GATE, clock))
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person(1)]), day=date(2020, 3, 2), by="test")
        (case,) = cases.of_person(tx, person(1))
    assert kept(database, store, 1, day).phase is Phase.IN_USE  # an open case
    with database.transaction("demo") as tx:
        cases.close_many(tx, pl.Series([person(1)]), day=date(2020, 5, 2), by="test")
        assert search(tx, vault=VAULT, text="154 0000 0001")
    (state,) = [one for one in [kept(database, store, 1, day)] if one.ended]
    with database.transaction("demo") as tx:
        storage_only.store(tx, vault=VAULT, kept=state, actor=COMPLIANCE, clock=clock)
    clock.forward(minutes=1)
    rules = refused(ask(database, GATE, clock))
    assert {"cn.information.storage_only", "house.hold.storage_only"} <= set(rules)
    answer = redeem_permit(
        database, "demo", gate=GATE, permit_id=permit.permit_id, sender=permit.sender, content_hash=CONTENT,
        actor=OPERATOR, clock=clock,
    )  # fmt: skip
    assert isinstance(answer, Refusal)
    with database.transaction("demo") as tx:
        found = search(tx, vault=VAULT, text="154 0000 0001")
        assert [one.person_id for one in found] == []
        for use in (
            lambda: open_case(tx, case.case_id, now=clock()),
            lambda: look(tx, "claim", clock()),
            lambda: look(tx, "contact", clock()),
        ):
            with pytest.raises(StorageOnly, match="only stored"):
                use()
        with pytest.raises(NotAHold):
            end_hold(tx, vault=VAULT, person_id=person(1), hold_id=number_of(tx), actor=OPERATOR, clock=clock)
        with pytest.raises(NotAHold):
            place_hold(
                tx, vault=VAULT, person_id=person(2), kind=HoldKind.STORAGE_ONLY, source="s", actor=OPERATOR,
                clock=clock,
            )  # fmt: skip
    with database.transaction("demo") as tx:
        with pytest.raises(storage_only.NotForThat):
            storage_only.wanted(tx, person(1), "contact", clock())
        with pytest.raises(storage_only.NotStored):
            storage_only.wanted(tx, person(2), "claim", clock())
        asked = storage_only.wanted(tx, person(1), "claim", clock())
    decided(database, "retention.read", "stored/claim", asked, clock())
    with database.transaction("demo") as tx:
        assert look(tx, "claim", clock()) == "张三"
        open_case(tx, case.case_id, now=clock())
        with pytest.raises(StorageOnly):
            look(tx, "supervision", clock())
    clock.forward(days=1)
    with database.transaction("demo") as tx, pytest.raises(StorageOnly):
        look(tx, "claim", clock())


def look(tx: Tx, purpose: str, now: datetime) -> str:
    return reveal(tx, vault=VAULT, person_id=person(1), field="name", purpose=purpose, actor=OPERATOR, now=now).value


def number_of(tx: Tx) -> int:
    found = kept_retention.stored_since(tx, [person(1)], at(date(2026, 2, 1)))
    assert found
    return found.hold_id


def test_the_run_stores_brings_back_and_destroys_and_says_so_before(database: Database, store: Store) -> None:
    day = date(2026, 1, 12)
    dry = run(database, store, day, dry=True)
    assert (sorted(dry.stored), dry.people) == (
        sorted(person(one) for one in (1, 2, 4)), {"over": 3, "in_use": 1},
    )  # fmt: skip
    assert run(database, store, day).stored == dry.stored
    again = run(database, store, day)
    assert (again.stored, again.restored, again.certificates) == ([], [], [])
    register_second(database)
    commit(database, store, "== Another\n2025-12-05  loan    L5  100.00 CNY  row 2026-03-01 100.00\n")
    later = date(2026, 1, 13)
    assert run(database, store, later).restored == [person(1)]
    granted(ask(database, GATE, Clock(at(date(2026, 1, 13)) + timedelta(hours=1))))


def test_a_destruction_is_certified_in_the_log_and_leaves_every_proof_valid(
    database: Database, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = date(2026, 3, 20)
    with database.transaction("demo") as tx:
        cases.open_many(tx, pl.Series([person(1)]), day=date(2020, 3, 2), by="test")
        reveal(tx, vault=VAULT, person_id=person(1), field="name", purpose="identify", actor=OPERATOR, now=at(day))
        cases.close_many(tx, pl.Series([person(1)]), day=date(2020, 5, 2), by="test")
        (case,) = cases.of_person(tx, person(1))
    sequence(database, tmp_path)
    before = bundled(database, case.case_id)
    number = destroyed(database, store, day, 1, 4)
    (certificate,) = run(database, store, day).certificates
    assert (certificate["people"], certificate["rules"]) == (2, ["house_cn.retention.own"])
    assert certificate["rows"]["contact_point"] == 4
    assert (certificate["asked_by"], certificate["approved_by"]) == ("compliance:co1", "compliance:co2")
    with database.transaction("demo") as tx:
        with pytest.raises(Destroyed):
            look(tx, "claim", at(day))
        found, entry = destruction.certificate_of(tx, number)
        record = log.get(tx, entry)
        assert record is not None
        stated = read(record.content)["stated"]
        rows = tx.execute("SELECT convert_from(bytes, 'UTF8') FROM log_entry").fetchall()
    assert isinstance(stated, dict)
    assert stated["certificate"] == destruction.digest(found) == destruction.digest(json.loads(json.dumps(found)))
    assert not [text for (text,) in rows if str(person(1)) in text]
    sequence(database, tmp_path)
    for made in (before, bundled(database, case.case_id)):
        (tmp_path / "b.zip").write_bytes(made.content)
        with database.transaction("demo") as tx:
            origin = checkpoints.origin(tx)
        assert origin
        assert main([str(tmp_path / "b.zip"), "--key", str(origin.key)]) == 0, capsys.readouterr().out
    with database.transaction("demo") as tx:
        again = destruction.propose(
            tx, vault=VAULT, store=store, person_ids=[person(2)], day=day, actor=COMPLIANCE, now=at(day)
        )
        with pytest.raises(destruction.NotDone):
            destruction.certificate_of(tx, again.destruction_id)


def sequence(database: Database, folder: Path) -> None:
    Sequencer(database, "demo", VAULT, Published(folder / "log"), lambda: at(date(2026, 3, 20))).run()


def bundled(database: Database, case_id: int) -> bundle.Bundle:
    with database.transaction("demo") as tx:
        return bundle.bundle_of_case(tx, vault=VAULT, case_id=case_id, actor=OPERATOR, now=at(date(2026, 3, 20)))
