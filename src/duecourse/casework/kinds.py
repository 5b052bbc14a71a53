"""Everything that takes two people, in one table: what screens, API and command line hand to `casework.approval`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from duecourse.casework import own_pack, pack_switch, strategy_draft, user
from duecourse.casework.approval import Kind

_ALL = (user.ROLE_OF_POWER, strategy_draft.ACTIVATE, strategy_draft.ROLL_BACK, pack_switch.SWITCH, own_pack.ACTIVATE)

KINDS: Mapping[str, Kind] = MappingProxyType({one.kind: one for one in _ALL})
"""Kinds of request by name. An act that needs two people puts its `Kind` in here."""
