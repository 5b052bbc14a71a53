"""``duecourse witness``: sign the logs of others, and refuse a fork; needs no database and no lender."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.output import Json, facts, note, print_json, say
from duecourse.cli.words import _

app = typer.Typer(help="A witness: signs checkpoints of other people's logs and refuses a fork. Needs no database.")

StateFile = Annotated[Path, typer.Option("--state", help="The witness's own file; it must never be put back.")]
STATE = Path("witness.json")


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="The witness's name, such as witness.example/w1; no spaces.")],
    *,
    state: StateFile = STATE,
    json: Json = False,
) -> None:
    """Make a witness: a key of its own and an empty memory."""
    from duecourse.storage.witness_file import WitnessFile

    made = WitnessFile(state).begin(name, os.urandom)
    _show(str(made.signer.key), {}, json=json)


@app.command()
def watch(
    key: Annotated[str, typer.Argument(help="The log's public key, as `duecourse log status` shows it.")],
    *,
    state: StateFile = STATE,
    json: Json = False,
) -> None:
    """Witness a log from now on."""
    from duecourse.evidence.note import read_key
    from duecourse.storage.witness_file import WitnessFile

    file = WitnessFile(state)
    now = file.watch(read_key(key))
    _show(str(now.signer.key), {origin: _size(now.seen(origin)) for origin in now.keys}, json=json)


@app.command()
def show(*, state: StateFile = STATE, json: Json = False) -> None:
    """Show the witness's public key, and how much of each log it has signed."""
    from duecourse.storage.witness_file import WitnessFile

    now = WitnessFile(state).read()
    _show(str(now.signer.key), {origin: _size(now.seen(origin)) for origin in now.keys}, json=json)


@app.command()
def sign(
    request: Annotated[Path, typer.Argument(help="What `duecourse log submission` wrote.")],
    *,
    state: StateFile = STATE,
    json: Json = False,
) -> None:
    """Sign one checkpoint by hand, for a witness without a network; prints the signature line."""
    from duecourse.app import now
    from duecourse.evidence.witness import Declined, read_submission
    from duecourse.storage.witness_file import WitnessFile
    from duecourse.trouble import Refused

    try:
        line = WitnessFile(state).sign(read_submission(request.read_bytes()), int(now().timestamp()))
    except Declined as declined:
        raise Refused(_("not signed: {why}").format(why=declined)) from None
    if json:
        print_json({"signature": line})
    else:
        sys.stdout.write(line)


@app.command()
def serve(
    *,
    state: StateFile = STATE,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65_535)] = 8801,
) -> None:
    """Sign what logs send, over HTTP, until Ctrl-C or SIGTERM. Put a proxy that speaks TLS in front of it."""
    from duecourse.app import now
    from duecourse.cli.serve import listening, run
    from duecourse.storage.witness_file import WitnessFile
    from duecourse.web.witness import build

    file = WitnessFile(state)
    key = file.read().signer.key
    with listening(host, port) as listener:
        at = f"http://{host}:{listener.getsockname()[1]}"
        note(_("Witness {name} at {at}; Ctrl-C stops it.").format(name=key.name, at=at))
        run(build(file, now), listener)


def _size(seen: object) -> int:
    return getattr(seen, "size", 0)


def _show(key: str, logs: dict[str, int], *, json: bool) -> None:
    if json:
        print_json({"key": key, "logs": logs})
        return
    facts(_("Witness"), [(_("Public key"), key), *logs.items()])
    if not logs:
        say(_("It witnesses no log yet: `duecourse witness watch KEY`."))
