"""A process that imports numbered tapes until none is left; it is killed at random by test_book_import."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from duecourse.book.store import Store
from duecourse.storage import books
from duecourse.storage.connection import BATCH, Database
from tests.tapes import NOW, bring, order


def main(url: str, folder: Path, store: Store) -> None:
    """Import tape n as version n, from the next one on."""
    with Database(url, limits=BATCH) as database:
        print("ready", flush=True)  # noqa: T201
        while True:
            with database.transaction("demo") as tx:
                newest = books.newest(tx)
            number = 1 if newest is None else newest.version + 1
            tape = folder / f"{number:03d}"
            if not tape.exists():
                break
            bring(database, store, order(tape), now=NOW + timedelta(hours=number))
            print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Store(Path(sys.argv[3])))
