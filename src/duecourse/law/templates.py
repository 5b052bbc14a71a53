"""The register of approved templates and scripts: what may be said, for which purpose, by which channel.

The gate reads purpose and the identity facts from here and from nowhere else, so a caller's word about its purpose
counts for nothing. What a template claims about itself is checked against its text (`law.claims`): one that names a
debt may not say that it does not, and one for third persons may not name a debt at all. A template is approved for
named jurisdictions and stands in the registers of these alone.

What does not belong here: filling in the slots and sending (channels).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter

import polars as pl

from duecourse.law.claims import FLAGS, MORE, RARE, READ, SLOTS, Claims, check_claims, read_off
from duecourse.law.columns import dtype_of
from duecourse.law.document import Flaw, Flaws, Node, Scalar, read, text_of
from duecourse.law.facts import Value, nearest
from duecourse.law.pack import canonical
from duecourse.law.terms import Channel, Purpose, Relation
from duecourse.trouble import N_, BadInput

_KEYS = (
    "template",
    "version",
    "jurisdictions",
    "channels",
    "purpose",
    "document",
    "title",
    "states",
    "text",
    "approved",
    "status",
    "withdrawn",
    "note",
)


class UnknownTemplate(BadInput):
    """No template of this id stands in the register."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            N_("no template {name!r} in the register{near}; `duecourse law templates` lists them"),
            name=name,
            near=nearest(name, known),
        )


class TemplateStatus(StrEnum):
    """Where a template stands."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"  # no longer to be used, from a day on


@dataclass(frozen=True, slots=True)
class Template:
    """One approved text."""

    id: str
    version: int
    jurisdictions: tuple[str, ...]  # ISO 3166 codes: for whose law it is approved
    channels: tuple[Channel, ...]
    purpose: Purpose
    states: dict[str, bool]  # the facts of the text: mentions_debt, states_identity …
    text: dict[str, str]  # zh and en, with slots in braces
    slots: tuple[str, ...]
    approved_by: str
    approved_on: date
    withdrawn_on: date | None
    file: str
    hash: str  # sha256 of the canonical content, hex: what a permit binds
    document: str | None = None  # what kind of document it is (`DOCUMENTS`); None: a message or a script
    title: dict[str, str] | None = None

    def usable(self, day: date, channel: str) -> bool:
        """Whether the template is approved for a channel on a day."""
        begun = self.approved_on <= day and (self.withdrawn_on is None or day < self.withdrawn_on)
        return begun and channel in self.channels

    def suits(self, relation: Relation) -> int:
        """How well the text suits who a person is to the debt: 2 if it is written for such, 1 for anybody, 0 not."""
        if not self.states["for_guarantor"]:
            return 1
        return 2 if relation is Relation.GUARANTOR else 0

    def facts(self, day: date, channel: str) -> dict[str, Value]:
        """What the gate reads from the register for a contact by this template."""
        return {"purpose": self.purpose.value, "template_approved": self.usable(day, channel), **self.states}


class Register:
    """All templates, by id."""

    def __init__(self, templates: tuple[Template, ...]) -> None:
        self.templates = {template.id: template for template in templates}
        self.hash = sha256(canonical({one.id: one.hash for one in templates})).hexdigest()
        said = dict.fromkeys(name for one in templates for name in one.states)
        self.flags = tuple(said) or (*FLAGS, *RARE, *READ)  # the facts that its texts state of themselves

    def __getitem__(self, name: str) -> Template:
        """The template of an id. Raises `UnknownTemplate`."""
        if name not in self.templates:
            raise UnknownTemplate(name, list(self.templates))
        return self.templates[name]

    def with_own(self, own: Iterable[Template]) -> Register:
        """The same with templates of a lender's own; their names (`OWN`) are no others'."""
        added = tuple(own)
        return Register((*self.templates.values(), *added)) if added else self

    def facts(self, name: str | None, day: date, channel: str) -> dict[str, Value]:
        """What the gate reads for a template id; one that the register does not know gives nothing but the no."""
        found = self.templates.get(name or "")
        return {"template_approved": False} if found is None else found.facts(day, channel)

    def columns(self, day: date) -> pl.DataFrame:
        """The register as columns to join proposals with, by ``template`` and ``channel``.

        A row per template and channel usable on the day, with the facts that the gate reads. A left join gives nulls
        to a proposal whose template is not usable: fill ``template_approved`` with false; its purpose stays missing.
        """
        rows = [
            {"template": one.id, "channel": channel.value, **one.facts(day, channel)}
            for one in self.templates.values()
            for channel in one.channels
            if one.usable(day, channel)
        ]
        schema = {
            "template": pl.String(),
            **{name: dtype_of(name) for name in ("channel", "purpose", "template_approved", *self.flags)},
        }
        return pl.DataFrame(rows, schema=schema)


def load_register(folder: Traversable | None = None, *, jurisdiction: str | None = "CN") -> Register:
    """The texts of a folder (the shipped ones by default) that are approved for a jurisdiction; of all with ``None``.

    A text that is not approved for the jurisdiction does not stand in its register, so the gate refuses it. Raises
    `Flaws` with everything found wrong, in texts for other jurisdictions too.
    """
    flaws: list[Flaw] = []
    found: list[Template] = []
    root = files("duecourse.law") / "register" if folder is None else folder
    for file in sorted((one for one in root.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name):
        try:
            place = f"register/{file.name}"
            page = read(text_of(file.read_bytes(), place), place)
            found.extend(_template(node) for node in page.items())
        except Flaw as flaw:
            flaws.append(flaw)
    seen: dict[str, str] = {}
    for one in found:
        if one.id in seen:
            flaws.append(Flaw(one.file, 1, f"template {one.id!r} stands also in {seen[one.id]}"))
        seen[one.id] = one.file
    if flaws:
        raise Flaws(flaws)
    return Register(tuple(one for one in found if jurisdiction is None or jurisdiction in one.jurisdictions))


DOCUMENTS = (
    "dunning_letter",
    "lawyer_letter",
    "assignment_notice",
    "validation_notice",
    "acceleration_notice",
    "settlement_offer",
    "plan_confirmation",
    "receipt",
    "paid_in_full",
    "credit_repair",
    "dunning_image",
)
"""The kinds of documents that are issued."""

CAPITALS = "_in_words"
"""Appended to an amount's slot: the amount in words as well (人民币大写)."""

OWN = re.compile(r"own\.[a-z0-9][a-z0-9_.-]{0,59}")
"""How a lender names its own templates: none that ships is named so."""

_GIVEN = ("approved", "status", "withdrawn")


def read_own(
    text: str, file: str, *, by: str = "nobody yet", on: date = date.max, withdrawn: date | None = None
) -> Template:
    """A template of a lender's own: written as in the register, without approval and status, which two people give.

    Without ``on`` it is a draft, usable on no day. Its hash is that of what was written. Raises `Flaw`.
    """
    items = read(text, file).items()
    node = items[0] if items else read("template: none", file)
    held = node.mapping(tuple(key for key in _KEYS if key not in _GIVEN), ("template", "version"))
    if len(items) > 1:
        raise items[1].flaw("one template at a time")
    if not OWN.fullmatch(held["template"].text()):
        raise node.flaw("a lender's own template is named own. and lower-case words, such as own.m2.letter", "template")
    if held["version"].number() < 1:
        raise node.flaw("versions are counted from 1", "version")
    given: dict[str, Scalar | list[Node] | dict[str, Node]] = {
        "approved": {"by": Node(by, file, node.line), "on": Node(on, file, node.line)},
        "status": (TemplateStatus.WITHDRAWN if withdrawn else TemplateStatus.APPROVED).value,
        **({"withdrawn": withdrawn} if withdrawn else {}),
    }
    whole = {**held, **{key: Node(value, file, node.line) for key, value in given.items()}}
    return replace(
        _template(Node(whole, file, node.line, node.keys_at)), hash=sha256(canonical(node.plain())).hexdigest()
    )


def _template(node: Node) -> Template:
    held = node.mapping(_KEYS, tuple(key for key in _KEYS if key not in ("withdrawn", "note", "document", "title")))
    approved = held["approved"].mapping(("by", "on"), ("by", "on"))
    jurisdictions = tuple(one.text() for one in held["jurisdictions"].items())
    if not jurisdictions:
        raise node.flaw(
            "a text is approved for at least one jurisdiction: an ISO 3166 code such as CN", "jurisdictions"
        )
    flags = (*FLAGS, *(name for place in jurisdictions for name in MORE.get(place, ())))
    said = {name: flag.flag() for name, flag in held["states"].mapping((*flags, *RARE), flags).items()}
    states = {**{name: said[name] for name in flags}, **{name: said.get(name, False) for name in RARE}}
    text = held["text"].both()
    status = TemplateStatus(held["status"].one_of(tuple(TemplateStatus)))
    if (status is TemplateStatus.WITHDRAWN) is not ("withdrawn" in held):
        raise node.flaw("status: withdrawn and the day `withdrawn` go together", "status")
    purpose = Purpose(held["purpose"].one_of(tuple(Purpose)))
    channels = tuple(Channel(one.one_of(tuple(Channel))) for one in held["channels"].items())
    slots = _slots(held["text"], text)
    document = held["document"].one_of(DOCUMENTS) if "document" in held else None
    title = held["title"].both() if "title" in held else None
    if document is not None and title is None:
        raise node.flaw("a document has a title", "document")
    if title is not None and _slots(held["title"], title):
        raise node.flaw("a title has no slots", "title")
    claims = Claims(purpose, channels, jurisdictions, states, text, frozenset(slots), document)
    check_claims(node, claims)
    return Template(
        id=held["template"].text(),
        version=held["version"].number(),
        jurisdictions=jurisdictions,
        channels=channels,
        purpose=purpose,
        states=states | read_off(claims),
        text=text,
        slots=slots,
        approved_by=approved["by"].text(),
        approved_on=approved["on"].day(),
        withdrawn_on=held["withdrawn"].day() if "withdrawn" in held else None,
        file=node.file,
        hash=sha256(canonical(node.plain())).hexdigest(),
        document=document,
        title=title,
    )


def _slots(node: Node, text: dict[str, str]) -> tuple[str, ...]:
    slots: dict[str, tuple[str, ...]] = {}
    for lang, body in text.items():
        try:
            fields = [(name, spec, turn) for _, name, spec, turn in Formatter().parse(body) if name is not None]
        except ValueError as trouble:
            raise node.flaw(f"braces do not close: {trouble}", lang) from None
        for name, spec, turn in fields:
            if name.removesuffix(CAPITALS) not in SLOTS or spec or turn:
                raise node.flaw(f"unknown slot {{{name}}}{nearest(name, list(SLOTS))}", lang)
        slots[lang] = tuple(sorted({name.removesuffix(CAPITALS) for name, _, _ in fields}))
    if slots["zh"] != slots["en"]:
        odd = sorted(set(slots["zh"]) ^ set(slots["en"]))
        raise node.flaw(f"the two languages do not have the same slots: {', '.join(odd)}")
    return slots["zh"]
