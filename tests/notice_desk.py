"""A desk that can issue notices: a published day, the lender's lines of letters, approved templates of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from importlib.resources import files
from itertools import count
from pathlib import Path

from duecourse.book.store import Store
from duecourse.casework import approval, own_template
from duecourse.casework.actor import Actor, Role
from duecourse.casework.issue_notice import Wanted, issue_notice
from duecourse.casework.kinds import KINDS
from duecourse.casework.ledger import read_loan
from duecourse.casework.letterhead import enter_line
from duecourse.casework.own_template import keep_draft
from duecourse.casework.permit import Sender
from duecourse.law.terms import SenderType
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from tests.work_desk import NOW, set_up

OFFICER = Actor(Role.COMPLIANCE, "c1")
SECOND = Actor(Role.COMPLIANCE, "c2")
COLLECTOR = Actor(Role.COLLECTOR, "a0")
OFFICE = Sender(SenderType.LENDER, staff="a0")
FIRM = Sender(SenderType.LAW_FIRM, "lawco", "")
URL = "https://lender.example"
LINES = {
    "pay_at": "本行 App", "callback": "400-000-0000", "complaint": "400-000-0001", "rate_basis": "合同第5条",
    "seal": "演示消费金融(电子签章)",
}  # fmt: skip
SHIPPED = {
    "dunning_letter": "m3.letter", "lawyer_letter": "legal.lawyer.letter", "receipt": "receipt.letter",
    "paid_in_full": "paid_in_full.letter", "plan_confirmation": "plan.confirmation.letter", "dunning_image": "m2.image",
    "credit_repair": "credit.repair.letter", "settlement_offer": "settlement.offer.letter",
    "assignment_notice": "assignment.notice.letter", "acceleration_notice": "acceleration.letter",
}  # fmt: skip
"""The templates that ship, by kind of document, that those of these tests are made from."""

_KEYS = count(1)


def draft(document: str, version: int = 1) -> str:
    """The text of a template of the lender's own for a kind of document: one that ships, under a name of its own."""
    folder = Path(str(files("duecourse.law") / "register"))
    items = [one for path in folder.glob("*.yaml") for one in path.read_text("utf-8").split("- template: ")]
    found = next(one for one in items if one.startswith(f"{SHIPPED[document]}\n"))
    words = found.partition("\n  approved:")[0].partition("\n")[2]
    return f"- template: own.{document}\n" + re.sub(r"version: \d+", f"version: {version}", words, count=1) + "\n"


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk with one overdue case, its borrower, and the store of its book."""

    database: Database
    store: Store
    vault: Vault
    case: int
    person: int
    loans: tuple[int, ...]

    def wanted(self, document: str = "dunning_letter", **changed: object) -> Wanted:
        """What is asked for: a dunning letter to the borrower of the case."""
        said = {"next_step": "七日后再次联系您"} if document == "dunning_letter" else {}
        values: dict[str, object] = {
            "case_id": self.case, "person_id": self.person, "template_id": f"own.{document}", "lang": "zh",
            "sender": OFFICE,
            "said": said,
        }  # fmt: skip
        return Wanted(**(values | changed))  # type: ignore[arg-type]

    def issue(self, wanted: Wanted | None = None, *, key: str | None = None, actor: Actor = COLLECTOR) -> int:
        """Issue a notice."""
        with self.database.transaction("demo") as tx:
            return issue_notice(
                tx, vault=self.vault, store=self.store, wanted=wanted or self.wanted(), public_url=URL,
                request_key=key or f"key-{next(_KEYS)}", actor=actor, now=NOW, chance=_chance,
            )  # fmt: skip

    def approve(self, document: str, version: int = 1) -> None:
        """Have two people approve a template of the lender's own."""
        with self.database.transaction("demo") as tx:
            text = draft(document, version)
            kept = keep_draft(tx, vault=self.vault, content=text, actor=OFFICER, now=NOW)
            made = approval.ask(
                tx, kinds=KINDS, vault=self.vault, kind="template.approve", subject=f"template:{kept.draft_id}",
                asked=own_template.wanted(tx, kept.draft_id), reason="test", actor=OFFICER, now=NOW,
            )  # fmt: skip
            approval.approve(
                tx, kinds=KINDS, vault=self.vault, approval_id=made.approval_id, reason="", actor=SECOND, now=NOW
            )

    def enter(self, lines: dict[str, str], firm: str = "") -> None:
        """Enter lines of letters."""
        with self.database.transaction("demo") as tx:
            for name, value in lines.items():
                enter_line(
                    tx, vault=self.vault, name=name, value=value, source="test", firm=firm, actor=OFFICER, now=NOW,
                    from_day=date(2025, 1, 1),
                )  # fmt: skip


def _chance(size: int) -> bytes:
    """Chance that differs each time and is the same in every run."""
    return sha256(f"chance {next(_KEYS)}".encode()).digest()[:size].ljust(size, b"\0")


def notice_desk(database: Database, folder: Path, vault: Vault, loans: int = 120) -> Desk:
    """A desk on which a dunning letter can be issued for a case."""
    store = Store(folder)
    set_up(database, store, vault, loans)
    with database.transaction("demo") as tx:
        row = tx.execute(
            "SELECT c.case_id, c.person_id FROM cases c JOIN case_snapshot s USING (lender_id, person_id) "
            "WHERE c.lender_id = 'demo' AND c.closed_day IS NULL AND s.overdue_minor > 0 ORDER BY s.dpd DESC, c.case_id"
        ).fetchone()
        assert row is not None
        keys = tx.execute(
            "SELECT DISTINCT loan_key FROM case_loan WHERE lender_id = 'demo' AND case_id = %s AND to_day IS NULL",
            (row[0],),
        ).fetchall()
    desk = Desk(database, store, vault, int(row[0]), int(row[1]), tuple(sorted(int(one[0]) for one in keys)))
    desk.enter(LINES)
    desk.approve("dunning_letter")
    return desk


def behind(desk: Desk) -> Desk:
    """The same desk at a case of one loan that is overdue, and of which not everything is due yet."""
    with desk.database.transaction("demo") as tx:
        rows = tx.execute(
            "SELECT c.case_id, c.person_id, l.loan_key FROM cases c JOIN case_loan l USING (lender_id, case_id) "
            "JOIN case_snapshot s ON s.lender_id = c.lender_id AND s.person_id = c.person_id "
            "WHERE c.lender_id = 'demo' AND c.closed_day IS NULL AND l.to_day IS NULL AND s.overdue_minor > 0 "
            "ORDER BY s.dpd, c.case_id"
        ).fetchall()
        found = ((row, read_loan(tx, desk.store, loan_key=row[2], now=NOW).on(NOW.date())) for row in rows)
        case, person, loan = next(row for row, read in found if read.dpd > 0 and read.not_due)
    return replace(desk, case=int(case), person=int(person), loans=(int(loan),))
