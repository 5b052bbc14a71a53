"""What can be wrong with a row, and the table in which each wrong row is named.

A fault says file, row, field, the value (masked), the rule, and what to do. Values may be somebody's name in the wrong
column, so they are masked whatever the field; personal fields show nothing at all.
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from duecourse.book.tape.layout import Records, Shape, fields


class Rule(StrEnum):
    """Rules that a row of a tape must keep."""

    FORM = "form"  # the value cannot be read as what the field is
    WHOLE = "whole"  # an amount or rate has a rest below the smallest unit
    RANGE = "range"  # outside what the engines accept
    MISSING = "missing"  # a needed value is empty
    CODE = "code"  # not in the mapping's code table, or not in the closed list
    LENGTH = "length"  # longer than any reference or text may be
    BYTES = "bytes"  # part of the value is no text in the file's encoding, or was lost before
    TWICE = "twice"  # the same key stands in the tape before
    UNKNOWN_LOAN = "unknown_loan"  # the loan is neither in the tape nor in the book
    UNKNOWN_TARGET = "unknown_target"  # a reversal or a schedule names an event that is not there
    CURRENCY = "currency"  # a currency without known decimal places
    COLLISION = "collision"  # two references meet in one key
    BORROWER = "borrower"  # the desk has somebody else as the loan's borrower
    TIE = "tie"  # a hold is about a loan that the person has nothing to do with
    TERMS = "terms"  # conventions that cannot be reckoned together
    SCHEDULE = "schedule"  # instalments are missing, out of order, or do not add up to the principal
    ORDER = "order"  # days that cannot follow each other
    FUTURE = "future"  # money that comes after the day of the tape
    CHECK_DIGIT = "check_digit"  # an identity number that does not check
    DEPENDS = "depends"  # another row, on which this one depends, was quarantined


WHY = {
    Rule.MISSING: "missing",
    Rule.UNKNOWN_LOAN: "the loan is neither in the tape nor in the book",
    Rule.UNKNOWN_TARGET: "what it names is neither in the tape nor in the book",
    Rule.CURRENCY: "a currency whose decimal places are not known",
    Rule.COLLISION: "two references stand for the same key",
    Rule.TWICE: "the same key stands before",
    Rule.CHECK_DIGIT: "the check digit is not that of the number",
}
"""What is said where the rule tells it all."""

TODO = {
    Rule.FORM: "write it as the field's shape asks, or name its format or codes in the mapping",
    Rule.WHOLE: "correct the amount, or let the mapping round it (`round: half_up`)",
    Rule.RANGE: "check the unit in the mapping; correct the value",
    Rule.MISSING: "fill it in, or give a default in the mapping",
    Rule.CODE: "add the code to the mapping's table, or correct the value",
    Rule.LENGTH: "shorten it; check that the columns have not moved",
    Rule.BYTES: "write the value anew, in the file or in a patch; if many rows are so, name the file's encoding in the "
    "mapping (`encoding:`)",
    Rule.TWICE: "remove one of the rows, or give them references of their own",
    Rule.UNKNOWN_LOAN: "send the loan in the same tape or before it",
    Rule.UNKNOWN_TARGET: "send what it names in the same tape or before it; check the reference",
    Rule.CURRENCY: "use an ISO 4217 code that duecourse knows",
    Rule.COLLISION: "rename one of the references; both stand for the same key",
    Rule.BORROWER: "correct the customer number, or note at the desk that the two are one person (`duecourse person "
    "merge`)",
    Rule.TIE: "correct the customer number or the loan; send the tie in the same tape or before it; leave the loan out "
    "where the hold is about all of the person's",
    Rule.TERMS: "correct the conventions of the loan or of the mapping",
    Rule.SCHEDULE: "send the whole schedule, in order, adding up to the principal",
    Rule.ORDER: "correct the days",
    Rule.FUTURE: "correct the day, or import on or after it",
    Rule.CHECK_DIGIT: "correct the number in the lender's system",
    Rule.DEPENDS: "mend the row it depends on; this one follows",
}

SHARPER = {
    (Rule.FORM, Shape.MONEY): "write one plain number, such as 1234.50, without words or signs of currency; say in the "
    "mapping whether it is yuan (`unit: major`) or fen (`unit: minor`)",
    (Rule.FORM, Shape.RATE): "write one plain number and name what it counts in the mapping: `unit: percent`, "
    "`permille`, `fraction`, `bp` or `ppm`, and `per: month` where it is not a year's",
    (Rule.FORM, Shape.DAY): "write it as 2026-03-31, or give the form of the days in the mapping (`format:`)",
    (Rule.FORM, Shape.INSTANT): "write it as 2026-03-31T09:30:00+08:00, or give its form in the mapping (`format:`)",
    (Rule.FORM, Shape.COUNT): "write a whole number, without a decimal point or a unit",
    (Rule.FORM, Shape.FLAG): "write true or false, or translate it in the mapping (`codes:`)",
    (Rule.WHOLE, Shape.MONEY): "is it yuan? then say `unit: major` in the mapping; if it has more decimal places than "
    "the currency, correct it or let the mapping round it (`round: half_up`)",
    (Rule.WHOLE, Shape.RATE): "check the unit of the rate in the mapping; below one ppm let the mapping round it "
    "(`round: half_up`)",
    (Rule.RANGE, Shape.MONEY): "check the unit in the mapping (`minor` for fen, `major` for yuan, `ten_thousand` for "
    "万元); send what is negative as a reversal or an adjustment",
    (Rule.RANGE, Shape.RATE): "check `unit:` and `per:` of the rate in the mapping; a yearly rate stays below 90 %",
    (Rule.RANGE, Shape.DAY): "check the form of the days in the mapping (`format:`), and the year",
    (Rule.MISSING, Shape.MONEY): "fill in the amount in the lender's file, or mend it with a patch; 0 only where it is "
    "known to be nothing",
}
"""What to do where the shape of the field tells more than the rule alone."""


OF_FIELD = {
    (Records.LOANS, "first_due", Rule.SCHEDULE): "send the loan's instalments, or first_due and instalment_count; of a "
    "card also its statement_day",
    (Records.LOANS, "statement_day", Rule.SCHEDULE): "fill in the day of the month of the card's statement, or send "
    "its instalments with due and days",
    (Records.LOANS, "principal_minor", Rule.SCHEDULE): "correct the principal or the amounts of the drawdowns; one "
    "that did not stand needs its reversal",
    (
        Records.ADJUSTMENTS,
        "amount_minor",
        Rule.SCHEDULE,
    ): "correct the amount, reverse the drawdown that did not stand, "
    "or send the loan's row with its new principal; a loan that came without drawdowns was paid out on its start: send "
    "with them a reversal of ~drawdown",
}
"""What to do about a field of one kind of record, where it is not what its rule asks for elsewhere."""


def todo(records: str, name: str, rule: Rule) -> str:
    """What to do about a fault in a field of a kind of record."""
    if records not in set(Records):
        return TODO[rule]
    if (Records(records), name, rule) in OF_FIELD:
        return OF_FIELD[Records(records), name, rule]
    known = fields(Records(records)).get(name)
    return SHARPER.get((rule, known.shape), TODO[rule]) if known else TODO[rule]


SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "src": pl.UInt16,  # the file's place in the tape
    "records": pl.String,
    "row": pl.UInt32,
    "field": pl.String,
    "rule": pl.String,
    "value": pl.String,  # masked
    "why": pl.String,
    "todo": pl.String,
}

HIDDEN = "***"
_SHOWN = 40
_DAY = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$"  # a day is nobody's number; days of birth are personal fields


def none() -> pl.DataFrame:
    """No faults."""
    return pl.DataFrame(schema=SCHEMA)


def masked(value: pl.Expr, *, personal: bool) -> pl.Expr:
    """A value fit for a message: nothing of a personal one; of others no name, long number or mailbox."""
    if personal:
        return pl.when(value.is_null()).then(pl.lit("")).otherwise(pl.lit(HIDDEN))
    text = value.cast(pl.String).fill_null("").str.slice(0, _SHOWN)
    covered = (
        text.str.replace_all(r"[\w.+-]+@[\w.-]+", HIDDEN)
        .str.replace_all(r"[\u3400-\u9fff]+", HIDDEN)
        .str.replace_all(r"\d[\d \-]{6,}([\dXx]{2})", HIDDEN + "${1}")
    )
    return pl.when(text.str.contains(_DAY)).then(text).otherwise(covered)


def table(
    rows: pl.DataFrame, *, records: str, field: str, rule: Rule, why: str | pl.Expr = "", value: pl.Expr | None = None
) -> pl.DataFrame:
    """Faults for all rows of a frame that carries ``src`` and ``row``; without ``why`` the rule's own sentence."""
    if rows.is_empty():
        return none()
    if isinstance(why, str):
        why = pl.lit(why or WHY[rule])
    return rows.select(
        pl.col("src"),
        pl.lit(records).alias("records"),
        pl.col("row"),
        pl.lit(field).alias("field"),
        pl.lit(str(rule)).alias("rule"),
        (pl.lit("") if value is None else value).alias("value"),
        why.cast(pl.String).alias("why"),
        pl.lit(todo(records, field, rule)).alias("todo"),
    )
