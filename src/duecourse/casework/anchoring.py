"""Anchors: checkpoints of the log put into a contract on a chain, where nobody can change them, and read back.

The chain is given the SHA-256 of the log's name, a size and a root, and nothing else. What it proves is told in
docs/decisions/anchors.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from duecourse.casework.sequencing import NoLog
from duecourse.chain.accounts import LocalAccount
from duecourse.chain.contract import shipped
from duecourse.chain.node import Node, NodeRefused, Receipt
from duecourse.evidence.tree import root_of
from duecourse.storage import anchors, checkpoints
from duecourse.storage.anchors import Anchor
from duecourse.storage.connection import Database
from duecourse.trouble import N_, BadInput, Refused, Said

ROOTS = "roots"


class NotOurContract(BadInput):
    """What stands at the address is not the contract that holds roots."""

    def __init__(self, contract: str, place: str) -> None:
        super().__init__(
            N_(
                "at {contract} on the chain of {place} stands no contract of ours, or another one. `duecourse anchor "
                "deploy` puts one there and says its address, for DUECOURSE_ANCHOR_CONTRACT"
            ),
            contract=contract,
            place=place,
        )


class ChainDiffers(Refused):
    """The chain holds a root that is not of this log."""

    def __init__(self, lender_id: str, size: int, what: str) -> None:
        super().__init__(
            N_(
                "the chain holds a checkpoint of {size} records of the log of lender {lender}, {what}: this database "
                "is an earlier one, or another log under the same name. Nothing was published; find out which is the "
                "lender's"
            ),
            lender=lender_id,
            size=size,
            what=what,
        )


@dataclass(frozen=True, slots=True)
class Register:
    """The contract that holds roots, on a node, and the account that publishes, where there is one."""

    node: Node
    contract: bytes
    account: LocalAccount | None = field(default=None, repr=False)

    def prove(self) -> None:
        """Raise `NotOurContract` unless the code at the address is that of the contract we ship."""
        if self.node.code(self.contract) != shipped(ROOTS).runtime:
            raise NotOurContract(f"0x{self.contract.hex()}", self.node.place)

    def newest(self, origin: str) -> int:
        """The largest size that it holds of a log, 0 for none."""
        return int(self._read("newest", _name(origin)))

    def root(self, origin: str, size: int) -> bytes:
        """The root that it holds of a size, all zeros for none."""
        return bytes(self._read("root_of", _name(origin), size))

    def since(self, origin: str, size: int) -> Receipt | None:
        """Where a size was put into it, None where it was not."""
        roots = shipped(ROOTS)
        topics: list[bytes | None] = [roots.topic("Anchored"), _name(origin), size.to_bytes(32, "big")]
        found = self.node.logs(self.contract, topics)
        return self.node.receipt(bytes.fromhex(found[0]["transactionHash"].removeprefix("0x"))) if found else None

    def _read(self, function: str, *values: object) -> int | bytes:
        roots = shipped(ROOTS)
        (found,) = roots.answer(function, self.node.read(self.contract, roots.call(function, *values)))
        return found  # type: ignore[no-any-return]


def deploy(node: Node, account: LocalAccount) -> Receipt:
    """Put a new contract on the chain, whose only publisher is the account; raises as `Node.send`."""
    return node.send(account, shipped(ROOTS).bytecode)


def publish(database: Database, lender_id: str, *, register: Register, clock: Callable[[], datetime]) -> Anchor:
    """Put the newest published checkpoint into the contract and keep the receipt; no transaction is open meanwhile.

    One that the contract holds already, because an answer was lost, is found and its receipt kept. Raises `NoLog`,
    `NotOurContract`, `ChainDiffers`, and as `Node.send`.
    """
    register.prove()
    with database.transaction(lender_id) as tx:
        origin, head = checkpoints.origin(tx), checkpoints.newest_published(tx)
        if origin is None or head is None:
            raise NoLog(lender_id)
    _agrees(database, lender_id, register, origin.origin)
    receipt = register.since(origin.origin, head.size)
    if receipt is None:
        if register.account is None:
            raise NodeRefused(register.node.place, "no account to publish with is given (DUECOURSE_ANCHOR_KEY_FILE)")
        call = shipped(ROOTS).call("anchor", _name(origin.origin), head.size, head.root)
        receipt = register.node.send(register.account, call, register.contract)
    if register.root(origin.origin, head.size) != head.root:
        raise ChainDiffers(lender_id, head.size, "with another root")
    made = Anchor(
        head.size, head.root, register.node.chain(), register.contract, receipt.transaction, receipt.block,
        receipt.block_hash, receipt.block_at,
    )  # fmt: skip
    with database.transaction(lender_id) as tx:
        anchors.keep(tx, made, now=clock())
    return made


def check(database: Database, lender_id: str, *, register: Register) -> Iterator[tuple[Anchor, str | None]]:
    """Every receipt on this contract, with what is wrong with it, None where the chain still bears it out.

    Raises `NotOurContract`, `ChainDiffers` where the newest that the chain holds is not of this log, and `NoLog`.
    """
    register.prove()
    with database.transaction(lender_id) as tx:
        origin, kept = checkpoints.origin(tx), anchors.every(tx)
        if origin is None:
            raise NoLog(lender_id)
    _agrees(database, lender_id, register, origin.origin)
    chain = register.node.chain()
    for one in kept:
        if (one.chain, one.contract) == (chain, register.contract):
            yield one, _wrong(register, origin.origin, one)


def _wrong(register: Register, origin: str, one: Anchor) -> str | None:
    if register.root(origin, one.size) != one.root:
        return "the contract does not hold this root"
    receipt = register.node.receipt(one.transaction)
    if receipt is None or (receipt.block, receipt.block_hash) != (one.block, one.block_hash):
        return "the chain dropped its block; `duecourse anchor publish` keeps where it stands now"
    return None


def _agrees(database: Database, lender_id: str, register: Register, origin: str) -> None:
    """Raise `ChainDiffers` unless the newest that the contract holds is of this log; the node is asked first."""
    size = register.newest(origin)
    if not size:
        return
    root = register.root(origin, size)
    with database.transaction(lender_id) as tx:
        newest = checkpoints.newest(tx)
        if newest is None or newest.size < size:
            raise ChainDiffers(
                lender_id, size, Said(N_("and this database has {size}"), size=newest.size if newest else 0)
            )
        if root_of(0, size, checkpoints.nodes_of(tx)) != root:
            raise ChainDiffers(lender_id, size, N_("with another root"))


def _name(origin: str) -> bytes:
    """How the chain names a log."""
    return sha256(origin.encode()).digest()
