"""The operations of the API: law.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from duecourse.client.asking import Asking, File
from duecourse.client.shapes.law import (
    Calendar,
    CheckedLaw,
    Coverage,
    CoverageSums,
    Difference,
    Explanation,
    Facts,
    LawVersion,
    OwnPack,
    OwnTemplate,
    OwnTemplates,
    OwnTemplateText,
    Packs,
    Rules,
    RuleWhole,
    Templates,
)
from duecourse.client.shapes.shared import Asked
from duecourse.client.shapes.words import Channel, Purpose, Relation


class LawPlaces(Asking):
    """Operations: law; what is left None is not sent."""

    def list_rules(self, *, jurisdiction: str | None = None, without: Sequence[str] | None = None) -> Rules:
        """List the rules that bind the lender in a jurisdiction, its own among them, in the order of answers."""
        return self._asked(
            Rules, "GET", self._at("/law/rules"), params={"jurisdiction": jurisdiction, "without": without}, again=True
        )

    def read_rule(self, rule: str) -> RuleWhole:
        """Show one rule of any jurisdiction, or of the lender's own packs, as its file says it, cases and all."""
        return self._asked(RuleWhole, "GET", self._at("/law/rules/{rule}", rule), again=True)

    def list_facts(self) -> Facts:
        """List the vocabulary: every fact a condition may ask, with type, unit, meaning and source."""
        return self._asked(Facts, "GET", self._at("/law/facts"), again=True)

    def list_templates(self) -> Templates:
        """List the approved templates and scripts, from which the gate reads the purpose."""
        return self._asked(Templates, "GET", self._at("/law/templates"), again=True)

    def explain(
        self,
        *,
        channel: Channel,
        at: datetime,
        template: str | None = None,
        purpose: Purpose | None = None,
        relation: Relation | None = None,
        zones: Sequence[str] | None = None,
        facts: Mapping[str, Any] | None = None,
        assume: str | None = None,
        jurisdiction: str | None = None,
        without: Sequence[str] | None = None,
        own: Sequence[str] | None = None,
    ) -> Explanation:
        """Explain one contact at any instant."""
        return self._asked(
            Explanation,
            "POST",
            self._at("/law/explain"),
            must={"channel": channel, "at": at},
            may={
                "template": template,
                "purpose": purpose,
                "relation": relation,
                "zones": zones,
                "facts": facts,
                "assume": assume,
                "jurisdiction": jurisdiction,
                "without": without,
                "own": own,
            },
            again=True,
        )

    def show_coverage(self, rule: str) -> Coverage:
        """Show which cases of a rule exercise each of its branches and limits, and which nobody exercises."""
        return self._asked(Coverage, "GET", self._at("/law/rules/{rule}/coverage", rule), again=True)

    def list_packs(self) -> Packs:
        """List the packs of the lender's jurisdiction with how they stand, and its own by version."""
        return self._asked(Packs, "GET", self._at("/law/packs"), again=True)

    def keep_pack(self, *, file: File, key: str | None = None) -> OwnPack:
        """Keep a version of a pack of the lender's own, if it is in order."""
        return self._asked(
            OwnPack, "POST", self._at("/law/packs/own"), may={}, files={"file": file}, key=key, keyed=True
        )

    def ask_pack(self, pack: str, version: int, *, reason: str, key: str | None = None) -> Asked:
        """Ask that a version of the lender's own pack bind, the next or an earlier one; somebody else decides."""
        return self._asked(
            Asked,
            "POST",
            self._at("/law/packs/own/{pack}/{version}/activation", pack, version),
            must={"reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def list_own_templates(self) -> OwnTemplates:
        """List the lender's own templates: every draft, and which one is in use."""
        return self._asked(OwnTemplates, "GET", self._at("/law/templates/own"), again=True)

    def keep_template(self, *, content: str, key: str | None = None) -> OwnTemplate:
        """Keep a template that is in order as a draft; what is wrong is told with its line."""
        return self._asked(
            OwnTemplate, "POST", self._at("/law/templates/own"), must={"content": content}, may={}, key=key, keyed=True
        )

    def read_own_template(self, draft: str) -> OwnTemplateText:
        """Show a draft of a template as it was sent."""
        return self._asked(OwnTemplateText, "GET", self._at("/law/templates/own/{draft}", draft), again=True)

    def ask_template(self, draft: str, *, reason: str, key: str | None = None) -> Asked:
        """Ask that a draft, the next or an earlier one, be used from now on; a compliance officer decides."""
        return self._asked(
            Asked,
            "POST",
            self._at("/law/templates/own/{draft}/approval", draft),
            must={"reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def withdraw_template(self, draft: str, *, reason: str) -> OwnTemplate:
        """Take the template of a draft out of use at once, whichever version stands."""
        return self._asked(
            OwnTemplate,
            "POST",
            self._at("/law/templates/own/{draft}/withdrawal", draft),
            must={"reason": reason},
            may={},
            again=False,
        )

    def show_calendar(
        self,
        *,
        channel: Channel,
        at: datetime,
        template: str | None = None,
        purpose: Purpose | None = None,
        relation: Relation | None = None,
        zones: Sequence[str] | None = None,
        facts: Mapping[str, Any] | None = None,
        assume: str | None = None,
        jurisdiction: str | None = None,
        without: Sequence[str] | None = None,
        own: Sequence[str] | None = None,
        days: int | None = None,
    ) -> Calendar:
        """Give the open windows of a described contact over the next days, and which rules close the rest."""
        return self._asked(
            Calendar,
            "POST",
            self._at("/law/calendar"),
            must={"channel": channel, "at": at},
            may={
                "template": template,
                "purpose": purpose,
                "relation": relation,
                "zones": zones,
                "facts": facts,
                "assume": assume,
                "jurisdiction": jurisdiction,
                "without": without,
                "own": own,
            },
            params={"days": days},
            again=True,
        )

    def show_persons_calendar(self, person: str, *, template: str | None = None, days: int | None = None) -> Calendar:
        """Give a person's open windows by channel as things stand now."""
        return self._asked(
            Calendar,
            "GET",
            self._at("/law/calendar/{person}", person),
            params={"template": template, "days": days},
            again=True,
        )

    def compare_laws(
        self,
        *,
        before: LawVersion | None = None,
        after: LawVersion | None = None,
        first: date | None = None,
        last: date | None = None,
        most: int | None = None,
    ) -> Difference:
        """Say what another law would change over the contacts that day runs have planned."""
        return self._asked(
            Difference,
            "POST",
            self._at("/law/diff"),
            may={"before": before, "after": after, "first": first, "last": last, "most": most},
            again=True,
        )

    def replay(self, *, first: date, last: date, law: LawVersion | None = None, most: int | None = None) -> Difference:
        """Say which permits of past days a law would have refused, and which refusals it would have granted."""
        return self._asked(
            Difference,
            "POST",
            self._at("/law/replay"),
            must={"first": first, "last": last},
            may={"law": law, "most": most},
            again=True,
        )

    def check_law(
        self, *, packs: Sequence[str] | None = None, own: Sequence[str] | None = None, scenario: str | None = None
    ) -> CheckedLaw:
        """Run every case of packs and change every rule to see whether a case notices; or run a scenario."""
        return self._asked(
            CheckedLaw,
            "POST",
            self._at("/law/check"),
            may={"packs": packs, "own": own, "scenario": scenario},
            again=False,
        )

    def show_sums(self, *, pack: Sequence[str]) -> CoverageSums:
        """Give what the cases of these packs exercise; of one rule, GET /law/rules/{rule}/coverage gives all."""
        return self._asked(CoverageSums, "GET", self._at("/law/coverage"), params={"pack": pack}, again=True)
