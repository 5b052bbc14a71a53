"""What others outside say: time stamps (RFC 3161), and anchors in a contract on a chain (EVM)."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from duecourse.evidence.verifier.notes import Head, read_checkpoint
from duecourse.evidence.verifier.report import FAILS, HOLDS, UNCHECKED, Report
from duecourse.evidence.verifier.sentences import Wrong
from duecourse.evidence.verifier.texts import BYTES_MAX, from_base64, part, text_of
from duecourse.evidence.verifier.tree import continues

ANCHOR_CODE = "f0a650fb7002eb04ef3f8ace8dfb71ec7920b786e281add1a58db4bd52ed5f96"
"""SHA-256 of the code of the contract that holds roots (roots.vy): it never changes or takes back what it holds."""

ROOT_OF = "0x3de8b12b"
"""How that contract is asked for a root: by SHA-256 of the log's name, and size."""


@dataclass(frozen=True)
class Outside:
    """Whom to ask for what cannot be checked here, and by whose certificates: nobody, unless the reader says so."""

    openssl: bool = False
    certificates: str | None = None
    node: str | None = None


def check_outside(
    report: Report, listed: dict[str, Any], read: Callable[[object], bytes], head: Head, ask: Outside
) -> None:
    """Tell what others outside say of the checkpoint that the records lead to."""
    for one in part(listed, "stamps", list):
        check_stamp(report, one, read, head, ask)
    for one in part(listed, "anchors", list):
        check_anchor(report, one, read, head, ask)


def check_outside_head(report: Report, name: str, said: bytes, path: list[Any], head: Head) -> Head | None:
    """Tell whether the checkpoint that somebody outside was shown is of the log that the records are in."""
    shown = read_checkpoint(text_of(said) + "\n")
    old, new = sorted((shown, head), key=lambda one: one.size)
    hashes = [from_base64(one) if isinstance(one, str) else b"" for one in path]
    good = shown.origin == head.origin and continues(old.size, old.root, new.size, new.root, hashes)
    word = "outside_of_log" if good else "outside_not_of_log"
    report.tell(HOLDS if good else FAILS, "further", word, name=name, size=shown.size)
    return shown if good else None


# Time stamps.


def der(content: bytes) -> Iterator[bytes]:
    """The parts of a DER value, without their tags; raises ValueError."""
    at = 0
    while at < len(content):
        if at + 2 > len(content):
            raise ValueError("a value ends too early")
        size, at = content[at + 1], at + 2
        if size & 0x80:
            width = size & 0x7F
            size, at = int.from_bytes(content[at : at + width], "big"), at + width
        if at + size > len(content):
            raise ValueError("a value ends too early")
        yield content[at : at + size]
        at += size


def stamp_says(response: bytes) -> tuple[bytes, datetime]:
    """The digest that a time stamp is over and the time that it states; who signed it is not looked at here."""
    try:
        (whole,) = der(response)
        _, token = der(whole)
        _, explicit = der(token)
        (signed,) = der(explicit)
        _, _, content, *_ = der(signed)
        _, explicit = der(content)
        (octets,) = der(explicit)
        (info,) = der(octets)
        _, _, imprint, _, time, *_ = der(info)
        _, digest = der(imprint)
        found = re.fullmatch(r"([1-9][0-9]{13})(?:\.[0-9]+)?Z", time.decode("ascii"), re.ASCII)
        return digest, datetime.strptime(f"{found[1] if found else ''}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise Wrong("not_stamp") from None


def ask_openssl(stamp: bytes, text: bytes, certificates: str, at: datetime) -> tuple[str, bool] | None:
    """What the program openssl says of a stamp, and its version; None where there is no such program."""
    program = shutil.which("openssl")
    if program is None:
        return None
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("stamp", "text", "certificates")]
        for file, content in zip(files, (stamp, text, certificates.encode())):  # noqa: B905 - older Pythons
            file.write_bytes(content)
        command = [program, "ts", "-verify", "-in", *map(str, files)]
        command[5:6] = ["-data", str(files[1]), "-CAfile"]
        done = subprocess.run([*command, "-attime", str(int(at.timestamp()))], capture_output=True, check=False)
    return version, done.returncode == 0


def check_stamp(report: Report, one: dict[str, Any], read: Callable[[object], bytes], head: Head, ask: Outside) -> None:
    """Tell what a time stamp says; whether it is genuine only where openssl may be asked."""
    name, text, pem = part(one, "file", str), part(one, "text", str), read(part(one, "certificates", str))
    stamp, said = read(name), read(text)
    try:
        shown = check_outside_head(report, name, said, part(one, "path", list), head)
        if shown is None:
            return
        digest, at = stamp_says(stamp)
        own = text_of(pem)
    except Wrong as wrong:
        report.fail("further", name, wrong)
        return
    if digest != hashlib.sha256(said).digest():
        report.tell(FAILS, "further", "stamp_other", name=name)
        return
    values = {"name": name, "size": shown.size, "at": at.isoformat(), "text": text}
    certificates = ask.certificates if ask.certificates is not None else own
    answer = ask_openssl(stamp, said, certificates, at) if ask.openssl else None
    if answer is None:
        report.tell(UNCHECKED, "further", "stamp_no_openssl" if ask.openssl else "stamp_unchecked", **values)
        return
    version, good = answer
    word = "stamp_good" if good else "stamp_bad"
    report.tell(HOLDS if good else FAILS, "further", word, version=version, **values)
    if ask.certificates is None:
        report.tell(UNCHECKED, "further", "stamp_own_certificates", name=name)


# Anchors.


def ask_node(url: str, method: str, *params: object) -> Any:  # noqa: ANN401 - whatever the method gives
    """What a node answers (JSON-RPC)."""
    asked = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    if not url.startswith(("http://", "https://")):
        raise ValueError("the address of a node begins with http:// or https://")
    request = urllib.request.Request(url, asked, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - likewise
        told = json.loads(answer.read(BYTES_MAX))
    if told.get("error") or "result" not in told:
        raise ValueError(f"it answers {str(told)[:200]}")
    return told["result"]


def chain_says(url: str, one: dict[str, Any], shown: Head) -> int:
    """The time that the block of an anchor states; raises `Wrong` where what a node says does not fit the anchor."""
    if int(ask_node(url, "eth_chainId"), 16) != one["chain"]:
        raise Wrong("chain_other")
    code = bytes.fromhex(ask_node(url, "eth_getCode", one["contract"], "latest")[2:])
    if hashlib.sha256(code).hexdigest() != ANCHOR_CODE:
        raise Wrong("contract_other")
    data = ROOT_OF + hashlib.sha256(shown.origin.encode()).hexdigest() + f"{shown.size:064x}"
    if ask_node(url, "eth_call", {"to": one["contract"], "data": data}, "latest") != f"0x{shown.root.hex()}":
        raise Wrong("root_missing")
    receipt = ask_node(url, "eth_getTransactionReceipt", one["transaction"]) or {}
    where = (receipt.get("status"), receipt.get("to"), receipt.get("blockHash"))
    if where != ("0x1", one["contract"], one["block_hash"]):
        raise Wrong("transaction_other")
    block = ask_node(url, "eth_getBlockByHash", one["block_hash"], False)  # noqa: FBT003 - JSON-RPC has no names
    return int(block["timestamp"], 16)


def check_anchor(
    report: Report, one: dict[str, Any], read: Callable[[object], bytes], head: Head, ask: Outside
) -> None:
    """Tell what an anchor says; whether the chain bears it out only where a node may be asked."""
    name, contract = part(one, "file", str), part(one, "contract", str)
    chain, block, said = part(one, "chain", int), part(one, "block", int), read(name)
    try:
        shown = check_outside_head(report, name, said, part(one, "path", list), head)
    except Wrong as wrong:
        report.fail("further", name, wrong)
        return
    if shown is None:
        return
    values = {"name": name, "contract": contract, "chain": chain, "block": block, "size": shown.size}
    if ask.node is None:
        report.tell(UNCHECKED, "further", "anchor_unchecked", **values)
        return
    try:
        at = datetime.fromtimestamp(chain_says(ask.node, one, shown), timezone.utc)  # noqa: UP017 - older Pythons
    except Wrong as wrong:
        en, zh = wrong.said
        report.tell(FAILS, "further", "anchor_no", en=en, zh=zh, **values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        report.tell(UNCHECKED, "further", "anchor_silent", error=error, **values)
    else:
        report.tell(HOLDS, "further", "anchor_yes", at=at.isoformat(), **values)
