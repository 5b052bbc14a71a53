"""How audits are shown at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from duecourse.cli.words import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

    from duecourse.storage.audits import Audit
    from duecourse.storage.connection import Tx


def state_of(audit: Audit) -> str:
    """Where an audit stands, in a word."""
    if audit.closed_at is not None:
        return _("closed for answers")
    return _("drawn") if audit.drawn_at is not None else _("announced")


def plain(audit: Audit) -> dict[str, object]:
    """An audit as JSON has it."""
    return {
        "audit": audit.audit_id, "plan": audit.plan, "version": audit.version, "first_day": audit.first_day,
        "last_day": audit.last_day, "again": audit.again, "announced_by": audit.announced_by,
        "announced_entry": audit.announced_entry, "drawn_at": audit.drawn_at, "drawn_size": audit.drawn_size,
        "seed": audit.seed.hex() if audit.seed else None, "closed_at": audit.closed_at, "closed_by": audit.closed_by,
    }  # fmt: skip


def what(shown: Mapping[str, Any]) -> list[str]:
    """What an item is, in words of the data."""
    return [shown[name] for name in ("channel", "purpose", "what") if name in shown] + list(shown["flags"])


def today_of(tx: Tx) -> date:
    """The day that it is at the lender."""
    from duecourse.app import now
    from duecourse.storage import lenders

    return now().astimezone(ZoneInfo(lenders.get(tx).zone)).date()
