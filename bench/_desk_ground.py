"""A desk as large as a lender of a million loans has it: people sealed and indexed, cases, a published day, contacts.

The rows are those that import and day run write, without the book: what is measured reads the desk. ``people`` scales
all of it: 700,000 people, 1,400,000 contact points, 1,000,000 loans, 90,000 open cases, 50 collectors.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl

from duecourse.book.strategy import shipped
from duecourse.casework import parties
from duecourse.casework.actor import Actor, Role
from duecourse.casework.enter_lender import enter_lender
from duecourse.casework.parties import Batch
from duecourse.casework.registers import put_on_record
from duecourse.casework.sign_in import begin_session
from duecourse.casework.staff import OfStaff
from duecourse.casework.user import add_user
from duecourse.core.ids import loan_key, person_id
from duecourse.storage import books, cases, collectors, contacts, loan_names, runs, strategies, users
from duecourse.storage.collectors import Collector
from duecourse.storage.connection import Database, Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.vault import Vault

LENDER = Lender("demo", "演示消费金融", "CN", "Asia/Shanghai", "CNY", "consumer_finance", demo=True, masters={})
ACTOR = Actor(Role.SCHEDULE, "bench")
MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
PEOPLE, USERS = 700_000, 50
AT_ONCE = 50_000
STAGES = ("M1", "M2", "M3", "M4", "M5", "M6", "M6+")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉兰建国文斌宇浩凯健俊帆帅旭宁龙林"


@dataclass(slots=True)
class Ground:
    """What was made, for whoever asks for pages of it."""

    cookies: list[str] = field(default_factory=list)  # a session of each user
    cases: list[list[int]] = field(default_factory=list)  # by user, the numbers of the cases in the list
    looked_for: list[str] = field(default_factory=list)  # values that belong to somebody
    sizes: dict[str, int] = field(default_factory=dict)


def name_of(number: int) -> str:
    """An invented name; about 26,000 of them."""
    return SURNAMES[number % 20] + GIVEN[number // 20 % 40] + GIVEN[number // 800 % 40]


def mobile(number: int) -> str:
    """A number that nobody has."""
    return f"154 {number // 10_000:04d} {number % 10_000:04d}"


def set_up(database: Database, vault: Vault, people: int) -> Ground:
    """Make the desk; returns what to ask for."""
    made = Ground()
    with database.transaction(LENDER.lender_id) as tx:
        enter_lender(tx, LENDER, vault=vault, actor=ACTOR, now=MORNING)
    for start in range(0, people, AT_ONCE):
        _register(database, vault, range(start, min(start + AT_ONCE, people)), people)
    in_case = max(people * 9 // 70, USERS * 20)
    numbers = Random(7).sample(range(people), in_case)
    _users(database, vault, made)
    _day(database, numbers, people)
    some = Random(8).sample(range(people), 2_000)
    made.looked_for = [text for n in some for text in (mobile(n), name_of(n), f"L{n}")]
    with database.transaction(LENDER.lender_id) as tx:
        for user in range(USERS):
            rows = tx.execute(
                "SELECT c.case_id FROM worklist w JOIN cases c USING (lender_id, person_id) "
                "WHERE w.collector_id = %s ORDER BY w.place",
                (f"E{user:02d}",),
            )
            made.cases.append([int(row[0]) for row in rows])
        for table in ("person", "contact_point", "party", "cases", "proposal", "contact", "log_entry"):
            made.sizes[table] = int(str(tx.value(f"SELECT count(*) FROM {table}")))  # noqa: S608 - names written here
    return made


def _register(database: Database, vault: Vault, numbers: range, people: int) -> None:
    ids = [person_id("demo", f"C{n}") for n in numbers]
    persons = pl.DataFrame(
        {
            "person_id": ids, "kind": "natural", "name": [name_of(n) for n in numbers], "id_kind": "resident_id",
            "id": [f"9901011990{n:07d}X" for n in numbers], "birth": date(1990, 5, 17),
            "reference": [f"C{n}" for n in numbers],
        },
        schema=parties.PERSONS,
    )  # fmt: skip
    points = pl.concat(
        [
            pl.DataFrame(
                {
                    "person_id": ids, "kind": "phone", "label": label, "zone": None, "consent": "contract",
                    "value": [mobile(n + shift) for n in numbers],
                },
                schema=parties.POINTS,
            )
            for label, shift in (("mobile", 0), ("home", 50_000_000))
        ]
    )  # fmt: skip
    owed = [(n, f"L{n}") for n in numbers] + [(n, f"S{n}") for n in numbers if n * 7 < people * 3]
    ties = pl.DataFrame(
        {
            "person_id": [person_id("demo", f"C{n}") for n, _ in owed],
            "loan_key": [loan_key("demo", ref) for _, ref in owed], "relation": "borrower",
            "from_day": DAY - timedelta(days=400), "proof_kind": "contract", "proof_until": None,
            "named_by_debtor": False,
        },
        schema=parties.PARTIES,
    )  # fmt: skip
    fit, findings = parties.inspect(LENDER, Batch(persons, points, ties))
    assert not findings, findings[:3]
    with database.transaction(LENDER.lender_id) as tx:
        parties.register_parties(tx, vault=vault, fit=fit, source="bench", day=DAY, actor=ACTOR, now=MORNING)


def _users(database: Database, vault: Vault, made: Ground) -> None:
    for number in range(USERS):
        name = f"E{number:02d}"
        with database.transaction(LENDER.lender_id) as tx:
            collectors.put(tx, Collector(name, "early", ["early", "late"], ["zh"], 2_000, DAY - timedelta(days=90)))
            for kind in OfStaff:
                if kind is not OfStaff.BREACH:
                    put_on_record(
                        tx, vault=vault, firm="", staff=name, kind=kind, from_day=DAY - timedelta(days=30),
                        source="bench", actor=ACTOR, now=MORNING,
                    )  # fmt: skip
            add_user(tx, vault=vault, user_id=name, team=None, actor=ACTOR, now=MORNING)
            users.grant(tx, "demo", name, Role.COLLECTOR.value, by="bench", now=MORNING)
            begun = begin_session(
                tx, vault=vault, user=users.get(tx, name), proof="password", agent="bench", now=MORNING,
                chance=os.urandom,
            )  # fmt: skip
        made.cookies.append(begun.cookie)


def _day(database: Database, numbers: list[int], people: int) -> None:
    """A published day over these people's cases, with what was done about them before."""
    rng = Random(9)
    ids = [person_id("demo", f"C{n}") for n in numbers]
    loans = [(person_id("demo", f"C{n}"), ref) for n in numbers for ref in _references(n, people)]
    keys = [loan_key("demo", ref) for _, ref in loans]
    staff = [f"E{place % USERS:02d}" for place in range(len(ids))]
    dpd = [rng.randint(1, 400) for _ in ids]
    overdue = [rng.randint(1_000, 5_000_000) for _ in ids]
    with database.transaction("demo") as tx:
        kept = strategies.add(tx, strategy_id="first", content=shipped("first"), from_day=date(2000, 1, 1), now=MORNING)
        cases.open_many(tx, pl.Series(ids), day=DAY - timedelta(days=20), by="bench", collectors=pl.Series(staff))
        cases.set_loans(
            tx, pl.DataFrame({"person_id": [person for person, _ in loans], "loan_key": keys}),
            day=DAY - timedelta(days=20),
        )  # fmt: skip
        loan_names.put(
            tx,
            pl.DataFrame(
                {
                    "person_id": [person for person, _ in loans], "loan_key": keys,
                    "loan_ref": [ref for _, ref in loans], "product": "cash_loan", "currency": "CNY",
                }
            ),
        )  # fmt: skip
        _contacts(tx, ids, rng)
        books.lock(tx)
        books.commit_version(tx, books.BookVersion(1, None, MORNING, "bench", {}, bytes(32), 0))
        points: dict[int, int] = dict(
            tx.execute(
                "SELECT person_id, contact_point_id FROM contact_point WHERE lender_id = 'demo' AND label = 'mobile' "
                "AND person_id = ANY (%s)",
                (ids,),
            ).fetchall()
        )
    count: dict[str, int] = {}
    placed = []
    for one in staff:
        count[one] = count.get(one, 0) + 1
        placed.append(count[one])
    rows = runs.Rows(
        snapshot=pl.DataFrame(
            {
                "person_id": ids, "loans": 1, "dpd": dpd, "dpd_plan": dpd,
                "stage": [STAGES[min((days - 1) // 30, 6)] for days in dpd], "class": "special_mention",
                "oldest_due_day": [DAY - timedelta(days=days) for days in dpd], "currency": "CNY",
                "principal_minor": [2 * minor for minor in overdue], "interest_minor": 100, "penalty_minor": 10,
                "fee_minor": 0, "overdue_minor": overdue, "settle_minor": [3 * minor for minor in overdue],
                "collector_id": staff,
            }
        ),
        proposals=_proposals(ids, points),
        worklist=pl.DataFrame({"collector_id": staff, "place": placed, "person_id": ids, "ordinal": 1}),
        loans=pl.DataFrame(
            {
                "person_id": [person for person, _ in loans], "loan_key": keys, "status": "active", "dpd": 30,
                "oldest_due_day": DAY - timedelta(days=30), "next_due_day": DAY + timedelta(days=5),
                "overdue_minor": 50_000, "due_in_week_minor": 60_000, "not_due_minor": 500_000,
                "paid_total_minor": 100_000, "last_payment_day": DAY - timedelta(days=40),
            }
        ),
    )  # fmt: skip
    with runs.claimed(database, "demo", day=DAY, version=1, now=MORNING) as run_id:
        with database.transaction("demo") as tx:
            runs.load(tx, run_id=run_id, rows=rows)
        manifest: dict[str, Any] = {"inputs": {"strategy": {"name": "first", "kept_version": kept}}}
        with database.transaction("demo") as tx:
            runs.publish(
                tx, run_id=run_id, inputs_hash=bytes(32), manifest=manifest, manifest_hash=bytes(32), now=MORNING
            )


def _references(number: int, people: int) -> list[str]:
    return [f"L{number}", *([f"S{number}"] if number * 7 < people * 3 else [])]


def _proposals(ids: Sequence[int], points: dict[int, int]) -> pl.DataFrame:
    """A call and a text for each case, the text refused since there was one today."""
    common: dict[str, Any] = {
        "person_id": ids, "loan_key": None, "recipient_id": ids, "relation": "borrower",
        "contact_point_id": [points[one] for one in ids], "purpose": "collect", "template_version": 1,
        "slot_at": MORNING, "slot_second": 36_000, "slot_zone": "Asia/Shanghai", "missing": [[]] * len(ids),
        "reasons": '{"points":[0],"treatment":0}', "score": 10,
    }  # fmt: skip
    ways = (
        {"ordinal": 1, "treatment": "call", "channel": "call", "template_id": "m1.call", "answer": "allowed",
         "rules": [[]] * len(ids)},
        {"ordinal": 2, "treatment": "text", "channel": "sms", "template_id": "m1.notice.sms", "answer": "refused",
         "rules": [["cn.contact.window"]] * len(ids)},
    )  # fmt: skip
    schema = runs.PROPOSALS.items()
    return pl.concat(
        [pl.DataFrame({**common, **one}).select(pl.col(name).cast(kind) for name, kind in schema) for one in ways]
    )


def _contacts(tx: Tx, ids: Sequence[int], rng: Random) -> None:
    days = [rng.randint(1, 13) for _ in range(3 * len(ids))]
    people = [one for one in ids for _ in range(3)]
    contacts.add_many(
        tx,
        pl.DataFrame(
            {
                "person_id": people, "debtor_id": people, "loan_keys": [[1]] * len(people), "relation": "borrower",
                "contact_point_id": None, "point_index": None, "channel": "call", "purpose": "collect",
                "direction": "out",
                "at": [MORNING - timedelta(days=back, seconds=place) for place, back in enumerate(days)],
                "local_day": [DAY - timedelta(days=back) for back in days], "state": "reported",
                "outcome": "unanswered", "connected": False, "agency": None, "template_id": None,
                "template_version": None,
            }
        ),
        now=MORNING,
    )  # fmt: skip
