"""Who acts: a person in a role, or a schedule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from duecourse.trouble import N_, BadInput

_REF = re.compile(r"[A-Za-z0-9._@-]{1,64}")


class Role(StrEnum):
    """In which role somebody acts."""

    OPERATOR = "operator"  # runs the installation, from the command line
    COLLECTOR = "collector"  # works cases
    SUPERVISOR = "supervisor"  # answers for collectors
    COMPLIANCE = "compliance"  # may override recommendations, sees all records
    STRATEGIST = "strategist"  # writes strategies
    ADMIN = "admin"  # looks after users, keys, imports
    AUDITOR = "auditor"  # reads everything that was done, and does nothing but audit it
    BORROWER = "borrower"  # in the portal
    AGENCY = "agency"  # outside firm
    SYSTEM = "system"  # another program of the lender, by its token
    SCHEDULE = "schedule"  # no human: import, day run, timers


class NotAnActor(BadInput):
    """A staff number that cannot stand in a record."""

    def __init__(self) -> None:
        super().__init__(N_("an actor is named by 1 to 64 letters, digits, dots, dashes, underscores or @"))


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in a role, named by staff number or schedule name.

    >>> str(Actor(Role.COLLECTOR, "c017"))
    'collector:c017'
    """

    role: Role
    ref: str

    def __post_init__(self) -> None:
        """Refuse names that could not be told apart in a record."""
        if not _REF.fullmatch(self.ref):
            raise NotAnActor

    def __str__(self) -> str:
        """Role and name, as the desk stores them."""
        return f"{self.role}:{self.ref}"
