"""Everything that takes two people, in one table: what screens, API and command line hand to `casework.approval`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from duecourse.casework import (
    destruction,
    legal_hold,
    own_pack,
    own_template,
    pack_switch,
    payments,
    plans,
    refunds,
    storage_only,
    strategy_draft,
    user,
    waivers,
)
from duecourse.casework.approval import Kind

_ALL = (
    user.ROLE_OF_POWER, strategy_draft.ACTIVATE, strategy_draft.ROLL_BACK, pack_switch.SWITCH, own_pack.ACTIVATE,
    legal_hold.RELEASE, storage_only.READ, destruction.APPROVE, own_template.APPROVE,
    payments.PLACE, refunds.REFUND, plans.OFFER, waivers.OFFER,
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType({one.kind: one for one in _ALL})
"""Kinds of request by name. An act that needs two people puts its `Kind` in here."""
