"""Who may agree to what alone, and what takes a second pair of eyes: one table for plans, one for what is given up.

House rules, not law: they may be stricter than the law and never looser. An offer beyond them is asked for, and another
person decides it (`casework.approval`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from duecourse.casework.actor import Role
from duecourse.core.contract import Category
from duecourse.core.money import PPM
from duecourse.core.plan_options import OptionKind

PLAN_MONTHS: Mapping[Role, Mapping[OptionKind, int]] = MappingProxyType(
    {
        Role.COLLECTOR: {
            OptionKind.INSTALMENTS: 12, OptionKind.STEP_UP: 12, OptionKind.DEFERRAL: 6, OptionKind.EXTENSION: 1,
        },
        Role.SUPERVISOR: {
            OptionKind.INSTALMENTS: 36, OptionKind.STEP_UP: 36, OptionKind.DEFERRAL: 24, OptionKind.EXTENSION: 6,
            OptionKind.RESCHEDULE: 36,
        },
        Role.OPERATOR: {
            OptionKind.INSTALMENTS: 36, OptionKind.STEP_UP: 36, OptionKind.DEFERRAL: 24, OptionKind.EXTENSION: 6,
            OptionKind.RESCHEDULE: 36,
        },
        Role.BORROWER: {OptionKind.INSTALMENTS: 12, OptionKind.STEP_UP: 12, OptionKind.DEFERRAL: 6},
    }
)  # fmt: skip
"""Months up to which a role offers a kind of plan alone; a borrower chooses for himself what a collector may offer."""

PLAN_ASKS = frozenset({Role.COLLECTOR, Role.SUPERVISOR, Role.OPERATOR, Role.BORROWER, Role.COMPLIANCE})
DECIDES = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})

PLAN_MONTHS_MAX = 60
RE_AGE_PAID = 3
"""House rules ``house.plan.months`` and ``house.plan.re_age``: the longest plan; payments in consecutive months that
must have come before the day counter starts anew."""


def plan_alone(role: Role, kind: OptionKind, months: int) -> bool:
    """Whether a role offers a plan of this kind and length without asking anybody.

    >>> plan_alone(Role.COLLECTOR, OptionKind.INSTALMENTS, 12), plan_alone(Role.COLLECTOR, OptionKind.INTEREST_STOP, 3)
    (True, False)
    """
    return months <= PLAN_MONTHS.get(role, {}).get(kind, 0)


@dataclass(frozen=True, slots=True)
class Bound:
    """How much of a category a role gives up alone: minor units of the lender's currency, and the share owed in ppm."""

    minor: int
    share_ppm: int


_OF_PENALTY = (Category.PENALTY, Category.COMPOUND, Category.FEE)

WAIVERS: Mapping[Role, Mapping[Category, Bound]] = MappingProxyType(
    {
        Role.COLLECTOR: dict.fromkeys(_OF_PENALTY, Bound(50_000, 500_000)),
        Role.SUPERVISOR: {
            **dict.fromkeys(_OF_PENALTY, Bound(500_000, PPM)), Category.INTEREST: Bound(200_000, 500_000),
        },
        Role.OPERATOR: {
            **dict.fromkeys(_OF_PENALTY, Bound(500_000, PPM)), Category.INTEREST: Bound(200_000, 500_000),
        },
    }
)  # fmt: skip
"""What a role gives up alone, by category. Principal and costs always take two people."""


def waiver_alone(role: Role, category: Category, minor: int, owed: int) -> bool:
    """Whether a role gives up so much of a category of which so much is owed without asking anybody.

    >>> waiver_alone(Role.COLLECTOR, Category.PENALTY, 50_000, 100_000)
    True
    >>> waiver_alone(Role.COLLECTOR, Category.PENALTY, 50_001, 200_000)  # the amount
    False
    >>> waiver_alone(Role.COLLECTOR, Category.PENALTY, 50_000, 99_999)  # the share
    False
    """
    bound = WAIVERS.get(role, {}).get(category)
    return bound is not None and minor <= bound.minor and minor * PPM <= bound.share_ppm * owed
