"""What somebody may change in a bundle, and in which words both verifiers say so: the table of docs/evidence.md."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any
from warnings import catch_warnings, simplefilter
from zipfile import ZipFile

from duecourse.evidence.note import Checkpoint, Kind, Note, Signer, base64_of, read_checkpoint, read_note, signer
from duecourse.evidence.proof import HEAD, read_proof, written
from duecourse.evidence.record import canonical
from duecourse.evidence.verifier.report import FAILS, UNCHECKED
from tests.evidence.sample import handed_over, outside, stamp, zipped

Files = dict[str, bytes]
Spoil = Callable[[Files, Signer], "Files | bytes"]
OTHER = bytes([5]) * 32


@dataclass(frozen=True)
class Tamper:
    """A change, the words by which a line names it in both languages, and the line's mark."""

    change: str
    spoil: Spoil
    en: str
    zh: str
    mark: int = FAILS
    anew: bool = False  # the lender itself does it: list and record of the handing-over are made anew, of the sample

    def spoiled(self, files: Files, log: Signer) -> bytes:
        """The bundle after the change; fails if the change changed nothing."""
        made = self.spoil(dict(files), log)
        if self.anew and not isinstance(made, bytes):
            return zipped(handed_over(made))
        content = made if isinstance(made, bytes) else zipped(made)
        assert content != zipped(files), self.change
        return content


def _named(files: Files, pattern: str) -> list[str]:
    found = sorted(name for name in files if re.fullmatch(pattern, name))
    assert found, pattern
    return found


def _edit(pattern: str, change: Callable[[str], str], *, every: bool = False) -> Callable[[Files, Signer], Files]:
    def spoil(files: Files, _log: Signer) -> Files:
        for name in _named(files, pattern)[: None if every else 1]:
            files[name] = change(files[name].decode()).encode()
        return files

    return spoil


def _json(pattern: str, change: Callable[[Any], None]) -> Spoil:
    def edit(text: str) -> str:
        document = json.loads(text)
        change(document)
        return json.dumps(document, ensure_ascii=False)

    def spoil(files: Files, log: Signer) -> Files:
        full = [name for name in _named(files, pattern) if len(files[name]) > 10]  # not an empty list
        return _edit(re.escape(full[0]), edit)(files, log)

    return spoil


def _flipped(encoded: str) -> str:
    """Base64 with another letter in its middle."""
    at = len(encoded) // 2
    return encoded[:at] + ("A" if encoded[at] != "A" else "B") + encoded[at + 1 :]


def _hash_of_path(text: str) -> str:
    lines = text.split("\n")
    lines[2] = _flipped(lines[2])
    return "\n".join(lines)


def _signature(number: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.split("\n")
        signed = [at for at, line in enumerate(lines) if line.startswith("— ")]
        lines[signed[number]] = _flipped(lines[signed[number]])
        return "\n".join(lines)

    return change


def _swap(files: Files, _log: Signer) -> Files:
    one, two, *_ = _named(files, r"records/\d+\.json")
    files[one], files[two] = files[two], files[one]
    return files


def _signed_by_another(files: Files, log: Signer) -> Files:
    """Every checkpoint signed anew by a key of somebody else's under the log's name."""
    other = signer(log.name, Kind.LOG, OTHER)
    files["key"] = f"{other.key}\n".encode()
    for name in (*_named(files, r".*\.tlog-proof"), "checkpoint", "continuation"):
        above, gap, below = files[name].decode().rpartition("\n\n")
        text = (above if name == "checkpoint" else above.rpartition("\n\n")[2]) + "\n"
        assert below.startswith("— ")
        files[name] = f"{above}{gap}{other.sign(text)}".encode()
    return files


def _resigned(change: Callable[[Checkpoint], Checkpoint]) -> Spoil:
    """The newest checkpoint as another one, signed by the log itself."""

    def spoil(files: Files, log: Signer) -> Files:
        above, _, below = files["continuation"].decode().partition("\n\n")
        text = str(change(read_checkpoint(read_note(below.encode()).text)))
        files["continuation"] = f"{above}\n\n{Note(text, (log.sign(text),))}".encode()
        return files

    return spoil


def _fork(files: Files, log: Signer) -> Files:
    """A second log of the size that a proof leads to, signed by the log itself."""
    name = _named(files, r"records/\d+\.tlog-proof")[0]
    head = read_checkpoint(read_proof(files[name]).checkpoint.text)
    text = str(Checkpoint(head.origin, head.size, OTHER))
    files["continuation"] = written("old ", head.size, (), Note(text, (log.sign(text),))).encode()
    return files


def _without(pattern: str) -> Spoil:
    def spoil(files: Files, _log: Signer) -> Files:
        del files[_named(files, pattern)[0]]
        return files

    return spoil


def _twice(files: Files, _log: Signer) -> bytes:
    buffer = BytesIO(zipped(files))
    with catch_warnings(), ZipFile(buffer, "a") as made:
        simplefilter("ignore")
        made.writestr("key", b"another")
    return buffer.getvalue()


def _at_1970(text: str) -> str:
    """The witness's time, eight bytes before its signature, put back to the beginning."""
    lines = text.split("\n")
    at = [number for number, line in enumerate(lines) if line.startswith("— ")][1]
    dash, name, value = lines[at].split(" ")
    content = base64.b64decode(value)
    lines[at] = f"{dash} {name} {base64_of(content[:4] + bytes(8) + content[12:])}"
    return "\n".join(lines)


def _root(text: str) -> str:
    lines = text.split("\n")
    lines[2] = _flipped(lines[2])
    return "\n".join(lines)


def _stamp(content: bytes) -> Spoil:
    return lambda files, _log: files | {_named(files, r"stamps/.*\.tsr")[0]: content}


def _listed_anew(files: Files, _log: Signer) -> Files:
    """A file altered, and the list made anew by whoever altered it."""
    name = _named(files, _README)[0]
    files[name] += b"!"
    listed = json.loads(files["bundle.json"])
    for one in listed["files"]:
        if one["name"] == name:
            one |= {"size": len(files[name]), "sha256": sha256(files[name]).hexdigest()}
    files["bundle.json"] = json.dumps(listed).encode()
    return files


def _handed_anew(files: Files, log: Signer) -> Files:
    """The same, and the record of the handing-over rewritten for that list."""
    files = _listed_anew(files, log)
    handed = json.loads(files["handed.json"])
    handed["stated"]["manifest"] = sha256(files["bundle.json"]).hexdigest()
    files["handed.json"] = canonical(handed)
    return files


def _emptied(files: Files, _log: Signer) -> Files:
    listed = json.loads(files["bundle.json"])
    files["bundle.json"] = json.dumps(listed | {"records": [], "decisions": []}).encode()
    return files


def _added_document(files: Files, _log: Signer) -> Files:
    listed = json.loads(files["bundle.json"])
    listed["further"].append(
        {"kind": "document", "file": "documents/2.pdf", "sha256": sha256(b"%PDF forged").hexdigest()}
    )
    return files | {"documents/2.pdf": b"%PDF forged", "bundle.json": json.dumps(listed).encode()}


def _masked_document(files: Files, _log: Signer) -> Files:
    listed = json.loads(files["bundle.json"])
    del listed["further"][1]["file"], files["documents/1.pdf"]
    files["bundle.json"] = json.dumps(listed).encode()
    return files


def _put(name: str, value: object) -> Callable[[Any], None]:
    return lambda document: document.__setitem__(name, value)


def _first(name: str, value: object) -> Callable[[Any], None]:
    return lambda document: document[0].__setitem__(name, value)


_NOT_IN_LOG = ("the record is not the one in the log", "该记录不是日志中的记录")
_RECORD, _PROOF, _FACTS = r"records/\d+\.json", r"records/\d+\.tlog-proof", r"records/\d+\.facts\.json"
_DECISION = r"decisions/.*\.json"

_LIST, _README = r"bundle\.json", r"README\.(en\.)?md"
_CHANGED = ("its bytes are not those that bundle.json names", "其字节与 bundle.json 所列不符")
_OTHER_BUNDLE = ("the record of the handing-over is of another bundle", "该交付记录属于另一证据包")
_OTHER_LOG = ("bundle.json names another log", "bundle.json 所列的日志或其记录条数与签名树根不符")
_OTHER_TREE = ("is not of this log", "不属于本日志")
_FALSE_CONTRACT = [{"file": "anchors/30-1.txt", "chain": 1, "contract": "0x00", "block": 7, "path": outside(30)[1]}]

TABLE = (
    Tamper("a byte of a record", _edit(_RECORD, lambda text: text.replace('"at":"2', '"at":"3')), *_NOT_IN_LOG),
    Tamper("two records changed places", _swap, *_NOT_IN_LOG),
    Tamper(
        "the place in a proof", _edit(_PROOF, lambda text: re.sub(r"index (\d+)", r"index 1\1", text)), *_NOT_IN_LOG
    ),
    Tamper("a hash of a proof", _edit(_PROOF, _hash_of_path), *_NOT_IN_LOG),
    Tamper(
        "a proof without its head", _edit(_PROOF, lambda text: text.replace(HEAD, "")), "this is no proof", "这不是证明"
    ),
    Tamper("the log's signature", _edit(_PROOF, _signature(0), every=True), "the signature of", "的签名无效"),
    Tamper("the witness's signature", _edit(_PROOF, _signature(1), every=True), "the signature of", "的签名无效"),
    Tamper("the time of the witness", _edit(_PROOF, _at_1970, every=True), "the signature of", "的签名无效"),
    Tamper("the key, and everything signed anew by it", _signed_by_another, "is not signed by the log", "未由日志"),
    Tamper("the value of a fact", _json(_FACTS, _first("value", "changed")), "it committed to", "其承诺的事实为"),
    Tamper("the salt of a fact", _json(_FACTS, _first("salt", "00" * 32)), "it committed to", "其承诺的事实为"),
    Tamper(
        "the name of a fact", _json(_FACTS, _first("field", "other")), "it committed to other", "其承诺的事实为 other"
    ),
    Tamper("the row of a decision", _json(_DECISION, _put("row", "[]")), "the decision of", "的决定为 []"),
    Tamper("the number of a decision's row", _json(_DECISION, _put("index", 10**6)), "the decision of", "的决定为"),
    Tamper("the record over a decision", _json(_DECISION, _put("slice", "{}")), *_NOT_IN_LOG),
    Tamper(
        "the newest checkpoint is shorter: truncation",
        _resigned(lambda one: Checkpoint(one.origin, 1, one.root)),
        "does not begin with that of",
        "不以",
    ),
    Tamper(
        "the newest checkpoint is of another tree",
        _resigned(lambda one: Checkpoint(one.origin, one.size + 9, OTHER)),
        "does not begin with that of",
        "不以",
    ),
    Tamper("two trees of one size: a fork", _fork, "a fork: there are two logs", "分叉"),
    Tamper("a record is taken out", _without(_RECORD), "is not in the bundle", "证据包中没有"),
    Tamper("a proof is taken out", _without(_PROOF), "is not in the bundle", "证据包中没有"),
    Tamper("the list is taken out", _without(r"bundle\.json"), "is not in the bundle", "证据包中没有"),
    Tamper("the key is rubbish", lambda files, _log: files | {"key": b"rubbish"}, "is no key", "不是公钥"),
    Tamper("two files have one name", _twice, "two files of the bundle have one name", "证据包中有同名文件"),
    Tamper("the zip is cut off", lambda files, _log: zipped(files)[:-50], "it was damaged", "文件已损坏"),
    Tamper(
        "a file is added",
        lambda files, _log: files | {"more.txt": b"x"},
        "not listed in the bundle",
        "未列入证据包目录",
    ),
    Tamper("a file of the lender's own making is altered", _edit(_README, lambda text: f"{text}!"), *_CHANGED),
    Tamper("such a file is taken out", _without(_README), "is not in the bundle", "证据包中没有"),
    Tamper("such a file is altered, and the list with it", _listed_anew, *_OTHER_BUNDLE),
    Tamper("the same, and the record of the handing-over with it", _handed_anew, *_NOT_IN_LOG),
    Tamper(
        "the proof of the handing-over is taken out", _without(r"handed\.tlog-proof"), "no proof of the record of it",
        "没有交付记录", UNCHECKED,
    ),
    Tamper("the record of the handing-over is taken out", _without(r"handed\.json"), "is not in the bundle",
        "证据包中没有",
    ),
    Tamper("the lender's name in the list", _json(_LIST, _put("lender", "other")), "record of another lender",
        "不属于",
    ),
    Tamper("the case or purpose in the list", _json(_LIST, _put("of", {"case": "9"})), *_OTHER_BUNDLE),
    Tamper("the log's name in the list", _json(_LIST, _put("origin", "log.example/other")), *_OTHER_LOG),
    Tamper("the log's size in the list", _json(_LIST, _put("size", 1)), *_OTHER_LOG),
    Tamper("the list of files is taken out", _json(_LIST, lambda listed: listed.pop("files")), "files is missing",
        "缺少 files",
    ),
    Tamper("a name stands twice in an object",
        _edit(_LIST, lambda text: text.replace("{", '{"lender": "other",', 1)), "it is no JSON",
        "这不是存证所用的 JSON",
    ),
    Tamper("no record is left to check", _emptied, "there is nothing to check", "没有可核验的内容"),
)  # fmt: skip
"""Every row is shown to both verifiers and to the page in a browser."""

OUTSIDE = (
    Tamper("the checkpoint that was stamped", _edit(r"stamps/.*\.txt", _root), *_OTHER_TREE),
    Tamper("the checkpoint that was anchored", _edit(r"anchors/.*\.txt", _root), *_OTHER_TREE),
    Tamper("a time stamp of something else", _stamp(stamp("another")), "a stamp of something else", "属于其他内容"),
    Tamper("a time stamp cut off", _stamp(stamp("another")[:-9]), "this is no time stamp", "这不是时间戳"),
    Tamper(
        "a time stamp's time or signature", _stamp(stamp(outside(41)[0], b"20200101000000Z")),
        "at 2020-01-01T00:00:00+00:00; not checked here", "此处未核验", UNCHECKED, anew=True,
    ),
    Tamper(
        "the contract that is said to hold a root", _json(r"bundle\.json", _put("anchors", _FALSE_CONTRACT)),
        "contract 0x00 on chain 1", "合约 0x00", UNCHECKED, anew=True,
    ),
    Tamper("the figures in the timeline", _edit(r"timeline.*\.md", lambda text: text.replace("1", "9")), *_CHANGED),
    Tamper(
        "the timeline's PDF is another", lambda files, _log: files | {"timeline.en.pdf": b"FAKE"}, *_CHANGED
    ),
    Tamper("a document is another", lambda files, _log: files | {"documents/1.pdf": b"%PDF forged"}, *_CHANGED),
    Tamper(
        "the lender itself hands over another document",
        lambda files, _log: files | {"documents/1.pdf": b"%PDF forged"},
        "is not the file whose SHA-256", "为其所列的 SHA-256 不符", anew=True,
    ),
    Tamper(
        "the lender itself adds a document that it never kept", _added_document, "no record in this bundle committed",
        "没有承诺该文件的记录", anew=True,
    ),
    Tamper(
        "the lender itself gives a notice another paper",
        lambda files, _log: files | {"notices/1.pdf": files["notices/1.pdf"].replace(b"content", b"contest")},
        "does not carry the words of the notice", "并非所列通知的文字", anew=True,
    ),
    Tamper(
        "a document of which only the hash is given", _masked_document, "its content is not given here",
        "此处未提供其内容", UNCHECKED, anew=True,
    ),
    Tamper(
        "evidence of a kind that the program does not know",
        _json(_LIST, _put("further", [{"kind": "oath", "file": "oaths/1.txt"}])), "does not check it", "本程序不核验",
        UNCHECKED, anew=True,
    ),
)  # fmt: skip
"""The same for what the sample alone has. That stamps are genuine nobody is told without certificates and a node."""


def rendered() -> Iterator[str]:
    """The rows of the table in docs/evidence.md."""
    for one in (*TABLE, *OUTSIDE):
        mark = "does not hold" if one.mark == FAILS else "not checked"
        yield f"| {one.change} | {mark}: {one.en} … | {one.zh} … |"
