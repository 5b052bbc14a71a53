"""Permits in the terminal: asked for, used, settled, verified; holds, staff and facts beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from duecourse.app import open_desk, settings, vault_of
from duecourse.trouble import Exit
from tests.conftest import Program
from tests.desk import DEMO, batch, enter, person, register

PERSON = str(person(1))


@pytest.fixture
def people(home: Path) -> Iterator[None]:
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        enter(desk.database, DEMO)
        register(desk.database, vault_of(desk.settings), batch(1, 2))
        yield  # the server stays while the test runs


def said(duecourse: Program, *arguments: str, status: int = Exit.OK) -> dict[str, Any]:
    """What a command printed as JSON."""
    done = duecourse(*arguments, "--json")
    assert done.returncode == status, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("people")
def test_a_permit_from_request_to_outcome(duecourse: Program) -> None:
    """With a recorded consent to any time it does not depend on the hour at which the test runs."""
    said(duecourse, "fact", "state", PERSON, "time_consent_recorded", "--source", "recording 3")
    ask = ("permit", "request", PERSON, "--loan", "L1", "--channel", "sms", "--template", "m1.notice.sms")
    keyed = (*ask, "--key", "k1", "--at", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}")
    permit = said(duecourse, *keyed)["given"]
    opened = datetime.fromisoformat(permit["expires_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    shown = duecourse("--lang", "zh-CN", "permit", "show", str(permit["permit_id"])).stdout
    assert f"{opened:%Y-%m-%d %H:%M:%S} (Asia/Shanghai)" in shown
    assert "签名令牌" in shown
    assert re.search(r"触达方 +放款机构", shown)
    assert said(duecourse, *keyed)["given"]["permit_id"] == permit["permit_id"]
    no = said(duecourse, *ask, status=Exit.REFUSED)["given"]
    assert no["reasons"][0]["rule"] == "house.contact.sms_day"
    opens = datetime.fromisoformat(no["next_open"]).astimezone(ZoneInfo("Asia/Shanghai"))
    shown = duecourse("--lang", "zh-CN", "permit", "show", str(no["permit_id"])).stdout
    assert f"{opens:%Y-%m-%d %H:%M:%S}(Asia/Shanghai)" in shown
    assert "(product)" not in shown
    public = said(duecourse, "permit", "key")["public"]
    assert said(duecourse, "permit", "verify", permit["token"], "--public", public)["person_id"] == person(1)
    number = str(permit["permit_id"])
    assert said(duecourse, "permit", "redeem", number)["answer"] == "allowed"
    assert said(duecourse, "permit", "redeem", number, status=Exit.REFUSED)["given"]["why"] == "used"
    assert said(duecourse, "permit", "outcome", number, "delivered")["state"] == "reported"
    assert said(duecourse, "permit", "show", number)["contact"]["outcome"] == "delivered"
    assert "已送达" in duecourse("--lang", "zh-CN", "permit", "show", number).stdout


@pytest.mark.usefixtures("people")
def test_holds_and_staff(duecourse: Program) -> None:
    placed = said(duecourse, "hold", "place", PERSON, "dispute", "--source", "letter", "--reason", "not mine")
    assert [one["kind"] for one in json.loads(duecourse("hold", "list", "--json").stdout)] == ["dispute"]
    check = ("permit", "check", PERSON, "--loan", "L1", "--channel", "call", "--template", "m1.call", "--staff", "E01")
    _no_template(duecourse, *(one if one != "m1.call" else "m1.cal" for one in check))
    answer = said(duecourse, *check, status=Exit.REFUSED)["given"]
    assert "house.hold.dispute" in [one["rule"] for one in answer["reasons"]]
    assert "staff_exam_passed" in answer["missing"]
    said(duecourse, "hold", "end", PERSON, str(placed["hold_id"]))
    for words, entry in (
        (("train", "E01"), "duecourse staff add E01`"),
        (("train", "a1", "--firm", "acme"), "duecourse staff add a1 --firm acme`"),
        (("record", "contract", "--firm", "acme"), "duecourse staff record admission --firm acme`"),
    ):
        done = duecourse("staff", *words, "--on", "2026-01-05", "--source", "x")
        assert done.returncode == Exit.BAD_INPUT
        assert entry in done.stderr
    for verb in ("add", "exam", "train", "undertake", "breach"):
        said(duecourse, "staff", verb, "E01", "--on", "2026-01-05", "--source", "file 1")
    said(duecourse, "staff", "breach", "E01", "--on", "2026-02-01", "--close")
    records = json.loads(duecourse("staff", "show", "E01", "--json").stdout)
    assert [(one["kind"], one["to_day"]) for one in records][-1] == ("breach", "2026-02-01")
    later = json.loads(duecourse(*check, "--json").stdout)["given"]  # refused or not, as the hour has it
    assert "staff_exam_passed" not in later["missing"]


def _no_template(duecourse: Program, *check: str) -> None:
    """A template that stands in no register is the one reason that is told; JSON names every rule."""
    whole = said(duecourse, *check, status=Exit.REFUSED)["given"]
    unasked = sum(bool(one["missing"]) for one in whole["reasons"])
    assert unasked > 10
    for language, parts in (
        ("en", ("Refused: no template m1.cal in the register; the nearest is m1.call;", "want of a purpose")),
        ("zh", ("拒绝：登记册中没有模板 m1.cal，最接近的是 m1.call；", "因缺少目的而无法询问的规则")),
    ):
        done = duecourse("--lang", language, *check)
        assert done.returncode == Exit.REFUSED
        assert done.stdout.startswith(parts[0])
        assert parts[1] in done.stderr
        assert "house.template.approved" in done.stdout
        assert len(done.stdout.splitlines()) < 20, "the rules that could not be asked are counted"
        assert str(unasked) in done.stdout


@pytest.mark.usefixtures("people")
def test_what_cannot_be_put_on_record_is_said_as_the_users_own(duecourse: Program) -> None:
    fact = ("fact", "state", PERSON, "time_agreed", "true", "--source", "recording 3")
    hold = ("hold", "place", PERSON, "dispute", "--source", "call 2")
    for wrong, why in (
        ((*fact, "--until", "2026-01-01T00:00:00"), "before it begins"),
        ((*fact, "--hours", "10:00-10:00"), "begin and end at once"),
        ((*fact, "--loan", "NOSUCH"), f"person {PERSON} has no tie to a loan NOSUCH"),
        ((*fact, "--loan", "L2"), "has no tie to a loan L2"),
        ((*hold, "--loan", "NOSUCH"), "has no tie to a loan NOSUCH"),
    ):
        done = duecourse(*wrong)
        assert done.returncode == Exit.BAD_INPUT, done.stdout + done.stderr
        assert why in " ".join(done.stderr.split())
    assert json.loads(duecourse("fact", "list", PERSON, "--json").stdout) == []
    assert json.loads(duecourse("hold", "list", "--json").stdout) == []
    said(duecourse, *fact, "--hours", "22:00-08:00", "--loan", "L1")
    said(duecourse, *fact, "--hours", "20:00-00:00")
    later, night = json.loads(duecourse("fact", "list", PERSON, "--json").stdout)
    assert (night["second_from"], night["second_to"]) == (79_200, 28_800)
    assert (later["second_from"], later["second_to"]) == (72_000, 86_400)
    assert "22:00-08:00" in duecourse("fact", "list", PERSON).stdout
