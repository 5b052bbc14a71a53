"""Figures over HTTP: the same cells and rows as everywhere, for those whose token may read them."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import polars as pl
import pytest

from duecourse.storage import books, runs
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import person
from tests.web.conftest import Site, problem

DAY = date(2026, 3, 2)
BOTH = (Scope.FIGURE_READ, Scope.FIGURE_EXPORT)


@pytest.fixture(scope="module")
def ran(site: Site) -> Site:
    """A published day with snapshots and proposals of twenty borrowers."""
    at = datetime.fromisoformat("2026-03-02T01:00:00+00:00")
    with site.database.transaction("demo") as tx:
        if runs.last_day(tx) is not None:
            return site
        books.commit_version(tx, books.BookVersion(1, None, at, "test", {}, sha256(b"").digest(), 0))
    people = [person(number) for number in range(1, 21)]
    snapshot = pl.DataFrame(
        [
            {
                "person_id": one, "loans": 1, "dpd": 10 + place, "dpd_plan": 10 + place, "stage": "M1",
                "class": "special_mention", "oldest_due_day": None, "currency": "CNY", "principal_minor": 100_00,
                "interest_minor": 0, "penalty_minor": 0, "fee_minor": 0, "overdue_minor": 1_00 * (place + 1),
                "settle_minor": 100_00, "collector_id": None,
            }
            for place, one in enumerate(people)
        ],
        schema=runs.SNAPSHOT,
    )  # fmt: skip
    empty = pl.DataFrame(schema=runs.PROPOSALS), pl.DataFrame(schema=runs.WORKLIST)
    digest = sha256(b"x").digest()
    with (
        runs.claimed(site.database, "demo", day=DAY, version=1, now=at) as run_id,
        site.database.transaction("demo") as tx,
    ):
        runs.load(tx, run_id=run_id, rows=runs.Rows(snapshot, *empty))
        runs.publish(tx, run_id=run_id, inputs_hash=digest, manifest={}, manifest_hash=digest, now=at)
    return site


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
