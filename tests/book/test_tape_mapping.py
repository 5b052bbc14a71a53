"""A mapping that is wrong says file, line, what, and what was probably meant."""

from __future__ import annotations

import pytest

from duecourse.book.tape.mapping import BadMapping, parse

GOOD = """mapping: mine
zone: Asia/Shanghai
currency: CNY
tables:
  - records: payments
    file: pay*.csv
    where: {column: state, not_in: [void]}
    fields:
      loan_ref: no
      paid_on: {column: day, format: "%d.%m.%Y"}
      amount_minor: {column: amount, unit: major}
"""


def test_a_good_one() -> None:
    read = parse(GOOD, "m.yaml")
    (table,) = read.tables
    assert table.takes("PAY-2026.csv")
    assert not table.takes("loans.csv")
    assert dict(table.specs)["paid_on"].formats == ("%d.%m.%Y",)


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("currency: CNY", "currency: CNX", "m.yaml, line 3: 'CNX' is not a currency; did you mean 'CNY'?"),
        ("zone: Asia/Shanghai", "zone: Asia/Shanghei", "line 2: 'Asia/Shanghei' is not a zone"),
        (
            "records: payments",
            "records: payment",
            "line 5: 'payment' is not a kind of record; did you mean 'payments'?",
        ),
        (
            "      paid_on: {",
            "      paid_at: {",
            "line 10: a record of payments has no 'paid_at'; did you mean 'paid_on'?",
        ),
        ("unit: major", "unit: yuan", "line 11: 'yuan' is not a unit of money"),
        ("unit: major", "unti: major", "line 11: field amount_minor has no 'unti'; did you mean 'unit'?"),
        ("{column: amount, unit: major}", "{unit: major}", "line 11: amount_minor needs one of column"),
        ("{column: state, not_in: [void]}", "{column: state}", "line 7: a condition is a column and one of"),
        ("      loan_ref: no\n", "", "line 5: payments need loan_ref, which the mapping does not fill"),
        ("      loan_ref: no\n", "      loan_ref: no\n      loan_ref: yes\n", "line 10: 'loan_ref' stands twice"),
        ("mapping: mine\n", "", "`mapping:` is missing"),
        ("tables:", "tables: [", "not YAML"),
    ],
)
def test_a_bad_one_is_told_where_and_what(was: str, now: str, says: str) -> None:
    with pytest.raises(BadMapping) as caught:
        parse(GOOD.replace(was, now, 1), "m.yaml")
    assert says in str(caught.value)


def test_there_is_nothing_to_evaluate() -> None:
    text = GOOD.replace("loan_ref: no", "loan_ref: !!python/object/apply:os.system [ls]")
    with pytest.raises(BadMapping):
        parse(text, "m.yaml")
