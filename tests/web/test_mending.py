"""Quarantined rows on the page: counted there as on every badge, and what was typed stays until it is taken."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx

from duecourse.book.store import Store
from duecourse.casework import mending
from duecourse.casework.actor import Role
from duecourse.casework.book_import import import_tape
from duecourse.storage import books
from duecourse.web.csrf import FIELD
from tests.tapes import ACTOR, LOANS, order, tape
from tests.web.reader import Ground, Reader

RIGHT = LOANS.replace("L1,", "T1,").replace("L2,", "T2,")
WRONG = RIGHT.replace("C1,1200000", "C1,x").replace("C2,1200000", "C2,12OO000")
PAGE = "/book/quarantine"


def send(reader: Reader, files: dict[str, str], **mends: str) -> httpx.Response:
    """The form of the page, a moment later; keys are given as they are named on it."""
    reader.ground.clock.forward(seconds=1)
    return reader.client.post(
        f"{PAGE}/mending", data={FIELD: reader.token("/account"), "mapping": "standard", **mends},
        files=[("file", (name, text.encode())) for name, text in files.items()],
    )  # fmt: skip


def counts(reader: Reader) -> set[str]:
    """What the page of rows and the badge on the book say."""
    return {
        (re.findall(r"rows in quarantine: ([\d,]+)", reader.get(path).text) or ["none"])[0] for path in (PAGE, "/book")
    }


def test_the_badge_counts_what_the_page_lists_and_a_refused_mend_keeps_what_was_typed(
    ground: Ground, tmp_path: Path
) -> None:
    store = Store(ground.home / "book" / "demo")
    for name, text, back in (("a", WRONG, 2), ("b", RIGHT.replace("T1", "T3").replace("T2", "T4"), 1)):
        wanted, now = order(tape(tmp_path / name, loans=text)), ground.clock() - timedelta(hours=back)
        with ground.database.transaction("demo") as tx:
            import_tape(
                tx, vault=ground.vault, store=store, order=wanted, quarantine_file=mending.file_of(store, wanted, now),
                actor=ACTOR, now=now,
            )  # fmt: skip
        store.done()
    admin = ground.reader(Role.ADMIN)
    assert counts(admin) == {"2"}, "the last import left none, the one before left two"
    one, two = re.findall(r'name="(mend:[^"]+)"', admin.get(PAGE).text)
    refused = send(admin, {"loans.csv": RIGHT}, **{one: "1200000", two: '12"'})
    assert refused.status_code == 422
    assert "none of these files is the one" in refused.text.lower()
    assert f'name="{one}" value="1200000"' in refused.text
    assert f'name="{two}" value="12&#34;"' in refused.text
    with ground.database.transaction("demo") as tx:
        before = len(books.every(tx))
    useless = send(admin, {"loans.csv": WRONG}, **{one: "abc"})
    assert useless.status_code == 422
    assert "still wrong in each row (1)" in useless.text
    assert f'name="{one}" value="abc"' in useless.text
    with ground.database.transaction("demo") as tx:
        assert len(books.every(tx)) == before
    assert send(admin, {"loans.csv": WRONG}, **{one: "1200000"}).status_code == 303
    assert counts(admin) == {"1"}
    assert send(admin, {"loans.csv": WRONG}, **{two: "1200000"}).status_code == 303
    assert counts(admin) == {"none"}
    assert "Nothing in quarantine" in admin.get(PAGE).text
