"""Who else stands around a loan: guarantors, spouses with and without proof, contact persons, heirs, lawyers."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from random import Random

from duecourse.core.days import add_months
from duecourse.sim import people
from duecourse.sim.people import Human
from duecourse.sim.products import CAR, YUAN, Deal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A person's relation to a loan, with its proof."""

    loan_ref: str
    person_ref: str
    relation: str
    from_day: date | None = None
    proof_kind: str | None = None
    proof_until: date | None = None
    named: bool = False  # the borrower gave this person as a contact

    @property
    def row(self) -> tuple[str | date | bool | None, ...]:
        """As a row of the parties, without its last column."""
        return (
            self.loan_ref, self.person_ref, self.relation, self.from_day, self.proof_kind, self.proof_until,
            self.named or None,
        )  # fmt: skip


class Circle:
    """The people around one borrower, invented as they are needed."""

    def __init__(self, rng: Random, borrower: Human, first_serial: int) -> None:
        self.rng = rng
        self.borrower = borrower
        self.serial = first_serial
        self.humans: list[Human] = []
        self.ties: list[Tie] = []

    def person(self, letter: str, kinds: str = "phone") -> Human:
        """One more person of the circle; refs are the borrower's with a letter."""
        ref = f"{self.borrower.ref}{letter}{len(self.humans) + 1}"
        human = people.natural(self.rng, self.serial, ref=ref, region=self.borrower.region, kinds=kinds)
        self.serial += 1
        self.humans.append(human)
        return human

    def draw(self, deals: list[Deal], guaranteed: AbstractSet[str]) -> None:
        """Tie people to a borrower's loans; ``guaranteed`` are the refs of those with a guarantee noted."""
        self._contact_persons(deals)
        spouse = self.person("S") if self.rng.random() < 0.13 and self.borrower.kind == "natural" else None
        for deal in deals:
            if deal.ref in guaranteed:
                self._guarantor(deal)
            if spouse:
                liable = deal.principal >= 50_000 * YUAN and self.rng.random() < 0.7
                self.ties.append(
                    Tie(
                        loan_ref=deal.ref,
                        person_ref=spouse.ref,
                        relation="spouse_liable" if liable else "spouse",
                        proof_kind="co_signature" if liable else None,
                    )
                )
            elif deal.product is CAR and self.rng.random() < 0.06:
                other = self.person("B", "phone email address")
                self.ties.append(
                    Tie(
                        loan_ref=deal.ref,
                        person_ref=other.ref,
                        relation="co_borrower",
                        proof_kind="contract_signature",
                    )
                )

    def _contact_persons(self, deals: list[Deal]) -> None:
        u = self.rng.random()
        for _ in range(0 if u < 0.45 else 1 if u < 0.92 else 2):
            named = self.person("K")
            consents = self.serial % 8 > 0  # seven in eight; not drawn, so that everybody else stays who he was
            self.ties += [
                Tie(
                    loan_ref=deal.ref,
                    person_ref=named.ref,
                    relation="contact_person",
                    proof_kind="consent" if consents else None,
                    named=True,
                )
                for deal in deals
            ]

    def _guarantor(self, deal: Deal) -> None:
        """A guarantee of six months after the last due day (民法典 692); one in twelve has lapsed by an earlier end."""
        guarantor = self.person("G", "phone email address")
        until = add_months(deal.grid[-1].due, 6)
        if self.rng.random() < 0.08:
            until = add_months(deal.start, 6)
        self.ties.append(
            Tie(
                loan_ref=deal.ref,
                person_ref=guarantor.ref,
                relation="guarantor",
                proof_kind="guarantee_contract",
                proof_until=until,
            )
        )

    def heir(self, deals: list[Deal], died: date) -> None:
        """An heir, with the certificate of inheritance."""
        heir = self.person("H")
        self.ties += [
            Tie(
                loan_ref=deal.ref,
                person_ref=heir.ref,
                relation="heir",
                from_day=died,
                proof_kind="inheritance_certificate",
            )
            for deal in deals
        ]

    def lawyer(self, deals: list[Deal], since: date) -> None:
        """A lawyer with a power of attorney for a year."""
        lawyer = self.person("L", "phone email")
        self.ties += [
            Tie(
                loan_ref=deal.ref,
                person_ref=lawyer.ref,
                relation="lawyer",
                from_day=since,
                proof_kind="power_of_attorney",
                proof_until=add_months(since, 12),
            )
            for deal in deals
        ]
