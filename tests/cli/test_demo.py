"""The main job in the terminal: the demo staged by the program; days, cases, worklists, loans, in two languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from duecourse.app import open_desk, settings, store_of
from duecourse.book.loan import NotYetKnown
from duecourse.book.store import version_from
from duecourse.cli import words
from duecourse.cli.loan import loan_facts
from duecourse.cli.output import amount
from duecourse.core.explain import Account
from duecourse.locale import Language
from duecourse.sim.lender import DELTA_DAYS, LAST_DAY
from duecourse.storage import books
from duecourse.trouble import Exit
from tests.cli.conftest import LOANS, Show, program

Data = Callable[..., Any]
DAY = LAST_DAY.isoformat()
DUE = (Account.COST, Account.FEE, Account.INTEREST, Account.PENALTY, Account.COMPOUND, Account.PRINCIPAL)
LATIN = re.compile(r"[A-Za-z]{2,}")
NAMES = re.compile(
    r"\S*[._@/#:\d-]\S*|\b[A-Z]+\b|duecourse|PostgreSQL|Delta|Python|\bdemo\b|numba|polars|psycopg|sqlglot|tzdata|deltalake"
)


def screens(data: Data) -> list[list[str]]:
    """A command for every screen about the staged demo."""
    case = str(data("worklist", "--most", "1")[0]["case_id"])
    loan = data("case", "show", case)["loans"][0]["loan_ref"]
    person = str(data("case", "show", case)["case"]["person_id"])
    return [
        ["day", "show"], ["day", "list"], ["day", "verify", DAY], ["worklist"], ["case", "show", case],
        ["loan", "explain", loan, "--as-of", DAY], ["book", "report"], ["book", "versions"], ["book", "show"],
        ["person", "show", person], ["keys", "show"], ["lender", "list"], ["server", "status"], ["version"],
    ]  # fmt: skip


def test_every_day_is_published_and_stands(data: Data) -> None:
    published = {run["day"] for run in data("day", "list") if run["state"] == "published"}
    assert published == {day.isoformat() for day in DELTA_DAYS}
    for day in published:
        verdict = data("day", "verify", day)
        assert verdict["holds"]
        assert all(said == again for said, again in verdict["outputs"].values())


def test_a_day_shows_the_book_and_what_the_law_allowed(data: Data) -> None:
    found = data("day", "show")
    assert found["day"] == DAY
    assert sum(row["loans"] for row in found["stages"]) <= LOANS
    answers = {row["answer"] for row in found["proposals"]}
    assert answers == {"allowed", "refused"}
    assert found["refusals"]
    assert found["worklist"] == len(data("worklist", "--most", "1000000"))


def test_a_worklist_says_in_which_order_and_why(data: Data, show: Show) -> None:
    places = data("worklist", "--most", "1000000")
    mine = [place for place in places if place["collector_id"] == places[0]["collector_id"]]
    assert [place["place"] for place in mine] == list(range(1, len(mine) + 1))
    assert all(place["answer"] == "allowed" and "*" in place["name_masked"] for place in places)
    said = show("worklist", "--collector", places[0]["collector_id"])
    assert re.search(r"\(\+\d+\)", said)
    assert f"Worklist of {places[0]['collector_id']} on {DAY}" in said


def test_a_call_that_its_collector_may_not_make_is_refused_on_every_screen(data: Data, show: Show) -> None:
    places = data("worklist", "--most", "1000000")
    held = [one for one in places if one["refused_to_collector"]]
    assert held
    assert len(held) < len(places)
    staff = held[0]["collector_id"]
    rules = {
        "house_cn.staff.exam",
        "house_cn.staff.training",
        "house_cn.staff.confidentiality",
        "house_cn.staff.breach",
    }
    assert set(held[0]["refused_to_collector"]) <= rules
    counts = data("day", "show")["refused_to_collector"]
    assert counts == Counter(one["collector_id"] for one in held)
    assert re.search(rf"^ {staff} +{counts[staff]}  \S", show("day", "show"), re.MULTILINE)
    mine = show("worklist", "--collector", staff)
    assert mine.count(f" refused to {staff}") == counts[staff] + 1
    case = str(held[0]["case_id"])
    assert f"Calls and visits refused to {staff}" in show("case", "show", case)

    def refused(*who: str) -> set[str]:
        calls = [one for one in data("case", "openings", case, *who) if one["channel"] == "call" and one["answer"]]
        return {reason["rule"] for one in calls for reason in one["answer"]["reasons"]}

    fit = next(one["collector_id"] for one in places if not one["refused_to_collector"] and one["channel"] == "call")
    assert refused() >= set(held[0]["refused_to_collector"])
    assert not refused("--staff", fit) & rules


def test_a_case_shows_people_masked_loans_and_every_refusal_with_its_rule(data: Data, show: Show) -> None:
    numbers = range(1, 1 + max(place["case_id"] for place in data("worklist", "--most", "1000000")))
    refused = []
    for number in numbers:
        found = data("case", "show", str(number))
        refused += [(number, one) for one in found["proposals"] if one["answer"] == "refused"]
    assert refused
    for number, proposal in refused:
        said = show("case", "show", str(number))
        assert "against it: " in said
        assert proposal["rules"] or proposal["missing"]
    assert "*" in said
    assert not re.search(r"154\d{8}", said)  # no number in the clear


def test_a_case_that_is_not_there_is_bad_input(show: Show) -> None:
    show("case", "show", "999999", status=Exit.BAD_INPUT)
    show("loan", "explain", "L-none", "--as-of", DAY, status=Exit.BAD_INPUT)
    show("day", "show", "1999-01-01", status=Exit.BAD_INPUT)


def test_a_loan_asked_for_before_the_book_knew_it_says_so(data: Data, show: Show, staged: Path) -> None:
    loan = data("case", "show", str(data("worklist", "--most", "1")[0]["case_id"]))["loans"][0]["loan_ref"]
    ask = ("loan", "explain", loan, "--as-of", DAY, "--known")
    show(*ask, "2001-02-03", status=Exit.BAD_INPUT)
    before = r"was not yet known on 2001-02-03 15:59:59\+00:00: the book holds it from what was learnt on 20"
    with open_desk(settings({"DUECOURSE_HOME": str(staged)})) as desk, pytest.raises(NotYetKnown, match=before):
        loan_facts(desk, loan, LAST_DAY, known=datetime(2001, 2, 3))  # noqa: DTZ001 - a day alone
    learnt = data("loan", "explain", loan, "--as-of", DAY)["known"][:10]
    assert data(*ask, learnt)["known"] > data(*ask, f"{learnt}T00:00:00+0800")["known"]


def test_the_lines_of_every_loan_add_up_to_the_cent(staged: Path) -> None:
    words.use(Language.EN)
    with open_desk(settings({"DUECOURSE_HOME": str(staged)})) as desk:
        with desk.database.transaction("demo") as tx:
            newest = books.newest(tx)
        assert newest is not None
        loans = store_of(desk.settings).read(version_from(newest.version, newest.tables), "loans")
        for ref in loans["loan_ref"].unique().sort()[:60]:
            found = loan_facts(desk, ref, LAST_DAY)
            reading, totals = found["reading"], found["totals"]
            summed = dict.fromkeys(Account, 0)
            for line in found["lines"]:
                for account, minor in line.moves:
                    summed[account] += minor
            assert summed == {account: totals[account] for account in Account}, ref
            assert sum(totals[account] for account in DUE) == reading.due, ref
            assert (totals[Account.NOT_DUE], totals[Account.CREDIT]) == (reading.not_due, reading.credit), ref
            assert reading.due + reading.not_due + reading.accrued - reading.credit == reading.settle, ref


def test_a_loan_says_the_same_in_text_and_json(data: Data, show: Show) -> None:
    case = str(data("worklist", "--most", "1")[0]["case_id"])
    loan = data("case", "show", case)["loans"][0]["loan_ref"]
    found, said = data("loan", "explain", loan, "--as-of", DAY), show("loan", "explain", loan, "--as-of", DAY)
    currency = found["currency"]
    for name, minor in (
        ("To pay today", "due"),
        ("To settle everything", "settle"),
        ("To pay in 7 days", "due_in_week"),
    ):
        assert re.search(rf"{name} +{re.escape(amount(found[minor], currency))} {currency}", said)
    moved = [minor for line in found["lines"] for _account, minor in line["moves"]]
    shown = [
        text.replace(",", "").replace("−", "-").replace("+", "")
        for text in re.findall(r" ([+−][\d,]+\.\d\d)\s*$", said, re.MULTILINE)
    ]
    derived = [round_minor(text) for text in shown]
    assert derived[: len(moved)] == moved
    assert found["day"] == DAY


def round_minor(text: str) -> int:
    """Minor units of a decimal text with two places."""
    whole, cents = text.split(".")
    return int(whole + cents)


def test_reports_agree_with_themselves(data: Data) -> None:
    found = data("book", "report", "--months", "3")
    assert found["stages"] == data("day", "show")["stages"]
    assert {"roll_rates", "cures", "vintages"} <= set(found)
    assert all(row["loans"] <= row["of_loans"] for row in found["roll_rates"])


def test_law_reads_beside_it(data: Data, show: Show) -> None:
    assert data("law", "show", "cn.contact.window")
    assert "cn.contact.window" in show("law", "show", "cn.contact.window")


def test_breaks_are_those_made_on_purpose(data: Data) -> None:
    found = data("book", "breaks", status=Exit.FOUND)
    assert {row["kind"] for row in found} <= {"balance", "dpd", "payment_unmatched"}


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_screen_fits_its_terminal(data: Data, show: Show, language: str, width: int) -> None:
    for command in screens(data):
        for line in show(*command, DUECOURSE_LANG=language, COLUMNS=str(width)).splitlines():
            if not line.startswith(("Cures", "Vintages", "Roll rates")):  # titles are not part of a table
                assert cell_len(line.rstrip()) <= width, (command, line)


def test_a_chinese_screen_is_chinese(data: Data, show: Show) -> None:
    for command in screens(data):
        for line in show(*command, DUECOURSE_LANG="zh").splitlines():
            if "依据：" in line or re.search(r"  [0-9a-f]{32}  ", line):
                continue  # a strategy's condition is code; tables have names of their own
            left = LATIN.findall(NAMES.sub(" ", line))
            assert not set(left) - {"dpd"}, (command, line)


def test_a_second_start_does_nothing_but_show(staged: Path) -> None:
    done = program(staged, "demo", "--no-web")
    assert done.returncode == Exit.OK
    assert not re.search(r"Living|Importing|Day run", done.stderr)
    assert f"The book on {DAY}" in done.stdout


def test_the_demo_says_all_of_it_as_one_document(data: Data) -> None:
    found = data("demo")
    assert found["day"]["worklist"] > 0
    assert found["case"]["worklist"]
    assert found["loan"]["lines"]
    assert date.fromisoformat(found["loan"]["day"]) == LAST_DAY
