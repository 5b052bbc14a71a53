"""Papers that a borrower takes with him: the statement of a loan, and the plan that both signed.

Each is set as every document is and carries its figures once more for programs. That one was taken, and its SHA-256,
is on record (`portal.taken`), so that the paper can be shown to be the one that was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from duecourse.book.store import Store
from duecourse.casework.actor import Actor
from duecourse.casework.dossier_pdf import printable
from duecourse.casework.portal.own import NoSuchOwnThing, Own, OwnLoan, loans
from duecourse.casework.reveal import RevealPurpose, reveal
from duecourse.channels.render import Content, printer
from duecourse.channels.render.blocks import Block, Kind, Row
from duecourse.core.contract import ReversalMode
from duecourse.core.delinquency import due_in_a_week, explained
from duecourse.core.events import MONEY_IN, timeline
from duecourse.core.explain import Account, Trace
from duecourse.core.money import plain
from duecourse.core.reading import Reading
from duecourse.core.wording import account_word, line_words, rate_words
from duecourse.evidence.record import Fact
from duecourse.law.terms import word
from duecourse.storage import lenders, log, persons
from duecourse.storage.connection import Tx
from duecourse.storage.plans import Plan
from duecourse.storage.vault import Vault
from duecourse.trouble import N_

FORMAT = "duecourse loan statement 1"

KNOWN_IN_PORTAL = N_("portal {session}: code of a notice and one-time code by {channel}")
"""How somebody who signs in the portal was known: put on record so, and said in the reader's language."""

_IN_PORTAL = re.compile(r"portal (?P<session>\S+): code of a notice and one-time code by (?P<channel>[a-z]+)")


@dataclass(frozen=True, slots=True)
class Reader:
    """In which language a paper is set, and how its texts are said in it."""

    lang: str  # zh or en
    say: Callable[..., str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper before it is set: its words, what travels in it for programs, and what its record states."""

    name: str
    content: Content = field(repr=False)
    attached: tuple[str, bytes] = field(repr=False)
    stated: dict[str, Fact]


def printed(paper: Paper) -> bytes:
    """The paper as PDF."""
    name, data = paper.attached
    return printer().pdf(paper.content, attachments={name: data})


def take_paper(tx: Tx, *, vault: Vault, person_id: int, paper: Paper, made: bytes, actor: Actor, now: datetime) -> None:
    """Put on record that a paper was taken as it was set; if ``tx`` is undone, give nothing."""
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    log.append(
        tx, vault=vault, kind="portal.taken", at=now, actor=str(actor), subject=key,
        stated={**paper.stated, "sha256": sha256(made).hexdigest()},
    )  # fmt: skip


def statement(
    tx: Tx, store: Store, *, vault: Vault, mine: Own, person_id: int, key: int, to: Reader, day: date, actor: Actor,
    now: datetime,
) -> Paper:  # fmt: skip
    """What a loan of his owes on a day, how it came to that line by line, and what was paid; addressed to himself.

    The figures are those of `loan explain`, of book and desk now. His own name is read for it, on record. Raises
    `NoSuchOwnThing`, also of a loan that no book holds yet.
    """
    found = loans(tx, store, mine.only(key), day=day, now=now)
    if not found:
        raise NoSuchOwnThing
    lender = lenders.get(tx)
    name = reveal(
        tx, vault=vault, person_id=person_id, field="name", purpose=RevealPurpose.SUBJECT_REQUEST, actor=actor, now=now
    ).value
    (one,) = found
    at = now.astimezone(ZoneInfo(lender.zone))
    words = _Statement(one, day, to, name, persons.get(tx, person_id).id_masked or "—", f"{at:%Y-%m-%d %H:%M}")
    stated: dict[str, Fact] = {
        "paper": "statement", "loan": str(key), "as_of": day.isoformat(), "version": one.read.version,
    }  # fmt: skip
    content = _sheet(to.say(N_("Statement of your loan")), words.blocks(), to.lang, day, lender.name)
    return Paper(
        f"statement-{one.tail}-{day}.pdf", content, ("statement.json", _json(words.plain(tx.lender_id))), stated
    )


def plan_paper(tx: Tx, plan: Plan, *, named: str, to: Reader, now: datetime) -> Paper:
    """The plan that both signed, with both signatures; ``named``: its kind in the reader's words.

    Raises `NoSuchOwnThing` of one that nobody signed.
    """
    if plan.signed_at is None:
        raise NoSuchOwnThing
    lender = lenders.get(tx)
    signed = plan.signed_at.astimezone(ZoneInfo(lender.zone))
    blocks = _plan_blocks(plan, named, f"{signed:%Y-%m-%d %H:%M}", to, now)
    content = _sheet(to.say(N_("Plan, signed by both sides")), blocks, to.lang, signed.date(), lender.name)
    stated: dict[str, Fact] = {"paper": "plan", "plan": str(plan.plan_id), "content": plan.content_hash.hex()}
    return Paper(f"plan-{plan.plan_id}.pdf", content, ("plan.json", plan_file(plan)), stated)


def plan_file(plan: Plan) -> bytes:
    """A plan for programs: the bytes that are signed, both signatures, both keys."""
    return _json(
        {
            "plan": json.loads(plan.content), "content": plan.content.decode(), "sha256": plan.content_hash.hex(),
            "borrower_key": _hex(plan.borrower_key), "borrower_signature": _hex(plan.borrower_signature),
            "lender_key": plan.lender_key, "lender_signature": _hex(plan.lender_signature),
        }
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement in the making."""

    one: OwnLoan
    day: date
    to: Reader
    name: str = field(repr=False)
    id_masked: str
    at: str

    @property
    def chinese(self) -> bool:
        return self.to.lang == "zh"

    def explained(self) -> tuple[Reading, Trace]:
        return explained(self.one.read.loan, self.day, known=self.one.read.known)

    def money(self, minor: int) -> str:
        return plain(minor, self.one.read.held.currency)

    def blocks(self) -> list[Block]:
        say, held, (figures, trace) = self.to.say, self.one.read.held, self.explained()
        about = say(
            N_("{name} (document no. {document}), {relation}: loan {loan} on {day}, amounts in {currency}."),
            name=self.name, document=self.id_masked, relation=word(self.one.relation, self.to.lang), loan=held.loan.ref,
            day=self.day, currency=held.currency,
        )  # fmt: skip
        return [
            _paragraph(about),
            _table([say(N_("What is owed")), say(N_("Amount"))], self._owed(figures)),
            _table([say(N_("The loan")), ""], self._loan(figures)),
            *self._plan(),
            *self._paid(),
            _heading(say(N_("Line by line"))),
            _paragraph(say(N_("Every line follows from the one before; they add up to the cent."))),
            _table([say(N_("Day, and what")), say(N_("Amount"))], self._lines(trace)),
            _heading(say(N_("Sums of the lines"))),
            _table([say(N_("Account")), say(N_("Amount"))], self._sums(trace)),
            _paragraph(
                say(
                    N_(
                        "Made on {at} from version {version} of the lender's book and what its desk entered since. "
                        "Programs read the same figures in the file within, statement.json. That this paper was made, "
                        "and its SHA-256, is on record, which you can take from the portal with its proof. It demands "
                        "nothing, and certifies no full payment."
                    ),
                    at=self.at, version=self.one.read.version,
                )
            ),
        ]  # fmt: skip

    def _owed(self, figures: Reading) -> list[_Row]:
        say, money = self.to.say, self.money
        of = [
            (Account.COST, figures.cost), (Account.FEE, figures.fee), (Account.INTEREST, figures.interest),
            (Account.PENALTY, figures.penalty), (Account.COMPOUND, figures.compound),
            (Account.PRINCIPAL, figures.principal),
        ]  # fmt: skip
        return [
            *((account_word(account, chinese=self.chinese), money(minor)) for account, minor in of if minor),
            (say(N_("Due today")), money(figures.due), _STRONG),
            (say(N_("Of this overdue")), money(figures.overdue)),
            (account_word(Account.NOT_DUE, chinese=self.chinese), money(figures.not_due)),
            (account_word(Account.ACCRUED, chinese=self.chinese), money(figures.accrued)),
            *([(account_word(Account.CREDIT, chinese=self.chinese), money(-figures.credit))] if figures.credit else []),
            (say(N_("To settle everything")), money(figures.settle), _STRONG),
        ]

    def _loan(self, figures: Reading) -> list[_Row]:
        say, read, terms = self.to.say, self.one.read, self.one.read.loan.terms
        week = due_in_a_week(read.loan, self.day, known=read.known)
        following = f"{figures.next_due}  {self.money(figures.next_amount)}" if figures.next_due else "—"
        return [
            (say(N_("Yearly rate")), rate_words(terms.rate_ppm)),
            (say(N_("Yearly rate of default interest")), rate_words(terms.penalty_ppm)),
            (say(N_("Days past due")), str(figures.dpd)),
            (say(N_("Falls due next")), following),
            (say(N_("Due within a week")), self.money(week)),
            (say(N_("Paid so far")), self.money(figures.paid_total)),
        ]

    def _plan(self) -> Iterable[Block]:
        say, plan = self.to.say, self.one.plan
        if plan is None or not plan.open:
            return
        yield _heading(say(N_("What the plan asks yet")))
        yield _table([say(N_("Day")), say(N_("Amount"))], [(str(day), self.money(minor)) for day, minor in plan.open])

    def _paid(self) -> Iterable[Block]:
        say, read = self.to.say, self.one.read
        stands = timeline(read.loan.events, known=read.known, mode=ReversalMode.AS_IF_NEVER)
        paid = [one for one in stands if one.kind in MONEY_IN and one.effective <= self.day]
        yield _heading(say(N_("Payments that came and stand")))
        if paid:
            rows = [(f"{one.effective}  {one.ref[-8:]}", self.money(one.amount)) for one in paid]
            yield _table([say(N_("Day, and the end of its reference")), say(N_("Amount"))], rows)
        else:
            yield _paragraph(say(N_("None.")))

    def _lines(self, trace: Trace) -> list[_Row]:
        rows: list[_Row] = []
        for line in trace.lines:
            said = f"{line.day}  {line_words(line, self.one.read.held.currency, chinese=self.chinese)}"
            moves = [(account_word(account, chinese=self.chinese), self.money(minor)) for account, minor in line.moves]
            rows.append((said, "", _STRONG))
            rows += moves
        return rows

    def _sums(self, trace: Trace) -> list[_Row]:
        totals, moved = trace.totals(), {account for line in trace.lines for account, _minor in line.moves}
        return [
            (account_word(each, chinese=self.chinese), self.money(totals[each])) for each in Account if each in moved
        ]

    def plain(self, lender_id: str) -> dict[str, Any]:
        """The same for programs; amounts are minor units."""
        figures, trace = self.explained()
        read = self.one.read
        return {
            "format": FORMAT, "lender": lender_id, "loan": read.loan.ref, "as_of": self.day, "known": read.known,
            "book_version": read.version, "at_the_desk": [one.event.ref for one in read.after],
            "currency": read.held.currency, "figures": asdict(figures), "due": figures.due, "settle": figures.settle,
            "lines": [
                {
                    "day": line.day, "what": line.what, "instalment": line.instalment, "ref": line.ref,
                    "moves": {account.value: minor for account, minor in line.moves},
                }
                for line in trace.lines
            ],
            "totals": {account.value: minor for account, minor in trace.totals().items()},
        }  # fmt: skip


def _plan_blocks(plan: Plan, named: str, signed: str, to: Reader, now: datetime) -> list[Block]:
    say, said = to.say, json.loads(plan.content)
    currency = str(said["currency"])

    def rows(payments: Sequence[Sequence[Any]]) -> list[_Row]:
        return [(f"{number}.  {day}", plain(minor, currency)) for number, (day, minor) in enumerate(payments, 1)]

    about = say(
        N_("Plan {plan} of loan {loan}, offered on {day} and signed by both on {at}: {kind}. Amounts in {currency}."),
        plan=plan.plan_id, loan=said["loan"], day=said["as_of"], at=signed, kind=named, currency=currency,
    )  # fmt: skip
    sums = [
        (say(N_("All payments together")), plain(said["total"], currency), _STRONG),
        (say(N_("Of this beyond what settles everything today")), plain(said["extra"], currency)),
    ]
    broken = N_("It is broken where a payment is {days} days late; then what the contract says holds again.")
    return [
        _paragraph(about),
        _paragraph(say(N_("Where it stands: {state}."), state=_state(plan, to, now))),
        _table([say(N_("Every payment")), say(N_("Amount"))], [*rows(said["payments"]), *sums]),
        *(
            [_table([say(N_("After the plan, as the contract says")), say(N_("Amount"))], rows(said["after"]))]
            if said["after"]
            else []
        ),
        _paragraph(say(broken, days=said["broken"]["days_late"])),
        *(
            [_paragraph(say(N_("The loan counts as restructured with it, which a credit register may show.")))]
            if plan.restructured
            else []
        ),
        _heading(say(N_("Signatures"))),
        _paragraph(
            say(
                N_(
                    "Both signed, by Ed25519, the bytes of the plan that the file within, plan.json, has under "
                    "content, after the words 'duecourse plan 1' and a zero byte. Signatures and keys stand in the "
                    "record of the signing as well."
                )
            )
        ),
        _table([say(N_("What")), say(N_("Value"))], _signatures(plan, to)),
    ]  # fmt: skip


def _state(plan: Plan, to: Reader, now: datetime) -> str:
    """Where it stands, as the catalogue says it of plans."""
    state = plan.state(now)
    said = to.say(f"plan {state}")
    return state if said == f"plan {state}" else str(said)


def _signatures(plan: Plan, to: Reader) -> list[_Row]:
    say = to.say
    made = {
        "here": N_("a key made for this signature alone"), "device": N_("the key of the borrower's device"),
    }.get(plan.signed_with or "", N_("another key"))  # fmt: skip
    return [
        (say(N_("The plan's SHA-256")), _grouped(plan.content_hash)),
        (say(N_("The borrower signed with")), say(made)),
        (say(N_("How the borrower was known")), _known(plan.proof, say)),
        (say(N_("The borrower's key")), _grouped(plan.borrower_key)),
        (say(N_("The borrower's signature")), _grouped(plan.borrower_signature)),
        (say(N_("The lender's key")), plan.lender_key or "—"),
        (say(N_("The lender's signature")), _grouped(plan.lender_signature)),
    ]


def _known(proof: str | None, say: Callable[..., str]) -> str:
    found = _IN_PORTAL.fullmatch(proof or "")
    if found is None:
        return proof or "—"
    return say(KNOWN_IN_PORTAL, session=found["session"], channel=say(found["channel"]))


_Row = tuple[str, ...]
"""What and how much; where `_STRONG` follows, in strong words."""

_STRONG = "strong"


def _sheet(title: str, blocks: Iterable[Block], lang: str, day: date, sender: str) -> Content:
    return Content("letter", lang, title, tuple(blocks), {}, day.isoformat(), None, printable(sender), (), title)


def _paragraph(words: str) -> Block:
    return Block(Kind.PARAGRAPH, ((((printable(words), False),),),))


def _heading(words: str) -> Block:
    return Block(Kind.HEADING, ((((printable(words), False),),),))


def _table(head: Sequence[str], rows: Iterable[_Row]) -> Block:
    made: list[Row] = [tuple(((cell, False),) for cell in head)]
    made += [tuple(((printable(cell), len(row) > len(head)),) for cell in row[: len(head)]) for row in rows]
    return Block(Kind.TABLE, tuple(made))


def _hex(value: bytes | None) -> str | None:
    return value.hex() if value else None


def _grouped(value: bytes | None) -> str:
    """Bytes in groups of four digits, so that a line can break."""
    return value.hex(" ", 2) if value else "—"


def _json(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=1, default=str).encode()
