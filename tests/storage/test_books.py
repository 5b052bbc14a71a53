"""The commit point of the book: a chain without forks, written last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import psycopg
import pytest
from psycopg import errors

from duecourse.storage import books
from duecourse.storage.books import BookLocked, BookMoved, BookVersion, NoSuchVersion, SourceFile
from duecourse.storage.connection import Database
from tests.desk import NOW, enter

FIRST = BookVersion(1, None, NOW, "import", {"loan": {"version": 0, "hash": "00"}}, bytes(32), 0)
SECOND = replace(FIRST, version=2, parent=1, known_at=NOW + timedelta(days=1))
FILE = SourceFile(b"f" * 32, "loan", b"m" * 32, None, 10, 9, 1, {"principal": {"CNY": 5}})


def commit(database: Database, book: BookVersion, *files: SourceFile) -> None:
    with database.transaction("demo") as tx:
        books.commit_version(tx, book, files)


def test_versions_form_a_chain(database: Database) -> None:
    enter(database)
    with database.transaction("demo") as tx:
        assert books.newest(tx) is None
        with pytest.raises(NoSuchVersion, match="import a tape first"):
            books.known_by(tx, NOW)
    commit(database, FIRST, FILE)
    commit(database, SECOND)
    with database.transaction("demo") as tx:
        assert books.newest(tx) == SECOND
        assert books.get(tx, 1) == FIRST
        assert books.known_by(tx, NOW + timedelta(hours=1)) == FIRST
        assert books.every(tx) == [SECOND, FIRST]
        assert books.sources(tx) == [replace(FILE, version=1, known_at=NOW)]
        assert books.sources(tx, source_hash=b"x" * 32) == []
        with pytest.raises(NoSuchVersion, match="no version 3"):
            books.get(tx, 3)


def test_of_two_imports_from_one_version_one_wins(database: Database) -> None:
    enter(database)
    commit(database, FIRST)
    barrier = Barrier(2)

    def attempt(_: int) -> str:
        try:
            with database.transaction("demo") as tx:
                books.newest(tx)
                barrier.wait()
                books.commit_version(tx, SECOND)
        except BookMoved:
            return "moved"
        return "won"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["moved", "won"]


def test_a_version_without_its_parent_is_refused(database: Database) -> None:
    enter(database)
    with pytest.raises(BookMoved):
        commit(database, SECOND)


def test_the_book_is_written_by_one_at_a_time(database: Database) -> None:
    enter(database)
    with database.transaction("demo") as tx:
        books.lock(tx)
        with pytest.raises(BookLocked, match="try again"), database.transaction("demo") as other:
            books.lock(other)
    with database.transaction("demo") as tx:
        books.lock(tx)


def test_a_version_never_changes(database: Database, database_url: str) -> None:
    enter(database)
    commit(database, FIRST, FILE)
    for statement in (b"UPDATE book_version SET log_entries = 9", b"DELETE FROM source_file"):
        with psycopg.connect(database_url) as owner, pytest.raises(errors.RestrictViolation, match="never change"):
            owner.execute(statement)
