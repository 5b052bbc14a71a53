"""The program as people meet it: what it prints where, in which language, and how it ends when something is wrong."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from duecourse import __version__
from duecourse.app import FOLDER, home_of, key_ring, open_desk, settings
from duecourse.cli import docs, failure, main, output, words
from duecourse.core.money import Money, UnknownCurrency
from duecourse.locale import Language
from duecourse.storage.vault.ring import RingUnreadable
from duecourse.trouble import BadInput, Busy, Exit, Refused, Unavailable
from tests.conftest import Program


def test_without_arguments_it_shows_its_nouns(duecourse: Program) -> None:
    shown = duecourse()
    assert "server" in shown.stdout + shown.stderr
    assert duecourse("--help").returncode == Exit.OK


def test_an_unknown_noun_is_a_usage_error(duecourse: Program) -> None:
    ended = duecourse("nonsense")
    assert ended.returncode == Exit.USAGE
    assert "nonsense" in ended.stderr
    assert ended.stdout == ""


def test_json_is_one_document_and_nothing_else(duecourse: Program) -> None:
    assert json.loads(duecourse("version", "--json").stdout)["duecourse"] == __version__


@pytest.mark.parametrize("how", [{"DUECOURSE_LANG": "zh-CN"}, {"LC_ALL": "zh_CN.UTF-8"}])
def test_it_speaks_chinese_when_the_environment_does(duecourse: Program, how: dict[str, str]) -> None:
    assert "内置 PostgreSQL" in duecourse("server", "status", **how).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["day", "run"], "缺少选项 '--as-of'。"),
        (["day", "rnu"], "没有命令 'rnu'。是否指 'run'？"),
        (["day", "run", "--as-of", "x"], "'--as-of'：'x' 不是日期或时刻；请写作 2026-03-31。"),
        (["day", "list", "--x"], "没有选项 --x。"),
        (["day", "list", "3"], "参数过多：3"),
        (["loan", "explain"], "缺少参数 'loan'。"),
        (["permit", "redeem", "abc"], "'PERMIT'：此值不是整数。"),
    ],
)
def test_what_is_not_understood_is_said_in_chinese(duecourse: Program, arguments: list[str], said: str) -> None:
    done = duecourse("--lang", "zh", *arguments)
    assert done.returncode == Exit.USAGE
    assert done.stderr.splitlines()[-1] == f"错误：{said}"
    assert not re.search(r"Try |Error|Missing|No such", done.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["loan", "explain", "A", "--as-of", "2026-99-01"],
            "'--as-of': '2026-99-01' is no day or instant; write it as 2026-03-31.",
        ),
        (["permit", "redeem", "abc"], "'PERMIT': this is no whole number."),
        (
            ["loan", "share", "500.00", "A", "B", "--as-of", "2026-03-10"],
            "'AMOUNT': write minor units, a whole number: 50000 is 500.00.",
        ),
        (
            ["promise", "record", "1", "500.00", "--due", "2026-03-10"],
            "'AMOUNT': write minor units, a whole number: 50000 is 500.00.",
        ),
    ],
)
def test_a_value_that_cannot_be_meant_is_said_in_our_words(duecourse: Program, arguments: list[str], said: str) -> None:
    done = duecourse(*arguments)
    assert done.returncode == Exit.USAGE
    assert done.stderr.splitlines()[-1] == f"Error: {said}"


def test_the_option_goes_before_the_environment(duecourse: Program) -> None:
    assert "Embedded PostgreSQL" in duecourse("--lang", "en", "server", "status", DUECOURSE_LANG="zh").stdout
    assert "显示" in duecourse("--lang=zh", "--help").stdout


@pytest.mark.first_start
def test_the_server_stays_between_start_and_stop(duecourse: Program) -> None:
    assert json.loads(duecourse("server", "status", "--json").stdout)["running"] is False
    assert duecourse("server", "start").returncode == Exit.OK
    assert json.loads(duecourse("server", "status", "--json").stdout)["stays"] is True
    assert duecourse("server", "stop").returncode == Exit.OK
    assert json.loads(duecourse("server", "status", "--json").stdout)["running"] is False


def test_an_address_that_is_not_safe_is_refused_without_repeating_it(duecourse: Program) -> None:
    url = "postgresql://owner:secret@db.example.com/desk"
    ended = duecourse("server", "status", DUECOURSE_DATABASE_URL=url)
    assert ended.returncode == Exit.BAD_INPUT
    assert "verify-full" in ended.stderr
    assert "secret" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_ctrl_c_ends_with_130_and_a_sentence(home: Path) -> None:
    program = (
        "import sys, time, typer; from duecourse.cli import main, version\n"
        "def slow() -> None:\n    print('here', flush=True); time.sleep(60)\n"
        "version.command = slow; sys.argv = ['duecourse', 'version']; main.main()"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == Exit.INTERRUPTED
    assert "Nothing was left half done" in said
    assert "Traceback" not in said


def test_every_kind_of_trouble_has_its_status() -> None:
    assert [failure.exit_of(kind("no")) for kind in (BadInput, Refused, Busy, Unavailable)] == [3, 4, 5, 6]
    assert failure.exit_of(UnknownCurrency("XXX")) == Exit.BAD_INPUT
    assert failure.exit_of(FileNotFoundError(2, "No such file", "tape.csv")) == Exit.BAD_INPUT
    assert failure.exit_of(KeyError("x")) == Exit.FAULT


def test_every_exit_status_is_documented() -> None:
    assert set(docs.STATUSES) == set(Exit)
    assert all(re.search(rf"\b{status:d} \w", main.ABOUT) for status in Exit)


def test_a_fault_shows_no_personal_data_and_no_second_line() -> None:
    said = failure.sentence_of(KeyError("王小明 13900001234 in row 7"))
    assert "王" not in said
    assert "1390000" not in said
    assert "row 7" in said
    assert "DETAIL" not in failure.sentence_of(RuntimeError("duplicate key\nDETAIL: (phone)=(13900001234)"))
    words.use(Language.ZH)
    try:
        chinese = failure.sentence_of(KeyError("王小明 13900001234"))
    finally:
        words.use(Language.EN)
    assert "duecourse" in chinese
    assert "***" in chinese
    assert not re.search("王小明|139000", chinese)
    assert len(re.findall("[\u4e00-\u9fff]", chinese)) > 8, "our own sentence is not covered"


def test_json_carries_integers_days_and_money_and_refuses_floats(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json(
        {"due": Money(1250, "CNY"), "on": date(2026, 3, 1), "dpd": 24, "stage": Language.ZH, "none": None}
    )
    assert json.loads(capsys.readouterr().out) == {
        "due": {"minor": 1250, "currency": "CNY"}, "on": "2026-03-01", "dpd": 24, "stage": "zh-CN", "none": None,
    }  # fmt: skip
    with pytest.raises(TypeError, match="float has no JSON form"):
        output.print_json({"share": 0.5})


def test_a_table_without_rows_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    output.table("Breaks", ["Loan", "Amount"], [])
    assert capsys.readouterr().out.split() == ["Breaks", "none"]


def test_tables_escape_markup_and_align_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    output.table("Loans", ["loan", "due"], [["[red]L1[/red]", 1250], ["L2", 5]])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert any("[red]L1[/red]" in line and line.endswith("1,250") for line in lines)
    assert any(line.strip().startswith("L2") and line.endswith("  5") for line in lines)


def test_the_data_folder_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert home_of(below) == tmp_path / FOLDER
    assert settings({"DUECOURSE_HOME": "x"}, below).home == Path("x").absolute()


def test_secrets_do_not_show_in_the_settings(tmp_path: Path) -> None:
    said = settings({"DUECOURSE_DATABASE_URL": "postgresql://a:secret@localhost/d", "DUECOURSE_KEYS": "hush"}, tmp_path)
    assert "a:secret" not in repr(said)
    assert "hush" not in repr(said)


def test_the_key_ring_of_the_data_folder_is_made_once_and_a_named_one_never(tmp_path: Path) -> None:
    here = settings({"DUECOURSE_HOME": str(tmp_path)})
    assert key_ring(here).index_key == key_ring(here).index_key
    named = settings({"DUECOURSE_HOME": str(tmp_path), "DUECOURSE_KEYS_FILE": str(tmp_path / "other.json")})
    with pytest.raises(RingUnreadable):
        key_ring(named)


def test_opening_the_desk_migrates_it(home: Path) -> None:
    here = settings({"DUECOURSE_HOME": str(home)})
    with open_desk(here, lender_needed=False) as desk:
        assert desk.migrated
    with open_desk(here, lender_needed=False) as desk:
        assert not desk.migrated
        with desk.database.register() as tx:
            assert tx.value("SELECT current_user") == "duecourse_app"


def test_the_language_is_read_from_arguments_first() -> None:
    assert words.language_asked(["law", "list", "--lang=zh"], {"LANG": "en"}) is Language.ZH
    assert words.language_asked([], {"LC_ALL": "zh_CN.UTF-8", "LANG": "en"}) is Language.ZH
    assert words.language_asked([], {}) is Language.EN
