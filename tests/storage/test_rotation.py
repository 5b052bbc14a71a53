"""Rotation: every secret moves to the newest key, nothing else changes, and a kill in the middle does no harm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from duecourse.casework.reveal import reveal
from duecourse.casework.sign_in import owner
from duecourse.storage import persons, rotation, users
from duecourse.storage.connection import Database
from duecourse.storage.vault import TamperedSecret, Vault
from duecourse.storage.vault.ring import UnknownKey, new_ring, save_ring
from tests.desk import DEMO, IMPORT, NOW, batch, enter, person, register

PROGRAM = """
import sys
from pathlib import Path
from duecourse.storage import rotation
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import ring_from_file
with Database(sys.argv[1]) as database:
    vault = Vault(ring_from_file(Path(sys.argv[2])))
    rotation.rotate(database, "demo", vault, batch=50, told=lambda done: print(done, flush=True))
"""


def names(database: Database, vault: Vault, numbers: range) -> set[str]:
    with database.transaction("demo") as tx:
        return {
            reveal(
                tx, vault=vault, person_id=person(n), field="name", purpose="supervision", actor=IMPORT, now=NOW
            ).value
            for n in numbers
        }


def counts(database: Database) -> dict[str, int]:
    with database.transaction("demo") as tx:
        return rotation.count_by_key(tx)


def test_all_secrets_move_and_the_old_key_can_go(database: Database) -> None:
    vault = Vault(new_ring())
    enter(database)
    register(database, vault, batch(*range(25)))
    with database.transaction("demo") as tx:
        persons.destroy(tx, person(24), now=NOW)
        sealed = persons.sealed(tx, person(1), "name")
    newer = Vault(vault.ring.with_new("k2"))
    told: list[int] = []
    assert rotation.rotate(database, "demo", newer, batch=10, told=told.append) == 24
    assert told == [10, 20, 24]
    assert counts(database) == {"k2": 24}
    assert rotation.rotate(database, "demo", newer) == 0
    with database.transaction("demo") as tx:
        assert persons.sealed(tx, person(1), "name") == sealed
    assert names(database, Vault(newer.ring.without("k1")), range(24)) == {"张三"}
    with pytest.raises(UnknownKey, match="k2"):
        names(database, vault, range(1))


def test_killed_again_and_again_it_ends_all_the_same(database: Database, database_url: str, tmp_path: Path) -> None:
    vault = Vault(new_ring())
    enter(database)
    register(database, vault, batch(*range(600)))
    newer = Vault(vault.ring.with_new("k2"))
    ring = tmp_path / "keys.json"
    save_ring(ring, newer.ring)
    for wanted in (1, 2, 3):
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, database_url, str(ring)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for _ in range(wanted):
            child.stdout.readline()
        child.kill()
        child.communicate()
        between = counts(database)
        assert sum(between.values()) == 600
        assert between.get("k2", 0) >= 50
        assert names(database, newer, range(0, 600, 60)) == {"张三"}
    rotation.rotate(database, DEMO.lender_id, newer)
    assert counts(database) == {"k2": 600}
    assert names(database, Vault(newer.ring.without("k1")), range(0, 600, 60)) == {"张三"}


def test_authenticators_move_with_the_rest_and_go_on_working(database: Database) -> None:
    enter(database)
    old = Vault(new_ring())
    secret = bytes(range(20))
    with database.transaction("demo") as tx:
        users.add(tx, "E01", team=None, by="test", now=NOW)
        users.set_totp(tx, "E01", old.seal_secret("demo", owner("E01"), secret))
        assert rotation.count_by_key(tx) == {old.ring.newest: 1}
    new = Vault(old.ring.with_new("k9"))
    assert rotation.rotate(database, "demo", new) == 1
    with database.transaction("demo") as tx:
        assert rotation.count_by_key(tx) == {"k9": 1}
        kept = users.secrets(tx, "E01").totp
        assert kept is not None
        assert new.open_secret("demo", owner("E01"), kept) == secret
        with pytest.raises(TamperedSecret):
            new.open_secret("demo", owner("E02"), kept)
