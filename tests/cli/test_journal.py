"""The log of the data folder: what was done and how it ended, and nothing of anybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from duecourse.app import TRIED_AGAIN_S, Hindered, journal, settings
from duecourse.trouble import Exit, Unavailable
from tests.cli.conftest import program


def lines(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "duecourse.log").read_text(encoding="utf-8").splitlines()]


def test_trouble_leaves_a_line_without_arguments(home: Path) -> None:
    number = "154-0000-1234"
    ended = program(home, "--lang", "en", "law", "show", number)
    assert ended.returncode == Exit.BAD_INPUT
    (line,) = lines(home)
    assert (line["command"], line["status"], line["level"]) == ("law show", Exit.BAD_INPUT, "warning")
    assert line["trouble"] == "UnknownRule"
    assert str(line["timestamp"]).endswith("Z")
    assert "0000" not in (home / "duecourse.log").read_text()


def test_a_short_command_that_is_done_and_a_word_misspelt_leave_none(home: Path) -> None:
    program(home, "nonsense")
    assert not (home / "duecourse.log").exists()


def test_every_text_of_a_line_is_covered_however_deep(tmp_path: Path) -> None:
    where = settings({"DUECOURSE_HOME": str(tmp_path)})
    journal(where).info(
        "imported",
        loans=12_345_678,
        day="2026-06-18",
        who="王小明",
        rows=[{"phone": "13900001234"}, ("a@example.com",)],
    )
    (line,) = lines(tmp_path)
    assert (line["loans"], line["day"]) == (12_345_678, "2026-06-18")
    written = (tmp_path / "duecourse.log").read_text(encoding="utf-8")
    assert not [secret for secret in ("王", "1390000", "a@example") if secret in written]


def test_the_log_is_kept_small(tmp_path: Path) -> None:
    log = journal(settings({"DUECOURSE_HOME": str(tmp_path)}))
    for _line in range(400):
        log.info("x" * 10_000)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["duecourse.log", "duecourse.log.1", "duecourse.log.2"]
    assert all(path.stat().st_size <= 1_100_000 for path in tmp_path.iterdir())


def test_what_hinders_in_turns_is_told_once_until_it_works() -> None:
    told: list[str] = []
    at = [datetime(2026, 3, 2, tzinfo=UTC)]

    class Log:
        def warning(self, _event: str, *, what: str, said: str) -> None:
            told.append(f"{what}: {said}")

    hindered = Hindered(Log(), lambda: at[0])  # type: ignore[arg-type]

    def act(why: str) -> bool:
        def fails() -> None:
            if why:
                raise Unavailable(why)

        at[0] += timedelta(seconds=TRIED_AGAIN_S)
        return hindered.tries("stamp", fails)

    assert [act(why) for why in ("a", "b", "a", "b", "", "a")] == [False, False, False, False, True, False]
    assert told == ["stamp: a", "stamp: b", "stamp: a"]
