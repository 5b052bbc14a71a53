"""``duecourse letter``: notices that go by letter: put together, handed to a print house, returned."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, facts, print_json, say, table
from duecourse.cli.person import one_of, operator
from duecourse.cli.words import _, lang, word
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.storage.letters import Batch, Letter

app = typer.Typer(help="Letters in print-ready batches: permitted one by one as they are handed over; what came back.")

Number = Annotated[int, typer.Argument(metavar="BATCH", help="Its number, as in `letter list`.", min=1)]
Out = Annotated[Path, typer.Option("--out", help="Where the hand-over file is written; it must not be there yet.")]


class FileThere(BadInput):
    """The file to be written is there."""

    def __init__(self, path: Path) -> None:
        super().__init__(N_("{path} is there already, and is not written over"), path=path)


class NoCodes(BadInput):
    """No code was given."""

    def __init__(self) -> None:
        super().__init__(N_("say which letters came back: their codes, or --file with a code a line"))


@app.command()
def batch(
    *,
    notice: Annotated[
        list[int] | None, typer.Option("--notice", help="A notice to go; without it all that stand and were not sent.")
    ] = None,
    most: Annotated[int, typer.Option(help="Letters at the most.", min=1, max=2_000)] = 2_000,
    json: Json = False,
) -> None:
    """Put notices together that go by letter. Nobody is asked yet, and nothing is sent by that."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.letters import make_batch

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = make_batch(tx, vault=vault_of(desk.settings), named=notice or (), most=most, actor=operator(), now=now())
    if json:
        print_json(_plain(made))
    else:
        say(_("Batch {number}: {count} letters.").format(number=made.batch_id, count=made.letters))


@app.command("list")
def list_batches(
    *,
    before: Annotated[int | None, typer.Option(min=1, help="Only batches before this number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List batches, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import letters

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = letters.batches(tx, before=before, most=most)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("Batches of letters"),
        [_("Batch"), _("State"), _("Made at"), _("By"), _("Letters"), _("Left out"), _("Returned")],
        [
            [
                str(one.batch_id), word(one.state), f"{one.made_at:%Y-%m-%d %H:%M}", one.made_by, one.letters,
                one.left_out, one.returned,
            ]
            for one in found
        ],
        right=(4, 5, 6),
    )  # fmt: skip


@app.command()
def show(batch: Number, *, json: Json = False) -> None:
    """Show a batch: each letter, what the gate said, what became of it."""
    from duecourse.app import open_desk
    from duecourse.storage import letters

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found, listed = letters.get(tx, batch), letters.of_batch(tx, batch)
    _shown(found, listed, json=json)


@app.command()
def handover(
    batch: Number,
    *,
    out: Out,
    staff: Annotated[str, typer.Option(help="Staff number of who answers for the letters.")] = "",
    json: Json = False,
) -> None:
    """Ask for each letter, redeem each permit, and write the file for the print house: then they are sent.

    Letters that are not permitted are not in it; `letter show` says why.
    """
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.letters import hand_over

    if out.exists():
        raise FileThere(out)
    with open_desk() as desk:
        found = hand_over(
            desk.database, desk.settings.lender_id, gate=gate_of(desk), batch_id=batch, staff=staff, actor=operator(),
            clock=now, chance=os.urandom, write=lambda content: _written(out, content),
        )  # fmt: skip
    _shown(found.batch, found.letters, json=json)


@app.command("file")
def file_again(batch: Number, *, out: Out, json: Json = False) -> None:
    """Write the hand-over file of a batch again, the same to the byte. A print house prints a batch number once."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.letters import file_of

    if out.exists():
        raise FileThere(out)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = file_of(tx, vault=vault_of(desk.settings), batch_id=batch, actor=operator(), now=now())
    _written(out, made.content)
    if json:
        print_json({"batch": batch, "sha256": made.sha256.hex(), "pages": made.pages})
    else:
        say(_("{path}: {pages} pages.").format(path=out, pages=made.pages))


@app.command()
def withdraw(batch: Number, *, json: Json = False) -> None:
    """Hand a batch over no more; its notices may go in another."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.letters import withdraw_batch

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = withdraw_batch(tx, vault=vault_of(desk.settings), batch_id=batch, actor=operator(), now=now())
    if json:
        print_json(_plain(found))
    else:
        say(_("Batch {number} is withdrawn.").format(number=batch))


@app.command()
def returned(
    codes: Annotated[list[str] | None, typer.Argument(metavar="CODE", help="The code beside its address.")] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="A file with a code a line, as a hand scanner writes it.")] = None,
    why: Annotated[
        str,
        typer.Option("--as", help="unknown_address, moved, deceased, refused, unclaimed or unstated: the post's word."),
    ] = "unstated",
    json: Json = False,
) -> None:
    """Take letters over that came back: each is failed; where nobody lives at the address, it is used no more."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.letters import CameBack, take_returned

    given = [*(codes or ()), *([] if file is None else file.read_text(encoding="utf-8").split())]
    if not given:
        raise NoCodes
    with open_desk() as desk:
        found = take_returned(
            desk.database, desk.settings.lender_id, given, as_=one_of(CameBack, why, "as"), gate=gate_of(desk),
            actor=operator(), clock=now,
        )  # fmt: skip
    if json:
        print_json(dict(found))
    else:
        for name, count in found.items():
            say(f"{word(name)}: {count}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A hand-over file.")],
    *,
    json: Json = False,
) -> None:
    """Check a hand-over file as a print house does: signature, hashes, pages."""
    from duecourse.app import open_desk, vault_of
    from duecourse.casework.letter_file import NotALetterFile, checked
    from duecourse.storage.vault.signing import Signer

    with open_desk() as desk:
        public = Signer(vault_of(desk.settings)).public(desk.settings.lender_id)
    try:
        said = checked(file.read_bytes(), public)
    except OSError as error:
        raise NotALetterFile(str(error.strerror)) from None
    if json:
        print_json(said)
    else:
        say(_("Batch {number}: signature and hashes hold, {pages} pages.").format(
            number=said["batch"], pages=said["pages"]
        ))  # fmt: skip


def _written(path: Path, content: bytes) -> None:
    """Write a file whole and for good, or not at all."""
    half = path.with_name(f".{path.name}.half")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _shown(found: Batch, listed: list[Letter], *, json: bool) -> None:
    if json:
        print_json(
            {
                **_plain(found),
                "list": [
                    {
                        "letter": one.letter_id, "notice": one.notice_id, "case": one.case_id,
                        "message": one.message_id, "state": one.state, "left_out": one.left_out,
                        "returned_at": one.returned_at,                         "returned_as": one.returned_as,
                    }
                    for one in listed
                ],
            }
        )  # fmt: skip
        return
    facts(
        _("Batch {number}").format(number=found.batch_id),
        [
            (_("State"), word(found.state)),
            (_("Letters"), str(found.letters)),
            (_("Left out"), str(found.left_out)),
            (_("Pages"), str(found.pages) if found.pages else None),
            (_("SHA-256 of the file"), found.file_hash.hex() if found.file_hash else None),
        ],
    )
    table(
        _("Letters"),
        [_("Notice"), _("Case"), _("Template"), _("State"), _("Why"), _("Returned")],
        [
            [
                str(one.notice_id), str(one.case_id), one.template_id,
                word(one.state) if one.state and not one.left_out else None, (one.left_out or {}).get(lang()),
                word(one.returned_as) if one.returned_as else None,
            ]
            for one in listed
        ],
    )  # fmt: skip


def _plain(one: Batch) -> dict[str, object]:
    return {
        "batch": one.batch_id, "state": one.state, "made_at": one.made_at, "made_by": one.made_by,
        "ended_at": one.ended_at, "ended_by": one.ended_by,
        "file_sha256": bytes(one.file_hash).hex() if one.file_hash else None, "pages": one.pages,
        "letters": one.letters, "left_out": one.left_out, "returned": one.returned,
    }  # fmt: skip
