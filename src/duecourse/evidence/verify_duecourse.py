"""Checks what the evidence log of a lender proves, with Python's standard library alone.

仅用 Python 标准库核验机构存证日志所证明的内容。

    python3 verify_duecourse.py BUNDLE.zip [--key KEY] [--witness KEY]... [--openssl] [--node URL] [--lang zh]
    python3 verify_duecourse.py RECORD.json RECORD.tlog-proof --key KEY
    python3 verify_duecourse.py DECISION.json --key KEY

This file needs nothing of duecourse: read it, or write your own from docs/evidence.md. It is given a bundle of
evidence, or a record and its proof, and says of each thing that it shows whether it holds, does not hold, or was not
checked. What it cannot check is never called good: the program openssl is asked about time stamps, and a node about
anchors on a chain, only where the reader says so, and then that is told. Exit status: 0 all that was checked holds, 1
something does not, 2 not understood.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

BYTES_MAX = 64 * 1024 * 1024
"""A larger file is not read: no bundle is."""


class Wrong(Exception):
    """Something that does not hold; says what, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        """Keep both sentences."""
        super().__init__(en)
        self.said = {"en": en, "zh": zh}


# --- Ed25519 (RFC 8032), verification only. Points are (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]


def ed25519_verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of the key signed the message; keys and signatures have one form only.

    A key outside the group, with which anybody could sign, is refused.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    key = _point(public)
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= _L:
        return False
    if key[:2] == (0, 1) or _bytes(_times(_L, key)) != _bytes((0, 1, 1, 0)):
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    x, y, z, t = key
    back = _times(int.from_bytes(digest, "little") % _L, (_P - x, y, z, _P - t))
    return _bytes(_sum(_times(scalar, _BASE), back)) == signature[:32]


def _sum(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        scalar >>= 1
    return total


def _point(encoded: bytes) -> Point | None:
    whole = int.from_bytes(encoded, "little")
    sign, y = whole >> 255, whole & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _bytes(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_FOUND = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
_BASE: Point = _FOUND or (0, 1, 1, 0)

# --- Notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature).


LOG, WITNESS = 1, 4
"""Kinds of key."""


@dataclass(frozen=True)
class Key:
    """A public key: of a log (kind 1) or of a witness (kind 4)."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


def read_key(text: str, kind: int = LOG) -> Key:
    """A key as it is given out: name, id and key, joined by plus signs; raises `Wrong` for one of another kind."""
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    content = _base64(material)
    if not name or len(content) != 33 or content[0] not in {LOG, WITNESS}:
        raise Wrong(f"{text.strip()[:60]!r} is no key", f"{text.strip()[:60]!r} 不是公钥")
    key = Key(name, content[0], content[1:])
    if key.id.hex() != key_id:
        raise Wrong(f"key {name} was copied wrongly", f"公钥 {name} 抄写有误")
    if key.kind != kind:
        raise Wrong(
            f"key {name} is not that of a {'log' if kind == LOG else 'witness'}",
            f"公钥 {name} 不是{'日志' if kind == LOG else '见证方'}的公钥",
        )
    return key


@dataclass(frozen=True)
class Head:
    """A checkpoint: its text, its signatures (name, key id, value), and what the text says."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]
    origin: str
    size: int
    root: bytes


def read_checkpoint(content: str) -> Head:
    """A checkpoint, its signatures not checked yet."""
    text, gap, below = content.rpartition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1], re.ASCII):
        raise Wrong("this is no checkpoint", "这不是签名树根")
    signatures = []
    for line in below.split("\n")[:-1]:
        dash, name, value = [*line.split(" "), "", "", ""][:3]
        material = _base64(value)
        if dash != "—" or not name or len(material) < 5:
            raise Wrong("the checkpoint has a line that is no signature", "签名树根含有非签名行")
        signatures.append((name, material[:4], material[4:]))
    return Head(text + "\n", signatures, lines[0], int(lines[1]), _base64(lines[2]))


def signed_at(head: Head, key: Key) -> int | None:
    """The time at which a witness signed, None where the key did not sign; raises `Wrong` for a wrong signature."""
    for name, key_id, value in head.signatures:
        if (name, key_id) != (key.name, key.id):
            continue
        at, signature, message = 0, value, head.text.encode()
        if key.kind == WITNESS:
            at, signature = int.from_bytes(value[:8], "big"), value[8:]
            message = f"cosignature/v1\ntime {at}\n{head.text}".encode()
        if not ed25519_verifies(key.public, signature, message):
            raise Wrong(f"the signature of {name} is wrong", f"{name} 的签名无效")
        return at
    return None


# --- The tree (RFC 6962, 9162) and proofs (C2SP tlog-proof).


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def root_above(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which a leaf's path leads (RFC 9162, 2.1.3.2); None where the path has a wrong length."""
    at, last, top = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            top = hashlib.sha256(b"\x01" + sibling + top).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            top = hashlib.sha256(b"\x01" + top + sibling).digest()
        at, last = at >> 1, last >> 1
    return None if last else top


def continues(one: Head, two: Head, path: list[bytes]) -> bool:
    """Whether the smaller of two trees is the beginning of the larger one (RFC 9162, 2.1.4.2)."""
    old, new = sorted((one, two), key=lambda head: head.size)
    if old.size in {0, new.size}:
        return not path and (old.size, old.root) == (new.size, new.root)
    steps = path if old.size & (old.size - 1) else [old.root, *path]
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not steps:
        return False
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = (hashlib.sha256(b"\x01" + step + top).digest() for top in (before, after))
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = hashlib.sha256(b"\x01" + after + step).digest()
        at, last = at >> 1, last >> 1
    return not last and (before, after) == (old.root, new.root)


def check_proof(entry: bytes, proof: str) -> tuple[int, Head]:
    """The place of an entry, and the checkpoint that its proof leads to; signatures are not checked here."""
    above, _, below = proof.partition("\n\n")
    lines = [line for line in above.split("\n") if not line.startswith("extra ")]
    found = re.fullmatch("index (0|[1-9][0-9]{0,17})", lines[1], re.ASCII) if len(lines) > 1 else None
    if lines[0] != "c2sp.org/tlog-proof@v1" or not found:
        raise Wrong("this is no proof", "这不是证明")
    index, head = int(found[1]), read_checkpoint(below)
    if index >= head.size or root_above(leaf_hash(entry), index, head.size, list(map(_base64, lines[2:]))) != head.root:
        raise Wrong(
            "the record is not the one in the log: its bytes were changed, or the proof is of another",
            "该记录不是日志中的记录：字节被改动，或证明属于另一条记录",
        )
    return index, head


# --- Records and what they commit to.


def opens(record: dict[str, Any], opening: dict[str, Any]) -> bool:
    """Whether a fact that is shown is the one that the record committed to."""
    shown = _canonical([opening["field"], opening["value"]])
    salt = bytes.fromhex(opening["salt"])
    commitment = hashlib.sha256(b"duecourse commitment 1\x00" + salt + shown.encode()).hexdigest()
    return len(salt) == 32 and record["commitments"].get(opening["field"]) == commitment


def _canonical(value: Any) -> str:  # noqa: ANN401 - any JSON without fractions
    """RFC 8785 for values without fractions."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(name)}:{_canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _base64(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        content = b""
    if not content or base64.b64encode(content).decode() != text:
        raise Wrong(f"{text[:40]!r} is not base64", f"{text[:40]!r} 不是 base64")
    return content


# --- What is told.

MARKS = {"en": ("holds", "DOES NOT HOLD", "not checked"), "zh": ("成立", "不成立", "未核验")}
HOLDS, FAILS, UNCHECKED = range(3)


@dataclass
class Report:
    """What was found, one line each."""

    lines: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    heads: set[tuple[str, int, bytes]] = field(default_factory=set)

    def tell(self, mark: int, en: str, zh: str) -> None:
        """Add a line."""
        self.lines.append((mark, {"en": en, "zh": zh}))

    @property
    def failed(self) -> bool:
        """Whether anything does not hold, or nothing was shown to hold."""
        marks = {mark for mark, _ in self.lines}
        return FAILS in marks or HOLDS not in marks

    def text(self, lang: str) -> str:
        """All lines."""
        return "".join(f"{MARKS[lang][mark]:>14}  {said[lang]}\n" for mark, said in self.lines)


def check_record(report: Report, name: str, entry: bytes, proof: str, openings: list[dict[str, Any]]) -> Head | None:
    """Tell whether a record stands in the log, and whether the facts that are shown are those of the record."""
    try:
        index, head = check_proof(entry, proof)
        record = json.loads(entry)
    except (Wrong, ValueError) as error:
        said = error.said if isinstance(error, Wrong) else {"en": "it is no record", "zh": "这不是存证记录"}
        report.tell(FAILS, f"{name}: {said['en']}", f"{name}：{said['zh']}")
        return None
    told = f"{record.get('kind')} {record.get('at')} {record.get('id')}"
    report.tell(HOLDS, f"{name}: {told}, place {index} of the log", f"{name}：{told}，日志第 {index} 位")
    shown = set()
    for opening in openings:
        what = f"{opening.get('field')} = {_canonical(opening.get('value'))}"
        try:
            mark = HOLDS if opens(record, opening) else FAILS
        except (KeyError, ValueError, TypeError, AttributeError):
            mark = FAILS
        shown.add(opening.get("field"))
        report.tell(mark, f"{name}: it committed to {what}", f"{name}：其承诺的事实为 {what}")
    for kept in sorted(set(record.get("commitments", {})) - shown):
        report.tell(UNCHECKED, f"{name}: the fact {kept!r} is not shown", f"{name}：未出示事实 {kept!r}")
    return head


def check_decision(report: Report, name: str, shown: dict[str, Any]) -> Head | None:
    """Tell whether a decision of a day run leads to the record of its slice, and that to the log."""
    entry = shown["slice"].encode()
    head = check_record(report, name, entry, shown["proof"], [])
    stated = json.loads(entry)["stated"]
    leaf = leaf_hash(bytes.fromhex(shown["salt"]) + shown["row"].encode())
    path = [bytes.fromhex(one) for one in shown["path"]]
    fits = shown["rows"] == stated["rows"] and 0 <= shown["index"] < stated["rows"]
    top = root_above(leaf, shown["index"], stated["rows"], path) if fits else None
    mark = HOLDS if top is not None and top.hex() == stated["root"] else FAILS
    report.tell(
        mark,
        f"{name}: the decision of {stated['day']} is {shown['row']}",
        f"{name}：{stated['day']} 的决定为 {shown['row']}",
    )
    return head


def check_head(report: Report, head: Head, key: Key | None, own: Key | None, witnesses: list[Key]) -> None:
    """Tell who signed the checkpoint; once for each."""
    if (head.origin, head.size, head.root) in report.heads:
        return
    report.heads.add((head.origin, head.size, head.root))
    if key is None and own is None:
        report.tell(
            FAILS,
            "who signed the checkpoint: give the log's public key by --key",
            "无法判断签名树根由谁签署：请用 --key 给出日志公钥",
        )
    known: set[tuple[str, bytes]] = set()
    for signer in [one for one in (key or own, *witnesses) if one is not None]:
        known.add((signer.name, signer.id))
        try:
            at = signed_at(head, signer)
        except Wrong as wrong:
            report.tell(FAILS, wrong.said["en"], wrong.said["zh"])
            continue
        if signer.kind == LOG:
            good = at is not None and signer.name == head.origin
            report.tell(
                HOLDS if good else FAILS,
                f"the checkpoint of {head.size} records is {'' if good else 'not '}signed by the log {signer.name}",
                f"{head.size} 条记录的签名树根{'已' if good else '未'}由日志 {signer.name} 签署",
            )
        elif at is None:
            report.tell(
                UNCHECKED,
                f"witness {signer.name} did not sign this checkpoint",
                f"见证方 {signer.name} 未签署此签名树根",
            )
        else:
            when = datetime.fromtimestamp(at, timezone.utc).isoformat()  # noqa: UP017 - also for older Pythons
            report.tell(
                HOLDS,
                f"witness {signer.name} signed it at {when}: it had seen no other log of this name",
                f"见证方 {signer.name} 于 {when} 签署：未见过同名的另一份日志",
            )
    for name, key_id, _ in head.signatures:
        if (name, key_id) not in known:
            report.tell(
                UNCHECKED,
                f"a signature by {name}, whose key was not given",
                f"{name} 的签名，其公钥未提供",
            )
    if key is None and own is not None:
        report.tell(
            UNCHECKED,
            "whether the key is the lender's: give --key as you got it from somewhere else than this bundle",
            "公钥是否属于该机构：请用 --key 给出从本证据包以外取得的公钥",
        )


# --- What others outside say: time stamps (RFC 3161), and anchors in a contract on a chain (EVM).

ANCHOR_CODE = "f0a650fb7002eb04ef3f8ace8dfb71ec7920b786e281add1a58db4bd52ed5f96"
"""SHA-256 of the code of the contract that holds roots (roots.vy): it never changes or takes back what it holds."""

ROOT_OF = "0x3de8b12b"
"""How that contract is asked for a root: by SHA-256 of the log's name, and size."""


@dataclass(frozen=True)
class Outside:
    """Whom to ask for what cannot be checked here, and by whose certificates: nobody, unless the reader says so."""

    openssl: bool = False
    stamp_ca: Path | None = None
    node: str | None = None


def _der(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of a DER value, each with its tag; raises ValueError."""
    at = 0
    while at < len(content):
        if at + 2 > len(content):
            raise ValueError("a value ends too early")
        tag, size, at = content[at], content[at + 1], at + 2
        if size & 0x80:
            width = size & 0x7F
            size, at = int.from_bytes(content[at : at + width], "big"), at + width
        if at + size > len(content):
            raise ValueError("a value ends too early")
        yield tag, content[at : at + size]
        at += size


def stamp_says(response: bytes) -> tuple[bytes, datetime]:
    """The digest that a time stamp is over and the time that it states; who signed it is not looked at here."""
    ((_, whole),) = _der(response)
    _, (_, token) = _der(whole)
    _, (_, explicit) = _der(token)
    ((_, signed),) = _der(explicit)
    _, _, (_, content), *_ = _der(signed)
    _, (_, explicit) = _der(content)
    ((_, octets),) = _der(explicit)
    ((_, info),) = _der(octets)
    _, _, (_, imprint), _, (_, time), *_ = _der(info)
    _, (_, digest) = _der(imprint)
    return digest, datetime.strptime(time.decode().rstrip("Z").partition(".")[0] + "+0000", "%Y%m%d%H%M%S%z")


def ask_openssl(stamp: bytes, text: str, certificates: str, at: datetime) -> tuple[str, bool] | None:
    """What the program openssl says of a stamp, and its version; None where there is no such program."""
    program = shutil.which("openssl")
    if program is None:
        return None
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("stamp", "text", "certificates")]
        for file, content in zip(files, (stamp, text.encode(), certificates.encode())):  # noqa: B905 - older Pythons
            file.write_bytes(content)
        command = [program, "ts", "-verify", "-in", *map(str, files)]
        command[5:6] = ["-data", str(files[1]), "-CAfile"]
        done = subprocess.run([*command, "-attime", str(int(at.timestamp()))], capture_output=True, check=False)
    return version, done.returncode == 0


def check_outside_head(report: Report, name: str, said: str, path: list[str], head: Head) -> Head | None:
    """Tell whether the checkpoint that somebody outside was shown is of the log that the records are in."""
    shown = read_checkpoint(said + "\n")
    good = shown.origin == head.origin and continues(shown, head, list(map(_base64, path)))
    report.tell(
        HOLDS if good else FAILS,
        f"{name}: the checkpoint of {shown.size} records is {'' if good else 'not '}of this log",
        f"{name}：{shown.size} 条记录的签名树根{'' if good else '不'}属于本日志",
    )
    return shown if good else None


def check_stamp(report: Report, one: dict[str, Any], read: Callable[[str], bytes], head: Head, ask: Outside) -> None:
    """Tell what a time stamp says; whether it is genuine only where openssl may be asked."""
    name, said = one["file"], read(one["text"]).decode()
    shown = check_outside_head(report, name, said, one["path"], head)
    if shown is None:
        return
    digest, at = stamp_says(read(name))
    if digest != hashlib.sha256(said.encode()).digest():
        report.tell(FAILS, f"{name}: it is a stamp of something else", f"{name}：该时间戳属于其他内容")
        return
    own = ask.stamp_ca is None
    certificates = read(one["certificates"]).decode() if own else Path(ask.stamp_ca or "").read_text("ascii")
    answer = ask_openssl(read(name), said, certificates, at) if ask.openssl else None
    says_en = f"{name}: a time stamp says that the first {shown.size} records were there at {at.isoformat()}"
    says_zh = f"{name}：时间戳称前 {shown.size} 条记录在 {at.isoformat()} 已经存在"
    if answer is None:
        how = f"openssl ts -verify -in {name} -data {one['text']} -CAfile CERTIFICATES.pem"
        why = ("; there is no openssl here", "；本机没有 openssl") if ask.openssl else ("", "")
        report.tell(
            UNCHECKED,
            f"{says_en}; not checked here{why[0]}. To check it: {how}, with the authority's certificates",
            f"{says_zh}；此处未核验{why[1]}。核验方法：{how}，须用时间戳机构的证书",
        )
        return
    version, good = answer
    report.tell(
        HOLDS if good else FAILS,
        f"{says_en}; {version} was asked and says that its signature is {'good' if good else 'NOT good'}",
        f"{says_zh}；经询问 {version}，其签名{'有效' if good else '无效'}",
    )
    if own:
        report.tell(
            UNCHECKED,
            f"{name}: whether the certificates are the authority's: give --stamp-ca as you got them from it",
            f"{name}：证书是否属于该时间戳机构：请用 --stamp-ca 给出从该机构取得的证书",
        )


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


def chain_wrong(url: str, one: dict[str, Any], shown: Head) -> tuple[str, str] | int:
    """What a node says that does not fit an anchor, in both languages; else the time that the block states."""
    if int(ask_node(url, "eth_chainId"), 16) != one["chain"]:
        return "it is a node of another chain", "该节点属于另一条链"
    code = bytes.fromhex(ask_node(url, "eth_getCode", one["contract"], "latest")[2:])
    if hashlib.sha256(code).hexdigest() != ANCHOR_CODE:
        return "the contract there is another one", "该处的合约并非所述合约"
    data = ROOT_OF + hashlib.sha256(shown.origin.encode()).hexdigest() + f"{shown.size:064x}"
    if ask_node(url, "eth_call", {"to": one["contract"], "data": data}, "latest") != f"0x{shown.root.hex()}":
        return "the contract does not hold this root", "合约中没有此树根"
    receipt = ask_node(url, "eth_getTransactionReceipt", one["transaction"]) or {}
    where = (receipt.get("status"), receipt.get("to"), receipt.get("blockHash"))
    if where != ("0x1", one["contract"], one["block_hash"]):
        return "the transaction is not in that block", "该交易不在所述区块中"
    block = ask_node(url, "eth_getBlockByHash", one["block_hash"], False)  # noqa: FBT003 - JSON-RPC has no names
    return int(block["timestamp"], 16)


def check_anchor(report: Report, one: dict[str, Any], read: Callable[[str], bytes], head: Head, ask: Outside) -> None:
    """Tell what an anchor says; whether the chain bears it out only where a node may be asked."""
    name = one["file"]
    shown = check_outside_head(report, name, read(name).decode(), one["path"], head)
    if shown is None:
        return
    en = (
        f"{name}: contract {one['contract']} on chain {one['chain']} is said to hold the first {shown.size} records "
        f"since block {one['block']}"
    )
    zh = (
        f"{name}：据称链 {one['chain']} 上的合约 {one['contract']} 自区块 {one['block']} 起"
        f"存有前 {shown.size} 条记录的树根"
    )
    if ask.node is None:
        why = "give --node with a node of that chain that you trust", "请用 --node 给出您信任的该链节点"
        report.tell(UNCHECKED, f"{en}; not checked: {why[0]}", f"{zh}；未核验：{why[1]}")
        return
    try:
        found = chain_wrong(ask.node, one, shown)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        report.tell(UNCHECKED, f"{en}; the node gave no answer: {error}", f"{zh}；节点没有应答：{error}")
        return
    if isinstance(found, tuple):
        report.tell(FAILS, f"{en}; the node says NO: {found[0]}", f"{zh}；节点否认：{found[1]}")
        return
    at = datetime.fromtimestamp(found, timezone.utc).isoformat()  # noqa: UP017 - also for older Pythons
    report.tell(HOLDS, f"{en}; the node says so, and dates the block {at}", f"{zh}；节点予以证实，区块时间为 {at}")


def check_outside(
    report: Report, listed: dict[str, Any], read: Callable[[str], bytes], head: Head, ask: Outside
) -> None:
    """Tell what others outside say of the checkpoint that the records lead to."""
    if report.heads != {(head.origin, head.size, head.root)}:
        report.tell(FAILS, "records lead to another checkpoint than stamps", "记录与时间戳所依据的签名树根不同")
    for one in listed.get("stamps", ()):
        check_stamp(report, one, read, head, ask)
    for one in listed.get("anchors", ()):
        check_anchor(report, one, read, head, ask)


def check_bundle(report: Report, path: Path, key: Key | None, witnesses: list[Key], ask: Outside) -> None:
    """Tell of everything in a bundle whether it holds."""
    with zipfile.ZipFile(path) as bundle:
        files = {one.filename: one for one in bundle.infolist()}
        if sum(one.file_size for one in files.values()) > BYTES_MAX:
            raise Wrong("the bundle is larger than any is", "证据包过大")

        def raw(name: str) -> bytes:
            if name not in files:
                raise Wrong(f"{name} is not in the bundle", f"证据包中没有 {name}")
            return bundle.read(name)

        def read(name: str) -> str:
            return raw(name).decode()

        listed = json.loads(read("bundle.json"))
        own = read_key(read("key"))
        for one in listed["records"]:
            openings = json.loads(read(one["openings"])) if one.get("openings") else []
            head = check_record(report, one["file"], read(one["file"]).encode(), read(one["proof"]), openings)
            if head is not None:
                check_head(report, head, key, own, witnesses)
        for name in listed.get("decisions", ()):
            head = check_decision(report, name, json.loads(read(name)))
            if head is not None:
                check_head(report, head, key, own, witnesses)
        if listed.get("stamps") or listed.get("anchors"):
            top = read_checkpoint(read("checkpoint"))
            check_head(report, top, key, own, witnesses)
            check_outside(report, listed, raw, top, ask)
        named = {"bundle.json", "key", *listed.get("decisions", ()), *listed.get("texts", ())}
        named |= {one[part] for one in listed.get("stamps", ()) for part in ("file", "text", "certificates")}
        named |= {one["file"] for one in listed.get("anchors", ())}
        for one in listed["records"]:
            named |= {one["file"], one["proof"], one.get("openings")}
        for name in sorted(set(files) - named):
            report.tell(UNCHECKED, f"{name}: not listed in the bundle", f"{name}：未列入证据包目录")


def main(arguments: list[str]) -> int:
    """Check what is named on the command line and print what was found."""
    parser = argparse.ArgumentParser(description="核验存证日志的证明 / checks what an evidence log proves")
    parser.add_argument(
        "files", nargs="+", type=Path, help="BUNDLE.zip | RECORD.json RECORD.tlog-proof | DECISION.json"
    )
    parser.add_argument(
        "--key", help="the log's public key, as the lender gave it to you before / 机构事先提供的日志公钥"
    )
    parser.add_argument("--witness", action="append", default=[], help="a witness's public key / 见证方公钥")
    parser.add_argument(
        "--openssl", action="store_true", help="have the program openssl check time stamps / 由 openssl 程序核验时间戳"
    )
    parser.add_argument(
        "--stamp-ca", type=Path, help="certificates of the time-stamping authority, PEM / 时间戳机构的证书"
    )
    parser.add_argument("--node", help="a node of the chain, to be asked about anchors / 用于核验上链锚定的节点地址")
    parser.add_argument("--lang", choices=["en", "zh"], default="en", help="language / 语言")
    given = parser.parse_args(arguments)
    report = Report()
    try:
        key = read_key(given.key) if given.key is not None else None
        witnesses = [read_key(one, WITNESS) for one in given.witness]
        if given.files[0].suffix == ".zip":
            check_bundle(report, given.files[0], key, witnesses, Outside(given.openssl, given.stamp_ca, given.node))
        else:
            entry = given.files[0].read_bytes()
            if len(given.files) > 1:
                head = check_record(report, given.files[0].name, entry, given.files[1].read_text("utf-8"), [])
            else:
                head = check_decision(report, given.files[0].name, json.loads(entry))
            if head is not None:
                check_head(report, head, key, None, witnesses)
    except Wrong as wrong:
        report.tell(FAILS, wrong.said["en"], wrong.said["zh"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, zipfile.BadZipFile) as error:
        what = f"{type(error).__name__}: {error}"
        report.tell(FAILS, f"it cannot be read ({what})", f"无法读取（{what}）")
    sys.stdout.write(report.text(given.lang))
    good = {"en": "All that was checked holds.", "zh": "已核验的内容全部成立。"}
    bad = {"en": "NOT PROVEN: see above.", "zh": "未能证明：见上。"}
    sys.stdout.write((bad if report.failed else good)[given.lang] + "\n")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
