"""The readable part of a bundle: what is in clear for whom, in the order of a court, checked in an empty room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pypdf import PageObject, PdfReader

from duecourse.book.store import Store
from duecourse.casework import bundle, dossier_pdf
from duecourse.casework.actor import Actor, Role
from duecourse.casework.documents import keep_document
from duecourse.casework.dossier import BundleFor, Matter, Part, markdown
from duecourse.casework.gate import Gate
from duecourse.casework.notes import record_note
from duecourse.casework.sequencing import Sequencer
from duecourse.channels.render import Printer
from duecourse.evidence import record
from duecourse.evidence.record import read
from duecourse.storage import cases, checkpoints, log
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.casework.test_retention import commit
from tests.desk import loan, person
from tests.permit_desk import MORNING, OPERATOR, Clock, ask, granted, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
WORKER = Actor(Role.COLLECTOR, "E01")


@pytest.fixture
def matter(database: Database, tmp_path: Path) -> tuple[int, Store]:
    """A case of a loan that is not paid, with a permit, a note and a receipt; the log sequenced."""
    set_up(database, VAULT, 1, 2, 3, 4)
    store = Store(tmp_path / "book")
    commit(database, store)
    people = pl.Series([person(3)])
    with database.transaction("demo") as tx:
        cases.open_many(tx, people, day=date(2020, 3, 2), by="test")
        loans = pl.DataFrame({"person_id": people, "loan_key": [loan(3)]})
        cases.set_loans(tx, loans, day=date(2020, 3, 2))
        (case,) = cases.of_person(tx, person(3))
        record_note(tx, vault=VAULT, case_id=case.case_id, text="邻居说他搬走了", actor=WORKER, now=MORNING)
        keep_document(
            tx, vault=VAULT, case_id=case.case_id, kind="receipt", name="回单.txt", content="已付100元".encode(),
            actor=WORKER, now=MORNING, chance=os.urandom,
        )  # fmt: skip
    granted(ask(database, GATE, Clock(), 3))
    sequence(database, tmp_path)
    return case.case_id, store


def sequence(database: Database, folder: Path) -> None:
    Sequencer(database, "demo", VAULT, Published(folder / "log"), lambda: MORNING).run()


def made(database: Database, case_id: int, store: Store, purpose: BundleFor) -> dict[str, bytes]:
    with database.transaction("demo") as tx:
        content = bundle.bundle_of_case(
            tx, vault=VAULT, case_id=case_id, actor=OPERATOR, now=MORNING, purpose=purpose, store=store
        ).content
    with zipfile.ZipFile(BytesIO(content)) as opened:
        return {"": content} | {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize(
    ("purpose", "named", "notes", "documents"),
    [
        (BundleFor.COURT, True, True, True),
        (BundleFor.REGULATOR, False, False, False),
        (BundleFor.BORROWER, True, False, True),
    ],
)
def test_the_purpose_decides_what_is_in_clear_and_the_making_is_on_record(
    database: Database, matter: tuple[int, Store], *, purpose: BundleFor, named: bool, notes: bool, documents: bool
) -> None:
    files = made(database, *matter, purpose)
    zipped = files.pop("")
    assert zipped
    whole = b"".join(files.values()).decode("utf-8", "replace")
    assert ("张三" in whole, "邻居说" in whole, "已付100元" in whole) == (named, notes, documents)
    assert ("154" in files["timeline.en.md"].decode().split("\n")[4]) is True or not named
    listed = json.loads(files["bundle.json"])
    assert [(one["kind"], "file" in one) for one in listed["further"]] == [("document", documents)]
    with database.transaction("demo") as tx:
        told = [one for one in log.of_person(tx, person(3)) if one.kind == "evidence.bundled"]
        looked = [read(one.content)["stated"] for one in log.of_person(tx, person(3)) if one.kind == "person.reveal"]
    stated = read(told[0].content)["stated"]
    assert isinstance(stated, dict)
    assert (stated["case"], stated["purpose"]) == (str(matter[0]), purpose.value)
    fields = {str(one["field"]) for one in looked if isinstance(one, dict)}
    assert fields == ({"name", "contact_point", "document"} if named else set())


def test_order_and_figures_are_those_of_the_matter(database: Database, matter: tuple[int, Store]) -> None:
    files = made(database, *matter, BundleFor.COURT)
    for name, wanted in (
        ("timeline.zh-CN.md", ("来源", "生成", "存储", "保管", "审查要点", "时间线", "合同与账目", "文件")),
        (
            "timeline.en.md",
            ("Source", "Generation", "Storage", "Custody", "What a court", "Timeline", "Contract", "Doc"),
        ),
    ):
        text = files[name].decode()
        heads = [line for line in text.splitlines() if line.startswith("## ")]
        assert [word in head for word, head in zip(wanted, heads, strict=True)] == [True] * 8
    english = files["timeline.en.md"].decode()
    assert english.count("(93)") + english.count("证据规定 93") == 6  # the factors of which a text was seen
    assert "| 2026-03-02 | 2192 | 100.00 | 100.00 | 100.00 |" in english  # due 2020-03-01, the day of the bundle
    assert "| 2020-03-02 | 1 | 100.00 | 100.00 | 100.00 |" in english  # the day on which the case was opened
    assert "Contact permitted" in english
    assert "准许触达" in files["timeline.zh-CN.md"].decode()


def test_the_pdf_is_tagged_and_has_a_heading_for_each_part(database: Database, matter: tuple[int, Store]) -> None:
    with database.transaction("demo") as tx:
        content = bundle.bundle_of_case(
            tx, vault=VAULT, case_id=matter[0], actor=OPERATOR, now=MORNING, purpose=BundleFor.COURT, store=matter[1],
            printer=partial(dossier_pdf.pdf, printer=Printer()),
        ).content  # fmt: skip
    with zipfile.ZipFile(BytesIO(content)) as opened:
        for name, lang in (("timeline.zh-CN.pdf", "zh"), ("timeline.en.pdf", "en")):
            whole = PdfReader(BytesIO(opened.read(name)))
            root: Any = whole.trailer["/Root"]
            assert (root["/MarkInfo"]["/Marked"], str(root["/Lang"])[:2]) == (True, lang)
            assert len(list(_titles(whole.outline))) >= 8


def test_the_timeline_has_money_in_its_unit_and_loans_by_the_lenders_number() -> None:
    facts: dict[str, record.Fact] = {
        "amount": 1_690_203, "currency": "CNY", "loans": ["6432013259680916195"], "as_of": "2026-06-17",
    }  # fmt: skip
    built = record.build(
        record_id="demo/7", kind="notice.issued", at=MORNING, actor="a" * 32, subject="b" * 32, secret=bytes(32),
        stated={"notice": "1", "lang": "zh"}, facts=facts,
    )  # fmt: skip
    openings = [record.open_fact(built.content, name, value, bytes(32)) for name, value in facts.items()]
    entry = log.Entry(7, "notice.issued", MORNING, "x", 1, built.content, bytes(32), 0)
    matter = Matter(
        case_id=1, purpose=BundleFor.COURT, origin="o", size=1, at=MORNING, zone="Asia/Shanghai",
        shown=[(entry, openings)], closed=0, left_out=0, unproven=[], stamps=0, anchors=0, witnesses=0, days=[],
        name="", points=[], refs={"6432013259680916195": "L0132170"},
    )  # fmt: skip
    text = markdown(matter, "zh")
    assert "出具通知。语言：zh；通知：1；金额：16,902.03 CNY；借据：L0132170；截至：2026-06-17" in text
    assert not any(word in text for word in ("6432013259680916195", "1690203", "最小货币单位", "as_of", "lang："))


def told(kind: str, stated: dict[str, record.Fact], facts: dict[str, record.Fact], lang: str) -> str:
    """What the timeline says of a record about person 9."""
    built = record.build(
        record_id="demo/7", kind=kind, at=MORNING, actor="a" * 32, subject="b" * 32, secret=bytes(32), stated=stated,
        facts=facts,
    )  # fmt: skip
    openings = [record.open_fact(built.content, name, value, bytes(32)) for name, value in facts.items()]
    entry = log.Entry(7, kind, MORNING, "x", 1, built.content, bytes(32), 0)
    matter = Matter(
        case_id=1, purpose=BundleFor.COURT, origin="o", size=1, at=MORNING, zone="Asia/Shanghai",
        shown=[(entry, openings)], closed=0, left_out=0, unproven=[], stamps=0, anchors=0, witnesses=0, days=[],
        name="", points=[], person_id=9,
    )  # fmt: skip
    (line,) = [one for one in markdown(matter, lang).splitlines() if one.endswith("| 7 |")]
    return line.split(" | ")[0].removeprefix("| ")


@pytest.mark.parametrize(
    ("kind", "stated", "facts", "en", "zh"),
    [
        (
            "person.reveal", {"field": "contact_point", "purpose": "claim"}, {"field": "contact_point/4149038074158"},
            "A protected value was read: value read: contact point; purpose: claim",
            "查看明文。查看项目：联系方式；目的：诉讼仲裁",
        ),
        (
            "person.reveal", {"field": "notice", "purpose": "document"}, {"field": "notice/1"},
            "A protected value was read: value read: notice; purpose: document",
            "查看明文。查看项目：通知；目的：制作文书",
        ),
        (
            "promise.recorded", {"promise": "2"}, {"promised_by": "9"},
            "Promise: promise: 2; promised by: the borrower", "承诺还款。承诺：2；承诺人：借款人本人",
        ),
        ("promise.recorded", {"promise": "9"}, {"promised_by": "8"}, "Promise: promise: 9; promised by: 8", None),
        (
            "evidence.bundled", {"purpose": "court", "size": 89}, {},
            "Evidence was put together: purpose: a court; records in the log: 89",
            "制作证据材料。目的：法院；日志记录数：89",
        ),
        ("document.kept", {"size": 89}, {}, "Document kept: bytes: 89", None),
        (
            "notice.issued", {"document": "dunning_letter"}, {}, "Notice issued: document: dunning letter",
            "出具通知。文件：催款函",
        ),
    ],
)  # fmt: skip
def test_the_timeline_says_what_things_are_and_no_number_of_the_store(
    kind: str, stated: dict[str, record.Fact], facts: dict[str, record.Fact], en: str, zh: str | None
) -> None:
    assert told(kind, stated, facts, "en") == en
    assert zh is None or told(kind, stated, facts, "zh") == zh


def test_a_column_of_words_has_the_width_and_loose_pages_say_what_they_are_of() -> None:
    line = "instalment 1: falls due, interest 57,200.00 × 21.6 % × 40 days / 365"
    head, moves = ["What", "Day", "Account", "Amount"], [["principal due", "2,412.24"], ["interest", "1,353.99"]]
    rows = [[line, "2025-02-25", *moves[0]], ["", "", *moves[1]]]
    content = dossier_pdf.paper(
        "Evidence in case 80", [Part("7 Ledger", (), (), (("", [head, *rows * 40]),))], "en", MORNING.date(),
        printer=Printer(),
    )  # fmt: skip
    pages = PdfReader(BytesIO(content)).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        placed = _placed(page)
        left, width = placed["What"][0], float(page.mediabox.width)
        assert placed["Day"][0] - left > width * 0.45, placed
        assert placed["interest"][1] == placed["1,353.99"][1]  # beside one another
        seen = " ".join(page.extract_text().split())
        assert f"Evidence in case 80 Page {number} of {len(pages)}" in seen, seen[-200:]


def _placed(page: PageObject) -> dict[str, tuple[float, float]]:
    """Where each text of a page begins, the first time that it stands there."""
    found: dict[str, tuple[float, float]] = {}

    def see(text: str, cm: list[float], tm: list[float], _font: object, _size: object) -> None:
        found.setdefault(text.strip(), (round(cm[4] + tm[4], 1), round(cm[5] + tm[5], 1)))

    page.extract_text(visitor_text=see)
    return found


def _titles(outline: Any) -> Iterator[str]:  # noqa: ANN401 - what pypdf gives
    for one in outline:
        if isinstance(one, list):
            yield from _titles(one)
        else:
            yield str(one["/Title"])


def test_it_is_checked_in_an_empty_room(database: Database, matter: tuple[int, Store], tmp_path: Path) -> None:
    files = made(database, *matter, BundleFor.COURT)
    room = tmp_path / "room"
    room.mkdir()
    (room / "bundle.zip").write_bytes(files[""])
    (room / "verify_duecourse.py").write_bytes(files["verify_duecourse.py"])
    with database.transaction("demo") as tx:
        origin = checkpoints.origin(tx)
    assert origin

    def checked(content: bytes) -> subprocess.CompletedProcess[str]:
        (room / "bundle.zip").write_bytes(content)
        return subprocess.run(
            [sys.executable, "-I", "-S", "-E", "verify_duecourse.py", "bundle.zip", "--key", str(origin.key)],
            cwd=room, env={"HOME": str(room), "PYTHONIOENCODING": "utf-8"}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    good = checked(files[""])
    assert good.returncode == 0, good.stdout + good.stderr
    assert "not listed" not in good.stdout
    spoiled = BytesIO()
    with zipfile.ZipFile(spoiled, "w") as new:
        for name, content in files.items():
            if name:
                new.writestr(name, content.replace(b'"document.kept"', b'"document.held"'))
    assert checked(spoiled.getvalue()).returncode == 1
