"""The sequencer: every entry once, in one order, signed only where the published log says that it may be."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from duecourse.casework import proving
from duecourse.casework.sequencing import (
    LogBehind,
    LogForked,
    NoLog,
    NothingPublished,
    NothingToRecover,
    NotOurCheckpoint,
    Sequencer,
)
from duecourse.core.money import BrokenInvariant
from duecourse.evidence.note import read_checkpoint, read_key, read_note
from duecourse.evidence.proof import read_proof
from duecourse.evidence.tiles import Tile
from duecourse.evidence.tree import check_consistency, consistency_proof, leaf_hash, root
from duecourse.storage import checkpoints, log, rotation, server
from duecourse.storage.checkpoints import SequencerBusy
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.conftest import _new_database
from tests.desk import IMPORT, NOW, enter

VAULT = Vault(new_ring())


@pytest.fixture
def desk(database: Database) -> Database:
    enter(database)
    return database


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path / "log")


def sequencer(database: Database, published: Published, vault: Vault = VAULT, name: str | None = None) -> Sequencer:
    return Sequencer(database, "demo", vault, published, lambda: NOW, name)


def write(database: Database, count: int = 1, **stated: int) -> list[int]:
    with database.transaction("demo") as tx:
        return [
            log.append(tx, vault=VAULT, kind="case.test", at=NOW, actor="operator:x", stated={"n": n, **stated})
            for n in range(count)
        ]


def places(database: Database) -> dict[int, int | None]:
    with database.transaction("demo") as tx:
        return dict(tx.execute("SELECT entry_id, seq FROM log_entry ORDER BY entry_id").fetchall())


def test_entries_get_their_places_and_the_head_is_signed(desk: Database, published: Published) -> None:
    entries = write(desk, 300)
    done = sequencer(desk, published).run()
    assert (done.entries, done.head.size if done.head else 0) == (300, 300)
    assert places(desk) == dict(zip(entries, range(300), strict=True))
    note = read_note(published.checkpoint() or b"")
    head = read_checkpoint(note.text)
    assert note.signed_by(read_key((published.key() or b"").decode())) is None
    with desk.transaction("demo") as tx:
        leaves = [one.leaf_hash for one in log.between(tx, 0, 300)]
        kept = checkpoints.newest(tx)
    assert head.root == root(leaves)
    assert kept is not None
    assert (kept.root, kept.checkpoint) == (head.root, str(note))
    assert published.tile(Tile(0, 0)) == b"".join(leaves[:256])
    assert published.tile(Tile(0, 1, 44)) == b"".join(leaves[256:])
    assert head.origin.startswith("duecourse/demo/")


def test_nothing_waits_nothing_is_done(desk: Database, published: Published) -> None:
    assert sequencer(desk, published).run().head is None
    assert not published.folder.exists()
    write(desk)
    first = sequencer(desk, published).run()
    again = sequencer(desk, published).run()
    assert (first.entries, again.entries) == (1, 0)
    assert first.head == again.head


def test_a_log_is_named_as_it_is_told_and_keeps_its_name(desk: Database, published: Published) -> None:
    write(desk)
    sequencer(desk, published, name="duecourse.example/log/demo").run()
    write(desk)
    sequencer(desk, published, name="other.example").run()
    assert read_checkpoint(read_note(published.checkpoint() or b"").text).origin == "duecourse.example/log/demo"


def test_whoever_commits_later_comes_later_whatever_the_number(desk: Database, published: Published) -> None:
    write(desk)  # the first act of all stores the ring's check value, for which others wait
    with desk.transaction("demo") as slow:
        early = log.append(slow, vault=VAULT, kind="case.test", at=NOW, actor="operator:x")
        (late,) = write(desk)
        sequencer(desk, published).run()
    sequencer(desk, published).run()
    assert early < late
    assert (places(desk)[early], places(desk)[late]) == (2, 1)


def test_every_published_checkpoint_is_continued_by_the_next(desk: Database, published: Published) -> None:
    heads = []
    for count in (1, 254, 1, 1, 300, 7):
        write(desk, count)
        sequencer(desk, published).run(most=100)
        heads.append(read_checkpoint(read_note(published.checkpoint() or b"").text))
    with desk.transaction("demo") as tx:
        node = checkpoints.nodes_of(tx)
        for old, new in pairwise(heads):
            path = consistency_proof(old.size, new.size, node)
            check_consistency(old.size, old.root, new.size, new.root, path)
        found = proving.audit(tx, published)
    assert (found.records, found.lost, found.waiting, found.findings) == (564, 0, 0, [])


def test_of_two_sequencers_at_once_one_waits(desk: Database, published: Published) -> None:
    write(desk)
    with desk.transaction("demo") as other:
        checkpoints.lock(other)
        with pytest.raises(SequencerBusy, match="demo"):
            sequencer(desk, published).run()


def test_many_sequencers_and_writers_lose_and_double_nothing(desk: Database, published: Published) -> None:
    written: list[int] = []

    def act() -> None:
        for _ in range(20):
            written.extend(write(desk, 3))

    def run() -> None:
        for _ in range(30):
            with suppress(SequencerBusy):
                sequencer(desk, published).run(most=5)

    threads = [threading.Thread(target=one) for one in (act, act, run, run)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sequencer(desk, published).run()
    assert sorted(places(desk)) == sorted(written)
    assert sorted(str(seq) for seq in places(desk).values()) == sorted(map(str, range(120)))
    with desk.transaction("demo") as tx:
        assert proving.audit(tx, published).findings == []


def test_an_entry_is_proven_to_whoever_has_its_bytes_and_the_key(desk: Database, published: Published) -> None:
    entries = write(desk, 5)
    sequencer(desk, published).run()
    with desk.transaction("demo") as tx:
        proven = proving.prove(tx, entries[3])
    proof = read_proof(str(proven.proof).encode())
    key = read_key((published.key() or b"").decode())
    assert proof.check(proven.entry.content, key).size == 5
    (waiting,) = write(desk)
    for entry, why in ((waiting, proving.NotPublishedYet), (10**9, proving.NoSuchEntry)):
        with desk.transaction("demo") as tx, pytest.raises(why):
            proving.prove(tx, entry)


@contextmanager
def copy_of(desk: Database, postgres: server.Place) -> Iterator[Database]:
    """The database as a backup has it: what is done in the original from here on is not in it."""
    desk.close()
    name = desk.url.partition("dbname=")[2].split()[0] if "dbname=" in desk.url else desk.url.rpartition("/")[2]
    with _new_database(postgres, name.partition("?")[0]) as url, Database(url) as restored:
        yield restored


@pytest.fixture
def original(desk: Database, published: Published) -> Iterator[Callable[[], Database]]:
    """The lender's database with ten published entries; closed while it is copied, opened anew afterwards."""
    write(desk, 10)
    sequencer(desk, published).run()
    opened: list[Database] = []

    def reopen() -> Database:
        opened.append(Database(desk.url))
        opened[-1].open()
        return opened[-1]

    yield reopen
    for one in opened:
        one.close()


def test_a_restored_backup_signs_nothing_and_can_be_mended(
    desk: Database, original: Callable[[], Database], published: Published, postgres: server.Place
) -> None:
    (waiting,) = write(desk)
    with copy_of(desk, postgres) as restored:
        lost = original()
        sequencer(lost, published).run()
        write(lost, 400)
        sequencer(lost, published).run()
        before = published.checkpoint()
        for _ in range(2):
            write(restored, 3, restored=1)
            with pytest.raises(LogBehind, match="was published with 411 records, and this database holds 10"):
                sequencer(restored, published).run()
        assert published.checkpoint() == before

        done = sequencer(restored, published).recover(actor=IMPORT)
        assert (done.found, done.lost, done.size) == (1, 400, 411)
        assert places(restored)[waiting] == 10
        sequencer(restored, published).run()
        head = read_checkpoint(read_note(published.checkpoint() or b"").text)
        assert head.size == 411 + 6 + 1
        with restored.transaction("demo") as tx:
            old = read_checkpoint(read_note(before or b"").text)
            path = consistency_proof(old.size, head.size, checkpoints.nodes_of(tx))
            check_consistency(old.size, old.root, head.size, head.root, path)
            found = proving.audit(tx, published)
            assert (found.records, found.lost, found.findings) == (18, 400, [])
            (told,) = [one for one in log.between(tx, 411, 418) if one.kind == "log.recovered"]
        assert b'"lost":400' in told.content
        assert min(write(restored)) > max(places(lost))
        with pytest.raises(NothingToRecover):
            sequencer(restored, published).recover(actor=IMPORT)


def test_a_database_that_is_behind_says_so_though_nothing_waits_there(
    desk: Database, original: Callable[[], Database], published: Published, postgres: server.Place
) -> None:
    with copy_of(desk, postgres) as restored:
        assert sequencer(restored, published).run().entries == 0
        lost = original()
        write(lost, 5)
        sequencer(lost, published).run()
        with pytest.raises(LogBehind, match="published with 15 records, and this database holds 10"):
            sequencer(restored, published).run()


def test_a_tile_of_an_earlier_checkpoint_is_looked_at_too(desk: Database, published: Published) -> None:
    for _ in range(3):
        write(desk, 5)
        sequencer(desk, published).run()
    names = published.partial_names()
    assert len(names) >= 3
    with desk.transaction("demo") as tx:
        assert proving.audit(tx, published).findings == []
        for name in names:
            kept = published.read(name) or b""
            for changed in (bytes([kept[0] ^ 1]) + kept[1:], kept[:-32], b""):
                published.put(name, changed)
                assert any(name in found for found in proving.audit(tx, published).findings), (name, len(changed))
            published.put(name, kept)
        published.put(names[0].rpartition("/")[0] + "/200", b"\0" * 6400)
        published.put(names[0].rpartition("/")[0] + "/.7.new", b"left by a process that was killed")
        assert len(proving.audit(tx, published).findings) == 1


def test_another_log_under_the_same_name_signs_nothing(
    desk: Database, original: Callable[[], Database], published: Published, postgres: server.Place, tmp_path: Path
) -> None:
    with copy_of(desk, postgres) as other:
        here = original()
        write(here, 5)
        sequencer(here, published).run()
        elsewhere = Published(tmp_path / "elsewhere")
        shutil.copytree(published.folder, elsewhere.folder)
        elsewhere.put("checkpoint", str(_checkpoint_of(other)).encode())
        write(other, 9, other=1)
        sequencer(other, elsewhere).run()
        before = published.checkpoint()
        with pytest.raises(LogForked, match="15 records"):
            sequencer(other, published).check()
        write(other)
        with pytest.raises(LogForked):
            sequencer(other, published).run()
        with pytest.raises(NothingToRecover):
            sequencer(other, published).recover(actor=IMPORT)
        assert published.checkpoint() == before


def _checkpoint_of(database: Database) -> str | None:
    with database.transaction("demo") as tx:
        head = checkpoints.newest_published(tx)
    return head.checkpoint if head else None


def test_a_database_from_before_the_log_began_signs_nothing(
    desk: Database, published: Published, postgres: server.Place
) -> None:
    with copy_of(desk, postgres) as restored, Database(desk.url) as lost:
        write(lost)
        sequencer(lost, published).run()
        write(restored)
        with pytest.raises(LogBehind, match="holds 0"):
            sequencer(restored, published).run()


def test_a_lost_folder_is_published_anew_with_a_checkpoint_from_elsewhere(
    desk: Database, published: Published, tmp_path: Path
) -> None:
    write(desk, 300)
    sequencer(desk, published).run()
    kept = published.checkpoint() or b""
    key = published.key()
    shutil.rmtree(published.folder)
    write(desk)
    with pytest.raises(NothingPublished, match="republish"):
        sequencer(desk, published).run()
    other = Published(tmp_path / "other")
    with pytest.raises(NotOurCheckpoint):
        sequencer(desk, published).republish(b"not a note")
    with pytest.raises(NotOurCheckpoint, match="wrong"):
        sequencer(desk, published).republish(kept.replace(b"\n300\n", b"\n301\n"))
    assert published.checkpoint() is None
    assert sequencer(desk, published).republish(kept).size == 300
    assert (published.checkpoint(), published.key()) == (kept, key)
    sequencer(desk, published).run()
    with desk.transaction("demo") as tx:
        assert proving.audit(tx, published).findings == []
    assert other.checkpoint() is None


def test_a_strange_checkpoint_in_the_folder_is_not_overwritten(desk: Database, published: Published) -> None:
    write(desk)
    sequencer(desk, published).run()
    for strange in (b"", b"rubbish", (published.checkpoint() or b"").replace(b"\n1\n", b"\n2\n")):
        published.put("checkpoint", strange)
        write(desk)
        with pytest.raises(NotOurCheckpoint):
            sequencer(desk, published).run()
        assert published.checkpoint() == strange


def test_without_a_log_there_is_nothing_to_reckon(desk: Database, published: Published) -> None:
    with desk.transaction("demo") as tx, pytest.raises(NoLog):
        proving.audit(tx, published)
    with pytest.raises(NoLog):
        sequencer(desk, published).republish(b"")
    with pytest.raises(NoLog):
        sequencer(desk, published).recover(actor=IMPORT)


SPOIL = [
    (
        "UPDATE log_entry SET bytes = '{}', leaf_hash = sha256('\\x00'::bytea || '{}') WHERE seq = 3",
        "is not the record that got place 3",
    ),
    ("DELETE FROM log_entry WHERE seq = 3", None),
    ("UPDATE log_tile SET hashes = set_byte(hashes, 40, 7)", "tile 0/0"),
    ("UPDATE log_head SET root = sha256('x')", "the root of 10 records"),
]


@pytest.mark.parametrize(("statement", "told"), SPOIL)
def test_the_audit_finds_what_somebody_with_all_powers_changed(
    desk: Database, published: Published, database_url: str, statement: str, told: str | None
) -> None:
    write(desk, 10)
    sequencer(desk, published).run()
    with psycopg.connect(database_url) as owner:
        owner.execute("SET session_replication_role = replica")  # lets no trigger hinder it
        owner.execute(statement.encode())
    with desk.transaction("demo") as tx:
        if told is None:
            assert proving.audit(tx, published).lost == 1
            return
        try:
            found = proving.audit(tx, published).findings
        except (LogForked, BrokenInvariant):
            return
    assert told in found[0]


def test_the_audit_finds_a_clock_that_was_set_back(desk: Database, published: Published) -> None:
    for days in (0, 2, 1):
        write(desk)
        Sequencer(desk, "demo", VAULT, published, partial(NOW.__add__, timedelta(days))).run()
    with desk.transaction("demo") as tx:
        assert proving.audit(tx, published).findings == [
            "the head of 3 records is dated before that of 2: the clock was set back"
        ]


def test_the_audit_finds_what_was_changed_in_the_folder(desk: Database, published: Published) -> None:
    write(desk, 300)
    sequencer(desk, published).run()
    published.put(Tile(0, 0).path, b"\0" * 8192)
    (published.folder / Tile(0, 1, 44).path).unlink()
    with desk.transaction("demo") as tx:
        assert proving.audit(tx, published).findings == [
            "tile/0/000 is not what the records give", "tile/0/001.p/44 is not published",
        ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    ["UPDATE log_tile SET hashes = sha256('x')", "DELETE FROM log_tile", "TRUNCATE log_tile", "DELETE FROM log_head",
     "UPDATE log_head SET root = sha256('x')", "UPDATE log_head SET published_at = now()", "TRUNCATE log_head CASCADE",
     "INSERT INTO log_head SELECT lender_id, size + 5, parent, root, at FROM log_head"],
)  # fmt: skip
def test_not_even_the_owner_changes_the_order(
    desk: Database, published: Published, database_url: str, statement: str
) -> None:
    write(desk, 3)
    sequencer(desk, published).run()
    with psycopg.connect(database_url) as owner:
        owner.execute("SELECT set_config('duecourse.lender_id', 'demo', true)")
        with pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.UniqueViolation)):
            owner.execute(statement.encode())


def test_a_rotated_ring_signs_with_the_same_key(desk: Database, published: Published) -> None:
    write(desk)
    sequencer(desk, published).run()
    key = published.key()
    newer = Vault(VAULT.ring.with_new("k2"))
    assert rotation.rotate(desk, "demo", newer) == 1
    only_new = Vault(newer.ring.without(VAULT.ring.newest))
    write(desk)
    sequencer(desk, published, vault=only_new).run()
    assert published.key() == key
    read_note(published.checkpoint() or b"").signed_by(read_key((key or b"").decode()))


def test_a_leaf_is_the_hash_of_the_stored_bytes(desk: Database, published: Published) -> None:
    (entry,) = write(desk)
    sequencer(desk, published).run()
    with desk.transaction("demo") as tx:
        proven = proving.prove(tx, entry)
        assert checkpoints.leaf(tx, 0) == leaf_hash(proven.entry.content)
