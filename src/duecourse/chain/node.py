"""A node of a chain, asked by JSON-RPC: reads, and transactions that are signed here and waited for."""

from __future__ import annotations

import atexit
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from duecourse.chain.accounts import Account, LocalAccount
from duecourse.trouble import N_, BadInput, Refused, Said, Unavailable

TIMEOUT_S = 20
MINED_WITHIN_S = 600
"""How long a transaction is waited for; it may still be mined later, and is found then."""


class NodeSilent(Unavailable):
    """The node does not answer."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(N_("the node at {url} does not answer: {why}"), url=url, why=why)


class NodeRefused(Refused):
    """The node, or the contract, says no."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(N_("the node at {url} refuses: {why}"), url=url, why=why)


class NotMined(Unavailable):
    """A transaction was sent and is in no block yet, or not deep enough."""

    def __init__(self, transaction: str) -> None:
        super().__init__(
            N_("transaction {transaction} is not deep enough in the chain yet; ask again later, and it will be found"),
            transaction=transaction,
        )


class NoAccount(BadInput):
    """The file of the account's key cannot be used."""

    def __init__(self, path: str) -> None:
        super().__init__(N_("{path} holds no private key: 64 hex digits are expected"), path=path)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a transaction stands in the chain."""

    transaction: bytes
    contract: bytes  # that was called, or made
    block: int
    block_hash: bytes
    block_at: datetime  # as the block states it


def read_account(path: Path) -> LocalAccount:
    """The account that pays and signs, from a file with its private key; raises `NoAccount`."""
    try:
        return Account.from_key(path.read_text(encoding="ascii").strip())  # type: ignore[no-any-return]
    except (OSError, ValueError):  # the key itself is never shown
        raise NoAccount(str(path)) from None


@dataclass(frozen=True, slots=True)
class Node:
    """A node by its address; ``confirmations`` is how many blocks a transaction must be deep to count."""

    url: str = field(repr=False)  # it may hold a key of its own
    confirmations: int = 1

    @property
    def place(self) -> str:
        """Where it is, fit for a message: addresses of nodes hold keys."""
        return urlsplit(self.url).netloc.rpartition("@")[2] or "(an address that cannot be read)"

    def chain(self) -> int:
        """The number of the chain."""
        return int(self.ask("eth_chainId"), 16)

    def code(self, contract: bytes) -> bytes:
        """The code that stands at an address."""
        return _bytes(self.ask("eth_getCode", _hex(contract), "latest"))

    def read(self, contract: bytes, data: bytes, block: str = "latest") -> bytes:
        """What a contract answers to a call; nothing is sent to the chain."""
        return _bytes(self.ask("eth_call", {"to": _hex(contract), "data": _hex(data)}, block))

    def logs(self, contract: bytes, topics: list[bytes | None], since: int = 0) -> list[Mapping[str, Any]]:
        """Events of a contract by their topics, as the node gives them."""
        wanted = [None if one is None else _hex(one) for one in topics]
        asked = {"address": _hex(contract), "topics": wanted, "fromBlock": hex(since), "toBlock": "latest"}
        return list(self.ask("eth_getLogs", asked))

    def height(self) -> int:
        """The number of the newest block."""
        return int(self.ask("eth_blockNumber"), 16)

    def send(self, account: LocalAccount, data: bytes, to: bytes | None = None) -> Receipt:
        """Send a call, or without ``to`` the code of a new contract, and wait until it is deep enough.

        Raises `NodeSilent`, `NodeRefused`, `NotMined`.
        """
        asked: dict[str, Any] = {"from": account.address, "data": _hex(data), "value": "0x0"}
        if to is not None:
            asked["to"] = _hex(to)
        gas = int(self.ask("eth_estimateGas", asked), 16)
        transaction: dict[str, Any] = {
            "data": data, "value": 0, "gas": gas * 5 // 4, "gasPrice": int(self.ask("eth_gasPrice"), 16),
            "nonce": int(self.ask("eth_getTransactionCount", account.address, "pending"), 16),
            "chainId": self.chain(), **({} if to is None else {"to": to}),
        }  # fmt: skip
        signed = account.sign_transaction(transaction)
        sent = self.ask("eth_sendRawTransaction", _hex(bytes(signed.raw_transaction)))
        deadline = time.monotonic() + MINED_WITHIN_S
        while time.monotonic() < deadline:
            receipt = self.receipt(_bytes(sent))
            if receipt is not None and self.height() - receipt.block + 1 >= self.confirmations:
                return receipt
            time.sleep(0.1)
        raise NotMined(sent)

    def receipt(self, transaction: bytes) -> Receipt | None:
        """Where a transaction stands, None where it is in no block; raises `NodeRefused` where it failed."""
        found = self.ask("eth_getTransactionReceipt", _hex(transaction))
        if found is None or found.get("blockNumber") is None:
            return None
        if int(found["status"], 16) != 1:
            raise NodeRefused(self.place, Said(N_("transaction {transaction} failed"), transaction=_hex(transaction)))
        block = self.ask("eth_getBlockByHash", found["blockHash"], False)  # noqa: FBT003 - JSON-RPC has no names
        if block is None:
            return None
        return Receipt(
            transaction, _bytes(found["to"] or found["contractAddress"]), int(found["blockNumber"], 16),
            _bytes(found["blockHash"]), datetime.fromtimestamp(int(block["timestamp"], 16), UTC),
        )  # fmt: skip

    def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - whatever the method gives
        """One call (JSON-RPC 2.0); raises `NodeSilent`, `NodeRefused`."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        try:
            answer = _client().post(self.url, json=asked)
            told = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NodeSilent(self.place, str(error) or type(error).__name__) from error
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise NodeSilent(self.place, Said(N_("status {status}, no JSON"), status=answer.status_code)) from None
        if not isinstance(told, dict) or ("result" not in told and "error" not in told):
            raise NodeSilent(self.place, Said(N_("status {status}, no JSON-RPC"), status=answer.status_code))
        if told.get("error"):
            raise NodeRefused(self.place, str(told["error"].get("message", told["error"])))
        return told["result"]


@cache
def _client() -> httpx.Client:
    """One for the process: it keeps connections, which thousands of reads need, and lets them go when it ends."""
    made = httpx.Client(timeout=TIMEOUT_S)
    atexit.register(made.close)
    return made


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
