"""The key ring: where it comes from, and what it refuses."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from duecourse.storage.vault.ring import (
    KeyInUse,
    RingUnreadable,
    UnknownKey,
    new_ring,
    parse_ring,
    ring_from_command,
    ring_from_file,
    save_ring,
)


def test_a_ring_survives_its_document() -> None:
    ring = new_ring().with_new("k2")
    assert parse_ring(ring.document(), "test") == ring
    assert ring.newest == "k2"
    assert ring.ids == ["k1", "k2"]


def test_a_missing_file_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "keys.json"
    with pytest.raises(RingUnreadable, match="No such file"):
        ring_from_file(path)
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: ring_from_file(path, create=True), range(8)))
    assert all(ring == rings[0] for ring in rings)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring_from_file(path, create=True)
    path.chmod(0o640)
    with pytest.raises(RingUnreadable, match="chmod 600"):
        ring_from_file(path)


def test_a_saved_ring_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = ring_from_file(path, create=True).with_new("k2")
    (tmp_path / "keys.json.new").write_text("left by a killed process")
    save_ring(path, ring)
    assert ring_from_file(path) == ring


def test_a_command_gives_the_ring(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = ring_from_file(path, create=True)
    assert ring_from_command([sys.executable, "-c", f"print(open({str(path)!r}).read())"]) == ring


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ([sys.executable, "-c", "import sys; sys.exit('no such secret')"], "status 1: no such secret"),
        (["/no/such/program"], "FileNotFoundError"),
        ([], "an empty command"),
        ([sys.executable, "-c", "print('{}')"], "not the JSON document"),
    ],
)
def test_a_command_that_fails_says_why(command: list[str], why: str) -> None:
    with pytest.raises(RingUnreadable, match=why):
        ring_from_command(command)


def test_a_bad_document_is_refused_and_never_quoted() -> None:
    good = json.loads(new_ring().document())
    bad = [
        "nonsense",
        json.dumps(good | {"format": 2}),
        json.dumps(good | {"newest": "k9"}),
        json.dumps(good | {"index": good["keys"]["k1"]}),
        json.dumps(good | {"keys": {"k1": "c2hvcnQ="}}),
        json.dumps(good | {"keys": {"k1": "%%%"}}),
        json.dumps([good]),
    ]
    for text in bad:
        with pytest.raises(RingUnreadable) as caught:
            parse_ring(text, "test")
        assert good["keys"]["k1"] not in str(caught.value)
        assert good["index"] not in str(caught.value)


def test_the_newest_key_cannot_leave_and_an_id_is_used_once() -> None:
    ring = new_ring()
    with pytest.raises(KeyInUse, match="newest"):
        ring.without("k1")
    with pytest.raises(KeyInUse, match="taken"):
        ring.with_new("k1")
    with pytest.raises(UnknownKey):
        ring.without("k9")
