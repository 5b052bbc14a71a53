"""MT940 (SWIFT customer statement), by the library ``mt-940``: fields, dialects of field 86, balances.

A field 61 that the library refuses is set aside with its field 86, and the rest of the statement is read. Days are
taken as they stand: a 30 February, which some banks write, is refused rather than moved.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import mt940
from mt940.models import Transactions

from duecourse.book.statement.line import (
    REF_MAX,
    Flaw,
    Format,
    Line,
    NotAnAmount,
    Read,
    Rule,
    Statement,
    Unreadable,
    minor_of,
    tidy,
)
from duecourse.book.tape import encoding as encodings
from duecourse.core.money import EXPONENTS
from duecourse.trouble import N_, Said

_FIELD = re.compile(r"(?m)^(?=:\d{2}[A-Z]?:)")
_BLOCK = re.compile(r"(?m)^(?=:20:)")
_NOTHING = {"NONREF", "NOTPROVIDED", ""}
_EVERY = mt940.Options.all()
_AS_WRITTEN: dict[str, Any] = {"pre_statement": []}

logging.getLogger("mt940").addHandler(logging.NullHandler())
logging.getLogger("mt940").propagate = False  # it would log the text of a line that it cannot read


def read(path: Path, *, encoding: str | None = None) -> Read:
    """All statements of a file; raises `Unreadable` or `encoding.NotText`."""
    text = "".join(encodings.blocks(path, encoding or encodings.found(path))).replace("\r\n", "\n").lstrip("\ufeff")
    blocks = [one for one in _BLOCK.split(text) if one.startswith(":20:")]
    if not blocks:
        raise Unreadable(path.name, N_("it has no field 20, so it is no MT940"))
    statements, flaws, row = [], [], 0
    for block in blocks:
        made, wrong, row = _statement(path, block.partition("\n-}")[0].removesuffix("\n-"), row)
        statements.append(made)
        flaws += wrong
    return Read(Format.MT940, _whole(path, statements), tuple(flaws))


def _statement(path: Path, block: str, row: int) -> tuple[Statement, list[Flaw], int]:
    """One block: its heading and balances, then each field 61 with what belongs to it."""
    heading: list[str] = []
    entries: list[str] = []
    for part in (one for one in _FIELD.split(block) if one.strip()):
        if part.startswith(":61:"):
            entries.append(part)
        elif part.startswith((":86:", ":NS:")) and entries:
            entries[-1] += part
        else:
            heading.append(part)
    try:
        told = _parsed("".join(heading)).data
    except (RuntimeError, ValueError, ArithmeticError):
        raise Unreadable(path.name, N_("its heading or one of its balances is not as MT940 has it")) from None
    opening, closing = _balance(told, "opening"), _balance(told, "closing")
    currency = str(getattr(opening or closing, "currency", "") or "")
    account = tidy(str(told.get("account_identification") or ""), REF_MAX)
    if not account or currency not in EXPONENTS:
        raise Unreadable(path.name, N_("a statement names no account, or is in no currency that is known here"))
    start = "".join(one for one in heading if one.startswith((":20:", ":25:", ":28", ":60")))
    lines, flaws = [], []
    for entry in entries:
        row += 1
        try:
            lines.append(_line(start + entry, row, currency))
        except NotAnAmount as error:
            flaws.append(Flaw(row, "61", error.rule, str(error)))
        except (RuntimeError, ValueError, ArithmeticError, KeyError, IndexError):
            flaws.append(Flaw(row, "61", Rule.FORM, N_("the field is not as MT940 has it")))
    name = f"{told.get('statement_number') or ''}/{told.get('sequence_number') or ''}".strip("/")
    made = Statement(
        account=account, currency=currency, name=tidy(name or str(told.get("transaction_reference") or ""), REF_MAX),
        opening=_minor(path, opening, currency), closing=_minor(path, closing, currency), lines=tuple(lines),
    )  # fmt: skip
    return made, flaws, row


def _parsed(text: str) -> Transactions:
    made = Transactions(_AS_WRITTEN, options=_EVERY)
    made.parse(text)
    return made


def _balance(told: Mapping[str, Any], side: str) -> Any:  # noqa: ANN401 - a type of the library's
    for name in (f"final_{side}_balance", f"intermediate_{side}_balance", f"{side}_balance"):
        if told.get(name) is not None:
            return told[name].amount
    return None


def _minor(path: Path, amount: Any, currency: str) -> int | None:  # noqa: ANN401
    if amount is None:
        return None
    try:
        return minor_of(_digits(amount.amount), currency)
    except NotAnAmount as error:
        raise Unreadable(path.name, Said(N_("a balance: {why}"), why=str(error))) from None


def _digits(amount: Decimal) -> str:
    return f"{amount:f}"


def _line(text: str, row: int, currency: str) -> Line:
    told = _parsed(text).transactions[-1].data
    mark, signed = str(told["status"]).upper(), minor_of(_digits(told["amount"].amount), currency)
    if not signed:
        raise NotAnAmount(Rule.RANGE, N_("it is nothing"))
    day: date = told["date"]
    words = [told.get(name) for name in ("posting_text", "purpose", "transaction_details", "additional_purpose")]
    said = " ".join(tidy(one) for one in words[1:] if one) or tidy(words[0] or told.get("extra_details"))
    mine = str(told.get("customer_reference") or "").strip()
    end_to_end = str(told.get("end_to_end_reference") or "").strip()
    return Line(
        row=row, incoming=signed >= 0, minor=abs(signed), value_day=date(day.year, day.month, day.day),
        reference=tidy(str(told.get("bank_reference") or ""), REF_MAX),
        end_to_end=tidy(next((one for one in (end_to_end, mine) if one not in _NOTHING), ""), REF_MAX),
        text=said, name=tidy(told.get("applicant_name"), REF_MAX),
        account=tidy(told.get("gvc_applicant_iban") or told.get("applicant_iban"), REF_MAX),
        reversal=mark in {"RC", "RD"} or bool(told.get("return_debit_notes")),
        reason=tidy(str(told.get("return_debit_notes") or ""), 35),
    )  # fmt: skip


def _whole(path: Path, parts: list[Statement]) -> tuple[Statement, ...]:
    """Parts of one statement put together: each opens with what the one before it closed with. Raises `Unreadable`."""
    whole: list[Statement] = []
    for part in parts:
        last = whole[-1] if whole else None
        number = part.name.partition("/")[0]
        if (
            last is None
            or "/" not in part.name
            or (last.account, last.name.partition("/")[0]) != (part.account, number)
        ):
            whole.append(part)
            continue
        if last.closing != part.opening:
            raise Unreadable(
                path.name,
                Said(N_("part {part} does not open with what the part before it closed with"), part=part.name),
            )
        whole[-1] = Statement(
            account=last.account, currency=last.currency, name=last.name, opening=last.opening, closing=part.closing,
            lines=(*last.lines, *part.lines),
        )  # fmt: skip
    return tuple(whole)
