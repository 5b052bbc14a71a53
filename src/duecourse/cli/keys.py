"""``duecourse keys``: the key ring that wraps everybody's secret; show it, add a key, move to it, drop the old one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.progress import step
from duecourse.cli.words import _
from duecourse.trouble import N_, Said

if TYPE_CHECKING:
    from duecourse.app import Desk, Settings

app = typer.Typer(help="The key ring: show what each key wraps, add a key, move to the newest, drop an old one.")

KeyId = Annotated[str, typer.Argument(metavar="KEY", help="Id of a key: 1 to 32 of a-z, 0-9 and -.")]


@app.command()
def show(*, json: Json = False) -> None:
    """Show the keys of the ring and how many people's secrets each wraps; never a key itself."""
    from duecourse.app import key_ring, open_desk

    with open_desk(lender_needed=False) as desk:
        ring = key_ring(desk.settings)
        counts = _counts(desk)
    keys = sorted({*ring.ids, *counts})
    if json:
        print_json(
            [{"key": k, "newest": k == ring.newest, "in_ring": k in ring.ids, "people": counts.get(k, 0)} for k in keys]
        )
        return
    table(
        _("Key ring"),
        [_("Key"), _("State"), _("People")],
        [
            [
                k,
                _("newest") if k == ring.newest else _("older") if k in ring.ids else _("MISSING from the ring"),
                counts.get(k, 0),
            ]
            for k in keys
        ],
    )


@app.command()
def new(key: KeyId, *, json: Json = False) -> None:
    """Add a key to the ring's file; it becomes the newest, and wraps what is written from now on.

    Give the new file to every process that uses this database before anything is wrapped by it. A ring that comes from
    the environment or a command is changed where it is kept.
    """
    from duecourse.app import key_ring, open_desk
    from duecourse.storage.vault.ring import save_ring

    with open_desk(lender_needed=False) as desk:
        path = _file(desk.settings)
        save_ring(path, key_ring(desk.settings).with_new(key))
    if json:
        print_json({"newest": key, "file": str(path)})
        return
    say(
        _("Key {key} is the newest in {path}. `duecourse keys rotate` moves everybody to it.").format(
            key=key, path=path
        )
    )


@app.command()
def rotate(*, json: Json = False) -> None:
    """Move every person's secret, of every lender, to the newest key. Stop it at any moment and start it again."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.keys import rotate_keys
    from duecourse.cli.person import operator
    from duecourse.storage.connection import BATCH

    moved: dict[str, int] = {}
    with open_desk(limits=BATCH, lender_needed=False) as desk:
        vault = vault_of(desk.settings)
        for lender_id, counts in _counts_of_all(desk).items():
            older = sum(count for key, count in counts.items() if key != vault.ring.newest)
            title = _("Moving the secrets of {lender} to key {key}").format(lender=lender_id, key=vault.ring.newest)
            with step(title, older, quiet=json) as told:
                moved[lender_id] = rotate_keys(
                    desk.database, lender_id, vault=vault, actor=operator(), clock=now, told=told
                )
    if json:
        print_json({"newest": vault.ring.newest, "moved": moved})
    else:
        total = sum(moved.values())
        say(
            _("Secrets moved to key {key}: {count}; the older keys wrap nobody's.").format(
                count=total, key=vault.ring.newest
            )
        )


@app.command()
def drop(key: KeyId, *, json: Json = False) -> None:
    """Take an old key out of the ring's file; refused while it wraps anybody's secret.

    A backup made before the rotation needs the key: keep it with the backup, or the backup is unreadable.
    """
    from duecourse.app import key_ring, open_desk
    from duecourse.storage.vault.ring import KeyInUse, save_ring

    with open_desk(lender_needed=False) as desk:
        path = _file(desk.settings)
        smaller = key_ring(desk.settings).without(key)
        count = _counts(desk).get(key, 0)
        if count:
            raise KeyInUse(
                key, Said(N_("people whose secrets it wraps: {count}; run `duecourse keys rotate` first"), count=count)
            )
        save_ring(path, smaller)
    if json:
        print_json({"dropped": key, "file": str(path)})
        return
    say(_("Key {key} is no longer in {path}.").format(key=key, path=path))


def _file(where: Settings) -> Path:
    from duecourse.storage.vault.ring import KeyInUse

    if where.keys or where.keys_command:
        raise KeyInUse(
            "*", N_("the ring comes from DUECOURSE_KEYS or DUECOURSE_KEYS_COMMAND; change it where it is kept")
        )
    return where.keys_file or where.home / "keys.json"


def _counts_of_all(desk: Desk) -> dict[str, dict[str, int]]:
    from duecourse.storage import lenders, rotation

    with desk.database.register() as tx:
        every = [lender.lender_id for lender in lenders.every(tx)]
    counted = {}
    for lender_id in every:
        with desk.database.transaction(lender_id) as tx:
            counted[lender_id] = rotation.count_by_key(tx)
    return counted


def _counts(desk: Desk) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in _counts_of_all(desk).values():
        for key, count in counts.items():
            total[key] = total.get(key, 0) + count
    return total
