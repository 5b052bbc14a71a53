"""How well replies are read: on sentences written before the rules, and on public sets of class B, which test alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import yaml

from duecourse.insight.guard.measuring import cut
from duecourse.insight.replies.read import Meaning, read

MONDAY = date(2026, 3, 2)
"""The day on which every sentence is read."""

INTENTS: Mapping[str, Meaning] = {
    "complain": Meaning.COMPLAINT, "already_repay": Meaning.PAID, "cant_repay": Meaning.HARDSHIP,
    "shortofmoney": Meaning.HARDSHIP, "cantrepayment": Meaning.HARDSHIP, "negotiation": Meaning.HARDSHIP,
    "bill_dispute": Meaning.DISPUTE, "will_repay": Meaning.PROMISE, "will_repay_date": Meaning.PROMISE,
    "repayment_today": Meaning.PROMISE, "id_no": Meaning.WRONG_PERSON, "wrongcall": Meaning.WRONG_PERSON,
    "contacts_dont_know": Meaning.WRONG_PERSON, "customer_service": Meaning.WANTS_PERSON,
}  # fmt: skip
"""Intents of the collection robots that are meanings of ours; whatever else they hear is none of them."""

BANK_DISPUTES = (
    "card_payment_not_recognised", "cash_withdrawal_not_recognised", "direct_debit_payment_not_recognised",
    "transaction_charged_twice", "card_payment_fee_charged", "extra_charge_on_statement",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """Of a set and a meaning: how many there are, how many were found, and how many others were taken for it."""

    name: str
    lang: str
    meaning: Meaning
    there: int
    found: int
    others: int
    taken: int


def measure(sentences: Path, data: Path | None) -> list[Measured]:
    """Every set, meaning by meaning."""
    told = []
    for lang, rows in yaml.safe_load(sentences.read_text("utf-8")).items():
        told += _lines("sentences of our own", lang, [(str(text), Meaning(meaning)) for meaning, text in rows])
    if data is not None:
        told += _robots(data)
        told += _bank(data)
    return told


def _robots(data: Path) -> list[Measured]:
    frame = pl.read_parquet(data / "collection_intents_zh" / "utterances.parquet").unique(["text", "intent"])
    rows = [
        (str(text), INTENTS.get(str(intent), Meaning.NONE))
        for text, intent in frame.select("text", "intent").sort("text", "intent").iter_rows()
        if cut(str(text)) == 0
    ]
    return _lines("collection robots (class B), cut off", "zh", rows)


def _bank(data: Path) -> list[Measured]:
    """Questions to a bank's robot: nearly none of them is any of ours, so they show false alarms."""
    frame = pl.read_parquet(data / "bank_intents_en" / "queries.parquet")
    label = next(one for one in ("intent", "label", "category") if one in frame.columns)
    rows = [
        (str(text), Meaning.NONE)
        for text, intent in frame.select("text", label).iter_rows()
        if cut(str(text)) == 0 and str(intent) not in BANK_DISPUTES
    ]
    return _lines("Banking77 (class A), cut off", "en", rows)


def _lines(name: str, lang: str, rows: Iterable[tuple[str, Meaning]]) -> list[Measured]:
    there: Counter[Meaning] = Counter()
    found: Counter[Meaning] = Counter()
    taken: Counter[Meaning] = Counter()
    country, currency = ("CN", "CNY") if lang == "zh" else ("US", "USD")
    total = 0
    for text, meant in rows:
        reading = read(text, today=MONDAY, country=country, currency=currency)
        signs = {one.meaning for one in reading.signs} or {Meaning.NONE}
        there[meant] += 1
        total += 1
        found[meant] += meant in signs
        for one in signs - {meant}:
            taken[one] += 1
    return [
        Measured(name, lang, meaning, there[meaning], found[meaning], total - there[meaning], taken[meaning])
        for meaning in Meaning
        if there[meaning] or taken[meaning]
    ]
