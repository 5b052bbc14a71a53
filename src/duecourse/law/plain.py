"""Rules and decisions as plain values: for JSON, the API and the evidence log. Names are forever.

Values are whole numbers, truth values, text and ISO days; nothing here depends on a language.
"""

from __future__ import annotations

from duecourse.law.decide import Decision
from duecourse.law.document import Plain, iso
from duecourse.law.facts import Fact, Value
from duecourse.law.judge import Finding
from duecourse.law.measure import Measure
from duecourse.law.pack import Pack
from duecourse.law.rule import Rule, Source
from duecourse.law.templates import Template


def plain_decision(decision: Decision) -> dict[str, Plain]:
    """The whole answer: allowed, what is missing, every rule that was asked and applied."""
    return {
        "allowed": decision.allowed,
        "rulebook": decision.rulebook,
        "missing": list(decision.missing),
        "lifts": list(decision.lifts),
        "refusals": [plain_finding(one) for one in decision.refusals],
        "others": [plain_finding(one) for one in decision.findings if not one.outcome.says_no],
    }


def plain_finding(finding: Finding) -> dict[str, Plain]:
    """What one rule said, on which facts and values, and by which text."""
    rule, version = finding.rule, finding.version
    return {
        "rule": rule.id,
        "pack": rule.pack,
        "version": version.start.isoformat() if version else None,
        "outcome": finding.outcome.value,
        "missing": list(finding.missing),
        "lifted_by": list(finding.lifted_by),
        "lifts": list(rule.lifted_by),
        "facts": {name: _plain(value) for name, value in finding.facts},
        "values": {name: _plain(value) for name, value in version.values.items()} if version else {},
        "says": dict(rule.says),
        "instead": dict(rule.instead) if rule.instead else None,
        "source": plain_source(rule.source),
    }


def plain_source(source: Source) -> dict[str, Plain]:
    """Where a rule stands and how well that is known."""
    return {
        "instrument": source.instrument,
        "clause": source.clause or None,
        "clause_grade": source.clause_grade.value if source.clause_grade else None,
        "authority": source.authority.value,
        "modal": source.modal.value,
        "grade": source.grade.value,
        "status": source.status.value,
    }


def plain_fact(fact: Fact) -> dict[str, Plain]:
    """A word of the vocabulary."""
    return {
        "fact": fact.name,
        "kind": fact.kind.value,
        "unit": fact.unit or None,
        "options": list(fact.options),
        "low": fact.low,
        "high": fact.high,
        "means": {"zh": fact.means_zh, "en": fact.means},
        "source": fact.source,
        "lifts": fact.lifts,
    }


def plain_pack(pack: Pack) -> dict[str, Plain]:
    """A pack with its sources, the ids of its rules and the hash of its content."""
    return {
        "pack": pack.id,
        "jurisdiction": pack.jurisdiction,
        "kind": pack.kind.value,
        "status": pack.status.value,
        "lang": pack.lang,
        "zone": pack.zone or None,
        "says": dict(pack.says),
        "sources": [{"instrument": instrument, "known": known} for instrument, known in pack.sources],
        "rules": [rule.id for rule in pack.rules],
        "sha256": pack.hash,
    }


def plain_rule(rule: Rule) -> dict[str, Plain]:
    """A rule, as its file says it, with pack and file."""
    return {"pack": rule.pack, "file": rule.file, "content": iso(rule.text)}


def plain_measure(found: Measure) -> dict[str, Plain]:
    """A quantity with the rules that gave it, or why there is none."""
    value = found.value
    return {
        "quantity": found.quantity.name,
        "value": list(value) if isinstance(value, tuple) else value,
        "label": {"zh": found.label_zh, "en": found.label},
        "by": [plain_finding(one) for one in found.by],
        "missing": list(found.missing),
        "disagree": [one.rule.id for one in found.disagree],
    }


def plain_template(template: Template) -> dict[str, Plain]:
    """A template of the register."""
    return {
        "template": template.id,
        "version": template.version,
        "jurisdictions": list(template.jurisdictions),
        "channels": [channel.value for channel in template.channels],
        "purpose": template.purpose.value,
        "states": dict(template.states),
        "text": dict(template.text),
        "slots": list(template.slots),
        "approved_by": template.approved_by,
        "approved_on": template.approved_on.isoformat(),
        "withdrawn_on": template.withdrawn_on.isoformat() if template.withdrawn_on else None,
        "sha256": template.hash,
    }


def _plain(value: Value) -> Plain:
    return value if isinstance(value, bool | int | str) else value.isoformat()
