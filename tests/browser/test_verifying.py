"""The page that checks evidence, from a file out of a real bundle and from the served site, in both languages."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from duecourse.book.store import Store
from duecourse.casework import bundle, cosigning, handing
from duecourse.casework.actor import Actor, Role
from duecourse.casework.notes import record_note
from duecourse.casework.reveal import reveal
from duecourse.casework.sequencing import Sequencer
from duecourse.evidence.note import Kind, Signer, signer
from duecourse.evidence.verifier.report import FAILS
from duecourse.storage import cases, checkpoints, log
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from tests.browser.conftest import Stand, findings
from tests.day_desk import clock, fill, run_day
from tests.evidence import sample
from tests.evidence.tampering import OUTSIDE, TABLE, Tamper

VAULT = Vault(new_ring())
WORKER = Actor(Role.COLLECTOR, "a0")
WITNESS = signer("witness.example/w1", Kind.WITNESS, bytes([7]) * 32)
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
VERDICTS = {
    "en": ("All that was checked holds.", "NOT PROVEN: see above."),
    "zh": ("已核验的内容全部成立。", "未能证明：见上。"),
}


@dataclass
class Evidence:
    """A real bundle: its bytes, its files, the log that signed it, and the page that came with it, in a folder."""

    content: bytes
    files: dict[str, bytes]
    log: Signer
    page: Path


@pytest.fixture
def evidence(database: Database, tmp_path: Path) -> Evidence:
    """The bundle of a case: a day run with its decisions, a note, a name that was read, one witnessed checkpoint."""
    store, published = Store(tmp_path / "book"), Published(tmp_path / "log")
    sequencer = Sequencer(database, "demo", VAULT, published, clock)
    fill(database, store, VAULT, 60)
    run_day(database, store, VAULT)
    with database.transaction("demo") as tx:
        case = int(str(tx.value("SELECT min(c.case_id) FROM cases c JOIN proposal p USING (lender_id, person_id)")))
        whom = cases.get(tx, case).person_id
        record_note(tx, vault=VAULT, case_id=case, text="想分三期还", actor=WORKER, now=clock())
        reveal(tx, vault=VAULT, person_id=whom, field="name", purpose="identify", actor=WORKER, now=clock())
    sequencer.run()
    with database.transaction("demo") as tx:
        note = cosigning.submission(tx, 0).checkpoint
        line = str(WITNESS.sign(note.text, int(clock().timestamp())))
        cosigning.accept(tx, published, note, witness=WITNESS.key, lines=line)
    with database.transaction("demo") as tx:  # the log goes on, so that there is something to continue
        log.append(tx, vault=VAULT, kind="case.test", at=clock(), actor="operator:x")
    sequencer.run()
    with database.transaction("demo") as tx:
        content = bundle.bundle_of_case(tx, vault=VAULT, case_id=case, actor=WORKER, now=clock()).content
        origin = checkpoints.origin(tx)
    assert origin
    sequencer.run()
    with database.transaction("demo") as tx:
        content = handing.sealed(tx, content)
    with zipfile.ZipFile(BytesIO(content)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    page = tmp_path / "verify.html"
    page.write_bytes(files["verify.html"])
    return Evidence(content, files, origin.signer("demo", VAULT), page)


@pytest.fixture(params=LANGUAGES)
def opened(browser: Browser, evidence: Evidence, request: pytest.FixtureRequest) -> Iterator[tuple[Page, str]]:
    """The page out of the bundle, opened as a file on a phone, in one language; nothing may be asked of any network."""
    context = browser.new_context(locale=LANGUAGES[request.param], viewport={"width": 360, "height": 740})
    context.set_default_timeout(20_000)
    page, wrong = context.new_page(), list[str]()
    page.on("request", lambda one: None if one.url.startswith(("file:", "data:")) else wrong.append(one.url))
    page.on("console", lambda one: wrong.append(one.text) if one.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(evidence.page.as_uri())
    yield page, str(request.param)
    assert wrong == []
    context.close()


def show(page: Page, content: bytes, name: str = "evidence.zip") -> None:
    """Choose a file and wait until the page has said what it found."""
    page.evaluate("document.getElementById('verdict').className = 'verdict'")
    page.locator("#files").set_input_files(FilePayload(name=name, mimeType="application/zip", buffer=content))
    page.locator("#verdict.holds, #verdict.fails").wait_for()


def give_keys(page: Page, evidence: Evidence) -> None:
    page.locator("#key").fill(str(evidence.log.key))
    page.locator("#witnesses").fill(f"{WITNESS.key}\n")
    page.locator("#witnesses").blur()


def test_a_real_bundle_from_a_file(opened: tuple[Page, str], evidence: Evidence) -> None:
    page, language = opened
    show(page, evidence.content)
    expect(page.locator("#verdict")).to_have_text(
        VERDICTS[language][0]
        + {"en": " Compare the key: it came with the bundle.", "zh": "请比对公钥：该公钥随证据包而来。"}[language]
    )
    expect(page.locator("#not-proved")).to_contain_text(
        {"en": "That the key is the lender's", "zh": "公钥确属该机构"}[language]
    )
    give_keys(page, evidence)
    expect(page.locator("#proved")).to_contain_text({"en": "A witness signed", "zh": "有见证方签署"}[language])
    for words in {
        "en": (
            "Records that stand in the log",
            "Decisions that are among",
            "Facts that are those",
            "continues the one",
            "files that the lender handed over",
        ),
        "zh": ("条记录与日志中的记录逐字节一致", "项决定属于当日跑批", "项事实", "延续了各证明", "正是机构交付的文件"),
    }[language]:
        expect(page.locator("#proved")).to_contain_text(words)
    expect(page.locator("#not-proved")).to_contain_text(
        {"en": "Time stamps and anchors", "zh": "时间戳与链上锚定"}[language]
    )
    expect(page.locator("#not-proved")).not_to_contain_text({"en": "no witness", "zh": "未核验任何见证方"}[language])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than the phone"
    other = "zh" if language == "en" else "en"
    page.locator("#language").click()
    expect(page.locator("#verdict")).to_have_text(VERDICTS[other][0])
    assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[other]


def test_each_change_is_refused_in_the_words_of_the_table(opened: tuple[Page, str], evidence: Evidence) -> None:
    page, language = opened
    give_keys(page, evidence)
    show(page, evidence.content)
    expect(page.locator("#verdict")).to_have_text(VERDICTS[language][0])
    for one in TABLE:
        refused(page, language, one, one.spoiled(evidence.files, evidence.log))
    page.locator("#key").fill(str(sample.LOG.key))
    for one in OUTSIDE:
        refused(page, language, one, one.spoiled(sample.bundle_bytes(), sample.LOG))


def refused(page: Page, language: str, one: Tamper, content: bytes) -> None:
    """Show a changed bundle and see that a line, and the verdict, say what the table says."""
    show(page, content)
    kind, words = ("fails" if one.mark == FAILS else "unchecked"), (one.en if language == "en" else one.zh)
    expect(page.locator(f"#lines li.{kind} .said", has_text=words).first, one.change).to_be_visible()
    expect(page.locator("#verdict"), one.change).to_have_text(VERDICTS[language][one.mark == FAILS])


def test_a_record_with_its_proof_and_an_old_checkpoint_with_what_continues_it(opened: tuple[Page, str]) -> None:
    page, language = opened
    page.locator("#key").fill(str(sample.LOG.key))
    for said, given in (
        ("r.json", {"r.json": sample.ENTRIES[20], "r.tlog-proof": sample.proof(20).encode()}),
        ("new.txt", {"old.txt": str(sample.head()).encode(), "new.txt": sample.continuation().encode()}),
    ):
        page.locator("#files").set_input_files(
            [FilePayload(name=name, mimeType="text/plain", buffer=content) for name, content in given.items()]
        )
        expect(page.locator("#lines")).to_contain_text(said)
        expect(page.locator("#verdict")).to_have_text(VERDICTS[language][0])


def test_axe_finds_nothing(opened: tuple[Page, str], evidence: Evidence) -> None:
    page, _ = opened
    assert findings(page) == []
    for content in (evidence.content, evidence.content[:-9]):
        show(page, content)
        assert findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert findings(page) == []


def test_the_site_serves_the_page_to_everybody_under_its_own_policy(stand: Stand, browser: Browser) -> None:
    with browser.new_context(locale="zh-CN") as context:
        page, wrong = context.new_page(), list[str]()
        page.on("console", lambda one: wrong.append(one.text) if one.type in {"error", "warning"} else None)
        page.on("request", lambda one: wrong.append(one.url) if not one.url.endswith("/verify") else None)
        answer = page.goto(f"{stand.url}/verify")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'sha256-" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        files = sample.bundle_bytes()
        show(page, sample.zipped(files))
        expect(page.locator("#verdict")).to_contain_text(VERDICTS["zh"][0])
        assert [one for one in wrong if not one.startswith("data:")] == []
