"""``duecourse token`` and ``duecourse serve``, as people run them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from duecourse.casework.token import LENDER_ONLY
from duecourse.cli.serve import command
from duecourse.storage.tokens import Scope
from duecourse.web.components import assets
from tests.cli.conftest import environment
from tests.conftest import Program


@pytest.fixture
def lender(duecourse: Program, home: Path) -> str:
    added = duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank")
    assert added.returncode == 0, added.stderr
    assert home.is_dir()
    return "bank"


def started(home: Path, *arguments: str, **more: str) -> tuple[subprocess.Popen[str], str]:
    """The server, started, and the address at which it listens."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "duecourse", "serve", "--port", "0", *arguments],
        env=environment(home, **more), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"https?://\S+/api/v1", line)
    assert found, line
    return process, found.group()


def test_a_token_is_made_used_listed_and_revoked(duecourse: Program, home: Path, lender: str) -> None:
    made = duecourse("token", "create", "dialler-1", "--scope", "law:read", "--json", DUECOURSE_LENDER=lender)
    assert made.returncode == 0, made.stderr
    token = json.loads(made.stdout)
    process, address = started(home)
    try:
        headers = {"Authorization": f"Bearer {token['token']}"}
        assert httpx.get(f"{address}/health/ready", timeout=60).json() == {"status": "ok"}
        assert httpx.get(f"{address}/law/facts", headers=headers).status_code == 200
        assert httpx.get(f"{address}/law/facts").status_code == 401
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Nothing was left half done" in said
    listed = duecourse("token", "list", DUECOURSE_LENDER=lender)
    assert "dialler-1" in listed.stdout
    assert token["token"] not in listed.stdout
    ended = duecourse("token", "revoke", token["id"], "--json", DUECOURSE_LENDER=lender)
    assert json.loads(ended.stdout)["state"] == "revoked"
    wrong = duecourse("token", "create", "x", "--scope", "law:mend", DUECOURSE_LENDER=lender)
    assert wrong.returncode == 3
    assert "no scope law:mend; did you mean 'law:read'?" in wrong.stderr
    assert set(Scope) <= set(re.findall(r"[a-z]+:[a-z-]+", wrong.stderr))


@pytest.mark.parametrize(
    ("lang", "theirs", "ours"), [("en", "may have:", "only:"), ("zh", "均可有的权限：", "自有系统的权限：")]
)
def test_the_help_names_every_scope_that_a_token_may_have(
    duecourse: Program, lang: str, theirs: str, ours: str
) -> None:
    shown = duecourse("--lang", lang, "token", "create", "--help").stdout
    _before, _, rest = shown.partition(theirs)
    any_of, _, own = rest.partition(ours)
    assert any_of.split()[: len(set(Scope) - LENDER_ONLY)] == [one for one in Scope if one not in LENDER_ONLY]
    assert sorted(own.split()) == sorted(LENDER_ONLY)


def test_several_processes_serve_alike_and_none_outlives_its_starter(home: Path, lender: str) -> None:
    assert lender
    process, address = started(home, "--workers", "2")
    assert httpx.get(f"{address}/health/ready", timeout=60).status_code == 200
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) >= 2
    process.kill()
    process.communicate(timeout=60)
    _, left = psutil.wait_procs([one for one in workers if one.is_running()], timeout=60)
    assert not [one for one in left if one.status() != psutil.STATUS_ZOMBIE]


def test_it_does_not_listen_to_others_without_tls(duecourse: Program) -> None:
    refused = duecourse("serve", "--host", "0.0.0.0")  # noqa: S104 - it is refused
    assert refused.returncode == 4
    assert "without TLS" in refused.stderr


def test_a_port_that_is_taken_is_said(duecourse: Program, home: Path, lender: str) -> None:
    assert lender
    process, address = started(home)
    try:
        port = address.rpartition(":")[2].partition("/")[0]
        taken = duecourse("serve", "--port", port)
        assert taken.returncode == 6
        assert f"cannot listen on 127.0.0.1:{port}" in taken.stderr
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode in {0, 130}


def test_without_scripts_and_styles_nothing_is_served(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "BUILT", home / "built")
    assets.manifest.cache_clear()
    with pytest.raises(assets.NotBundled, match="make run"):
        command(port=0)
    assets.manifest.cache_clear()
