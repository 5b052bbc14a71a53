"""Figures over HTTP: the same cells and rows as everywhere, for those whose token may read them."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import date, datetime, timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from duecourse.casework.actor import Role
from duecourse.casework.token import create_token
from duecourse.cli.main import main
from duecourse.storage import books, runs
from duecourse.storage.connection import Database
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import person
from tests.web.conftest import OPERATOR, Site, problem
from tests.web.reader import Ground

DAY = date(2026, 3, 2)
BOTH = (Scope.FIGURE_READ, Scope.FIGURE_EXPORT)


@pytest.fixture(scope="module")
def ran(site: Site) -> Site:
    """A published day with snapshots and proposals of twenty borrowers."""
    run(site.database, [None] * 20)
    return site


def run(database: Database, collectors: Sequence[str | None]) -> None:
    """Publish the day with as many borrowers as collectors are named, unless a day is published."""
    at = datetime.fromisoformat("2026-03-02T01:00:00+00:00")
    with database.transaction("demo") as tx:
        if runs.last_day(tx) is not None:
            return
        books.commit_version(tx, books.BookVersion(1, None, at, "test", {}, sha256(b"").digest(), 0))
    snapshot = pl.DataFrame(
        [
            {
                "person_id": person(place + 1), "loans": 1, "dpd": 10 + place, "dpd_plan": 10 + place, "stage": "M1",
                "class": "special_mention", "oldest_due_day": None, "currency": "CNY", "principal_minor": 100_00,
                "interest_minor": 0, "penalty_minor": 0, "fee_minor": 0, "overdue_minor": 1_00 * (place + 1),
                "settle_minor": 100_00, "collector_id": collector,
            }
            for place, collector in enumerate(collectors)
        ],
        schema=runs.SNAPSHOT,
    )  # fmt: skip
    empty = pl.DataFrame(schema=runs.PROPOSALS), pl.DataFrame(schema=runs.WORKLIST)
    digest = sha256(b"x").digest()
    with (
        runs.claimed(database, "demo", day=DAY, version=1, now=at) as run_id,
        database.transaction("demo") as tx,
    ):
        runs.load(tx, run_id=run_id, rows=runs.Rows(snapshot, *empty))
        runs.publish(tx, run_id=run_id, inputs_hash=digest, manifest={}, manifest_hash=digest, now=at)


def get(site: Site, path: str, *scopes: Scope, **params: Any) -> Any:  # noqa: ANN401 - JSON
    with site.client(*scopes) as client:
        answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_figure_says_what_it_means_in_both_languages(ran: Site) -> None:
    for one in get(ran, "/figures", Scope.FIGURE_READ)["figures"]:
        assert one["dimensions"][0]["name"] == "day"
        for text in (one["says"], one["defines"], *(m["says"] for m in one["measures"])):
            assert text["zh"]
            assert text["en"]
            assert text["zh"] != text["en"]


def test_the_cells_are_the_sum_of_the_rows(ran: Site) -> None:
    said = get(ran, "/figures/case.open", Scope.FIGURE_READ, by="stage")
    assert said["first"] == said["last"] == DAY.isoformat()
    (cell,) = said["cells"]
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = get(ran, "/figures/case.open/rows", Scope.FIGURE_READ, most=7, **({"cursor": cursor} if cursor else {}))
        rows += page["rows"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len({row["person_id"] for row in rows}) == len(rows) == cell["of"]["cases"] == 20
    assert sum(row["overdue_minor"] for row in rows) == cell["of"]["overdue_minor"]
    assert all(row["name"] == "张*" for row in rows), "names are masked"


def test_files_hold_the_same(ran: Site) -> None:
    with ran.client(*BOTH) as client:
        told = client.get("/figures/case.open/csv", params={"by": "stage"})
        lines = told.text.splitlines()
        assert lines[0] == "day,stage,cases,owed_minor,overdue_minor"
        assert lines[1] == f"{DAY},M1,20,200000,21000"
        parquet = client.post("/figures/case.open/export", json={"format": "parquet"})
        frame = pl.read_parquet(BytesIO(parquet.content))
        text = client.post("/figures/case.open/export", json={"where": ["stage=M1"]})
    assert (frame.height, frame["overdue_minor"].sum()) == (20, 21_000)
    assert text.text.count("\r\n") == 21
    with ran.database.transaction("demo") as tx:
        made = tx.value("SELECT count(*) FROM log_entry WHERE kind = 'figure.exported'")
    assert made == 2, "who took what out is on record"


def test_terminal_api_and_screen_give_the_same_file(
    ground: Ground, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ground.database.transaction("demo") as tx:
        tx.execute(
            "INSERT INTO collector (lender_id, collector_id, team, skills, languages, capacity, from_day) "
            "VALUES ('demo', '-E9', '=1+1', '{}', '{}', 1, %s)",
            (DAY,),
        )
        token = create_token(
            tx, vault=ground.vault, name="files", scopes=BOTH, sender_type="lender", firm=None,
            expires_at=ground.clock() + timedelta(days=1), requests_minute_max=None, actor=OPERATOR,
            now=ground.clock(), chance=os.urandom,
        )  # fmt: skip
    run(ground.database, [None, "-E9", "-E9"])
    for name, value in {"HOME": str(ground.home), "DATABASE_URL": database_url, "LENDER": "demo"}.items():
        monkeypatch.setenv(f"DUECOURSE_{name}", value)

    def terminal(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["duecourse", "figure", *arguments])
        with redirect_stdout(StringIO()) as said, pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return said.getvalue()

    said = terminal("show", "case.open", "--by", "team", "--by", "collector", "--csv")
    terminal("export", "case.open", str(tmp_path / "rows.csv"))
    rows = (tmp_path / "rows.csv").read_bytes()
    address, leader = "/figures/case.open", ground.reader(Role.SUPERVISOR)
    with httpx.Client(base_url=f"{ground.url}/api/v1", headers={"Authorization": f"Bearer {token.text}"}) as client:
        told = client.get(f"{address}/csv?by=team&by=collector&by=currency").content
        assert client.post(f"{address}/export", json={}).content == rows
    assert leader.get(f"{address}/csv?by=team&by=collector&by=currency").content == told
    days = {"from": DAY.isoformat(), "to": DAY.isoformat()}
    assert leader.post(f"{address}/export", "/account", **days, format="csv").content == rows
    assert told.decode().splitlines() == said.splitlines()
    assert [line[1:5] for line in csv.reader(StringIO(said))] == [
        ["currency", "team", "collector", "cases"], ["CNY", "", "", "1"], ["CNY", "'=1+1", "'-E9", "2"],
    ]  # fmt: skip
    teams = [(row["team"], row["collector"]) for row in csv.DictReader(StringIO(rows.decode()))]
    assert sorted(teams) == [("", ""), ("'=1+1", "'-E9"), ("'=1+1", "'-E9")]


def test_a_token_reads_and_takes_out_only_what_its_scopes_say(ran: Site) -> None:
    with ran.client(Scope.LAW_READ) as client:
        problem(client.get("/figures"), Kind.NO_SCOPE)
    with ran.client(Scope.FIGURE_READ) as client:
        problem(client.post("/figures/case.open/export", json={}), Kind.NO_SCOPE)
        problem(client.get("/figures/case.closed"), Kind.NOT_FOUND)
        problem(client.get("/figures/case.open", params={"by": "weekday"}), Kind.INVALID)
        problem(client.get("/figures/case.open/rows", params={"cursor": "abc"}), Kind.INVALID)
        problem(client.get("/figures/case.open", params={"from": "2026-03-05", "to": "2026-03-01"}), Kind.INVALID)
        problem(client.get("/figures/book.roll"), Kind.INVALID)
    with ran.client(Scope.FIGURE_READ, lender="other") as client:
        problem(client.get("/figures/case.open"), Kind.INVALID)
