"""Anchors on a real chain: held for ever, never taken back, found again after a lost answer, told honestly."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from duecourse.casework import anchoring, bundle
from duecourse.casework.anchoring import ChainDiffers, NotOurContract, Register
from duecourse.casework.chain_settings import NoChain, read_register
from duecourse.casework.gate import Gate
from duecourse.casework.sequencing import NoLog, Sequencer
from duecourse.chain.contract import shipped
from duecourse.chain.node import NoAccount, Node, NodeRefused, NodeSilent
from duecourse.evidence.verifier.main import main
from duecourse.evidence.verifier.outside import ANCHOR_CODE, ROOT_OF
from duecourse.storage import anchors, checkpoints
from duecourse.storage.anchors import Anchor
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.chain_node import Chain, chain
from tests.permit_desk import OPERATOR, Clock, ask, granted, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
ROOTS = shipped("roots")
NAME, ONE, TWO = (sha256(word).digest() for word in (b"some log", b"one root", b"another root"))


@pytest.fixture(scope="module")
def evm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with chain(tmp_path_factory.mktemp("chain")) as running:
        yield running


@pytest.fixture
def register(evm: Chain) -> Register:
    """A new contract on the chain."""
    made = anchoring.deploy(evm.node, evm.accounts[0])
    return Register(evm.node, made.contract, evm.accounts[0])


def now() -> datetime:
    return datetime.now(UTC)


def sequence(database: Database, folder: Path) -> None:
    Sequencer(database, "demo", VAULT, Published(folder / "log"), now).run()


def publish(database: Database, register: Register) -> Anchor:
    return anchoring.publish(database, "demo", register=register, clock=now)


def findings(database: Database, register: Register) -> list[str]:
    return [wrong for _, wrong in anchoring.check(database, "demo", register=register) if wrong]


@pytest.fixture
def permit(database: Database, tmp_path: Path) -> int:
    """A permit whose record is in the log."""
    set_up(database, VAULT, 1, 2)
    permit = granted(ask(database, GATE, Clock())).permit_id
    sequence(database, tmp_path)
    return permit


def test_what_is_shipped_is_what_the_source_says() -> None:
    sys.path.insert(0, str(Path(__file__).parents[2] / "requirements"))
    from contracts import FOLDER, compiled  # noqa: PLC0415 - a script beside the locks

    sources = sorted(FOLDER.glob("*.vy"))
    assert sources
    for source in sources:
        kept = source.with_suffix(".json").read_text(encoding="utf-8")
        assert kept == compiled(source), "write it anew: make contracts"


def test_the_verifier_knows_the_contract() -> None:
    assert sha256(ROOTS.runtime).hexdigest() == ANCHOR_CODE
    assert f"0x{ROOTS.call('root_of', NAME, 1)[:4].hex()}" == ROOT_OF


def test_a_size_has_one_root_for_ever_and_only_larger_ones_come(evm: Chain, register: Register) -> None:
    def anchor(size: int, root: bytes, account: int = 0) -> None:
        evm.node.send(evm.accounts[account], ROOTS.call("anchor", NAME, size, root), register.contract)

    def held(size: int) -> bytes:
        return bytes(ROOTS.answer("root_of", evm.node.read(register.contract, ROOTS.call("root_of", NAME, size)))[0])

    anchor(5, ONE)
    anchor(5, ONE)
    for size, root, account, why in (
        (5, TWO, 0, "another root of this size"), (4, TWO, 0, "not larger than the newest"),
        (0, ONE, 0, "not larger"), (6, bytes(32), 0, "no root"), (6, ONE, 1, "not the publisher"),
    ):  # fmt: skip
        with pytest.raises(NodeRefused, match=why):
            anchor(size, root, account)
    anchor(9, TWO)
    with pytest.raises(NodeRefused, match="another root of this size"):
        anchor(5, TWO)
    assert (held(5), held(9), held(6)) == (ONE, TWO, bytes(32))
    (first, second) = evm.node.logs(register.contract, [ROOTS.topic("Anchored"), NAME])
    topics = [bytes.fromhex(one[2:]) for one in first["topics"]]
    assert ROOTS.event("Anchored", topics, bytes.fromhex(first["data"][2:])) == {"origin": NAME, "size": 5, "root": ONE}
    assert int(second["topics"][2], 16) == 9


@pytest.mark.usefixtures("permit")
def test_a_checkpoint_is_published_and_read_back_and_a_lost_answer_is_found(
    database: Database, evm: Chain, register: Register, tmp_path: Path
) -> None:
    made = publish(database, register)
    with database.transaction("demo") as tx:
        head, origin = checkpoints.newest_published(tx), checkpoints.origin(tx)
        assert head
        assert origin
        assert (made.size, made.root) == (head.size, head.root) == (register.newest(origin.origin), made.root)
        assert anchors.every(tx) == [made]
    assert publish(database, register) == made  # nothing is sent a second time
    assert findings(database, register) == []

    ask(database, GATE, Clock(), 2)
    sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        head = checkpoints.newest_published(tx)
    assert head
    name = sha256(origin.origin.encode()).digest()
    sent = evm.node.send(evm.accounts[0], ROOTS.call("anchor", name, head.size, head.root), register.contract)
    found = publish(database, replace(register, account=None))  # sent, and killed before the receipt was kept
    assert (found.transaction, found.size) == (sent.transaction, head.size)
    assert len(list(anchoring.check(database, "demo", register=register))) == 2


@pytest.mark.usefixtures("permit")
def test_another_log_or_an_earlier_database_is_told_from_the_chain(
    database: Database, evm: Chain, register: Register, tmp_path: Path
) -> None:
    publish(database, register)
    with database.transaction("demo") as tx:
        head, origin = checkpoints.newest_published(tx), checkpoints.origin(tx)
    assert head
    assert origin
    name = sha256(origin.origin.encode()).digest()
    for size, why in ((head.size + 1, "with another root"), (head.size + 50, "and this database has")):
        evm.node.send(evm.accounts[0], ROOTS.call("anchor", name, size, TWO), register.contract)
        if size == head.size + 1:
            ask(database, GATE, Clock(), 2)
            sequence(database, tmp_path)
        with pytest.raises(ChainDiffers, match=why):
            publish(database, register)
        with pytest.raises(ChainDiffers, match=why):
            findings(database, register)


@pytest.mark.usefixtures("permit")
def test_a_block_that_the_chain_drops_is_told_and_published_again(
    database: Database, evm: Chain, register: Register
) -> None:
    before = evm.node.ask("evm_snapshot")
    made = publish(database, register)
    assert evm.node.ask("evm_revert", before) is True
    assert findings(database, register) == ["the contract does not hold this root"]
    evm.node.ask("anvil_mine", "0x3")
    again = publish(database, register)
    assert (again.size, again.block != made.block) == (made.size, True)
    found = list(anchoring.check(database, "demo", register=register))
    assert {(one.block, wrong is None) for one, wrong in found} == {(made.block, False), (again.block, True)}
    deep = replace(register, node=replace(evm.node, confirmations=3))
    assert deep.since("nothing", 1) is None


@pytest.mark.usefixtures("permit")
def test_what_cannot_be_asked_is_refused_by_name(
    database: Database, evm: Chain, register: Register, tmp_path: Path
) -> None:
    for wrong, kind, why in (
        (replace(register, contract=bytes(20)), NotOurContract, "stands no contract of ours"),
        (replace(register, node=Node("http://127.0.0.1:1")), NodeSilent, "127.0.0.1:1 does not answer"),
        (replace(register, account=None), NodeRefused, "DUECOURSE_ANCHOR_KEY_FILE"),
        (replace(register, account=evm.accounts[1]), NodeRefused, "not the publisher"),
    ):  # fmt: skip
        with pytest.raises(kind, match=why):
            publish(database, wrong)
    secret = Node("http://user:secret@127.0.0.1:1/very-secret")
    with pytest.raises(NodeSilent) as silent:
        secret.chain()
    assert "secret" not in str(silent.value) + repr(secret)
    with pytest.raises(NodeRefused, match=r"not found|Method"):
        evm.node.ask("eth_nothing")
    key = tmp_path / "key"
    key.write_text("rubbish 0xabcdef", encoding="ascii")
    good = {"ANCHOR_NODE": "http://127.0.0.1:1", "ANCHOR_CONTRACT": "0x" + "ab" * 20, "ANCHOR_KEY_FILE": str(key)}
    with pytest.raises(NoAccount) as bad:
        read_register(good, publishing=True)
    assert "abcdef" not in str(bad.value)
    assert read_register(good, publishing=False).contract == b"\xab" * 20
    for name, word in (
        ("ANCHOR_NODE", ""), ("ANCHOR_CONTRACT", "0xab"), ("ANCHOR_CONTRACT", "rubbish"), ("ANCHOR_KEY_FILE", ""),
        ("ANCHOR_CONFIRMATIONS", "0"),
    ):  # fmt: skip
        with pytest.raises(NoChain, match=f"DUECOURSE_{name}"):
            read_register(good | {name: word}, publishing=True)


def test_a_log_that_has_not_begun_has_nothing_to_publish(database: Database, register: Register) -> None:
    set_up(database, VAULT, 1)
    with pytest.raises(NoLog):
        publish(database, register)


def test_the_verifier_asks_a_node_only_where_one_is_named(
    database: Database, register: Register, permit: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = publish(database, register)
    ask(database, GATE, Clock(), 2)
    sequence(database, tmp_path)
    publish(database, register)
    with database.transaction("demo") as tx:
        content = bundle.bundle_of_permit(tx, vault=VAULT, permit_id=permit, actor=OPERATOR, now=now()).content
        origin = checkpoints.origin(tx)
    assert origin
    path, key = tmp_path / "bundle.zip", str(origin.key)

    def told(content: bytes, *more: str) -> tuple[int, str, str]:
        path.write_bytes(content)
        status = main([str(path), "--key", key, *more])
        lines = capsys.readouterr().out.splitlines()
        (line,) = [one for one in lines if "is said to hold" in one]
        return status, line[:14].strip(), line

    status, mark, line = told(content)
    assert (status, mark, f"first {made.size} records" in line) == (0, "not checked", True)
    status, mark, line = told(content, "--node", register.node.url)
    assert (status, mark, f"dates the block {made.at.isoformat()}" in line) == (0, "holds", True)
    status, mark, line = told(content, "--node", "http://127.0.0.1:1")
    assert (status, mark, "the node gave no answer" in line) == (0, "not checked", True)

    (tmp_path / "elsewhere").mkdir()
    with chain(tmp_path / "elsewhere", "--chain-id", "777") as other:
        status, mark, line = told(content, "--node", other.node.url)
        assert (status, mark, "a node of another chain" in line) == (1, "DOES NOT HOLD", True)
    with zipfile.ZipFile(BytesIO(content)) as opened:
        listed = json.loads(opened.read("bundle.json"))
        rest = {name: opened.read(name) for name in opened.namelist()}
    for changed, why in (
        ({"contract": "0x" + "00" * 20}, "the contract there is another one"),
        ({"transaction": "0x" + "00" * 32}, "the transaction is not in that block"),
        ({"block_hash": "0x" + "00" * 32}, "the transaction is not in that block"),
    ):
        bent = BytesIO()
        one = listed | {"anchors": [listed["anchors"][0] | changed]}
        with zipfile.ZipFile(bent, "w") as new:
            for name, kept in (rest | {"bundle.json": json.dumps(one).encode()}).items():
                new.writestr(name, kept)
        status, mark, line = told(bent.getvalue(), "--node", register.node.url)
        assert (status, mark, why in line) == (1, "DOES NOT HOLD", True)


def test_the_time_of_a_block_is_near_ours(database: Database, permit: int, register: Register) -> None:
    assert permit
    assert abs(publish(database, register).at - now()) < timedelta(minutes=10)
