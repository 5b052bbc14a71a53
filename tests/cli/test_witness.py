"""A witness in a process of its own, over HTTP: it signs what continues and, killed or not, never a fork."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from duecourse.evidence.note import Kind, read_key, read_note, signer
from duecourse.evidence.verifier.main import main
from duecourse.evidence.witness import read_submission
from duecourse.storage import server
from tests.cli.conftest import environment
from tests.cli.test_serving import started
from tests.conftest import Program
from tests.evidence.test_witness import FORK, HASHES, LOG, asked, head

BANK = {"DUECOURSE_LENDER": "bank"}


@pytest.fixture(autouse=True)
def _running(home: Path) -> Iterator[None]:
    """One database server for all commands of a test: to start one for each takes longer than the commands."""
    with server.attached(home):
        yield


@contextmanager
def witness(home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The witness's server, and where it answers; killed outright at the end."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "duecourse", "witness", "serve", "--port", "0", "--state", "w.json"],
        env=environment(home), cwd=home, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+?(?=;)", line := process.stderr.readline())
        assert found, line
        yield found.group(), process
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)


def test_a_witness_signs_a_log_and_refuses_its_fork_however_often_it_is_killed(home: Path, duecourse: Program) -> None:
    state = ("--state", str(home / "w.json"))
    made = json.loads(duecourse("witness", "init", "witness.example/w1", "--json", *state).stdout)
    key = read_key(made["key"])
    assert stat.S_IMODE((home / "w.json").stat().st_mode) == 0o600
    assert duecourse("witness", "init", "witness.example/w1", *state).returncode == 3
    assert duecourse("witness", "watch", str(LOG.key), *state).returncode == 0
    other = signer(LOG.name, Kind.LOG, bytes([3]) * 32).key
    assert duecourse("witness", "watch", str(other), *state).returncode == 3

    with witness(home) as (address, _):
        assert httpx.get(f"{address}/key", timeout=60).text == f"{key}\n"
        good = asked(0, head(20))
        answer = httpx.post(f"{address}/add-checkpoint", content=str(good), timeout=60)
        assert answer.status_code == 200
        assert read_note((str(good.checkpoint) + answer.text).encode()).signed_by(key)
    with witness(home) as (address, _):  # killed and started anew, it remembers
        for refused, status in (
            (asked(0, head(20)), 409), (asked(20, head(20, FORK[:19] + FORK[20:]), HASHES), 409),
            (asked(20, head(25, [*FORK[:19], *FORK[20:]]), FORK), 422), (asked(5, head(20)), 409),
        ):  # fmt: skip
            answer = httpx.post(f"{address}/add-checkpoint", content=str(refused), timeout=60)
            assert answer.status_code == status, answer.text
            if status == 409:
                assert (answer.text, answer.headers["content-type"].partition(";")[0]) == ("20\n", "text/x.tlog.size")
        assert httpx.post(f"{address}/add-checkpoint", content="rubbish").status_code == 400
        assert httpx.post(f"{address}/add-checkpoint", content="x" * 200_000).status_code == 413
        answer = httpx.post(f"{address}/add-checkpoint", content=str(asked(20, head(33))))
        assert answer.status_code == 200
    shown = json.loads(duecourse("witness", "show", "--json", *state).stdout)
    assert shown == {"key": str(key), "logs": {LOG.name: 33}}
    (home / "w.json").write_text("{}", encoding="utf-8")
    assert duecourse("witness", "show", *state).returncode == 6


def test_a_running_house_has_its_checkpoints_witnessed(home: Path, duecourse: Program) -> None:
    state = ("--state", str(home / "w.json"))
    key = json.loads(duecourse("witness", "init", "witness.example/w1", "--json", *state).stdout)["key"]
    assert duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank").returncode == 0
    assert duecourse("log", "sequence", **BANK).returncode == 0
    log_key = json.loads(duecourse("log", "status", "--json", **BANK).stdout)["key"]
    assert duecourse("witness", "watch", log_key, *state).returncode == 0
    assert duecourse("log", "status", DUECOURSE_WITNESSES="https://w.example rubbish", **BANK).returncode == 3
    with witness(home) as (address, _):
        house, _ = started(home, DUECOURSE_WITNESSES=f"http://127.0.0.1:1 {key}; {address} {key}")
        try:
            deadline = time.monotonic() + 60
            while len(read_note((home / "log" / "bank" / "checkpoint").read_bytes()).signatures) < 2:
                assert time.monotonic() < deadline, "the checkpoint was not witnessed"
                time.sleep(0.1)
        finally:
            house.send_signal(signal.SIGTERM)
            house.communicate(timeout=60)
    told = [line for line in (home / "duecourse.log").read_text(encoding="utf-8").splitlines() if "not signed" in line]
    assert len(told) == 1
    assert "http://127.0.0.1:1" in told[0]


def test_a_lenders_log_is_witnessed_and_its_proofs_say_so(home: Path, duecourse: Program) -> None:
    state = ("--state", str(home / "w.json"))
    key = json.loads(duecourse("witness", "init", "witness.example/w1", "--json", *state).stdout)["key"]
    assert duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank").returncode == 0
    assert duecourse("log", "sequence", **BANK).returncode == 0
    log_key = json.loads(duecourse("log", "status", "--json", **BANK).stdout)["key"]
    with witness(home) as (address, _):
        unknown = duecourse("log", "cosign", key, "--url", address, **BANK)
        assert (unknown.returncode, "status 404" in unknown.stderr) == (4, True)
        assert duecourse("witness", "watch", log_key, *state).returncode == 0
        signed = duecourse("log", "cosign", key, "--url", address, "--json", **BANK)
        assert signed.returncode == 0, signed.stderr
        wrong = str(signer("witness.example/w1", Kind.WITNESS, bytes([4]) * 32).key)
        assert duecourse("log", "cosign", wrong, "--url", address, **BANK).returncode == 3
    gone = duecourse("log", "cosign", key, "--url", address, **BANK)
    assert (gone.returncode, "does not answer" in gone.stderr) == (6, True)
    note = read_note((home / "log" / "bank" / "checkpoint").read_bytes())
    assert note.signed_by(read_key(key)) == json.loads(signed.stdout)["at"]

    assert duecourse("token", "create", "dialler", "--scope", "law:read", **BANK).returncode == 0
    assert duecourse("log", "sequence", **BANK).returncode == 0
    assert len(read_note((home / "log" / "bank" / "checkpoint").read_bytes()).signatures) == 1
    assert duecourse("log", "prove", "1", "--out", str(home), **BANK).returncode == 0
    arguments = [str(home / "1.json"), str(home / "1.tlog-proof"), "--key", log_key, "--witness", key]
    assert main(arguments) == 0
    assert len(read_note((home / "1.tlog-proof").read_bytes().partition(b"\n\n")[2]).signatures) == 2

    asking = duecourse("log", "submission", "--old", "1", **BANK)  # by hand, without a network
    assert read_submission(asking.stdout.encode()).old == 1
    (home / "request").write_text(asking.stdout, encoding="utf-8")
    line = duecourse("witness", "sign", str(home / "request"), *state)
    assert line.returncode == 0, line.stderr
    (home / "answer").write_text(line.stdout, encoding="utf-8")
    assert duecourse("log", "cosign", key, "--answer", str(home / "answer"), **BANK).returncode == 0
    assert len(read_note((home / "log" / "bank" / "checkpoint").read_bytes()).signatures) == 2
    again = duecourse("witness", "sign", str(home / "request"), *state)
    assert (again.returncode, "had 2 records" in again.stderr) == (4, True)
    assert duecourse("log", "submission", "--old", "3", **BANK).returncode == 4
    assert duecourse("log", "verify", **BANK).returncode == 0
