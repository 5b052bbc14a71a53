"""The operations of the API: audits.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from duecourse.client.asking import Asking
from duecourse.client.shapes.audits import Audit, AuditFindings, AuditItems, AuditReplay, AuditReport, Audits


class AuditsPlaces(Asking):
    """Operations: audits; what is left None is not sent."""

    def list_audits(self) -> Audits:
        """List audits, the latest first."""
        return self._asked(Audits, "GET", self._at("/audits"), again=True)

    def list_audit_findings(self, *, overdue: bool | None = None) -> AuditFindings:
        """List the findings of all audits, those that are not accepted first."""
        return self._asked(AuditFindings, "GET", self._at("/audits/findings"), params={"overdue": overdue}, again=True)

    def show_audit(self, audit: str) -> Audit:
        """Show an audit: by which plan, of which days, from which seed."""
        return self._asked(Audit, "GET", self._at("/audits/{audit}", audit), again=True)

    def list_audit_items(self, audit: str, *, after: int | None = None, most: int | None = None) -> AuditItems:
        """List the items of an audit with their answers."""
        return self._asked(
            AuditItems,
            "GET",
            self._at("/audits/{audit}/items", audit),
            params={"after": after, "most": most},
            again=True,
        )

    def show_audit_report(self, audit: str) -> AuditReport:
        """Show what an audit says: deviations by question with exact bounds, findings with their state."""
        return self._asked(AuditReport, "GET", self._at("/audits/{audit}/report", audit), again=True)

    def replay_audit(self, audit: str) -> AuditReplay:
        """Draw an audit again, and tell whether it is the same sample."""
        return self._asked(AuditReplay, "GET", self._at("/audits/{audit}/replay", audit), again=True)
