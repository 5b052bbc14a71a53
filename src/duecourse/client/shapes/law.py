"""What the API takes and answers: law.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from duecourse.client.shapes.shared import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Open windows, exact to the second; times in between are closed."""

    at: datetime
    until: datetime
    zone: str
    zones: tuple[str, ...]
    rulebook: str
    ways: tuple[Windows, ...]
    assumed: Mapping[str, bool | int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLaw:
    """What a check found."""

    rules: int
    cases: int
    failures: tuple[str, ...]
    mutants: int
    survivors: tuple[Unnoticed, ...]
    contacts: tuple[ScenarioContact, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the cases of a rule exercise; cases are named by their line in the rule's file."""

    rule: str
    cases: int
    failing: tuple[int, ...]
    branches: Mapping[str, tuple[int, ...]]
    limits: Mapping[str, tuple[int, ...]]
    without_case: tuple[str, ...]
    unnoticed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSums:
    """What the cases of the packs exercise."""

    packs: tuple[PackSums, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the change of law changes."""

    before: str
    after: str
    contacts: int
    allowed_before: int
    allowed_after: int
    stopped: int
    opened: int
    reasons: int
    rules: tuple[Mapping[str, Any], ...]
    groups: tuple[Mapping[str, Any], ...]
    changed: tuple[Mapping[str, Any], ...]
    edits: Mapping[str, tuple[str, ...]]
    without_facts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Allowed or refused, with every rule that was asked and applied."""

    allowed: bool
    sentence: str
    at: datetime
    next_open: datetime | None
    jurisdiction: str
    rulebook: str
    refusals: tuple[Finding, ...]
    others: tuple[Finding, ...]
    missing: Mapping[str, str]
    lifts: tuple[str, ...]
    assumed: Mapping[str, bool | int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The vocabulary: every fact a condition may ask."""

    facts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawVersion:
    """A law."""

    without: tuple[str, ...] | None = None
    own: tuple[str, ...] | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPack:
    """A version of a pack of the lender's own."""

    pack: str
    version: int
    sha256: str
    rules: int
    binds: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTemplate:
    """A version of a template of the lender's own."""

    draft: str
    template: str
    version: int
    sha256: str
    actor: str
    at: datetime
    state: str | None
    first: date | None
    decided_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTemplateText:
    """The same with its text as it was sent."""

    draft: str
    template: str
    version: int
    sha256: str
    actor: str
    at: datetime
    state: str | None
    first: date | None
    decided_by: str | None
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTemplates:
    """The lender's own templates, every draft."""

    templates: tuple[OwnTemplate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackLine:
    """One pack of the rulebook."""

    pack: str
    kind: str
    status: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSums:
    """The sums of one pack."""

    pack: str
    rules: int
    cases: int
    branches: int
    branches_without_case: int
    limits: int
    killed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """The packs, and the versions of the lender's own ones, the latest first."""

    packs: tuple[Standing, ...]
    own: tuple[OwnPack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule in the list."""

    rule: str
    pack: str
    effect: str
    says: str
    since: str
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWhole:
    """A rule as its file says it, cases and all, in both languages."""

    pack: str
    file: str
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules that bind together, in the order in which answers name them."""

    jurisdiction: str
    rulebook: str
    packs: tuple[PackLine, ...]
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioContact:
    """The answer to one contact that a scenario tells of."""

    case: str
    line: int
    at: datetime
    what: str
    allowed: bool
    refused_by: tuple[str, ...]
    next_open: datetime | None
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A pack of the lender's jurisdiction as it stands for the lender."""

    pack: str
    kind: str
    status: str
    sha256: str
    says: str
    rules: int
    binds: bool
    may_be_off: bool
    looked_at: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The register of approved templates and scripts."""

    register_hash: str
    templates: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnoticed:
    """A change to a rule that none of its cases notices."""

    rule: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time in which the contact is allowed; ``until`` is not part of it."""

    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """One way of contact: its open windows, and the rules that close the rest."""

    channel: str
    template: str
    windows: tuple[Window, ...]
    closed_by: Mapping[str, str]
