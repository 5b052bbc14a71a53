"""Everything that takes two people, in one table: what screens, API and command line hand to `casework.approval`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from duecourse.casework import user
from duecourse.casework.approval import Kind

KINDS: Mapping[str, Kind] = MappingProxyType({one.kind: one for one in (user.ROLE_OF_POWER,)})
"""Kinds of request by name. An act that needs two people puts its `Kind` in here."""
