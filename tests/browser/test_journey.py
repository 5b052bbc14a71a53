"""From a notice in a mailbox to a case that closes itself: one borrower's way, by real mail, browser and payment.

The mail server (aiosmtpd), the browser (Chromium on a telephone's screen) and the payment provider (a process that
signs its callbacks) are real; only the clock is ours.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from duecourse.casework import bundle, dossier_pdf, notice_paper, proving
from duecourse.casework.day_run import run
from duecourse.casework.dossier import BundleFor
from duecourse.casework.message import Queued, Wanted, queue_message
from duecourse.casework.notice_paper import open_notice
from duecourse.casework.pay_links import set_provider
from duecourse.casework.sequencing import Sequencer
from duecourse.channels.render import Printer
from duecourse.evidence.verifier.checks import checked
from duecourse.evidence.verifier.report import FAILS
from duecourse.law.terms import Channel
from duecourse.storage import cases, log, messages, payments, plans
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from tests import notice_desk as notices
from tests.browser.conftest import findings
from tests.notice_desk import COLLECTOR, OFFICE, draft
from tests.permit_desk import OPERATOR
from tests.portal_desk import Portal, Somebody, portal_desk

SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="
PHONE = {"width": 390, "height": 844}
PICTURES = os.environ.get("DUECOURSE_PICTURES")
_SHOTS = count(1)


@contextmanager
def provider() -> Iterator[str]:
    """The payment provider; gives its address."""
    command = [sys.executable, "-W", "error", "-m", "tests.pay_provider", SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Iterator[Portal]:
    with portal_desk(database, tmp_path) as made, provider() as address:
        given = {"url": address, "callback": f"{made.url}/pay/demo/http", "secret": SECRET}
        with database.transaction("demo") as tx:
            set_provider(
                tx, vault=made.people[0].desk.vault, name="http", given=given, actor=OPERATOR, now=made.clock()
            )
        yield made


@dataclass
class Borrower:
    """Who holds the telephone."""

    portal: Portal
    one: Somebody
    page: Page

    def see(self, words: str) -> None:
        """What stands on the page is what is looked for, and has no fault by axe."""
        self.page.get_by_text(words).first.wait_for()
        assert findings(self.page) == [], self.page.url
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"journey-{next(_SHOTS):02d}.png", full_page=True)

    def come_in(self) -> None:
        """By the code of the notice, which the door holds already, and by a code that comes by mail."""
        before, there = len(self.portal.mailed(self.one.mailbox)), self.portal.count()
        self.page.locator("input[value=email]").check()
        self.page.locator("form[action='/my/enter'] button").click()
        self.portal.queued(there + 1)
        self.portal.work()
        found = re.search(r"(?<!\d)(\d{6})(?!\d)", self.portal.mailed(self.one.mailbox)[before])
        assert found
        self.page.locator("#f-code").fill(found.group(1))
        self.page.locator("form[action='/my/code'] button").click()
        assert self.page.url == f"{self.portal.url}/my/home"

    def pay_by_plan(self) -> None:
        """Go to the provider for what the plan asks, pay there, and see that it has come."""
        self.see("还款计划有效")
        self.page.goto(f"{self.portal.url}/my/pay")
        assert self.page.locator("input[value^='plan-']").is_checked()
        self.page.locator("form[action='/my/pay'] button").click()
        here = self.page.url
        self.see("编号")
        self.page.get_by_text("前往支付机构付款").click()
        self.page.locator("[name=at]").fill(self.portal.clock().isoformat())
        self.page.get_by_role("button").click()
        assert '"callback": 204' in self.page.content()
        self.page.goto(here)
        self.see("款项已到账")


def test_from_a_notice_in_a_mailbox_to_a_case_that_closes_itself(
    portal: Portal, browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = portal.people[0]
    link = a_notice_goes_out(portal, one, monkeypatch)
    context = browser.new_context(locale="zh-CN", viewport=PHONE)  # type: ignore[arg-type]
    borrower = Borrower(portal, one, context.new_page())
    page = borrower.page

    page.goto(link)
    borrower.see("真实")
    page.locator("a[href^='/my?code=']").click()
    borrower.see("看我的事项")
    borrower.come_in()
    borrower.see("我的事项")

    number = choose_and_sign(borrower)
    with portal.database.transaction("demo") as tx:
        plan = plans.get(tx, number)
    assert plan.state(portal.clock()) == "signed"
    days = [date.fromisoformat(day) for day, _minor in json.loads(plan.content)["payments"]]
    borrower.see("全部欠款分期还")
    for day in days:  # the first instalment and those after it, each on its day
        portal.clock.at = portal.clock().replace(year=day.year, month=day.month, day=day.day)
        page.goto(f"{portal.url}/my?code={one.code}")
        borrower.come_in()
        end_of(day - timedelta(days=1), portal, one)
        assert day > days[0] or of_case(portal, one).closed_day is None
        borrower.pay_by_plan()
    end_of(days[-1], portal, one)
    page.goto(f"{portal.url}/my/plans/{number}")
    borrower.see("目前状态")
    context.close()
    ended = of_case(portal, one)
    assert ended.closed_day is not None
    assert days[0] <= ended.closed_day <= days[-1]
    assert (ended.closed_by or "").endswith("no loan meets opens_when")
    with portal.database.transaction("demo") as tx:
        assert plans.get(tx, number).state(portal.clock()) == "kept"
    the_log_proves_it(portal, one, plan, tmp_path)


def a_notice_goes_out(portal: Portal, one: Somebody, monkeypatch: pytest.MonkeyPatch) -> str:
    """A letter on what is overdue, in words of the lender's own, by e-mail; gives the address that its reader opens."""
    by_mail = draft("dunning_letter", 2).replace("channels: [letter]", "channels: [letter, email]")
    monkeypatch.setattr(notices, "draft", lambda *_asked: by_mail)
    monkeypatch.setattr(notices, "URL", portal.url)
    one.desk.approve("dunning_letter", 2)
    number = one.desk.issue()
    with portal.database.transaction("demo") as tx:
        opened = open_notice(tx, vault=one.desk.vault, notice_id=number, purpose="document", actor=COLLECTOR,
                             now=portal.clock())  # fmt: skip
    queued = queue_message(
        portal.database, "demo", gate=portal.gate, store=one.desk.store, actor=COLLECTOR, clock=portal.clock,
        wanted=Wanted(case_id=one.desk.case, person_id=one.desk.person, channel=Channel.EMAIL, sender=OFFICE, key="n"),
        public_url=portal.url, chance=os.urandom, notice=opened,
        pdf=notice_paper.pdf(opened, certificate=None, now=portal.clock()),
    )  # fmt: skip
    assert isinstance(queued, Queued), queued
    portal.work()
    with portal.database.transaction("demo") as tx:
        assert [row.state for row in messages.latest(tx, most=9)] == ["sent"]
    (mail,) = portal.mailed(one.mailbox)
    found = re.search(rf"{re.escape(portal.url)}/v/[0-9A-Z]+", mail)
    assert found, mail
    return found.group()


def choose_and_sign(borrower: Borrower) -> int:
    """Of the ways to pay a loan, one that can be signed at once; gives the number of the plan."""
    page, site = borrower.page, borrower.portal.url
    page.goto(f"{site}/my/home")
    for path in [one.get_attribute("href") for one in page.locator("a[href$='/plans']").all()]:
        page.goto(f"{site}{path}")
        for form in page.locator("form[action$='/plans']").all():
            kind, months, deferred = (
                form.locator(f"[name={name}]").get_attribute("value") or "" for name in ("kind", "months", "deferred")
            )
            if kind in {"instalments", "step_up"} and int(months) + int(deferred) <= 6:
                borrower.see("还款")
                form.locator("button").click()
                borrower.see("签署")
                page.locator("form[action$='/sign'] button").click()
                borrower.see("双方已签署")
                return int(page.url.rsplit("/", 1)[1].partition("?")[0])
    raise AssertionError("no plan can be chosen")


def end_of(day: date, portal: Portal, one: Somebody) -> None:
    """The day run."""
    run(
        portal.database, one.desk.store, lender_id="demo", day=day, vault=one.desk.vault, actor=OPERATOR,
        clock=portal.clock, ahead=True,
    )  # fmt: skip


def of_case(portal: Portal, one: Somebody) -> cases.Case:
    with portal.database.transaction("demo") as tx:
        return cases.get(tx, one.desk.case)


def the_log_proves_it(portal: Portal, one: Somebody, plan: plans.Plan, folder: Path) -> None:
    """The money is what was signed, each step has its record in the published log, and the bundle holds without us."""
    published = Published(folder / "log")
    Sequencer(portal.database, "demo", one.desk.vault, published, portal.clock).run()
    with portal.database.transaction("demo") as tx:
        kinds = {row.kind for row in log.of_person(tx, one.desk.person, most=500)}
        steps = {
            "notice.issued", "permit.granted", "message.sent", "portal.entered", "plan.offered", "plan.signed",
            "payment.recorded",
        }  # fmt: skip
        assert steps <= kinds, sorted(kinds)
        found = proving.audit(tx, published)
        assert (found.waiting, found.lost, list(found.findings)) == (0, 0, [])
        paid = [(row.amount_minor, row.link_id is not None) for row in payments.latest(tx)]
        assert sorted(paid) == sorted((minor, True) for _day, minor in json.loads(plan.content)["payments"])
        made = bundle.bundle_of_case(
            tx, case_id=one.desk.case, purpose=BundleFor.COURT, store=one.desk.store, vault=one.desk.vault,
            printer=partial(dossier_pdf.pdf, printer=Printer()),
            paper=partial(notice_paper.pdf, certificate=None, now=portal.clock()), actor=OPERATOR, now=portal.clock(),
        )  # fmt: skip
    report = checked([("case.zip", made.content)], (published.key() or b"").decode(), [])
    assert not report.failed, [line.said for line in report.lines if line.mark == FAILS]
