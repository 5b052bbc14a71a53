"""Statements of a made-up bank, for tests: a table with its mapping, in the encoding of Chinese banks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from duecourse.book.statement.table import BankMapping, parse

OURS = "6222000000000001"
MAPPING = f"""\
statement: demo
account: "{OURS}"
currency: CNY
encoding: gb18030
fields:
  value_day: 日期
  amount: 金额
  reference: 流水号
  name: 户名
  account: 账号
  credited: 入账账号
  text: 附言
"""
COLUMNS = ("日期", "金额", "流水号", "户名", "账号", "入账账号", "附言")


def mapping() -> BankMapping:
    """The mapping of the made-up bank."""
    return parse(MAPPING, "demo")


def write(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write rows (day, amount in yuan with its sign, reference, name, account, credited account, text)."""
    lines = [COLUMNS, *rows]
    text = "".join(",".join(str(cell) for cell in (*row, *[""] * (7 - len(row)))) + "\n" for row in lines)
    path.write_bytes(text.encode("gb18030"))
    return path
