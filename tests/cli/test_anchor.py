"""``duecourse anchor`` as people run it, against a real node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from duecourse.storage import server
from tests.chain_node import chain
from tests.conftest import Program

BANK = {"DUECOURSE_LENDER": "bank"}


@pytest.fixture(autouse=True)
def _running(home: Path) -> Iterator[None]:
    """One database server for all commands of a test: to start one for each takes longer than the commands."""
    with server.attached(home):
        yield


def test_a_contract_is_deployed_published_to_and_asked(duecourse: Program, home: Path, tmp_path: Path) -> None:
    assert duecourse("lender", "add", "bank", "--name", "Some Bank", "--kind", "bank").returncode == 0
    assert duecourse("log", "sequence", **BANK).returncode == 0
    none = duecourse("anchor", "publish", **BANK)
    assert (none.returncode, "DUECOURSE_ANCHOR_NODE names no node" in none.stderr) == (3, True)
    key = tmp_path / "account.key"
    with chain(tmp_path) as evm:
        key.write_text(f"{evm.accounts[0].key.hex()}\n", encoding="ascii")
        said = BANK | {"DUECOURSE_ANCHOR_NODE": evm.node.url, "DUECOURSE_ANCHOR_KEY_FILE": str(key)}
        deployed = duecourse("anchor", "deploy", "--json", **said)
        assert deployed.returncode == 0, deployed.stderr
        assert duecourse("anchor", "check", **said).returncode == 3
        said |= {"DUECOURSE_ANCHOR_CONTRACT": json.loads(deployed.stdout)["contract"]}
        published = duecourse("anchor", "publish", "--json", **said)
        assert published.returncode == 0, published.stderr
        shown = json.loads(published.stdout)
        assert (shown["size"], shown["chain"], shown["contract"]) == (1, 31337, said["DUECOURSE_ANCHOR_CONTRACT"])
        assert shown["root"] == json.loads(duecourse("log", "status", "--json", **BANK).stdout)["root"]
        again = duecourse("anchor", "publish", **said)
        assert (again.returncode, f"Block {shown['block']} of chain 31337" in again.stdout) == (0, True)
        checked = duecourse("anchor", "check", "--json", **said)
        assert (checked.returncode, json.loads(checked.stdout)) == (0, {"anchors": 1, "newest": 1, "findings": []})
        assert json.loads(duecourse("log", "verify", "--json", **BANK).stdout)["anchors"] == 1
        snapshot = evm.node.ask("evm_snapshot")
        assert duecourse("token", "create", "dialler", "--scope", "law:read", **BANK).returncode == 0
        assert duecourse("log", "sequence", **BANK).returncode == 0
        assert duecourse("anchor", "publish", **said).returncode == 0
        evm.node.ask("evm_revert", snapshot)
        dropped = duecourse("anchor", "check", **said)
        assert (dropped.returncode, "the contract does not hold this root" in dropped.stdout) == (1, True)
        other = duecourse("anchor", "check", **said | {"DUECOURSE_ANCHOR_CONTRACT": "0x" + "00" * 20})
        assert (other.returncode, "no contract of ours" in other.stderr) == (3, True)
    gone = duecourse("anchor", "check", **said)
    assert (gone.returncode, "does not answer" in gone.stderr) == (6, True)
    assert (home / "log" / "bank" / "checkpoint").exists()


def test_without_the_extra_a_command_says_what_to_install(duecourse: Program, tmp_path: Path) -> None:
    (tmp_path / "eth_account.py").write_text("raise ModuleNotFoundError('no', name='eth_account')\n", encoding="ascii")
    bare = duecourse(
        "anchor", "deploy", PYTHONPATH=str(tmp_path), DUECOURSE_ANCHOR_NODE="http://127.0.0.1:1", PYTHONSAFEPATH="1"
    )
    assert (bare.returncode, "eth_account is not installed" in bare.stderr) == (3, True), bare.stderr
