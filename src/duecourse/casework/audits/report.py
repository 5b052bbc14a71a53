"""What an audit says: per question how many deviate, with exact bounds, and what became of the findings.

Bounds are said of what chance drew. What the plan always looks at was picked, so it stands apart with its counts. Where
a sample is divided (so many of each collector) its strata have bounds of their own and their sum has none: their items
were drawn with different chances.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duecourse.casework.audits import sampling
from duecourse.casework.audits.answering import Said
from duecourse.casework.audits.drawing import NotPublishedYet, plan_of
from duecourse.casework.audits.findings import ReadFinding, StepKind, read_findings
from duecourse.casework.audits.plan import Cited, Plan, Question, Sample
from duecourse.casework.dossier import Part
from duecourse.casework.lender_law import rules_named
from duecourse.casework.spreadsheet import csv_text
from duecourse.law import terms, wording
from duecourse.law.rule import Rule
from duecourse.storage import audits
from duecourse.storage.audits import Audit, Item
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_

Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """The answers to one question: of what chance drew, of a stratum of it, or of what is always looked at.

    ``population`` is what they were drawn from. ``upper_ppm`` is the Clopper-Pearson bound of the rate among items that
    the question arises for; ``most`` is how many of the population deviate at most, reckoned by the population's size.
    Both are None while a question is open, and where no bound is to be said.
    """

    sample: str
    question: str
    part: str  # drawn, stratum or always
    stratum: str
    population: int
    items: int
    yes: int
    no: int
    not_applicable: int
    open: int
    upper_ppm: int | None
    most: int | None
    tolerated: int | None

    @property
    def rate_ppm(self) -> int | None:
        """Deviations among the answers that are a yes or a no, in parts per million, half up; None without any."""
        asked = self.yes + self.no
        return (2 * self.no * sampling.PPM + asked) // (2 * asked) if asked else None

    @property
    def within(self) -> bool | None:
        """Whether the tolerable rate is kept with the plan's confidence; None where that cannot be said."""
        return None if self.most is None or self.tolerated is None else self.most <= self.tolerated


@dataclass(frozen=True, slots=True)
class Report:
    """An audit added up."""

    audit: Audit
    plan: Plan
    lines: tuple[Line, ...]
    items: int
    open: int
    findings: tuple[ReadFinding, ...]
    overdue: int
    rules: Mapping[str, Rule]


def rests_on(question: Question, rules: Mapping[str, Rule], lang: str) -> str:
    """What a question rests on, with how well it is known; empty where it is the house's own."""
    if question.rule:
        rule = rules.get(question.rule)
        return f"{question.rule} · {wording.cited(rule.source, lang)}" if rule else question.rule
    return cited(question.source, lang) if question.source else ""


def cited(source: Cited, lang: str) -> str:
    """An article, with how well it is known.

    >>> from duecourse.law.terms import Grade
    >>> cited(Cited("个人信息保护法", "第五十四条", Grade.TEXT), "zh")
    '个人信息保护法 第五十四条（已核原文）'
    """
    grade = terms.word(source.grade, lang)
    return f"{source.instrument} {source.clause}" + (f"（{grade}）" if lang == "zh" else f" ({grade})")


def report(tx: Tx, *, vault: Vault, audit_id: int, today: date) -> Report:
    """Add an audit up. Raises `audits.NoSuchAudit`, `NotPublishedYet` before its sample is drawn."""
    audit = audits.get(tx, audit_id)
    if audit.drawn_at is None:
        raise NotPublishedYet(audit_id)
    plan, items = plan_of(tx, audit), audits.items(tx, audit_id)
    said = {(one.item, one.question): one.answer for one in audits.answers(tx, audit_id)}
    lines = tuple(line for sample in plan.samples for line in _lines(plan, sample, audit, items, said))
    found = tuple(read_findings(tx, vault=vault, audit_id=audit_id))
    return Report(
        audit, plan, lines, len(items), sum(one.open for one in lines if one.part != "stratum"), found,
        sum(one.overdue(today) for one in found), rules_named(tx),
    )  # fmt: skip


def _lines(
    plan: Plan, sample: Sample, audit: Audit, items: Sequence[Item], said: Mapping[tuple[int, str], str]
) -> Iterator[Line]:
    told = audit.populations[sample.name]
    mine = [one for one in items if one.sample == sample.name]
    always, drawn = [one for one in mine if one.always], [one for one in mine if not one.always]
    held = [("drawn", "", sum(told["strata"].values()), drawn)]
    if sample.size.by is not None:
        held += [
            ("stratum", name, told["strata"][name], [one for one in drawn if one.stratum == name])
            for name in sorted(told["strata"])
        ]
    if always:
        held.append(("always", "", told["always"], always))
    for question in sample.questions:
        for part, stratum, population, these in held:
            answers = Counter(said.get((one.item, question.id), "") for one in these)
            yield _line(plan, sample, question.id, (part, stratum, population), answers)


def _line(plan: Plan, sample: Sample, question: str, of: tuple[str, str, int], answers: Mapping[str, int]) -> Line:
    part, stratum, population = of
    yes, no, apart, left = (answers.get(word, 0) for word in (Said.YES, Said.NO, Said.NOT_APPLICABLE, ""))
    items, tolerable = yes + no + apart + left, sample.tolerable_permille
    whole = "drawn" if sample.size.by is None else "stratum"
    sure = part == whole and items > 0 and not left
    return Line(
        sample.name, question, part, stratum, population, items, yes, no, apart, left,
        _upper(yes + no, no, plan.confidence, whole=items == population) if sure and yes + no else None,
        sampling.most_deviating(population, items, no, confidence=plan.confidence) if sure else None,
        None if tolerable is None else sampling.intolerable(population, tolerable) - 1,
    )  # fmt: skip


def _upper(asked: int, no: int, confidence: int, *, whole: bool) -> int:
    """The rate at the most; where everything was looked at, the rate itself, rounded up."""
    return -(-no * sampling.PPM // asked) if whole else sampling.clopper_pearson_ppm(asked, no, confidence=confidence)


def percent(ppm: int | None) -> str:
    r"""A rate for people: per cent with two decimals, rounded up, so that no bound looks smaller than it is.

    >>> percent(49508), percent(0), percent(1), percent(None)
    ('4.96\xa0%', '0.00\xa0%', '0.01\xa0%', '–')
    """
    if ppm is None:
        return "–"
    hundredths = -(-ppm // 100)
    return f"{hundredths // 100}.{hundredths % 100:02d}\u00a0%"


_BY = {"collector": N_("collector"), "channel": N_("channel"), "firm": N_("outside firm")}

COLUMNS = (
    "sample", "question", "part", "stratum", "population", "items", "yes", "no", "not_applicable", "open", "rate_ppm",
    "upper_ppm", "most", "tolerated",
)  # fmt: skip
"""What a line has as CSV and JSON."""


def as_csv(made: Report) -> str:
    """The lines as CSV, whole numbers throughout."""
    lines = ([getattr(one, name) for name in COLUMNS] for one in made.lines)
    return csv_text([COLUMNS, *lines], end="\n").decode()


def parts(made: Report, say: Say, lang: str, today: date) -> list[Part]:
    """The report for people: the audit, each sample with its questions, the findings."""
    return [_head(made, say, lang), *_samples(made, say, lang), _findings(made, say, today)]


def title(made: Report, say: Say, lang: str) -> str:
    """Its title."""
    return say("Audit {number}: {name}").format(number=made.audit.audit_id, name=made.plan.says[lang])


def _head(made: Report, say: Say, lang: str) -> Part:
    audit = made.audit
    state = say("closed for answers") if audit.closed_at else say("{open} answers are open").format(open=made.open)
    says = [
        say("{first} to {last}. Plan {plan}, version {version}; {items} items; {state}.").format(
            first=audit.first_day, last=audit.last_day, plan=audit.plan, version=audit.version, items=made.items,
            state=state,
        ),
        say("Seed {seed}, from the checkpoint of the log at {size} records; sample {digest}.").format(
            seed=(audit.seed or b"").hex(), size=audit.drawn_size, digest=(audit.sample_digest or b"").hex()
        ),
        say(
            "Bounds are one-sided, with {confidence} % confidence, and exact: the rate by Clopper and Pearson among "
            "items that the question arises for; the number by the size of the population."
        ).format(confidence=made.plan.confidence),
    ]  # fmt: skip
    if audit.again:
        says.append(say("Drawn again for these days: {why}").format(why=audit.again))
    return Part("", tuple(says), tuple(cited(one, lang) for one in made.plan.basis))


def _samples(made: Report, say: Say, lang: str) -> Iterator[Part]:
    for sample in made.plan.samples:
        lines = [one for one in made.lines if one.sample == sample.name]
        if not any(one.items for one in lines):
            yield Part(sample.says[lang], (say("No item: nothing of the kind was done in these days."),))
            continue
        rows: list[list[str]] = [
            [
                say("Question"), say("Drawn of"), say("Deviating"), say("Rate"), say("Rate at most"),
                say("Of the population at most"), say("Verdict"),
            ]
        ]  # fmt: skip
        rows += [
            _row(made, one, question, say, lang)
            for question in sample.questions
            for one in lines
            if one.question == question.id and (one.part != "stratum" or one.no)
        ]
        yield Part(sample.says[lang], (size_in_words(made, sample, say),), (), (("", rows),))


def _row(made: Report, one: Line, question: Question, say: Say, lang: str) -> list[str]:
    rests, nobody, always = rests_on(question, made.rules, lang), say("nobody named"), say("always looked at")
    asks = {
        "drawn": f"{question.asks[lang]}" + (f" [{rests}]" if rests else ""),
        "stratum": f"– {one.stratum or nobody}",
        "always": f"– {always}",
    }[one.part]
    asked = one.yes + one.no
    verdict = {True: say("within the tolerable rate"), False: say("beyond the tolerable rate"), None: "–"}[one.within]
    return [
        asks, f"{one.items:,} / {one.population:,}", f"{one.no:,} / {asked:,}", percent(one.rate_ppm),
        percent(one.upper_ppm), "–" if one.most is None else f"{one.most:,}",
        say("{open} open").format(open=one.open) if one.open else verdict,
    ]  # fmt: skip


def size_in_words(made: Report, sample: Sample, say: Say) -> str:
    """How many were drawn, and why so many."""
    size, drawn = sample.size, next(one for one in made.lines if one.sample == sample.name and one.part == "drawn")
    if size.expected is not None and sample.tolerable_permille is not None:
        return say(
            "{drawn} of {population}: the least sample that shows a rate beyond {tolerable} with {confidence} % "
            "confidence although {expected} of it may deviate (hypergeometric)."
        ).format(
            drawn=drawn.items, population=drawn.population, tolerable=percent(1000 * sample.tolerable_permille),
            confidence=made.plan.confidence, expected=size.expected,
        )  # fmt: skip
    if size.by is not None:
        return say("{drawn} of {population}: at least {each} of each {by}.").format(
            drawn=drawn.items, population=drawn.population, each=size.each, by=say(_BY[size.by])
        )
    return say("{drawn} of {population}.").format(drawn=drawn.items, population=drawn.population)


def _findings(made: Report, say: Say, today: date) -> Part:
    if not made.findings:
        return Part(say("Findings"), (say("No finding."),))
    rows = [[say("Finding"), say("Severity"), say("State"), say("Owner"), say("Due by"), say("Items")]]
    for one in made.findings:
        found = one.finding
        state = say("past its day") if one.overdue(today) else say(found.step.replace("_", " "))
        rows.append(
            [
                f"{found.finding_id} · {one.text}" + (f" [{found.rule}]" if found.rule else ""), say(found.severity),
                state, found.owner, found.due_day.isoformat(), ", ".join(map(str, found.items)),
            ]
        )  # fmt: skip
    accepted = sum(one.finding.step == StepKind.ACCEPTED for one in made.findings)
    says = say("{all} findings: {accepted} accepted, {overdue} overdue.").format(
        all=len(made.findings), accepted=accepted, overdue=made.overdue
    )
    return Part(say("Findings"), (says,), (), (("", rows),))
