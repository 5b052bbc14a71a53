"""What cannot be done is said in Chinese to who reads Chinese, and in English as it always was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import program

EXPLAIN = ("law", "explain", "--channel", "call", "--template", "m1.call", "--at")

CASES = [
    (
        ("law", "show", "cn.contact.windw"),
        "没有规则、规则包或模板 'cn.contact.windw'（是否指 'cn.contact.window'？）；",
    ),
    (("law", "coverage", "cn.contact.windw"), "没有规则或规则包 'cn.contact.windw'（是否指"),
    (("law", "measure", "class_rnk", "--on", "2026-03-01"), "没有量值 'class_rnk'（是否指 'class_rank'？）；"),
    (("law", "measure", "class_rank"), "问的是哪一天的 class_rank？请写 --on 2026-03-01"),
    (
        ("law", "measure", "class_rank", "--on", "2026-03-01", "--fact", "lender_type=bnk"),
        "'bnk' 不是“lender_type”的值",
    ),
    ((*EXPLAIN, "22:10"), "--at '22:10' 不是时刻：请写作 2026-03-01T22:10"),
    ((*EXPLAIN, "2026-03-01T22:10", "--fact", "days=3"), "没有事实 'days'"),
    (("book", "map", "{folder}/empty.csv"), "无法读取 empty.csv：文件为空，或首行为空；首行须为列名"),
    (("book", "import", "--check", "{folder}/none.csv"), "没有文件或文件夹 "),
    (
        ("book", "import", "--check", "-m", "standart", "{folder}/empty.csv"),
        "没有映射 'standart'（是否指 'standard'？）：",
    ),
    (("book", "import", "--check", "-m", "{folder}/bad.yaml", "{folder}/empty.csv"), "bad.yaml，第 2 行：不是 YAML："),
    (
        ("book", "import", "--check", "-m", "{folder}/own.yaml", "{folder}/empty.csv"),
        "own.yaml 第 2 行：`tables:` 应为列表",
    ),
    (("demo", "generate", "--out", "{folder}"), "非空，且不含演示数据（缺少 made.json）；"),
    (("serve", "--host", "0.0.0.0"), "0.0.0.0 可被他人访问，没有 TLS 时令牌可能在途中被读取。"),  # noqa: S104 - it is refused
    (("lender", "list"), "DUECOURSE_DATABASE_URL 未要求 sslmode，而 db.example.com 是另一台机器："),
]


@pytest.mark.parametrize(
    ("said", "told"), CASES, ids=[" ".join(said[:2]) + str(at) for at, (said, _) in enumerate(CASES)]
)
def test_what_cannot_be_done_is_said_in_chinese(tmp_path: Path, said: tuple[str, ...], told: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.csv").touch()
    (folder / "bad.yaml").write_text("a: [\n", encoding="utf-8")
    (folder / "own.yaml").write_text("mapping: own\ntables: 3\n", encoding="utf-8")
    elsewhere = {"DUECOURSE_DATABASE_URL": "postgresql://u@db.example.com/x"} if said[0] == "lender" else {}
    arguments = [word.format(folder=folder) for word in said]
    done = program(tmp_path, *arguments, DUECOURSE_LANG="zh-CN", COLUMNS="400", **elsewhere)
    assert done.returncode > 2, done.stderr
    assert told in done.stderr
    assert not re.search(r"\b(the|is|are|not|and)\b", re.sub(r"`[^`]*`|<[^>]*>", "", done.stderr.partition("YAML")[0]))
