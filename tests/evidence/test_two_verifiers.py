"""Two programs in two languages, written apart, judge the same vectors: the file in Python, the browser's in Node."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from duecourse.evidence.tree import EMPTY_ROOT, consistency_proof, inclusion_proof, leaf_hash, nodes_of, root
from duecourse.evidence.verifier.checks import checked
from duecourse.evidence.verifier.ed25519 import ed25519_verifies
from duecourse.evidence.verifier.report import FAILS
from duecourse.evidence.verifier.sentences import Wrong
from duecourse.evidence.verifier.texts import canonical, parsed
from duecourse.evidence.verifier.tree import continues, root_above
from tests.evidence import sample
from tests.evidence.tampering import OUTSIDE, TABLE, rendered
from tests.evidence.test_note import KEY, LINE, TEXT
from tests.evidence.test_tree import CONSISTENCY, HASHES, INCLUSION, LEAVES, ROOTS
from tests.evidence.test_verifier import vectors

ROOT = Path(__file__).parents[2]
Vector = tuple[str, dict[str, Any]]
CHANGES = (*TABLE, *OUTSIDE)


def of_python(kind: str, one: dict[str, Any]) -> object:
    """What the file in Python says."""
    path = [bytes.fromhex(node) for node in one.get("path", ())]
    match kind:
        case "ed25519":
            return ed25519_verifies(*(bytes.fromhex(one[part]) for part in ("key", "signature", "message")))
        case "leaf":
            return leaf_hash(bytes.fromhex(one["entry"])).hex()
        case "inclusion":
            top = root_above(bytes.fromhex(one["leaf"]), int(one["index"]), int(one["size"]), path)
            return None if top is None else top.hex()
        case "consistency":
            old, new = bytes.fromhex(one["oldRoot"]), bytes.fromhex(one["root"])
            return continues(int(one["old"]), old, int(one["size"]), new, path)
        case "json":
            try:
                return canonical(parsed(one["text"]))
            except Wrong as wrong:
                return f"refused: {wrong.said[0]}"
    files = [(name, base64.b64decode(content)) for name, content in one["files"]]
    report = checked(files, one["key"], one["witnesses"])
    lines = [[line.mark, line.about, *line.said] for line in report.lines]
    return {"failed": report.failed, "counted": report.counted, "lines": lines}


@pytest.fixture(scope="module")
def of_node(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Vector]], list[Any]]:
    """What the browser's program says when Node runs it: a Node of the system, or the one that set-up installed."""
    says = (
        "import sys; sys.path.insert(0, 'requirements'); import assets, json; print(json.dumps(assets.commands()[0]))"
    )
    command = json.loads(subprocess.run([sys.executable, "-c", says], cwd=ROOT, capture_output=True, check=True).stdout)

    def ask(asked: list[Vector]) -> list[Any]:
        file = tmp_path_factory.mktemp("node") / "vectors.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        script = Path(__file__).with_name("check.mjs")
        done = subprocess.run([*command, str(script), str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answered: list[Any] = json.loads(done.stdout)
        return answered

    return ask


def agree(of_node: Callable[[list[Vector]], list[Any]], asked: list[Vector]) -> list[Any]:
    """What both say; fails with the first vector that they judge apart."""
    theirs = of_node(asked)
    assert len(theirs) == len(asked)
    for (kind, one), node in zip(asked, theirs, strict=True):
        assert of_python(kind, one) == node, (kind, one)
    return theirs


def test_both_judge_wycheproofs_signatures_alike(of_node: Callable[[list[Vector]], list[Any]]) -> None:
    asked: list[Vector] = []
    expected = []
    for group in vectors()["testGroups"]:
        for one in group["tests"]:
            asked.append(("ed25519", {"key": group["publicKey"]["pk"], "signature": one["sig"], "message": one["msg"]}))
            expected.append(one["result"] == "valid")
    assert agree(of_node, asked) == expected
    assert (expected.count(True) > 80, expected.count(False) > 60) == (True, True)


def test_both_judge_signatures_with_points_outside_the_group_alike(
    of_node: Callable[[list[Vector]], list[Any]],
) -> None:
    small = [  # points of small order, as they may be written
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]
    asked: list[Vector] = [
        ("ed25519", {"key": key, "signature": first + "00" * 32, "message": "6d"}) for key in small for first in small
    ]
    assert not any(agree(of_node, asked))


def test_both_judge_the_published_trees_alike(of_node: Callable[[list[Vector]], list[Any]]) -> None:
    chance = random.Random(6962)
    asked: list[Vector] = [("leaf", {"entry": leaf.hex()}) for leaf in LEAVES]
    for (index, size), path in INCLUSION.items():
        good = {"leaf": HASHES[index].hex(), "index": str(index), "size": str(size), "path": path}
        assert of_python("inclusion", good) == ROOTS[size - 1]
        asked.append(("inclusion", good))
        asked += [("inclusion", good | {"path": spoiled}) for spoiled in _spoiled(path, chance)]
        asked += [("inclusion", good | {"index": str(other)}) for other in range(size + 2)]
        asked += [("inclusion", good | {"size": str(other)}) for other in (*range(size + 9), 10**17)]
    for (old, size), path in CONSISTENCY.items():
        good = {"old": str(old), "oldRoot": ROOTS[old - 1], "size": str(size), "root": ROOTS[size - 1], "path": path}
        assert of_python("consistency", good) is True
        asked.append(("consistency", good))
        asked += [("consistency", good | {"path": spoiled}) for spoiled in _spoiled(path, chance)]
        asked += [("consistency", good | {"old": str(other)}) for other in range(size + 2)]
        asked += [("consistency", good | {"size": str(other)}) for other in (*range(size + 9), 10**17)]
        asked.append(("consistency", good | {"old": "0", "oldRoot": EMPTY_ROOT.hex(), "path": []}))
    agree(of_node, asked)


def test_both_judge_every_proof_of_small_trees_alike(of_node: Callable[[list[Vector]], list[Any]]) -> None:
    hashes = [leaf_hash(bytes([n])) for n in range(24)]
    tops, node = [root(hashes[:size]).hex() for size in range(25)], nodes_of(hashes)
    asked: list[Vector] = []
    for size in range(1, 25):
        for index in range(size):
            path = [one.hex() for one in inclusion_proof(index, size, node)]
            asked.append(("inclusion", {"leaf": hashes[index].hex(), "index": index, "size": size, "path": path}))
        for old in range(size + 1):
            path = [one.hex() for one in consistency_proof(old, size, node)]
            asked.append(
                ("consistency", {"old": old, "oldRoot": tops[old], "size": size, "root": tops[size], "path": path})
            )
    answered = agree(of_node, asked)
    assert all(answered)


def test_both_read_json_in_one_way(of_node: Callable[[list[Vector]], list[Any]]) -> None:
    texts = [
        '{"b":1,"a":[true,null,"x"]}', "1.0", "1e2", "9007199254740991", "9007199254740992", "-0", "NaN", "[1,]", "",
        '"\\ud800"', '"\\ud83d\\ude00"', '"\\u00e9\\u2028\\u007f\\u0000\\/"', '{"\uffff":1,"\U00010000":2}', " [ ] ",
        '{"a":1,"a":2}', '{"__proto__":{"a":1}}', '"1.5 in a text"', "\ufeff1", '"\t"', "[1.5]", "[-9007199254740992]",
        '"\\\\ud800"', '["\\\\\\ud800"]', "01", "+1", "[1 2]", "Infinity", '{"a":{"b":[{}]}}', "00000000000000001",
    ]  # fmt: skip
    answered = agree(of_node, [("json", {"text": text}) for text in texts])
    assert sum(str(one).startswith("refused") for one in answered) > 10


def test_both_say_the_same_of_proofs_decisions_and_bundles_spoiled_or_not(
    of_node: Callable[[list[Vector]], list[Any]],
) -> None:
    asked = list(_shown())
    answered = agree(of_node, asked)
    assert {one["failed"] for one in answered[:5]} == {False}
    assert sum(one["failed"] for one in answered) > len(asked) // 2


def test_both_know_the_published_key_and_note(of_node: Callable[[list[Vector]], list[Any]]) -> None:
    signature = base64.b64decode(LINE.split(" ")[2])[4:]
    key = base64.b64decode(KEY.split("+", 2)[2])[1:]
    good = {"key": key.hex(), "signature": signature.hex(), "message": TEXT.encode().hex()}
    spoiled = good | {"message": (TEXT[:-1] + " ").encode().hex()}
    asked = [("ed25519", good), ("ed25519", spoiled)]
    given = [("r.json", sample.ENTRIES[3]), ("r.tlog-proof", sample.proof(3).encode())]
    asked += [
        _files(given, key=one) for one in (KEY, KEY.replace("c74f", "c74e"), KEY[:-1], "", "a+b+c", f" {KEY}\r\n")
    ]
    assert agree(of_node, asked)[:2] == [True, False]


def _files(given: list[tuple[str, bytes]], key: str | None = str(sample.LOG.key), **more: object) -> Vector:
    files = [(name, base64.b64encode(content).decode()) for name, content in given]
    return "files", {"files": files, "key": key, "witnesses": [str(sample.WITNESS.key)], **more}


def _shown() -> Iterator[Vector]:
    """What is good, then the same with a byte or a part changed."""
    chance = random.Random(9162)
    record = [("r.json", sample.ENTRIES[20]), ("r.tlog-proof", sample.proof(20).encode())]
    decision = [("d.json", json.dumps(sample.decision()).encode())]
    newer = [("c.txt", str(sample.head()).encode()), ("n.txt", sample.continuation().encode())]
    files = sample.bundle_bytes()
    for given in (record, record[::-1], decision, newer, [("b.zip", sample.zipped(files))]):
        yield _files(given)
    for given in (record, decision, newer):
        yield _files(given, key=None)
        yield _files(given, witnesses=[])
        for number, (name, content) in enumerate(given):
            for spoiled in _changed(content, chance, 60):
                yield _files([*given[:number], (name, spoiled), *given[number + 1 :]])
    yield _files([("b.zip", sample.zipped(files))], key=None)
    for name, content in files.items():
        yield _files([("b.zip", sample.zipped({one: text for one, text in files.items() if one != name}))])
        for spoiled in _changed(content, chance, 2 if name in MADE else 20):
            yield _files([("b.zip", sample.zipped(files | {name: spoiled}))])
    for name, text in (("decisions/2026-03-01-1.json", sample.decision()), ("bundle.json", files["bundle.json"])):
        document = json.loads(text) if isinstance(text, bytes) else text
        for part in document:
            odd = [document | {part: value} for value in ODD] + [{k: v for k, v in document.items() if k != part}]
            for one in odd:
                yield _files([("b.zip", sample.zipped(files | {name: json.dumps(one)}))])
    for opening in OPENINGS:
        yield _files([("b.zip", sample.zipped(files | {"records/20.facts.json": json.dumps([opening])}))])
    for given in (
        [],
        [("x", b"")],
        [("x", b"PK")],
        record[:1],
        record[1:],
        record + decision,
        newer[1:],
        newer + record,
    ):
        yield _files(given)


MADE = {"README.md", "timeline.en.md", "timeline.en.pdf", "documents/1.pdf", "notices/1.json", "oaths/1.txt"}
"""Files that only their hash is asked of."""

ODD: tuple[object, ...] = (None, 1, -1, True, "", "x", [], [1], ["\ud800"], {}, {"file": 1}, 2**53)
OPENINGS: tuple[object, ...] = (
    {}, [], 1, {"field": "text"}, {"field": "text", "value": 1, "salt": "00" * 32}, {"field": 1},
    {"field": "\x1b[2J\u202e", "value": "\ud800", "salt": "zz"}, {"field": "text", "salt": "AA" * 32},
)  # fmt: skip


def _spoiled(path: list[str], chance: random.Random) -> Iterator[list[str]]:
    yield from (path[1:], path[:-1], path[::-1], [*path, "00" * 32], ["00" * 32, *path])
    for number, one in enumerate(path):
        content = bytearray(bytes.fromhex(one))
        content[chance.randrange(32)] ^= 1 << chance.randrange(8)
        yield [*path[:number], content.hex(), *path[number + 1 :]]


def _changed(content: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        at, what = chance.randrange(max(len(content), 1)), chance.randrange(4)
        byte = bytes([chance.choice((content[at] ^ (1 << chance.randrange(8)), 0x0A, 0x20, 0x30))]) if content else b"x"
        yield content[:at] + (b"", byte, byte, byte * 2)[what] + content[at + (what != 1) :]
    yield content + b"\n"
    yield b"\n" + content
    yield content[: len(content) // 2]
    yield b""


def _block(kind: str, *rows: tuple[str, ...]) -> dict[str, object]:
    return {"kind": kind, "rows": [[[[words, False] for words in cell.split("|")] for cell in row] for row in rows]}


LETTER = {
    "title": "催款函", "window": ["私人信函", "示例山才"], "format": "duecourse notice 1", "document": "dunning_letter",
    "lang": "zh", "sender": "演示银行（虚构）", "issued_on": "2026-11-28", "code": "8SCM-602K-XY77-YP5J",
    "amounts": {"amount_due": "¥16,902.03", "elsewhere": "¥1.00"},
    "blocks": [
        _block("paragraph", ("尾号| 2170 |的借款",)), _block("table", ("本金", "¥15,199.56"), ("合计", "¥16,902.03")),
        _block("sign_off", ("演示银行（虚构）|\n|（演示，无印章）",)),
    ],
}  # fmt: skip
"""A notice's content, as `channels.render` makes it; bars part the pieces of a cell."""

READ = (
    "催款函 / 私人信函 / 示例山才 / 尾号 2170 的借款 / 本金 | ¥15,199.56 / 合计 | ¥16,902.03 / "
    "演示银行（虚构） （演示，无印章） / amounts: ¥1.00 / code: 8SCM-602K-XY77-YP5J / issued_on: 2026-11-28"
)


def test_both_read_a_notice_out_as_its_page_reads(of_node: Callable[[list[Vector]], list[Any]]) -> None:
    plan = {
        "title": "还款计划",
        "blocks": [_block("table", *((f"第{n}期", "2027-01-15", f"¥{n},000.00") for n in range(900)))],
    }
    contents: list[object] = [
        LETTER, plan, plan | {"code": "x" * 120_000}, [], "x", ["a", {"b": "c"}], {"blocks": "no list"}, {"z": "a\nb"},
        {"blocks": [{"rows": 1, "a": "b"}, {"rows": [1, "c", ["d", ["e", None]]]}, "f", None]}, {"title": {"x": ["y"]}},
    ]  # fmt: skip
    words = [*(json.dumps(one, ensure_ascii=False) for one in contents), "not json", '{"a":1,"a":2}', "1.5"]
    said = agree(of_node, [_files([("n.json", sample.notice(one).encode())]) for one in words])
    heard = [next(line[2] for line in one["lines"] if line[1] == "notice") for one in said]
    assert heard[0].endswith("compare them with the page: " + READ)
    assert heard[1].endswith("第899期 | 2027-01-15 | ¥899,000.00")
    assert heard[2].endswith("[…]")
    assert [one["failed"] for one in said] == [False] * 10 + [True] * 3
    spoiled = sample.notice(words[0]).replace("15,199.56", "15,199.57").encode()
    assert "are not those that the record committed to" in str(
        agree(of_node, [_files([("n.json", spoiled)])])[0]["lines"]
    )


def test_both_read_a_certificate_of_destruction_out_and_know_another(
    of_node: Callable[[list[Vector]], list[Any]],
) -> None:
    words = '{"day":"2026-03-20","people":2,"rows":{"note":3},"rules":["销毁"]}'
    good = sample.certificate(words)
    changed = (
        (r"note\":3", r"note\":4"), ("retention.destroyed", "retention.restored"), ("certificate", "certifikate"),
        ("destruction proof", "notice proof"),
    )  # fmt: skip
    other = sample.notice(words).replace("notice proof", "destruction proof")
    plain = b"%PDF-1.7\nstream\n" + good.encode() + b"\nendstream\n"
    asked = [good, *(good.replace(*one) for one in changed), other, sample.certificate("no JSON")]
    files = [("c.pdf", plain), *(("c.json", one.encode()) for one in asked)]
    said = agree(of_node, [_files([one]) for one in files])
    assert [one["failed"] for one in said] == [False, False, *[True] * 6]
    heard = next(line[2] for line in said[0]["lines"] if line[1] == "certificate")
    assert heard.endswith(f"compare it with the page: {words}")
    assert "is not the one whose hash the record states" in str(said[2]["lines"])


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=[one.change for one in CHANGES])
def test_python_says_of_each_change_what_the_table_says(number: int) -> None:
    report = checked([("b.zip", _tampered(number))], str(sample.LOG.key), [str(sample.WITNESS.key)])
    one = CHANGES[number]
    assert [
        line for line in report.lines if line.mark == one.mark and one.en in line.said[0] and one.zh in line.said[1]
    ]
    assert report.failed is (one.mark == FAILS)


def test_both_say_of_each_change_what_the_table_says(of_node: Callable[[list[Vector]], list[Any]]) -> None:
    agree(of_node, [_files([("b.zip", _tampered(number))]) for number in range(len(CHANGES))])


def test_the_page_on_evidence_has_the_table() -> None:
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    missing = [row for row in rendered() if row not in page.splitlines()]
    assert not missing, "put these into docs/evidence.md:\n" + "\n".join(missing)


def _tampered(number: int) -> bytes:
    files = sample.bundle_bytes()
    return CHANGES[number].spoiled(files, sample.LOG)
