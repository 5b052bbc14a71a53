"""CAMT.053 (ISO 20022 BankToCustomerStatement) of any version: elements are known by their names, not their namespace.

An entry whose transactions are told one by one, each with its amount, becomes a line for each, if they add up to it;
otherwise it is one line. Entries that the bank has not booked (pending, for information) are counted and left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

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
from duecourse.core.money import EXPONENTS
from duecourse.trouble import N_, Said

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NOTHING = {"NOTPROVIDED", "NONREF", "NOTAVAILABLE"}
_BOOKED = {"", "BOOK"}
_OPENS = ("OPBD", "PRCD", "OPAV")
_CLOSES = ("CLBD",)


class _WrongRow(Exception):
    """An entry that cannot be read."""

    def __init__(self, field: str, rule: Rule, why: str) -> None:
        self.field, self.rule, self.why = field, rule, why
        super().__init__(field)


def read(path: Path) -> Read:
    """All statements of a file; raises `Unreadable`."""
    try:
        root = parse(path, forbid_dtd=True).getroot()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(
            path.name, Said(N_("it is no XML that may be read: {kind}"), kind=type(error).__name__)
        ) from None
    documents = [one for one in root.iter() if _name(one) == "BkToCstmrStmt"]
    if not documents:
        raise Unreadable(path.name, N_("it holds no BkToCstmrStmt, so it is no CAMT.053"))
    flaws: list[Flaw] = []
    statements, row, unbooked = [], 0, 0
    for found in (one for document in documents for one in _each(document, "Stmt")):
        account, currency = _account(path, found)
        lines: list[Line] = []
        for entry in _each(found, "Ntry"):
            row += 1
            if _text(entry, "Sts", "Cd") or _text(entry, "Sts"):
                status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
                if status not in _BOOKED:
                    unbooked += 1
                    continue
            try:
                lines += _lines(entry, row, account, currency)
            except _WrongRow as wrong:
                flaws.append(Flaw(row, wrong.field, wrong.rule, wrong.why))
        statements.append(
            Statement(
                account=account, currency=currency, name=tidy(_text(found, "Id"), REF_MAX),
                opening=_balance(path, found, _OPENS, currency), closing=_balance(path, found, _CLOSES, currency),
                lines=tuple(lines),
            )
        )  # fmt: skip
    return Read(Format.CAMT, tuple(statements), tuple(flaws), unbooked)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _each(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element if _name(one) == name)


def _at(element: Element | None, *names: str) -> Element | None:
    for name in names:
        element = None if element is None else next(_each(element, name), None)
    return element


def _text(element: Element | None, *names: str) -> str:
    found = _at(element, *names)
    return (found.text or "").strip() if found is not None else ""


def _account(path: Path, statement: Element) -> tuple[str, str]:
    account = _number(_at(statement, "Acct"))
    currency = _text(statement, "Acct", "Ccy") or next(
        (one.get("Ccy", "") for one in statement.iter() if _name(one) == "Amt" and one.get("Ccy")), ""
    )
    if not account:
        raise Unreadable(path.name, N_("a statement names no account"))
    if currency not in EXPONENTS:
        raise Unreadable(path.name, N_("a statement is in no currency that is known here"))
    return account, currency


def _number(account: Element | None) -> str:
    return _text(account, "Id", "IBAN") or _text(account, "Id", "Othr", "Id")


def _balance(path: Path, statement: Element, kinds: Iterable[str], currency: str) -> int | None:
    by_kind = {_text(one, "Tp", "CdOrPrtry", "Cd"): one for one in _each(statement, "Bal")}
    for kind in kinds:
        if kind in by_kind:
            try:
                minor = minor_of(_text(by_kind[kind], "Amt"), currency)
            except NotAnAmount as error:
                raise Unreadable(path.name, Said(N_("a balance: {why}"), why=str(error))) from None
            return minor if _text(by_kind[kind], "CdtDbtInd") != "DBIT" else -minor
    return None


def _lines(entry: Element, row: int, account: str, currency: str) -> list[Line]:
    incoming, minor = _side(entry), _amount(_at(entry, "Amt"), currency)
    day, reference = _day(entry), _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    taken_back = _text(entry, "RvslInd") == "true"
    details = [one for each in _each(entry, "NtryDtls") for one in _each(each, "TxDtls")]
    parts = [_part(one) for one in details]
    alone = len(details) <= 1 or any(one is None for one in parts)
    if not alone:
        amounts = [_amount(one, currency) for one in parts]
        signs = [_text(one, "CdtDbtInd") for one in details]
        if any(one and (one == "CRDT") != incoming for one in signs) or sum(amounts) != minor:
            raise _WrongRow("TxDtls", Rule.PARTS, N_("its transactions do not add up to the entry"))
    told = [(minor, details[0] if details else None)] if alone else list(zip(amounts, details, strict=True))
    return [
        _line(one, row=row, incoming=incoming, minor=each, day=day, reference=reference, account=account,
              extra=_text(entry, "AddtlNtryInf"), reversal=taken_back)
        for each, one in told
    ]  # fmt: skip


def _part(details: Element) -> Element | None:
    amount = _at(details, "Amt")
    return amount if amount is not None else _at(details, "AmtDtls", "TxAmt", "Amt")


def _line(
    details: Element | None, *, row: int, incoming: bool, minor: int, day: date, reference: str, account: str,
    extra: str, reversal: bool,
) -> Line:  # fmt: skip
    parties, references = _at(details, "RltdPties"), _at(details, "Refs")
    other, ours = ("Dbtr", "CdtrAcct") if incoming else ("Cdtr", "DbtrAcct")
    credited = _number(_at(parties, ours))
    remitted = _at(details, "RmtInf")
    told = [one.text or "" for one in _each(remitted, "Ustrd")] if remitted is not None else []
    told += [_text(one, "CdtrRefInf", "Ref") for one in _each(remitted, "Strd")] if remitted is not None else []
    end_to_end = _text(references, "EndToEndId")
    returned = _at(details, "RtrInf")
    return Line(
        row=row, incoming=incoming, minor=minor, value_day=day,
        reference=tidy(_text(references, "AcctSvcrRef") or _text(references, "TxId") or reference, REF_MAX),
        end_to_end="" if end_to_end in _NOTHING else tidy(end_to_end, REF_MAX),
        text=tidy(" ".join(told) or _text(details, "AddtlTxInf") or extra),
        name=tidy(_text(parties, other, "Nm") or _text(parties, other, "Pty", "Nm"), REF_MAX),
        account=tidy(_number(_at(parties, f"{other}Acct")), REF_MAX),
        credited="" if credited == account else tidy(credited, REF_MAX),
        reversal=reversal or returned is not None, reason=tidy(_text(returned, "Rsn", "Cd"), 35),
    )  # fmt: skip


def _side(entry: Element) -> bool:
    side = _text(entry, "CdtDbtInd")
    if side not in {"CRDT", "DBIT"}:
        raise _WrongRow("CdtDbtInd", Rule.FORM, N_("it is neither CRDT nor DBIT"))
    return side == "CRDT"


def _amount(amount: Element | None, currency: str) -> int:
    if amount is None or not (amount.text or "").strip():
        raise _WrongRow("Amt", Rule.MISSING, N_("there is no amount"))
    if amount.get("Ccy", currency) != currency:
        raise _WrongRow("Amt", Rule.CURRENCY, N_("it is in another currency than the account"))
    try:
        minor = minor_of(amount.text or "", currency)
    except NotAnAmount as error:
        raise _WrongRow("Amt", error.rule, str(error)) from None
    if minor <= 0:
        raise _WrongRow("Amt", Rule.RANGE, N_("it is not above zero; the side stands in CdtDbtInd"))
    return minor


def _day(entry: Element) -> date:
    for name in ("ValDt", "BookgDt"):
        text = _text(entry, name, "Dt") or _text(entry, name, "DtTm")[:10]
        if text:
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise _WrongRow(name, Rule.FORM, N_("it is no day")) from None
    raise _WrongRow("ValDt", Rule.MISSING, N_("there is neither a value day nor a booking day"))
