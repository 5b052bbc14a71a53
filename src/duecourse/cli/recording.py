"""``duecourse recording``: recordings of calls: listed, heard for a purpose, put into words, screened by the guard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.channels.voice.turns import Turn
    from duecourse.storage.transcripts import Transcript

app = typer.Typer(
    help="Recordings of calls: heard for a purpose, on record; what was said, screened by the speech guard."
)

Number = Annotated[int, typer.Argument(metavar="RECORDING", help="Its number, as in `recording list`.", min=1)]
Purpose = Annotated[str, typer.Option(help="What for: contact, dispute, claim, supervision …")]
Lang = Annotated[str, typer.Option("--in", help="Language that is spoken: zh or en.")]


class NoFile(BadInput):
    """A transcript's file cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(N_("{path} cannot be read; a transcript is a .vtt or .json file"), path=path)


class NoRecogniserSet(BadInput):
    """No recogniser is set up."""

    def __init__(self) -> None:
        super().__init__(
            N_("no speech recogniser is set up: `duecourse channel set voice recogniser=…`, or bring a transcript")
        )


class NotALanguage(BadInput):
    """A language that is not spoken here."""

    def __init__(self, lang: str) -> None:
        super().__init__(N_("{lang} is not zh or en"), lang=lang)


@app.command("list")
def list_recordings(case: CaseId, *, json: Json = False) -> None:
    """List the recordings of calls about a case, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import cases, recordings, transcripts

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = recordings.of_debtor(tx, cases.get(tx, case).person_id)
        words = {one.recording_id: transcripts.of_recording(tx, one.recording_id) for one in found}
    if json:
        print_json(
            [
                {
                    "recording": one.recording_id, "permit": one.contact_id, "person": str(one.person_id),
                    "millis": one.millis, "size": one.size, "sha256": bytes(one.sha256).hex(), "at": one.at,
                    "transcript": _plain(words[one.recording_id]),
                }
                for one in found
            ]
        )  # fmt: skip
        return
    table(
        _("Recordings"),
        [_("Recording"), _("At"), _("Seconds"), _("Permit"), _("Turns"), _("Findings")],
        [
            [
                one.recording_id, f"{one.at:%Y-%m-%d %H:%M}", one.millis // 1000, one.contact_id,
                said.turns if (said := words[one.recording_id]) else None, len(said.findings) if said else None,
            ]
            for one in found
        ],
        right=(0, 2, 3, 4, 5),
    )  # fmt: skip


@app.command()
def hear(
    recording: Number,
    *,
    purpose: Purpose,
    out: Annotated[Path, typer.Option(help="File that it is written to (WAV).")],
    json: Json = False,
) -> None:
    """Write a recording in clear to a file, for a purpose; that is on record, and the person can see it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import recordings

    with open_desk() as desk:
        at, vault, lender = now(), vault_of(desk.settings), desk.settings.lender_id
        with desk.database.transaction(lender) as tx:
            recordings.hear(tx, vault=vault, recording_id=recording, purpose=purpose, actor=operator(), now=at)
            sound = recordings.sound(tx, vault=vault, recording_id=recording, actor=operator(), now=at)
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sound)
    if json:
        print_json({"recording": recording, "path": str(out), "size": len(sound)})
    else:
        say(_("Written to {path}; delete it when it has served.").format(path=out))


@app.command("import")
def bring(
    recording: Number,
    file: Annotated[Path, typer.Argument(help="WebVTT (.vtt) or JSON.")],
    *,
    lang: Lang = "zh",
    json: Json = False,
) -> None:
    """Keep what was said in a call, from a file; our own words are screened by the guard."""
    from duecourse.channels.voice.turns import read_json, read_vtt

    try:
        raw = file.read_bytes()
    except OSError:
        raise NoFile(file) from None
    if file.suffix == ".vtt":
        _keep(recording, "vtt", lang, read_vtt(raw), json=json)
    else:
        turns, said = read_json(raw)
        _keep(recording, "json", said or lang, turns, json=json)


@app.command()
def transcribe(recording: Number, *, purpose: Purpose, lang: Lang = "zh", json: Json = False) -> None:
    """Have the lender's speech recogniser put a recording into words: it is given the sound, once, for a purpose."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import channel_setup, recordings
    from duecourse.channels.voice.turns import recognised

    with open_desk() as desk:
        vault, lender, at = vault_of(desk.settings), desk.settings.lender_id, now()
        with desk.database.transaction(lender) as tx:
            settings = channel_setup.settings_of(tx, vault=vault, channel="robot_call")
            if not settings.get("recogniser"):
                raise NoRecogniserSet
            recordings.hear(tx, vault=vault, recording_id=recording, purpose=purpose, actor=operator(), now=at)
            sound = recordings.sound(tx, vault=vault, recording_id=recording, actor=operator(), now=at)
    turns = recognised(settings["recogniser"], settings.get("recogniser_token", ""), sound, lang)
    _keep(recording, "recogniser", lang, turns, json=json)


@app.command()
def words(recording: Number, *, purpose: Purpose, json: Json = False) -> None:
    """Read what was said, for a purpose, with what the guard found; that is on record, and the person can see it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import recordings, transcripts
    from duecourse.storage import transcripts as kept

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        at, vault = now(), vault_of(desk.settings)
        recordings.hear(tx, vault=vault, recording_id=recording, purpose=purpose, actor=operator(), now=at)
        turns = transcripts.read(tx, vault=vault, recording_id=recording, actor=operator(), now=at)
        latest = kept.of_recording(tx, recording)
    found = list(latest.findings) if latest else []
    if json:
        print_json({"turns": [one.plain() for one in turns], "findings": found})
        return
    table(
        _("What was said in the call"),
        [_("At"), _("Speaker"), _("Text"), _("Findings")],
        [
            [
                f"{one.start_ms // 60000}:{one.start_ms // 1000 % 60:02d}", word(one.speaker), one.text,
                ", ".join(str(each["rule"]) for each in found if each["turn"] == place) or None,
            ]
            for place, one in enumerate(turns)
        ],
    )  # fmt: skip


def _keep(recording: int, source: str, lang: str, turns: list[Turn], *, json: bool) -> None:
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.transcripts import keep

    if lang not in {"zh", "en"}:
        raise NotALanguage(lang)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        made = keep(
            tx, vault=vault_of(desk.settings), recording_id=recording, source=source, lang=lang, turns=turns,
            actor=operator(), now=now(), chance=os.urandom,
        )  # fmt: skip
    if json:
        print_json(_plain(made))
        return
    say(
        _("The transcript is kept, sealed: {turns} turns, findings of the guard: {findings}.").format(
            turns=made.turns, findings=len(made.findings)
        )
    )


def _plain(one: Transcript | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {"transcript": one.transcript_id, "source": one.source, "turns": one.turns, "findings": list(one.findings)}
