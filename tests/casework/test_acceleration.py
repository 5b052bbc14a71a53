"""Calling everything: told by a notice, its days run from when that arrived, cured or carried out, never otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
import pytest

from duecourse.casework import acceleration, ledger
from duecourse.casework.acceleration import CURE_DAYS, POST_DAYS, TEMPLATE, NotNow
from duecourse.casework.actor import Actor, Role
from duecourse.casework.issue_notice import Wanted, withdraw_notice
from duecourse.casework.letter_file import checked
from duecourse.casework.matter_kinds import MatterKind
from duecourse.casework.matters import NotAMatter, open_matter
from duecourse.casework.notice_figures import NotSo
from duecourse.casework.notice_paper import open_notice, paper
from duecourse.casework.parties import POINTS, Batch
from duecourse.channels.render import text
from duecourse.core.events import Kind
from duecourse.core.money import plain
from duecourse.core.reading import Reading
from duecourse.storage import log, matters
from duecourse.storage.matters import Matter
from duecourse.storage.vault.signing import Signer
from tests.casework.test_letters import Office, office
from tests.desk import persons, register, ties
from tests.notice_desk import COLLECTOR, behind
from tests.work_desk import NOW

__all__ = ["office"]
BOSS = Actor(Role.SUPERVISOR, "s1")


@dataclass
class Late:
    """A borrower behind on a loan of which not everything is due yet, with an address."""

    office: Office
    loan: int

    @property
    def wanted(self) -> Wanted:
        return self.office.desk.wanted(template_id=TEMPLATE, loan_keys=(self.loan,), said={})

    def tell(self, **changed: object) -> int:
        return self.office.desk.issue(replace(self.wanted, **changed), actor=BOSS)  # type: ignore[arg-type]

    def matter(self, notice: int) -> Matter:
        with self.office.database.transaction("demo") as tx:
            return matters.of_notice(tx, notice)

    def on(self, day: date) -> Reading:
        with self.office.database.transaction("demo") as tx:
            return ledger.read_loan(tx, self.office.desk.store, loan_key=self.loan, now=self.office.clock()).on(day)

    def review(self, after: int) -> list[tuple[int, str]]:
        """The day run's part, some days after all this began."""
        self.office.clock.at = NOW + timedelta(days=after)
        with self.office.database.transaction("demo") as tx:
            return acceleration.review(
                tx, self.office.desk.store, vault=self.office.desk.vault, actor=BOSS, now=self.office.clock()
            )

    def pay(self, minor: int) -> None:
        with self.office.database.transaction("demo") as tx:
            ledger.enter(
                tx, self.office.desk.store, vault=self.office.desk.vault, loan_key=self.loan, kind=Kind.PAYMENT,
                effective=ledger.today_of(tx, self.office.clock()), source="test", amount=minor, actor=BOSS,
                now=self.office.clock(),
            )  # fmt: skip

    def kinds(self) -> list[str]:
        """What is on record of it."""
        with self.office.database.transaction("demo") as tx:
            found = [one.kind for one in log.of_person(tx, self.office.desk.person)]
        return [kind for kind in reversed(found) if kind.startswith("acceleration.")]


@pytest.fixture
def late(office: Office) -> Late:
    desk = office.desk = behind(office.desk)
    home = {
        "person_id": desk.person, "kind": "address", "label": "home", "value": "演示省演示市东区幸福路2号",
        "zone": None, "consent": "contract",
    }  # fmt: skip
    register(office.database, desk.vault, Batch(persons(), pl.DataFrame([home], schema=POINTS), ties()), now=NOW)
    return Late(office, desk.loans[0])


def posted(late: Late, notice: int) -> str:
    """Hand the letter to the post; the code by which it can come back."""
    done = late.office.hand_over(late.office.batch(notice))
    assert done.file is not None, done.letters
    manifest = checked(done.file.content, Signer(late.office.desk.vault).public("demo"))
    return str(manifest["letters"][0]["code"])  # type: ignore[index]


def test_its_days_run_from_when_the_letter_arrived_and_then_everything_is_called(late: Late) -> None:
    notice = late.tell()
    told = late.matter(notice)
    assert (told.due_day, told.due_rule, told.notice_id) == (None, None, notice)
    assert late.review(60) == [], "a notice that lies here has told nobody"
    late.office.clock.at = NOW
    posted(late, notice)
    assert late.review(POST_DAYS - 1) == []
    assert late.matter(notice).due_day is None
    assert late.review(POST_DAYS) == []
    until = NOW.date() + timedelta(days=POST_DAYS + CURE_DAYS)
    assert (late.matter(notice).due_day, late.matter(notice).due_rule) == (until, acceleration.RULE)
    assert late.review(POST_DAYS + CURE_DAYS) == []
    assert late.on(until).not_due > 0
    assert late.review(POST_DAYS + CURE_DAYS + 1) == [(told.matter_id, "carried_out")]
    after = late.on(until + timedelta(days=1))
    assert (after.not_due, after.due) == (0, after.settle)
    assert late.kinds() == ["acceleration.told", "acceleration.clock", "acceleration.carried_out"]
    assert late.review(POST_DAYS + CURE_DAYS + 2) == []


def test_a_letter_that_came_back_told_nobody(late: Late) -> None:
    notice = late.tell()
    code = posted(late, notice)
    assert late.review(POST_DAYS) == []
    assert late.matter(notice).due_day is not None
    assert late.office.returned(code) == {"returned": 1}
    assert late.review(POST_DAYS + CURE_DAYS + 1) == []
    assert late.matter(notice).due_day is None
    assert late.on(NOW.date() + timedelta(days=POST_DAYS + CURE_DAYS + 1)).not_due > 0


def test_what_is_cured_is_not_called(late: Late) -> None:
    notice = late.tell()
    posted(late, notice)
    assert late.review(POST_DAYS) == []
    late.pay(late.on(NOW.date() + timedelta(days=POST_DAYS)).due)
    assert late.review(POST_DAYS) == [(late.matter(notice).matter_id, "cured")]
    assert late.on(NOW.date() + timedelta(days=POST_DAYS)).not_due > 0
    with pytest.raises(NotSo):
        late.tell()


def test_a_dispute_stops_it_as_long_as_it_is_open(late: Late) -> None:
    notice = late.tell()
    posted(late, notice)
    assert late.review(POST_DAYS) == []
    with late.office.database.transaction("demo") as tx:
        open_matter(
            tx, vault=late.office.desk.vault, case_id=late.office.desk.case, kind=MatterKind.DISPUTE, category="paid",
            words="已还清", loan_key=late.loan, actor=COLLECTOR, clock=late.office.clock,
        )  # fmt: skip
    assert late.review(POST_DAYS + CURE_DAYS + 1) == []
    with pytest.raises(NotNow, match="disputed"):
        late.tell()


def test_who_may_tell_of_what_and_once(late: Late) -> None:
    with pytest.raises(NotNow, match="supervisors"):
        late.office.desk.issue(late.wanted, actor=COLLECTOR)
    first = late.tell()
    with pytest.raises(NotAMatter, match="told already"):
        late.tell()
    second = late.tell(replaces=first)
    assert late.matter(first).ended_as == "over"
    assert late.matter(second).ended_at is None
    with late.office.database.transaction("demo") as tx:
        withdraw_notice(tx, vault=late.office.desk.vault, notice_id=second, actor=BOSS, now=NOW)
    assert late.matter(second).ended_as == "over"
    assert late.kinds() == [
        "acceleration.told", "acceleration.over", "acceleration.told", "acceleration.over",
    ]  # fmt: skip


def test_what_the_notice_says(late: Late) -> None:
    notice, read = late.tell(), late.on(NOW.date())
    with late.office.database.transaction("demo") as tx:
        opened = open_notice(
            tx, vault=late.office.desk.vault, notice_id=notice, purpose="contact", actor=COLLECTOR, now=NOW
        )
    said = text(paper(opened))
    for words in (f"{CURE_DAYS}日内", plain(read.not_due, "CNY"), "宣布借款全部到期", "400-000-0001"):
        assert words in said, said
