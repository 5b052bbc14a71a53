"""What the variables ANCHOR_* say of a chain: node, contract, and the account that publishes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from duecourse.trouble import N_, BadInput, Said

if TYPE_CHECKING:
    from duecourse.casework.anchoring import Register
    from duecourse.chain.accounts import LocalAccount
    from duecourse.chain.node import Node

ADDRESS_BYTES = 20


class NoChain(BadInput):
    """What commands about a chain need is not said, or not installed."""

    def __init__(self, why: str) -> None:
        super().__init__(N_("no chain can be asked: {why}"), why=why)


def read_node(said: Mapping[str, str]) -> Node:
    """The node of the chain; raises `NoChain`."""
    try:
        from duecourse.chain.node import Node  # noqa: PLC0415 - the extra `chain` may not be installed
    except ModuleNotFoundError as error:
        raise NoChain(
            Said(
                N_("{name} is not installed; install the extra `chain` (pip install 'duecourse[chain]')"),
                name=error.name,
            )
        ) from None
    url, confirmations = said.get("ANCHOR_NODE"), said.get("ANCHOR_CONFIRMATIONS", "1")
    if not url:
        raise NoChain(N_("DUECOURSE_ANCHOR_NODE names no node"))
    if not confirmations.isdecimal() or int(confirmations) < 1:
        raise NoChain(
            Said(
                N_("DUECOURSE_ANCHOR_CONFIRMATIONS is a whole number from 1 on, not {confirmations!r}"),
                confirmations=confirmations,
            )
        )
    return Node(url, int(confirmations))


def read_account(said: Mapping[str, str]) -> LocalAccount:
    """The account that publishes; raises `NoChain`, `NoAccount`."""
    from duecourse.chain import node  # noqa: PLC0415 - likewise

    file = said.get("ANCHOR_KEY_FILE")
    if not file:
        raise NoChain(N_("DUECOURSE_ANCHOR_KEY_FILE names no file with the key of the account that publishes"))
    return node.read_account(Path(file).expanduser())


def read_address(said: Mapping[str, str], name: str) -> bytes:
    """The address of a contract, by the name of its variable; raises `NoChain`."""
    try:
        contract = bytes.fromhex(said.get(name, "").removeprefix("0x"))
    except ValueError:
        contract = b""
    if len(contract) != ADDRESS_BYTES:
        raise NoChain(Said(N_("DUECOURSE_{name} is the contract's address, 40 hex digits"), name=name))
    return contract


def read_register(said: Mapping[str, str], *, publishing: bool) -> Register:
    """The contract that holds checkpoints; raises `NoChain`, `NoAccount`."""
    node = read_node(said)
    from duecourse.casework.anchoring import Register  # noqa: PLC0415 - likewise

    return Register(node, read_address(said, "ANCHOR_CONTRACT"), read_account(said) if publishing else None)
