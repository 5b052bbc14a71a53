"""``duecourse email``: what comes back of e-mails: bounces, complaints and receipts, read from a mailbox."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.output import Json, print_json, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word
from duecourse.trouble import N_, BadInput

app = typer.Typer(help="E-mail that comes back: bounces, complaints and receipts.")


class NoMail(BadInput):
    """A path under which there is no mail."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            N_("{name} is no mail, no mbox file, no Maildir and no folder of .eml files, or cannot be read"),
            name=path.name,
        )


@app.command()
def read(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="A mail (.eml), an mbox file, a Maildir, a folder of .eml.")
    ],
    *,
    json: Json = False,
) -> None:
    """Take over what a mailbox for bounces holds, for all lenders. The same report read again changes nothing."""
    from duecourse.app import gate_of, now, open_desk
    from duecourse.casework.mail_reports import take_over

    with open_desk(lender_needed=False) as desk:
        found = take_over(
            desk.database, (raw for path in paths for raw in _mails(path)), gate=gate_of(desk), actor=operator(),
            clock=now,
        )  # fmt: skip
    if json:
        print_json(dict(sorted(found.items())))
    else:
        table(_("Mails"), [_("What"), _("How many")], [[word(kind), many] for kind, many in sorted(found.items())])


def _mails(path: Path) -> Iterator[bytes]:
    """The mails under a path, one after the other. Raises `NoMail`."""
    try:
        if path.is_dir() and (path / "new").is_dir() and (path / "cur").is_dir():
            for one in mailbox.Maildir(path, create=False):
                yield one.as_bytes()
        elif path.is_dir():
            files = sorted(path.glob("*.eml"))
            if not files:
                raise NoMail(path)
            for file in files:
                yield file.read_bytes()
        elif path.read_bytes()[:5] == b"From ":
            with closing(mailbox.mbox(path, create=False)) as box:
                for each in box:
                    yield each.as_bytes()
        else:
            yield path.read_bytes()
    except OSError:
        raise NoMail(path) from None
