"""People in the terminal: found by any notation, masked, and read in the clear only for a purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from duecourse.app import Desk, open_desk, settings, vault_of
from duecourse.casework.parties import Batch
from duecourse.storage.vault.ring import new_ring, save_ring
from duecourse.trouble import Exit
from tests.conftest import Program
from tests.desk import batch, enter, person, persons, phones, register, ties


@contextmanager
def desk_in(home: Path) -> Iterator[Desk]:
    with open_desk(settings({"DUECOURSE_HOME": str(home)}), lender_needed=False) as desk:
        yield desk


@pytest.fixture
def people(home: Path) -> Iterator[None]:
    with desk_in(home) as desk:
        enter(desk.database)
        register(desk.database, vault_of(desk.settings), batch(1, 2))
        register(desk.database, vault_of(desk.settings), Batch(persons(3), phones(3), ties(3).clear()))
        yield  # the server stays while the test runs


@pytest.mark.usefixtures("people")
def test_people_are_found_shown_masked_and_revealed_for_a_purpose(duecourse: Program) -> None:
    for option, value in (("--phone", "+86 154-0000-0001"), ("--ref", "C1"), ("--id", "99010119900000001x")):
        found = json.loads(duecourse("person", "find", option, value, "--json").stdout)
        assert [one["person_id"] for one in found] == [person(1)]
    assert len(json.loads(duecourse("person", "find", "--name", "张 三", "--json").stdout)) == 3
    assert duecourse("person", "find", "--ref", "C9").stdout == "Nobody has this value.\n"
    number = str(person(1))

    refused = duecourse("person", "reveal", number, "name")
    assert (refused.returncode, refused.stdout) == (Exit.REFUSED, "")
    assert "choose one of" in refused.stderr
    assert duecourse("person", "reveal", number, "point/1", "--purpose", "contact").stdout == "154 0000 0001\n"
    assert duecourse("person", "reveal", number, "contact_point/1", "--purpose", "contact").stdout == "154 0000 0001\n"
    unknown = duecourse("person", "reveal", number, "phone", "--purpose", "contact")
    assert unknown.returncode == Exit.BAD_INPUT
    assert "point/N" in unknown.stderr
    missing = duecourse("person", "reveal", number, "point/2", "--purpose", "contact")
    assert missing.returncode == Exit.BAD_INPUT

    shown = duecourse("person", "show", number)
    assert "154****0001" in shown.stdout
    assert "张*" in shown.stdout
    assert "张三" not in shown.stdout + shown.stderr
    assert "0000 0001" not in shown.stdout
    record, _again = json.loads(duecourse("person", "show", number, "--json").stdout)["records"]
    assert (record["kind"], record["stated"]) == ("person.reveal", {"purpose": "contact", "field": "contact_point"})
    assert "联系方式" in duecourse("person", "show", number, DUECOURSE_LANG="zh-CN").stdout


@pytest.mark.usefixtures("people")
def test_people_are_merged_taken_apart_and_destroyed(duecourse: Program) -> None:
    one, other = str(person(1)), str(person(2))
    assert duecourse("person", "merge", one, other, "--reason", "because").returncode == Exit.BAD_INPUT
    assert duecourse("person", "merge", one, other, "--reason", "same_document").returncode == Exit.OK
    assert json.loads(duecourse("person", "show", one, "--json").stdout)["person"]["alias_of"] == person(2)
    circle = duecourse("person", "merge", other, one, "--reason", "same_document")
    assert circle.returncode == Exit.REFUSED
    assert "circle" in circle.stderr
    apart = json.loads(duecourse("person", "unmerge", one, "--reason", "mistake", "--json").stdout)
    assert apart["was_merged_into"] == person(2)
    assert duecourse("person", "destroy", one, "--ground", "purpose_gone").returncode != Exit.OK, "nobody said yes"
    tied = duecourse("person", "destroy", one, "--ground", "purpose_gone", "--yes")
    assert (tied.returncode, "the book does not hold" in tied.stderr) == (Exit.REFUSED, True)
    free = str(person(3))
    assert duecourse("person", "destroy", free, "--ground", "purpose_gone", "--yes").returncode == Exit.OK
    assert duecourse("person", "reveal", free, "name", "--purpose", "identify").returncode == Exit.REFUSED
    assert "张" not in duecourse("person", "show", free).stdout


@pytest.mark.usefixtures("people")
def test_one_way_of_looking_is_asked_for(duecourse: Program) -> None:
    assert duecourse("person", "find").returncode == Exit.USAGE
    assert duecourse("person", "find", "--ref", "C1", "--name", "x").returncode == Exit.USAGE
    assert duecourse("person", "show", "5").returncode == Exit.BAD_INPUT


@pytest.mark.usefixtures("people")
def test_everybody_moves_to_a_new_key_and_the_old_one_goes(duecourse: Program) -> None:
    def keys() -> dict[str, int]:
        return {row["key"]: row["people"] for row in json.loads(duecourse("keys", "show", "--json").stdout)}

    assert keys() == {"k1": 3}
    assert duecourse("keys", "new", "k2").returncode == Exit.OK
    refused = duecourse("keys", "drop", "k1")
    assert refused.returncode == Exit.BAD_INPUT
    assert "people whose secrets it wraps: 3" in refused.stderr
    assert json.loads(duecourse("keys", "rotate", "--json").stdout) == {"newest": "k2", "moved": {"demo": 3}}
    assert duecourse("keys", "drop", "k1").returncode == Exit.OK
    assert keys() == {"k2": 3}
    revealed = duecourse("person", "reveal", str(person(2)), "name", "--purpose", "identify")
    assert revealed.stdout == "张三\n"


@pytest.mark.usefixtures("people")
def test_a_ring_that_is_gone_is_said_and_no_new_one_is_made(duecourse: Program, home: Path) -> None:
    ring = home / "keys.json"
    kept = ring.read_text(encoding="utf-8")
    ring.unlink()
    for arguments in (
        ["person", "find", "--ref", "C1"],
        ["person", "reveal", str(person(2)), "name", "--purpose", "identify"],
        ["keys", "new", "k2"],
        ["keys", "show"],
        ["permit", "key"],
        ["search", "C1"],
    ):
        lost = duecourse(*arguments)
        assert (lost.returncode, lost.stdout) == (Exit.UNAVAILABLE, "")
        assert f"{ring} does not exist" in lost.stderr.replace("\n", " ")
        assert "Restore" in lost.stderr
        assert not ring.exists()
    assert "密钥环缺失" in duecourse("person", "find", "--ref", "C1", DUECOURSE_LANG="zh").stderr
    assert duecourse("person", "show", str(person(2))).returncode == Exit.OK  # the masked form needs no key

    ring.write_text(kept, encoding="utf-8")
    ring.chmod(0o600)
    assert duecourse("person", "find", "--ref", "C1").returncode == Exit.OK


@pytest.mark.usefixtures("people")
def test_a_database_that_another_data_folder_filled_is_read_with_its_ring_alone(
    duecourse: Program, tmp_path: Path
) -> None:
    url = json.loads(duecourse("server", "status", "--json").stdout)["url"]
    there = {"DUECOURSE_DATABASE_URL": url, "DUECOURSE_HOME": str(tmp_path / "there")}
    lost = duecourse("person", "find", "--ref", "C1", **there)
    assert lost.returncode == Exit.UNAVAILABLE
    assert "lender demo" in lost.stderr
    assert not (tmp_path / "there" / "keys.json").exists()

    save_ring(tmp_path / "other.json", new_ring())
    wrong = duecourse("person", "find", "--ref", "C1", DUECOURSE_KEYS_FILE=str(tmp_path / "other.json"), **there)
    assert (wrong.returncode, wrong.stdout) == (Exit.UNAVAILABLE, "")
    assert "the key ring is not the one that lender demo was written with" in wrong.stderr
