"""A desk and a book with nothing in them yet; modules that want more of either have fixtures of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from duecourse.book.store import Store
from duecourse.storage.connection import BATCH, Database
from tests.desk import enter


@pytest.fixture
def desk(database_url: str) -> Iterator[Database]:
    with Database(database_url, limits=BATCH) as database:
        enter(database)
        yield database


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "book" / "demo")
