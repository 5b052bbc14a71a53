"""The certificate of a destruction as a paper: tagged, one page in either language, with a proof that others check."""

from __future__ import annotations

import os
import re
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from pypdf import PdfReader

from duecourse.book.store import Store
from duecourse.casework import destruction, destruction_paper, legal_hold
from duecourse.casework.kept import Phase
from duecourse.evidence.verifier.main import main
from duecourse.evidence.verifier.paper import embedded
from duecourse.storage import checkpoints
from duecourse.storage import retention as kept_retention
from duecourse.storage.connection import Database
from tests.casework.test_retention import COMPLIANCE, VAULT, at, commit, destroyed, run, sequence
from tests.desk import person
from tests.permit_desk import set_up


def printed(database: Database, number: int, lang: str) -> tuple[bytes, str]:
    """The certificate as PDF, and what a reader sees on its pages; it must be tagged, and in its language."""
    with database.transaction("demo") as tx:
        found = destruction_paper.certified(tx, number)
    made = destruction_paper.pdf(found, lang, certificate=None, now=at(date(2026, 3, 21)))
    assert made == destruction_paper.pdf(found, lang, certificate=None, now=at(date(2027, 1, 1)))
    whole = PdfReader(BytesIO(made))
    assert len(whole.pages) == 1
    root: Any = whole.trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], str(root["/Lang"])[:2]) == (True, lang)
    return made, re.sub(r"\s+", "", "".join(page.extract_text() for page in whole.pages))


def test_a_certificate_is_a_paper_that_carries_its_proof(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(database, VAULT, 1, 2, 3, 4)
    store = Store(tmp_path / "book")
    commit(database, store)
    day, file = date(2026, 3, 20), tmp_path / "certificate.pdf"
    number = destroyed(database, store, day, 1, 2, 4)
    with database.transaction("demo") as tx, pytest.raises(destruction.NotDone):
        destruction_paper.certified(tx, number)
    with database.transaction("demo") as tx:
        legal_hold.place(
            tx, vault=VAULT, person_id=person(2), source="s", reason="r", until=None, actor=COMPLIANCE, day=day,
            now=at(day),
        )  # fmt: skip
    (certificate,) = run(database, store, day).certificates
    bare, early = printed(database, number, "en")
    assert "thisfilecarriesnoproof" in early
    file.write_bytes(bare)
    assert main([str(file)]) == 1
    sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        origin, digest = checkpoints.origin(tx), destruction.digest(certificate)
    assert origin
    for lang, wanted in (
        (
            "en",
            (
                "Peopleaskedfor:3.Leftoutwhenitwascarriedout:1.",
                "co1(compliance)",
                "co2(compliance)",
                "alegalholdstands1",
                digest,
            ),
        ),
        ("zh", ("2人的信息已永久销毁", "申请销毁3人的信息；执行时其中1人", "co2（合规）", "须依法留存1", digest)),
    ):
        made, seen = printed(database, number, lang)
        assert [one for one in (*wanted, "house_cn.retention.own", str(origin.key)) if one not in seen] == [], seen
        assert not [one for one in (1, 2, 4) if str(person(one)) in seen]
        file.write_bytes(made)
        if keep := os.environ.get("DUECOURSE_PICTURES"):
            (Path(keep) / f"certificate.{lang}.pdf").write_bytes(made)
        capsys.readouterr()
        assert main([str(file), "--key", str(origin.key), "--lang", lang]) == 0
        assert rfc8785.dumps(dict(certificate)).decode() in capsys.readouterr().out
    assert set(destruction_paper.ROWS) == set(kept_retention.KINDS)
    assert set(destruction_paper.LEFT) == set(Phase) - {Phase.OVER}
    (carried,) = embedded(made)
    file.write_bytes(carried.replace(b'\\"people\\":2', b'\\"people\\":1'))
    assert main([str(file), "--key", str(origin.key)]) == 1
