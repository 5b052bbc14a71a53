"""The readable part of a bundle: what a court looks at in its order, the timeline, the ledger, the documents.

It says nothing that the records, the book and the documents do not say, and is no evidence itself: its reader goes from
a line to the numbered record, which the verifier checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from duecourse.book.loan import BookLoan
from duecourse.casework import dossier_words as words
from duecourse.core.delinquency import explained, readings
from duecourse.core.money import plain
from duecourse.core.wording import account_word, line_words
from duecourse.evidence import record
from duecourse.evidence.record import Fact, Opening
from duecourse.locale import Language, catalogue
from duecourse.storage.documents import Document
from duecourse.storage.log import Entry
from duecourse.storage.notices import Notice


class BundleFor(StrEnum):
    """For whom a bundle is made."""

    COURT = "court"  # or an arbitrator, or who enforces
    REGULATOR = "regulator"  # or an auditor
    BORROWER = "borrower"  # whose case it is


CLEAR: Mapping[BundleFor, frozenset[str]] = {
    BundleFor.COURT: frozenset({"party", "free_text", "documents", "notices"}),
    BundleFor.REGULATOR: frozenset(),
    BundleFor.BORROWER: frozenset({"party", "documents", "notices"}),
}
"""What is in clear for whom; the rest is masked or left out. Staff's free text may speak of others."""

FREE_TEXT = frozenset({"text", "reason"})
"""Facts in free text."""

LANGUAGES = {"en": Language.EN, "zh": Language.ZH}


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, paragraphs, a list, and tables, each with its head; of a table the first column is the wide one."""

    heading: str
    says: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    tables: tuple[
        tuple[str, Sequence[Sequence[str]]], ...
    ] = ()  # a line above, and rows of which the first is the head


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything that the readable part is made of."""

    case_id: int
    purpose: BundleFor
    origin: str
    size: int
    at: datetime
    zone: str
    shown: Sequence[tuple[Entry, Sequence[Opening]]]  # in the log's order
    closed: int
    left_out: int
    unproven: Sequence[date]
    stamps: int
    anchors: int
    witnesses: int
    days: Sequence[date]  # of the matter: opened, closed or today
    name: str = field(repr=False)
    points: Sequence[str] = field(repr=False)
    person_id: int = 0  # of the borrower
    loans: Sequence[BookLoan] = ()
    refs: Mapping[str, str] = field(default_factory=dict)  # the lender's numbers of loans, by their keys
    known: datetime | None = None
    documents: Sequence[tuple[Document, str]] = ()  # with the name of its file, empty where it is not given
    recordings: Sequence[tuple[datetime, str, str]] = ()  # of calls: instant, file likewise, SHA-256
    notices: Sequence[tuple[Notice, str]] = ()  # likewise


def parts(matter: Matter, lang: str) -> list[Part]:
    """The readable part in one language."""
    return list(_parts(matter, lang))


def title(matter: Matter, lang: str) -> str:
    """Its title."""
    return words.said("title", lang, case=matter.case_id)


def markdown(matter: Matter, lang: str) -> str:
    """The readable part as plain text that reads well as it is."""
    lines = [f"# {title(matter, lang)}", ""]
    for part in parts(matter, lang):
        if part.heading:
            lines += [f"## {part.heading}", ""]
        for said in part.says:
            lines += [said, ""]
        if part.items:
            lines += [*(f"- {one}" for one in part.items), ""]
        for above, rows in part.tables:
            lines += [above, ""] if above else []
            head, *rest = rows
            lines += [_line(head), _line(["---"] * len(head)), *map(_line, rest), ""]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _parts(matter: Matter, lang: str) -> Iterator[Part]:
    zone, none = ZoneInfo(matter.zone), words.said("none", lang)
    at = f"{matter.at.astimezone(zone):%Y-%m-%d %H:%M}"
    said = words.said("times", lang, zone=matter.zone)
    days = [one.at.astimezone(zone).date().isoformat() for one, _ in matter.shown]
    semicolon, colon = ("；", "：") if lang == "zh" else ("; ", ": ")
    masked = [said for name, said in words.masked(lang).items() if name not in CLEAR[matter.purpose]]
    purpose = words.word("purposes", matter.purpose, lang)
    of = words.said("of", lang, origin=matter.origin, size=matter.size, at=at, purpose=purpose)
    yield Part(
        "", (of, words.said("party", lang, name=matter.name or none, points=", ".join(matter.points) or none), said)
    )
    values: dict[str, dict[str, object]] = {
        "source": {"actors": len({record.read(one.content)["actor"] for one, _ in matter.shown})},
        "generation": {
            "records": len(matter.shown), "first": min(days, default=none), "last": max(days, default=none),
        },
        "storage": {
            "size": matter.size, "stamps": matter.stamps, "anchors": matter.anchors, "witnesses": matter.witnesses,
        },
        "custody": {
            "at": at, "facts": sum(len(opened) for _, opened in matter.shown), "closed": matter.closed,
            "left_out": matter.left_out, "unproven": ", ".join(str(day) for day in matter.unproven) or none,
            "masks": semicolon.join(masked) or none,
        },
    }  # fmt: skip
    for name, given in values.items():
        yield Part(words.said(name, lang), (words.said(f"{name}_says", lang, **given),))
    answers = tuple(f"{point}{colon}{answer}" for point, answer in words.factors(lang))
    yield Part(words.said("factors", lang), (), answers)
    yield _timeline(matter, lang)
    yield _ledger(matter, lang)
    yield _documents(matter, lang)


def _timeline(matter: Matter, lang: str) -> Part:
    if not matter.shown:
        return Part(words.said("timeline", lang), (words.said("empty", lang),))
    zone, stop = ZoneInfo(matter.zone), "。" if lang == "zh" else ": "
    rows = [
        [
            words.word("kinds", one.kind, lang) + stop + _content(one, opened, lang, matter),
            f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", str(one.entry_id),
        ]
        for one, opened in sorted(matter.shown, key=lambda each: (each[0].at, each[0].entry_id))
    ]  # fmt: skip
    return Part(words.said("timeline", lang), (), (), (("", [words.head("timeline_head", lang), *rows]),))


def _content(entry: Entry, opened: Sequence[Opening], lang: str, matter: Matter) -> str:
    """What a record states and which facts of it are shown, each as name and value; hashes stay in the record."""
    stated = record.read(entry.content)["stated"]
    pairs: list[tuple[str, Fact]] = list(stated.items()) if isinstance(stated, dict) else []
    pairs += [(one.field, one.value) for one in opened if not isinstance(one.value, dict)]
    given = dict(pairs)
    amount, currency = given.get("amount"), given.get("currency")
    if isinstance(amount, int) and isinstance(currency, str):
        sum_ = ("amount", f"{plain(amount, currency)} {currency}")
        pairs = [sum_ if name == "amount" else (name, value) for name, value in pairs if name != "currency"]
    people = {str(matter.person_id): words.said("borrower", lang)}
    pairs = [
        (name, _named(value, matter.refs if name in _LOANS else people if name in _PEOPLE else {}))
        for name, value in pairs
    ]
    zone = ZoneInfo(matter.zone)
    said = [(name, _value(name, value, lang, zone)) for name, value in pairs if value not in (None, "", [])]
    colon, semicolon = ("：", "；") if lang == "zh" else (": ", "; ")
    told = [
        f"{words.word('fields', name, lang, of=entry.kind)}{colon}{value}"
        for name, value in said
        if not _HASH.fullmatch(value)
    ]
    return semicolon.join(dict.fromkeys(told))


_LOANS = frozenset({"loan", "loans"})
_PEOPLE = frozenset({"promised_by", "person", "recipient", "debtor"})


def _named(value: Fact, names: Mapping[str, str]) -> Fact:
    """Loans as the lender names them, and the borrower as that; one whose name is not kept stays its key."""
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    return names.get(str(value), value) if isinstance(value, str | int) else value


_NUMBERED = re.compile(r"([a-z_ ]+)/\d+")
"""A value that was read, by its kind and its number in the store: only the kind says anything to a reader."""

_HASH = re.compile("[0-9a-f]{64}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_WORD = re.compile("[a-z_]+")


def _value(name: str, value: Fact, lang: str, zone: ZoneInfo) -> str:
    said = catalogue(LANGUAGES[lang]).gettext
    if name == "field" and isinstance(value, str) and (numbered := _NUMBERED.fullmatch(value)):
        value = numbered[1]
    if isinstance(value, str) and (known := words.word("values", value, lang, of=name)) != value:
        return known
    match value:
        case bool():
            return said("yes") if value else said("no")
        case str() if _INSTANT.fullmatch(value):
            return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"
        case str() if _WORD.fullmatch(value):
            return said(value.replace("_", " "))
        case list():
            return ", ".join(_value(name, one, lang, zone) for one in value)
        case _:
            return str(value)


def _ledger(matter: Matter, lang: str) -> Part:
    if not matter.loans or matter.known is None:
        return Part(words.said("ledger", lang), (words.said("no_ledger", lang),))
    tables: list[tuple[str, Sequence[Sequence[str]]]] = []
    chinese, known = lang == "zh", matter.known
    for one in matter.loans:
        days = sorted(set(matter.days))
        _, trace = explained(one.loan, days[-1], known=known)
        balances = [
            [
                found.day.isoformat(), str(found.dpd), plain(found.due, one.currency),
                plain(found.overdue, one.currency), plain(found.settle, one.currency),
            ]
            for found in readings(one.loan, days, known=known)
        ]  # fmt: skip
        lines = [
            [
                *((line_words(line, one.currency, chinese=chinese), line.day.isoformat()) if place == 0 else ("", "")),
                account_word(account, chinese=chinese), plain(minor, one.currency),
            ]
            for line in trace.lines
            for place, (account, minor) in enumerate(line.moves)
        ]  # fmt: skip
        terms = one.loan.terms
        above = words.said(
            "loan",
            lang,
            loan=one.loan.ref,
            currency=one.currency,
            rate=_percent(terms.rate_ppm),
            penalty=_percent(terms.penalty_ppm),
        )
        tables.append((above, [words.head("days_head", lang), *balances]))
        tables.append(("", [words.head("ledger_head", lang), *lines]))
    said = words.said("ledger_says", lang, known=f"{known.astimezone(ZoneInfo(matter.zone)):%Y-%m-%d %H:%M}")
    return Part(words.said("ledger", lang), (said,), (), tuple(tables))


def _percent(ppm: int) -> str:
    whole, part = divmod(ppm, 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")


def _documents(matter: Matter, lang: str) -> Part:
    if not (matter.documents or matter.recordings or matter.notices):
        return Part(words.said("documents", lang), (words.said("no_documents", lang),))
    said, zone = catalogue(LANGUAGES[lang]).gettext, ZoneInfo(matter.zone)
    listed = (
        tuple(
            f"{one.at.astimezone(zone).date()}, {said(one.kind)}, {name or words.said('not_given', lang)}, "
            f"SHA-256 {bytes(one.sha256).hex()}"
            for one, name in matter.documents
        )
        + tuple(
            f"{at.astimezone(zone):%Y-%m-%d %H:%M}, {words.said('recording', lang)}, "
            f"{name or words.said('not_given', lang)}, SHA-256 {digest}"
            for at, name, digest in matter.recordings
        )
        + tuple(
            f"{one.at.astimezone(zone).date()}, {_titled(one, lang)}, {name or words.said('not_given', lang)}, "
            f"SHA-256 {bytes(one.content_hash).hex()}"
            for one, name in matter.notices
        )
    )
    return Part(words.said("documents", lang), (), listed)


def _titled(notice: Notice, lang: str) -> str:
    """A notice by its title and number."""
    title = notice.shown.get("title")
    named = title.get(lang) if isinstance(title, dict) else None
    return f"{named or words.word('kinds', 'notice.issued', lang)} {notice.notice_id}"
