"""``duecourse log`` as people run it, and the log that a running house publishes."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from duecourse.evidence.note import read_checkpoint, read_key, read_note
from duecourse.evidence.proof import read_proof
from duecourse.storage import server
from duecourse.storage.published import Published
from tests.cli.test_serving import started
from tests.conftest import Program
from tests.time_authority import POLICY, time_authority

BANK = {"DUECOURSE_LENDER": "bank"}


@pytest.fixture(autouse=True)
def _running(home: Path) -> Iterator[None]:
    """One database server for all commands of a test: to start one for each takes longer than the commands."""
    with server.attached(home):
        yield


def test_a_record_is_written_sequenced_proven_and_checked(duecourse: Program, home: Path) -> None:
    assert duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank").returncode == 0
    before = json.loads(duecourse("log", "status", "--json", **BANK).stdout)
    assert (before["origin"], before["records"], before["waiting"], before["published"]) == (None, 0, 1, 0)
    early = duecourse("log", "checkpoint", **BANK)
    assert (early.returncode, "has not begun" in early.stderr) == (4, True)

    done = duecourse("log", "sequence", **BANK)
    assert (done.returncode, done.stdout) == (0, "Records that got their place: 1; published in all: 1.\n"), done.stderr
    after = json.loads(duecourse("log", "status", "--json", **BANK).stdout)
    note = read_note(duecourse("log", "checkpoint", **BANK).stdout.encode())
    key = read_key(after["key"])
    assert note.signed_by(key) is None
    head = read_checkpoint(note.text)
    assert (head.size, head.root.hex(), head.origin) == (1, after["root"], after["origin"])

    shown = json.loads(duecourse("log", "prove", "1", "--json", **BANK).stdout)
    assert shown["kind"] == "lender.entered"
    assert read_proof(shown["proof"].encode()).check(shown["record"].encode(), key) == head
    written = duecourse("log", "prove", "1", "--out", str(home / "proofs"), **BANK)
    assert written.returncode == 0, written.stderr
    assert (home / "proofs" / "1.json").read_text(encoding="utf-8") == shown["record"]
    assert (home / "proofs" / "1.tlog-proof").read_text(encoding="utf-8") == shown["proof"]
    assert duecourse("log", "prove", "7", **BANK).returncode == 3

    _refused_where_the_published_log_is_another(duecourse, home)
    whole = duecourse("log", "verify", "--json", **BANK)
    assert (whole.returncode, json.loads(whole.stdout)) == (
        0, {"records": 1, "lost": 0, "waiting": 0, "heads": 1, "stamps": 0, "anchors": 0, "findings": []},
    )  # fmt: skip
    (home / "log" / "bank" / "tile" / "0" / "000.p" / "1").write_bytes(b"\0" * 32)
    spoiled = duecourse("log", "verify", **BANK)
    assert (spoiled.returncode, "does not hold" in spoiled.stdout) == (1, True)

    kept = home / "kept"
    kept.write_text(str(note), encoding="utf-8")
    shutil.rmtree(home / "log")
    assert duecourse("log", "status", **BANK).returncode == 4
    assert duecourse("log", "recover", **BANK).returncode == 4
    assert duecourse("log", "republish", str(kept), **BANK).returncode == 0
    assert duecourse("log", "verify", **BANK).returncode == 0
    assert duecourse("log", "republish", str(home / "nothing"), **BANK).returncode == 3


def _refused_where_the_published_log_is_another(duecourse: Program, home: Path) -> None:
    """A published checkpoint that the log did not sign: nothing is proved out of this database."""
    published = Published(home / "log" / "bank")
    kept = published.checkpoint() or b""
    published.put("checkpoint", kept.replace(b"\n1\n", b"\n9\n"))
    for words in (("log", "prove", "1"), ("evidence", "bundle", "--permit", "1", "--out", str(home / "b.zip"))):
        refused = duecourse(*words, **BANK)
        assert refused.returncode == 4, refused.stdout
        assert "not one of the log of lender bank" in refused.stderr
    published.put("checkpoint", kept)


def test_a_running_house_has_its_checkpoints_stamped_and_an_authority_that_fails_is_told_once(
    duecourse: Program, home: Path, tmp_path: Path, tool: Callable[[str], Path]
) -> None:
    assert duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank").returncode == 0
    assert duecourse("log", "sequence", **BANK).returncode == 0
    none = duecourse("log", "stamp", **BANK)
    assert (none.returncode, "DUECOURSE_STAMP_URL names the authority" in none.stderr) == (3, True)
    with time_authority(tmp_path / "tsa", tool("openssl")) as authority:
        said = {
            "DUECOURSE_STAMP_URL": authority.url, "DUECOURSE_STAMP_POLICY": POLICY,
            "DUECOURSE_STAMP_CERTIFICATES": str(authority.certificates),
        }  # fmt: skip
        authority.answer = b"rubbish"
        house, _ = started(home, **said)
        try:
            journal = home / "duecourse.log"
            until(lambda: journal.exists() and "cannot be read" in journal.read_text(encoding="utf-8"))
            assert duecourse("token", "create", "dialler", "--scope", "law:read", **BANK).returncode == 0
            until(lambda: json.loads(duecourse("log", "status", "--json", **BANK).stdout)["published"] == 2)
        finally:
            house.send_signal(signal.SIGTERM)
            house.communicate(timeout=60)
        assert journal.read_text(encoding="utf-8").count("cannot be read") == 1
        authority.answer = None
        house, _ = started(home, **said)
        try:
            until(lambda: json.loads(duecourse("log", "verify", "--json", **BANK).stdout)["stamps"] == 1)
        finally:
            house.send_signal(signal.SIGTERM)
            house.communicate(timeout=60)
        by_hand = duecourse("log", "stamp", "--json", **BANK, **said)
        assert (by_hand.returncode, json.loads(by_hand.stdout)["size"]) == (0, 2), by_hand.stderr
    gone = duecourse("log", "stamp", **BANK, **said)
    assert (gone.returncode, "does not answer" in gone.stderr) == (6, True)


def until(done: Callable[[], bool]) -> None:
    """Wait until something is so; fail after a minute."""
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_running_house_sequences_what_is_done_and_shows_it_to_everybody(duecourse: Program, home: Path) -> None:
    assert duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank").returncode == 0
    process, api = started(home)
    address = api.removesuffix("/api/v1") + "/log/bank"
    try:
        deadline = time.monotonic() + 30
        while (found := httpx.get(f"{address}/checkpoint", timeout=60)).status_code == 404:
            assert time.monotonic() < deadline, "the log was not sequenced"
            time.sleep(0.1)
        assert found.headers["content-type"] == "text/plain; charset=utf-8"
        assert found.headers["cache-control"] == "no-cache"
        note = read_note(found.content)
        assert note.signed_by(read_key(httpx.get(f"{address}/key").text)) is None
        tile = httpx.get(f"{address}/tile/0/000.p/1")
        assert tile.content == read_checkpoint(note.text).root  # the root of one leaf is the leaf
        assert "immutable" in tile.headers["cache-control"]
        for nothing in ("tile/0/000", "tile/entries/000", "tile/0/..%2f..%2fkey", ".lock", ""):
            assert httpx.get(f"{address}/{nothing}").status_code == 404, nothing
        for stranger in ("nobody", "..", "BANK", "a%2fb"):
            assert httpx.get(f"{address}/../{stranger}/checkpoint").status_code == 404, stranger
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
