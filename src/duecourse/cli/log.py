"""``duecourse log``: the evidence log: give records their places, show checkpoints, prove records, check all of it."""

from __future__ import annotations

import json as jsonlib
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, count, facts, note, print_json, say
from duecourse.cli.words import _
from duecourse.trouble import Exit

if TYPE_CHECKING:
    from duecourse.app import Desk
    from duecourse.casework.sequencing import Sequenced

app = typer.Typer(help="The evidence log: places, checkpoints, proofs, and whether all of it holds.")


@app.command()
def status(*, json: Json = False) -> None:
    """Show the log: its name and key, how many records have their place, and whether it may be signed."""
    from duecourse.app import open_desk, published_of, sequencer_of
    from duecourse.storage import checkpoints

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            origin, newest, waiting = checkpoints.origin(tx), checkpoints.newest(tx), checkpoints.waiting_count(tx)
        published = sequencer_of(desk).check()
        folder = published_of(desk.settings).folder
    shown = {
        "origin": origin.origin if origin else None,
        "key": str(origin.key) if origin else None,
        "records": newest.size if newest else 0,
        "waiting": waiting,
        "published": published.size if published else 0,
        "root": published.root.hex() if published else None,
        "folder": str(folder),
    }
    if json:
        print_json(shown)
        return
    facts(
        _("The log of {lender}").format(lender=desk.settings.lender_id),
        [
            (_("Name"), shown["origin"]), (_("Public key"), shown["key"]), (_("Records"), shown["records"]),
            (_("Waiting for their place"), shown["waiting"]), (_("Published"), shown["published"]),
            (_("Root"), shown["root"]), (_("Published in"), shown["folder"]),
        ],
    )  # fmt: skip


@app.command()
def sequence(
    *,
    every: Annotated[int | None, typer.Option(min=1, help="Go on, looking again after so many seconds.")] = None,
    json: Json = False,
) -> None:
    """Give the waiting records their places, sign the log's head and publish it. `serve` does so every second."""
    import time

    from duecourse.app import open_desk, sequencer_of
    from duecourse.storage.checkpoints import SequencerBusy
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        while True:
            try:
                _say_sequenced(sequencer_of(desk).run(), json=json)
            except SequencerBusy:
                if every is None:
                    raise
            if every is None:
                return
            time.sleep(every)


def _say_sequenced(done: Sequenced, *, json: bool) -> None:
    size = done.head.size if done.head else 0
    if json:
        print_json({"entries": done.entries, "published": size})
    else:
        say(
            _("Records that got their place: {count}; published in all: {size}.").format(
                count=count(done.entries), size=count(size)
            )
        )


@app.command()
def checkpoint(*, json: Json = False) -> None:
    """Print the checkpoint that was published last: a signed note, as it is given to others."""
    from duecourse.app import open_desk
    from duecourse.casework.sequencing import NoLog
    from duecourse.storage import checkpoints

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        head = checkpoints.newest_published(tx)
    if head is None or head.checkpoint is None:
        raise NoLog(desk.settings.lender_id)
    if json:
        print_json({"size": head.size, "root": head.root.hex(), "checkpoint": head.checkpoint, "at": head.published_at})
    else:
        sys.stdout.write(head.checkpoint)


@app.command()
def prove(
    entry: Annotated[int | None, typer.Argument(metavar="[ENTRY]", help="The number of a log entry.", min=1)] = None,
    *,
    decision: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Instead of an entry: a decision of the run of this day."),
    ] = None,
    person: Annotated[int | None, typer.Option(help="Whom the decision is about.")] = None,
    ordinal: Annotated[int, typer.Option(min=1, help="Which of the day's decisions about the person.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the record and its proof.")] = Path(),
    json: Json = False,
) -> None:
    """Write a record, or a decision of a day run, and the proof that it stands in the log, which anybody can check."""
    from duecourse.app import open_desk
    from duecourse.casework.proving import prove as prove_entry

    if decision is not None and person is not None and entry is None:
        _prove_decision(decision.date(), person, ordinal, out, json=json)
        return
    if entry is None or decision is not None or person is not None:
        raise typer.BadParameter(_("give the number of an entry, or --decision DAY with --person"))
    with open_desk() as desk:
        look_whether_current(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            proven = prove_entry(tx, entry)
    if json:
        print_json(
            {
                "entry": entry, "kind": proven.entry.kind, "index": proven.proof.index,
                "record": proven.entry.content.decode(), "proof": str(proven.proof),
            }
        )  # fmt: skip
        return
    out.mkdir(parents=True, exist_ok=True)
    record, proof = out / f"{entry}.json", out / f"{entry}.tlog-proof"
    record.write_bytes(proven.entry.content)
    proof.write_text(str(proven.proof), encoding="utf-8", newline="")
    say(
        _("The record is in {record}, its proof in {proof}: place {index} of the log.").format(
            record=record, proof=proof, index=proven.proof.index
        )
    )


def look_whether_current(desk: Desk) -> None:
    """Refuse to give anything out of a database that is behind what was published, or is another one.

    Raises `LogBehind`, `LogForked`, `NotOurCheckpoint`. Where the published log is not at hand, that is said.
    """
    from duecourse.app import sequencer_of
    from duecourse.casework.sequencing import NothingPublished

    try:
        sequencer_of(desk).check()
    except NothingPublished as error:
        note(str(error))


def _prove_decision(day: date, person: int, ordinal: int, out: Path, *, json: bool) -> None:
    from duecourse.app import open_desk, vault_of
    from duecourse.casework.decision_proof import prove_decision

    with open_desk() as desk:
        look_whether_current(desk)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            proof = prove_decision(
                tx, vault=vault_of(desk.settings), day=day, person_id=person, ordinal=ordinal
            ).plain()
    if json:
        print_json(proof)
        return
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"decision-{day}-{person}-{ordinal}.json"
    path.write_text(jsonlib.dumps(proof, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(_("The decision and its proof are in {path}.").format(path=path))


@app.command()
def submission(
    *,
    old: Annotated[int, typer.Option(min=0, help="How many records the witness saw last; `witness show` says.")] = 0,
    json: Json = False,
) -> None:
    """Print what a witness is asked: the newest checkpoint and the proof that it continues what the witness saw."""
    from duecourse.app import open_desk
    from duecourse.casework.cosigning import submission as asked

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        text = str(asked(tx, old))
    if json:
        print_json({"old": old, "request": text})
    else:
        sys.stdout.write(text)


@app.command()
def cosign(
    witness: Annotated[str, typer.Argument(metavar="KEY", help="The witness's public key.")],
    *,
    url: Annotated[str | None, typer.Option(help="Where the witness answers.")] = None,
    answer: Annotated[Path | None, typer.Option(help="Instead: the signature line that it gave by hand.")] = None,
    json: Json = False,
) -> None:
    """Have the newest checkpoint signed by a witness, and publish its signature with it."""
    from duecourse.app import open_desk, published_of
    from duecourse.casework import cosigning

    if (url is None) == (answer is None):
        raise typer.BadParameter(_("give --url or --answer"))
    key = cosigning.witness_key(witness)
    with open_desk() as desk:
        lender_id, published = desk.settings.lender_id, published_of(desk.settings)
        if answer is not None:
            lines = answer.read_text(encoding="utf-8")
            with desk.database.transaction(lender_id) as tx:
                note = cosigning.submission(tx, 0).checkpoint
                signed = cosigning.accept(tx, published, note, witness=key, lines=lines)
        else:
            asked = cosigning.Witness(str(url), key)
            signed = cosigning.cosign(desk.database, lender_id, published, witness=asked)
    if json:
        print_json({"witness": key.name, "at": signed.signed_by(key), "checkpoint": str(signed)})
    else:
        say(_("Witness {name} signed the newest checkpoint.").format(name=key.name))


@app.command()
def stamp(*, json: Json = False) -> None:
    """Have the newest checkpoint stamped by the time-stamping authority (RFC 3161); `serve` does so by itself."""
    from duecourse.app import authority_of, now, open_desk
    from duecourse.casework import stamping

    with open_desk() as desk:
        lender_id, authority = desk.settings.lender_id, authority_of(desk.settings)
        made = stamping.stamp(desk.database, lender_id, authority=authority, clock=now)
    if json:
        print_json({"size": made.size, "root": made.root.hex(), "at": made.at, "authority": made.url})
        return
    say(
        _("{authority} says that the checkpoint of {size} records was there at {at}.").format(
            authority=made.url, size=count(made.size), at=made.at.isoformat(timespec="seconds")
        )
    )


@app.command()
def verifier(*, json: Json = False) -> None:
    """Print the program that checks bundles and proofs: one file, Python's standard library, nothing of duecourse."""
    from duecourse.evidence.verifier import joined

    if json:
        print_json({"verify_duecourse.py": joined()})
    else:
        sys.stdout.write(joined())


@app.command()
def verify(*, json: Json = False) -> None:
    """Reckon the whole log anew, with what is published and every time stamp; exit status 1 if anything differs."""
    from duecourse.app import open_desk, published_of
    from duecourse.casework.proving import audit
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = audit(tx, published_of(desk.settings))
    if json:
        print_json(
            {
                "records": found.records, "lost": found.lost, "waiting": found.waiting, "heads": found.heads,
                "stamps": found.stamps, "anchors": found.anchors, "findings": found.findings,
            }
        )  # fmt: skip
    else:
        facts(
            _("The log of {lender}, reckoned anew").format(lender=desk.settings.lender_id),
            [
                (_("Records"), found.records), (_("Records lost with a database"), found.lost),
                (_("Waiting for their place"), found.waiting), (_("Heads"), found.heads),
                (_("Time stamps"), found.stamps),
                (_("Anchors, which a node is asked about (anchor check)"), found.anchors),
            ],
        )  # fmt: skip
        for finding in found.findings:
            say(finding)
        say(_("The log does not hold: see above.") if found.findings else _("The log holds."))
    if found.findings:
        raise typer.Exit(Exit.FOUND)


@app.command()
def republish(
    checkpoint: Annotated[Path, typer.Argument(help="The log's last checkpoint, from a witness or a mirror.")],
    *,
    json: Json = False,
) -> None:
    """Publish the log anew after its folder was lost; the checkpoint shows that this database is the current one."""
    from duecourse.app import open_desk, sequencer_of
    from duecourse.storage.connection import BATCH

    content = checkpoint.read_bytes()
    with open_desk(limits=BATCH) as desk:
        head = sequencer_of(desk).republish(content)
    if json:
        print_json({"published": head.size})
    else:
        say(_("Records that are published: {size}.").format(size=count(head.size)))


@app.command()
def recover(*, json: Json = False) -> None:
    """After the newer database was lost: take over the places it gave, as published, so that the log goes on unforked.

    Records that were lost with it stay lost: their leaf hashes keep their places, and a record says how many they are.
    Run it before anybody works on a restored database.
    """
    from duecourse.app import open_desk, sequencer_of
    from duecourse.cli.person import operator
    from duecourse.storage.connection import BATCH

    with open_desk(limits=BATCH) as desk:
        sequencer = sequencer_of(desk)
        done = sequencer.recover(actor=operator())
        sequencer.run()
    if json:
        print_json({"found": done.found, "lost": done.lost, "size": done.size})
        return
    say(
        _("The log goes on after {size} records. {found} of the missing ones were here, {lost} are lost.").format(
            size=count(done.size), found=count(done.found), lost=count(done.lost)
        )
    )
    note(_("`duecourse log verify` reckons all of it anew."))
