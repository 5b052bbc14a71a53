"""The content of a notice: its words with the values put in, checked, in the one form that a hash in the log covers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width

import rfc8785

from duecourse.channels.render.blocks import Block, block_of, filled, read_blocks
from duecourse.channels.render.glyphs import missing
from duecourse.channels.render.words import capitals, locale_of, written
from duecourse.core.money import BrokenInvariant
from duecourse.law.claims import forbidden_words
from duecourse.law.notice import Part, lacking, parts, shows_debt
from duecourse.law.templates import CAPITALS, Template
from duecourse.trouble import N_, BadInput, Refused

FORMAT = "duecourse notice 1"
AMOUNTS = (
    "amount_due", "principal_due", "interest_due", "fees_due", "amount_paid", "amount_offer", "amount_promised",
    "amount_then",
)  # fmt: skip
"""Slots that are amounts; those that a text has are listed apart in its content."""

VALUE_MAX, ROWS_MAX = 500, 20_000
ROWS = frozenset({"changes_since", "schedule"})
"""Slots whose value may be a table: a line for each row, cells parted by ``|``."""

LINES = ROWS | {"postal_address", "dispute_address"}
"""Slots whose value may have several lines."""

_UNSHOWN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
_HEAD = ("lender", "business", "salutation", "postal_address")


class ValueForbidden(BadInput):
    """A value is missing, too long, or holds what no paper can show as it is."""

    def __init__(self, slot: str) -> None:
        super().__init__(
            N_(
                "{slot} has no value, one longer than {most} characters, or one with control characters: nothing was "
                "made of the template"
            ),
            slot=slot, most=ROWS_MAX if slot in ROWS else VALUE_MAX,
        )  # fmt: skip


class Unprintable(BadInput):
    """A value has a character that no font here has: it would be printed as a box."""

    def __init__(self, slot: str, signs: str) -> None:
        super().__init__(
            N_(
                "{slot} cannot be printed: no font here has {signs}. A name is never printed with a box; write it as "
                "the identity document transcribes it"
            ),
            slot=slot, signs=", ".join(f"{sign} (U+{ord(sign):04X})" for sign in signs),
        )  # fmt: skip


class TooLong(BadInput):
    """An address does not fit the window of the envelope, however small it is set."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "the address takes more than {most} lines in the window of the envelope: write it shorter, with a line "
                "for each of its parts"
            ),
            most=WINDOW_LINES - 1,
        )


class Lacking(BadInput):
    """A document lacks what the law or the house asks of it."""

    def __init__(self, template: str, found: tuple[Part, ...]) -> None:
        self.parts = found
        super().__init__(
            N_("{template} lacks, and nothing was made of it: {parts}"),
            template=template,
            parts="; ".join(f"{one.means} ({', '.join(one.slots)}; {one.source})" for one in found),
        )  # fmt: skip


class Forbidden(Refused):
    """A value says what the template does not say of itself, or shows the debt where others may see it."""

    def __init__(self, template: str, slot: str, said: str, why: str) -> None:
        super().__init__(
            N_("{template}: the value of {slot} says {said!r} ({why}); say it without, or use a text approved for it"),
            template=template, slot=slot, said=said, why=why,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verify:
    """What the reader checks a notice by: the code in groups of four, and the address of its page."""

    code: str
    url: str


@dataclass(frozen=True, slots=True)
class Content:
    """A notice in words, as every form of it says them."""

    document: str  # kind of document; `letter` or `message` where it is none of the kinds
    lang: str  # zh or en
    title: str
    blocks: tuple[Block, ...] = field(repr=False)
    amounts: Mapping[str, str] = field(repr=False)  # by slot, as they are printed
    issued_on: str  # ISO day, or empty
    verify: Verify | None
    sender: str  # whose letter it is, at its head
    window: tuple[str, ...] = field(repr=False)  # what the window of the envelope shows
    subject: str  # what everybody may see: of an e-mail, a file, a lock screen

    def canonical(self) -> bytes:
        """RFC 8785 JSON of everything that is printed."""
        return rfc8785.dumps({"format": FORMAT, **self.plain()})  # type: ignore[dict-item]

    def plain(self) -> dict[str, object]:
        """Everything that is printed, for JSON."""
        return {
            "document": self.document, "lang": self.lang, "title": self.title, "sender": self.sender,
            "window": list(self.window), "subject": self.subject, "blocks": [one.plain() for one in self.blocks],
            "amounts": dict(self.amounts), "issued_on": self.issued_on,
            "code": self.verify.code if self.verify else "", "url": self.verify.url if self.verify else "",
        }  # fmt: skip


def read_content(canonical: bytes) -> Content:
    """The content whose canonical form it is, however templates and their composition changed since."""
    said = json.loads(canonical)
    found = Content(
        document=said["document"], lang=said["lang"], title=said["title"],
        blocks=tuple(block_of(one) for one in said["blocks"]), amounts=said["amounts"], issued_on=said["issued_on"],
        verify=Verify(said["code"], said["url"]) if said["code"] else None, sender=said["sender"],
        window=tuple(said["window"]), subject=said["subject"],
    )  # fmt: skip
    if found.canonical() != canonical:
        raise BrokenInvariant("the canonical form of a notice reads as another notice")
    return found


_SUBJECTS = {"zh": ("{sender}给您的函件", "给您的函件"), "en": ("A letter for you from {sender}", "A letter for you")}


def compose(template: Template, values: Mapping[str, str], lang: str, *, verify: Verify | None) -> Content:
    """Fill a template in, its values as plain text: days as ``2026-03-01``, amounts as ``1,234.50 CNY``.

    Values beyond the slots may be given; of these only ``lender``, ``business``, ``salutation`` and ``postal_address``
    are looked at, for head and window of a letter. Raises `ValueForbidden`, `Unprintable`, `Lacking`, `Forbidden`.
    """
    given = {
        name: values.get(name, "") for name in (*template.slots, "lender", "business", "salutation", "postal_address")
    }
    _check_values(template, given)
    place = template.jurisdictions[0]
    locale = locale_of(lang, place)
    blocks = filled(read_blocks(template.text[lang], lang), _value_of(given, locale))
    title = (template.title or {}).get(lang, "")
    if odd := missing("".join(one.words() for one in blocks) + title):
        raise Unprintable(template.id, odd)
    return Content(
        document=template.document or ("letter" if template.title else "message"),
        lang=lang,
        title=title,
        blocks=blocks,
        amounts={slot: written(given[slot], locale) for slot in AMOUNTS if slot in template.slots},
        issued_on=values.get("issued_on", ""),
        verify=verify,
        sender=_sender(template, given),
        window=_window(template, given, lang),
        subject=_subject(given["business"] or given["lender"], lang),
    )


def _sender(template: Template, given: Mapping[str, str]) -> str:
    """Whose letter it is: the law firm's, the collector's that says it is one, else the lender's."""
    if template.document == "lawyer_letter":
        return given["law_firm"]
    return (given.get("agency", "") if template.states.get("discloses_collector") else "") or given["lender"]


def _value_of(given: Mapping[str, str], locale: str) -> Callable[[str], str]:
    """How the value of a slot is written; a table's value by cell."""

    def value(slot: str) -> str:
        base = slot.removesuffix(CAPITALS)
        said = given[base].strip()
        if slot != base:
            return capitals(said) if locale == "zh_CN" else written(said, locale)
        if slot in ROWS:
            rows = ([written(cell.strip(), locale) for cell in line.split("|")] for line in said.splitlines())
            return "\n".join("|".join(row) for row in rows)
        return written(said, locale)

    return value


def _check_values(template: Template, given: Mapping[str, str]) -> None:
    """What is checked before any of it is printed."""
    wanted = parts(template.jurisdictions, template.document, template.channels, template.purpose)
    if short := lacking({slot: given.get(slot, "") for one in wanted for slot in one.slots}, wanted):
        raise Lacking(template.id, short)
    for slot, value in given.items():
        said = value.strip()
        if (slot in template.slots and not said) or len(value) > (ROWS_MAX if slot in ROWS else VALUE_MAX):
            raise ValueForbidden(slot)
        if _UNSHOWN.search(said) or ("\n" in said and slot not in LINES):
            raise ValueForbidden(slot)
        if odd := missing(said):
            raise Unprintable(slot, odd)
        for name, word in forbidden_words(said):
            if not template.states.get(name, False):
                raise Forbidden(template.id, slot, word, name)
    for slot in ("salutation", "postal_address"):
        if word := shows_debt(given[slot]):
            raise Forbidden(template.id, slot, word, "shows_debt")
    if template.title and window_lines(given["postal_address"].splitlines()) > WINDOW_LINES - 1:  # one for the name
        raise TooLong


WINDOW_LINES, _WINDOW_SIGNS = 7, 52
"""Lines in the window at the smallest size, and how many narrow signs (or half as many wide ones) fit one."""


def window_lines(lines: Sequence[str]) -> int:
    """How many lines name and address take in the window at the smallest size.

    >>> window_lines(["示例先生", "示例省示例市", "示例路" * 20])
    5
    """
    widths = [sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in line) for line in lines]
    return sum(-(-width // _WINDOW_SIGNS) for width in widths)


PRIVATE = {"zh": "私人信函 · 仅限本人拆阅", "en": "Private and confidential"}
"""What stands over the addressee."""


def not_shown(lines: Sequence[str]) -> bool:
    """Whether name and address may not stand in an envelope's window: they speak of a debt, or cannot be printed there.

    >>> not_shown(["张三", "演示省演示市东区幸福路1号"]), not_shown(["张三（欠款人）"])
    (False, True)
    """
    return bool(missing("".join(lines))) or any(map(shows_debt, lines)) or window_lines(lines) > WINDOW_LINES


def _window(template: Template, given: Mapping[str, str], lang: str) -> tuple[str, ...]:
    """What the window of the envelope shows: to whom, where, and that it is private. Nothing of the debt."""
    if not template.title:
        return ()
    lines = [given["salutation"], *given["postal_address"].splitlines()]
    return (PRIVATE[lang], *(line.strip() for line in lines if line.strip()))


def _subject(sender: str, lang: str) -> str:
    """What stands outside: the sender's name, but not one that speaks of a debt."""
    named, bare = _SUBJECTS[lang]
    return named.format(sender=sender) if sender and not shows_debt(sender) else bare
