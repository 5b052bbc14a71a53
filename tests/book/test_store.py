"""The book on disk: versions that stay, hashes that do not depend on order, nothing seen that is not committed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from duecourse.book.content import add, fingerprint
from duecourse.book.store import FILES_MAX, BookVersion, NoSuchVersion, Store, in_order, version_from
from duecourse.book.tables import OBSERVATIONS, TABLES

KNOWN = datetime(2026, 3, 1, tzinfo=UTC)


def observations(*buckets: str, known: datetime = KNOWN) -> pl.DataFrame:
    rows = [(n % 8, n, date(2026, 2, 28), bucket, known, "f") for n, bucket in enumerate(buckets)]
    return pl.DataFrame(rows, schema=OBSERVATIONS, orient="row")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "book")


def test_every_version_stays_readable(store: Store) -> None:
    store.begin(None)
    first = store.append(None, {"observations": observations("0", "X")})
    store.done()
    store.begin(first)
    later = store.append(first, {"observations": observations("C", known=KNOWN + timedelta(days=1))})
    store.done()
    assert [store.read(at, "observations").height for at in (first, later)] == [2, 3]
    assert store.read(later, "observations", known=KNOWN).height == 2
    assert version_from(later.version, later.plain()) == later
    assert store.verified(later) == []


def test_what_was_not_committed_is_unseen_and_goes(store: Store) -> None:
    store.begin(None)
    first = store.append(None, {"observations": observations("0")})
    store.done()
    store.begin(first)
    store.append(first, {"observations": observations("1", "2"), "balances": pl.DataFrame(schema=TABLES["balances"])})
    # The process dies here. The next one begins on what was committed.
    assert store.read(first, "observations")["bucket"].to_list() == ["0"]
    files = len(list(store.path("observations").rglob("*.parquet")))
    store.begin(first)
    assert len(list(store.path("observations").rglob("*.parquet"))) < files
    second = store.append(first, {"observations": observations("3")})
    store.done()
    assert sorted(store.read(second, "observations")["bucket"]) == ["0", "3"]
    assert store.verified(second) == []


def files(store: Store, at: BookVersion, table: str = "observations") -> list[str]:
    return DeltaTable(store.path(table), version=at.tables[table].version).file_uris()


def daily(store: Store, days: int) -> list[BookVersion]:
    """A version a day, each with two rows in the first two shards."""
    made: list[BookVersion] = []
    for day in range(days):
        base = made[-1] if made else None
        store.begin(base)
        rows = observations(str(day), "X", known=KNOWN + timedelta(days=day))
        made.append(store.append(base, {"observations": rows}))
        store.done()
    return made


def test_small_files_are_joined_and_every_version_stays_as_it_was(store: Store) -> None:
    made = daily(store, FILES_MAX + 3)
    assert len(files(store, made[FILES_MAX - 1])) == 2 * FILES_MAX
    assert len(files(store, made[FILES_MAX])) == 2
    assert len(files(store, made[-1])) == 6
    plain = Store(store.folder.parent / "plain")
    plain.begin(None)
    whole = pl.concat([observations(str(day), "X", known=KNOWN + timedelta(days=day)) for day in range(len(made))])
    assert plain.append(None, {"observations": whole}).content_hash == made[-1].content_hash
    for day, at in enumerate(made, start=1):
        assert store.read(at, "observations").height == 2 * day
        assert store.verified(at) == []


def test_a_writer_that_died_while_joining_takes_no_earlier_version_with_it(store: Store) -> None:
    made = daily(store, FILES_MAX)
    store.begin(made[-1])
    store.append(made[-1], {"observations": observations("lost", "lost")})
    # The process dies here, after files were joined and before the version is committed; the next one cleans up.
    store.begin(made[-1])
    again = store.append(made[-1], {"observations": observations("kept", "kept")})
    store.done()
    assert "lost" not in store.read(again, "observations")["bucket"]
    assert [store.verified(at) for at in (*made, again)] == [[]] * (len(made) + 1)
    store.begin(again)
    third = store.append(again, {"observations": observations("more")})
    store.begin(third)
    assert [store.verified(at) for at in (*made, again, third)] == [[]] * (len(made) + 2)


def test_a_table_that_never_was_committed_goes(store: Store) -> None:
    store.begin(None)
    store.append(None, {"observations": observations("0")})
    store.begin(None)
    first = store.append(None, {"observations": observations("1")})
    assert store.read(first, "observations")["bucket"].to_list() == ["1"]


def test_a_version_without_its_files_is_told(store: Store) -> None:
    store.begin(None)
    at = store.append(None, {"observations": observations("0")})
    with pytest.raises(NoSuchVersion, match="point DUECOURSE_HOME at it or restore it"):
        Store(store.folder / "elsewhere").read(at, "observations")


def test_changed_files_do_not_verify(store: Store) -> None:
    store.begin(None)
    at = store.append(None, {"observations": observations("0")})
    (file,) = store.path("observations").rglob("*.parquet")
    pl.read_parquet(file).with_columns(bucket=pl.lit("5")).write_parquet(file)
    assert store.verified(at) == ["observations"]


def test_shards_are_read_apart(store: Store) -> None:
    store.begin(None)
    at = store.append(None, {"observations": observations(*"abcdefghij")})
    parts = [store.read(at, "observations", shard=shard) for shard in range(8)]
    assert sorted(bucket for part in parts for bucket in part["bucket"]) == list("abcdefghij")
    assert parts[1]["bucket"].to_list() == ["b", "j"]


def test_the_content_hash_does_not_depend_on_tables_without_rows() -> None:
    assert BookVersion(1, 8, {}).content_hash == BookVersion(2, 4, {}).content_hash


ROWS = st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1) | st.none(), st.text(max_size=20) | st.none()), max_size=30)


def frame(rows: list[tuple[int | None, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"n": pl.Int64, "t": pl.String}, orient="row")


@given(ROWS, st.randoms(use_true_random=False), st.integers(0, 30))
def test_the_hash_is_of_the_rows_alone(rows: list[tuple[int | None, str | None]], rng: object, cut: int) -> None:
    whole = fingerprint(frame(rows), ["n", "t"])
    mixed = list(rows)
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    assert fingerprint(frame(mixed), ["n", "t"]) == whole
    parts = (frame(rows[:cut]), frame(rows[cut:]))
    assert add(*(fingerprint(part, ["n", "t"]) for part in parts)) == whole
    assert fingerprint(pl.concat(parts, rechunk=False), ["n", "t"]) == whole


@given(ROWS, st.integers(0, 29))
def test_any_changed_row_changes_the_hash(rows: list[tuple[int | None, str | None]], at: int) -> None:
    if at < len(rows):
        number, text = rows[at]
        for other in ((None if number is not None else 0, text), (number, None if text is not None else "")):
            assert fingerprint(frame([*rows[:at], other, *rows[at + 1 :]]), ["n", "t"]) != fingerprint(
                frame(rows), ["n", "t"]
            )


def test_the_hash_is_part_of_the_format() -> None:
    assert f"{fingerprint(frame([(1, 'a'), (None, '张三')]), ['n', 't']):032x}" == GOLDEN


GOLDEN = "deb7415ccead6582fafb2053fd935fd2"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_order_is_lexicographic(rows: list[tuple[int, int]]) -> None:
    table = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
    assert in_order(table, ["a", "b"]) == (rows == sorted(rows))
