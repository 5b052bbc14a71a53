"""Letters: permitted one by one as a batch is handed over, in a file that can be checked, known when returned."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from duecourse.casework import letters, outbox
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.holds import HoldKind, place
from duecourse.casework.issue_notice import withdraw_notice
from duecourse.casework.letter_file import NotALetterFile, checked
from duecourse.casework.letters import BatchEnded, CameBack, HandedOver, LettersPaused, NotByLetter, NothingToSend
from duecourse.casework.parties import POINTS, Batch
from duecourse.casework.posting import recover
from duecourse.channels.render import Printer, compose, mark
from duecourse.channels.render.examples import example_values
from duecourse.channels.render.printer import Form
from duecourse.law.templates import load_register
from duecourse.storage import messages, points
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.storage.vault.signing import Signer
from tests.desk import persons, register, ties
from tests.notice_desk import COLLECTOR, Desk, notice_desk
from tests.permit_desk import Clock
from tests.work_desk import NOW


@dataclass
class Office:
    desk: Desk
    gate: Gate
    clock: Clock

    @property
    def database(self) -> Database:
        return self.desk.database

    def batch(self, *named: int) -> int:
        with self.database.transaction("demo") as tx:
            return letters.make_batch(
                tx, vault=self.desk.vault, named=named, actor=COLLECTOR, now=self.clock()
            ).batch_id

    def hand_over(self, batch: int, write: Callable[[bytes], None] = lambda _file: None) -> HandedOver:
        return letters.hand_over(
            self.database, "demo", gate=self.gate, batch_id=batch, actor=COLLECTOR, clock=self.clock, chance=os.urandom,
            write=write,
        )  # fmt: skip

    def states(self) -> list[str]:
        with self.database.transaction("demo") as tx:
            return [one.state for one in messages.latest(tx)][::-1]

    def kinds(self) -> list[str]:
        with self.database.transaction("demo") as tx:
            found = tx.execute("SELECT kind FROM log_entry WHERE kind LIKE 'letter.%%' ORDER BY entry_id")
            return [str(kind) for (kind,) in found]

    def returned(self, *codes: str, as_: CameBack = CameBack.MOVED) -> dict[str, int]:
        return dict(
            letters.take_returned(
                self.database, "demo", codes, as_=as_, gate=self.gate, actor=COLLECTOR, clock=self.clock
            )
        )


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    vault = Vault(new_ring())
    desk = notice_desk(database, tmp_path, vault)
    home = {
        "person_id": desk.person, "kind": "address", "label": "home", "value": "演示省演示市东区幸福路1号301",
        "zone": None, "consent": "contract",
    }  # fmt: skip
    register(database, vault, Batch(persons(), pl.DataFrame([home], schema=POINTS), ties()), now=NOW)
    return Office(desk, Gate(vault), Clock(NOW))


def test_a_batch_is_handed_over_checked_and_comes_back(office: Office) -> None:
    with pytest.raises(NothingToSend):
        office.batch()
    notice = office.desk.issue()
    gone = office.desk.issue()
    with office.database.transaction("demo") as tx:
        withdraw_notice(tx, vault=office.desk.vault, notice_id=gone, actor=COLLECTOR, now=office.clock())
    with pytest.raises(NotByLetter):
        office.batch(gone)
    batch = office.batch()
    with pytest.raises(NotByLetter):
        office.batch(notice)
    assert office.states() == [], "a batch alone asks nobody"

    with office.database.transaction("demo") as tx:
        outbox.pause(tx, vault=office.desk.vault, channel=None, reason="a test", actor=COLLECTOR, now=office.clock())
    with pytest.raises(LettersPaused):
        office.hand_over(batch)
    with office.database.transaction("demo") as tx:
        outbox.resume(tx, vault=office.desk.vault, channel=None, actor=COLLECTOR, now=office.clock())

    given: list[bytes] = []
    done = office.hand_over(batch, given.append)
    assert done.file is not None, done.letters
    assert (given, office.states()) == ([done.file.content], ["sent"])
    with pytest.raises(BatchEnded):
        office.hand_over(batch)
    public = Signer(office.desk.vault).public("demo")
    manifest = checked(done.file.content, public)
    assert (manifest["batch"], manifest["pages"]) == (batch, done.file.pages)
    assert done.file.pages % 2 == 0, "each letter begins on a front side"
    with ZipFile(BytesIO(done.file.content)) as file:
        pdf = file.read("letters.pdf")
        outside = file.read("manifest.json").decode()
    assert "演示市东区幸福路 1 号 301" in PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert "400-000-0000" in PdfReader(BytesIO(pdf)).pages[0].extract_text()
    with office.database.transaction("demo") as tx:
        assert office.desk.person not in {int(word) for word in outside.split('"') if word.isdecimal()}
        again = letters.file_of(tx, vault=office.desk.vault, batch_id=batch, actor=COLLECTOR, now=office.clock())
    assert again.content == done.file.content
    for broken in (b"no zip", _tampered(done.file.content), done.file.content):
        with pytest.raises(NotALetterFile):
            checked(broken, public if broken is not done.file.content else bytes(32))

    code = str(manifest["letters"][0]["code"])  # type: ignore[index]
    assert office.returned(code, code, "demo.1.0123456789abcdef", "nonsense") == {
        "returned": 1, "returned before": 1, "not ours": 2,
    }  # fmt: skip
    assert office.states() == ["failed"]
    with office.database.transaction("demo") as tx:
        point = messages.latest(tx)[0].contact_point_id
        states = {one.contact_point_id: one.state for one in points.of_person(tx, office.desk.person)}
    assert states[point] == "unreachable"
    assert office.kinds() == ["letter.batched", "letter.handed_over", "letter.file_read", "letter.returned"]

    office.desk.issue(key="after")
    second = office.hand_over(office.batch())
    assert (second.file, second.letters[0].left_out is None) == (None, False), "nobody lives there any more"


def test_what_the_law_refuses_is_not_in_the_file(office: Office) -> None:
    office.desk.issue()
    batch = office.batch()
    with office.database.transaction("demo") as tx:
        place(
            tx, vault=office.desk.vault, person_id=office.desk.person, kind=HoldKind.CEASE, source="letter:1",
            actor=COLLECTOR, clock=office.clock,
        )  # fmt: skip
    done = office.hand_over(batch)
    assert done.file is None
    assert "rules" in (done.letters[0].left_out or {})
    assert office.states() == []


def test_a_hand_over_that_dies_leaves_what_nobody_sends_again(office: Office) -> None:
    office.desk.issue()
    batch = office.batch()

    def dies(_file: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.hand_over(batch, dies)
    assert office.states() == ["sending"]
    assert recover(Post(office.database, office.gate, office.clock), "demo", worker="another") == 1
    assert office.states() == ["unknown"]
    done = office.hand_over(batch)
    assert (done.file, office.states()) == (None, ["unknown"])


def test_a_file_that_cannot_be_written_sends_nothing(office: Office) -> None:
    notice = office.desk.issue()

    def full(_file: bytes) -> None:
        raise OSError(28, "No space left on device")

    done = office.hand_over(office.batch(), full)
    assert (done.file, office.states()) == (None, ["failed"])
    assert "No space left" in str((done.letters[0].left_out or {})["en"])
    assert office.hand_over(office.batch(notice)).file is not None, "another batch takes it up"


def test_the_code_is_read_from_the_printed_letter() -> None:
    template = load_register(jurisdiction="CN")["m3.letter"]
    content = compose(template, example_values(template, "zh"), "zh", verify=None)
    code = "demo.123456.0123456789abcdef"
    printer = Printer()
    paper = printer.png(content, Form.PAGE, mark=mark(code))[0]
    found = zxingcpp.read_barcodes(Image.open(BytesIO(paper)).convert("L"))
    assert [(one.text, one.format) for one in found] == [(code, zxingcpp.BarcodeFormat.DataMatrix)]
    assert printer.pdf(content, mark=mark(code)) == printer.pdf(content, mark=mark(code))


def _tampered(content: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO(content)) as file, ZipFile(out, "w") as other:
        for name in file.namelist():
            other.writestr(name, file.read(name) + (b" " if name == "letters.pdf" else b""))
    return out.getvalue()
