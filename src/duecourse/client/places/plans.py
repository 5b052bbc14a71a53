"""The operations of the API: plans.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.plans import Plan, PlanDraft, PlanOptions, Plans, WholePlan
from duecourse.client.shapes.words import OptionKind


class PlansPlaces(Asking):
    """Operations: plans; what is left None is not sent."""

    def compare_plans(
        self, case: str, *, loan: str | None = None, months: Sequence[int] | None = None, first: date | None = None
    ) -> PlanOptions:
        """Work out every way to pay the loans of a case and compare them; what is refused names its rule."""
        return self._asked(
            PlanOptions,
            "GET",
            self._at("/cases/{case}/plans/options", case),
            params={"loan": loan, "months": months, "first": first},
            again=True,
        )

    def draft_plan(
        self,
        case: str,
        *,
        loan: str,
        kind: OptionKind,
        months: int,
        deferred: int | None = None,
        first: date | None = None,
    ) -> PlanDraft:
        """Work one plan out as it would be offered, payment by payment; nothing is kept."""
        return self._asked(
            PlanDraft,
            "POST",
            self._at("/cases/{case}/plans/draft", case),
            must={"loan": loan, "kind": kind, "months": months},
            may={"deferred": deferred, "first": first},
            again=True,
        )

    def offer_plan(
        self,
        case: str,
        *,
        loan: str,
        kind: OptionKind,
        months: int,
        deferred: int | None = None,
        first: date | None = None,
        reason: str | None = None,
        key: str | None = None,
    ) -> Plan:
        """Offer a plan: a document that never changes, to be signed for seven days."""
        return self._asked(
            Plan,
            "POST",
            self._at("/cases/{case}/plans", case),
            must={"loan": loan, "kind": kind, "months": months},
            may={"deferred": deferred, "first": first, "reason": reason},
            key=key,
            keyed=True,
        )

    def list_plans(
        self,
        *,
        case: str | None = None,
        loan: str | None = None,
        state: Literal["asked", "offered", "lapsed", "signed", "kept", "broken", "replaced", "withdrawn", "refused"]
        | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> Plans:
        """List plans, the latest first."""
        return self._asked(
            Plans,
            "GET",
            self._at("/plans"),
            params={"case": case, "loan": loan, "state": state, "cursor": cursor, "most": most},
            again=True,
        )

    def show_plan(self, plan: str) -> WholePlan:
        """Show a plan: its payments, what is to be signed, who signed, and how it is kept."""
        return self._asked(WholePlan, "GET", self._at("/plans/{plan}", plan), again=True)

    def sign_plan(
        self, plan: str, *, person: str, proof: str, public_key: str, signature: str, key: str | None = None
    ) -> Plan:
        """Take the signature of the borrower's own device, sign for the lender, and enter the plan on the ledger."""
        return self._asked(
            Plan,
            "POST",
            self._at("/plans/{plan}/signature", plan),
            must={"person": person, "proof": proof, "public_key": public_key, "signature": signature},
            may={},
            key=key,
            keyed=True,
        )

    def withdraw_plan(self, plan: str, *, key: str | None = None) -> Plan:
        """Take an offer back that nobody signed."""
        return self._asked(Plan, "POST", self._at("/plans/{plan}/withdrawal", plan), key=key, keyed=True)
