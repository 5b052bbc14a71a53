"""``duecourse channel``: what can send, what this lender sends with, and whether it keeps its promises."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.failure import sentence_of
from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word
from duecourse.trouble import N_, BadInput, Exit, worded

app = typer.Typer(help="Channels that send: those installed, how this lender is set up, whether they answer.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel, as in `channel list`: email …")]


class NotASetting(BadInput):
    """A setting is not written as NAME=VALUE, or its file cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(N_("{text} is not written as NAME=VALUE, or as NAME=@FILE with a file to be read"), text=text)


@app.command("list")
def list_channels(*, json: Json = False) -> None:
    """List the channels that are installed and the settings of each."""
    from duecourse.channels.contract import kinds

    found = kinds()
    if json:
        print_json(
            [
                {
                    "name": one.name, "channel": one.channel.value,
                    "settings": [
                        {"name": each.name, "needed": each.needed, "secret": each.secret, "default": each.default}
                        for each in one.settings
                    ],
                }
                for one in found.values()
            ]
        )  # fmt: skip
        return
    for one in found.values():
        table(
            f"{one.name}: {word(one.channel.value)}",
            [_("Setting"), _("Says"), _("Needed"), _("Secret"), _("Without it")],
            [
                [
                    each.name, _(each.says), _("yes") if each.needed else None, _("yes") if each.secret else None,
                    each.default,
                ]
                for each in one.settings
            ],
        )  # fmt: skip


@app.command("set")
def set_it(
    name: Name,
    settings: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="Settings; @FILE reads one from a file. Others stay as they were."),
    ] = None,
    *,
    minute_max: Annotated[int | None, typer.Option(help="Messages a minute at the most.", min=1)] = None,
    json: Json = False,
) -> None:
    """Set up what this lender sends with. Nobody is called; secrets are sealed and shown to nobody again."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.channel_setup import set_up

    given = dict(setting_of(one) for one in settings or ())
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        row = set_up(
            tx, vault=vault_of(desk.settings), name=name, given=given, minute_max=minute_max, actor=operator(),
            now=now(),
        )  # fmt: skip
    if json:
        print_json({"channel": row.channel, "by": row.name, "settings": row.settings, "minute_max": row.minute_max})
    else:
        say(_("{channel} is sent by {name} from now on.").format(channel=word(row.channel), name=row.name))


@app.command()
def show(*, json: Json = False) -> None:
    """Show what this lender sends with; secrets are left out."""
    from duecourse.app import open_desk
    from duecourse.storage import transports

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = transports.every(tx)
    if json:
        print_json(
            [
                {"channel": one.channel, "by": one.name, "settings": one.settings, "minute_max": one.minute_max,
                 "set_at": one.set_at, "set_by": one.set_by, "failures": one.failures, "shut_until": one.shut_until}
                for one in found
            ]
        )  # fmt: skip
        return
    table(
        _("Channels set up"),
        [_("Channel"), _("By"), _("Settings"), _("Messages a minute"), _("Set by"), _("Set on")],
        [
            [
                word(one.channel), one.name, " ".join(f"{name}={value}" for name, value in one.settings.items()),
                one.minute_max, one.set_by, one.set_at.date(),
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def check(name: Name, *, json: Json = False) -> None:
    """Check a channel: that it is what the contract asks, and that the provider of this lender lets us in.

    Nothing is sent. Exit status 1 where something is wrong.
    """
    from duecourse.app import open_desk, vault_of
    from duecourse.casework.channel_setup import line
    from duecourse.channels.conformance import described
    from duecourse.channels.contract import NotReady, kind_named
    from duecourse.storage import transports

    kind = kind_named(name)
    found = [worded(one.sentence, one.values, _) for one in described(kind)]
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        row = transports.get(tx, kind.channel.value)
        opened = line(tx, vault=vault_of(desk.settings), row=row)
    try:
        opened.ready()
    except NotReady as error:
        found.append(sentence_of(error))
    finally:
        opened.close()
    if json:
        print_json({"channel": name, "findings": found})
    else:
        for one in found:
            say(one)
        if not found:
            say(_("{name} keeps the contract as far as it shows, and its provider lets us in.").format(name=name))
    if found:
        raise typer.Exit(Exit.FOUND)


def setting_of(text: str) -> tuple[str, str]:
    """A setting as somebody typed it: its name and its value, read from a file where that is asked."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise NotASetting(text.partition("=")[0])
    if value.startswith("@"):
        try:
            value = Path(value[1:]).expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise NotASetting(text) from None
    return name.strip(), value
