"""The importer takes the demo's tapes as they are: the quarantine and the breaks are those made on purpose."""

from __future__ import annotations

from datetime import UTC, date
from pathlib import Path

import duecourse.book
from duecourse.book.store import BookVersion, Store
from duecourse.book.tape import figures
from duecourse.book.tape.arrival import Arrival, arrive
from duecourse.book.tape.checks import Frame
from duecourse.book.tape.intake import sources
from duecourse.book.tape.mapping import load
from duecourse.book.tape.values import Setting
from duecourse.core.ids import loan_key
from duecourse.sim.generate import Made, generate
from duecourse.sim.lender import CURRENCY, LAST_DAY, LENDER_ID, ZONE, calendar, end_of

SIZE = 1_500


def imported(made: Made, folder: Path) -> tuple[Store, BookVersion, list[tuple[date, Arrival]]]:
    mapping = load(Path(duecourse.book.__file__).parent / "mappings" / "standard.yaml")
    store, at, arrivals = Store(folder), None, []
    for each in made.folders:
        day = date.fromisoformat(each.name)
        frame = Frame(LENDER_ID, CURRENCY, day, end_of(day).astimezone(UTC))
        arrival = arrive(
            sources([each], mapping), mapping, Setting(ZONE, CURRENCY), frame,
            store=store, at=at, shards=4, calendar=calendar(),
        )  # fmt: skip
        store.begin(at)
        at = store.append(at, arrival.change.rows, shards=4)
        store.done()
        arrivals.append((day, arrival))
    assert at is not None
    return store, at, arrivals


def test_the_quarantine_holds_the_wrong_rows_and_the_breaks_are_the_wrong_balances(tmp_path: Path) -> None:
    made = generate(seed=2, loans=SIZE, out=tmp_path / "demo")
    store, at, arrivals = imported(made, tmp_path / "book")
    for day, arrival in arrivals:
        wanted = {name: n for name, n in made.wrong_rows.items() if name.startswith(day.isoformat())}
        found = {
            f"{day}/{arrival.sources[count.src].name}": count.quarantined
            for count in arrival.counts
            if count.quarantined
        }
        assert found == wanted
        assert arrival.change.breaks.is_empty()
    stated = arrivals[-1][1].stated
    unlike, agreed = figures.compare(store, at, stated, known=end_of(LAST_DAY).astimezone(UTC), threads=1)
    slips = {(loan_key(LENDER_ID, slip.loan_ref), slip.item) for slip in made.slips}
    assert set(unlike.select("loan_key", "subject").rows()) == slips
    assert agreed == stated.height - len(slips)
