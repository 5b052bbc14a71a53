"""``duecourse mood``: how borrowers sound over turns, with how sure that is; calls that a person is to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from duecourse.cli.output import Json, count, print_json, say, share, table
from duecourse.cli.person import operator
from duecourse.cli.public_sets import Data, Into, MoreData, Sentences, write
from duecourse.cli.words import _, word

app = typer.Typer(help="How borrowers sound over turns: an estimate with its sureness, which decides nothing.")

WHOLE = 1_000_000


@app.command()
def estimate(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Texts.")], *, json: Json = False
) -> None:
    """Estimate how somebody sounds who wrote or said this; nothing is kept."""
    from duecourse.insight.mood import estimate as estimated

    found = [(text, estimated(text)) for text in texts]
    if json:
        print_json([{"mood": one.mood, "ppm": one.ppm, "rule": one.rule} for _text, one in found])
        return
    table(
        _("How it sounds"),
        [_("Text"), _("Mood"), _("How sure"), _("By")],
        [[text, word(one.mood), share(one.ppm, WHOLE), one.rule] for text, one in found],
        right=(2,),
    )


@app.command("case")
def of_case(
    case: Annotated[int, typer.Argument(metavar="CASE", help="The case.", min=1)],
    *,
    most: Annotated[int, typer.Option(min=1, max=500, help="Turns shown at the most, the latest.")] = 60,
    json: Json = False,
) -> None:
    """Show how everybody of a case sounded, turn by turn, of texts and transcribed calls."""
    from duecourse.app import open_desk
    from duecourse.storage import cases, moods

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = moods.of_debtor(tx, cases.get(tx, case).person_id, most=most)
    if json:
        print_json(found)
        return
    table(
        _("How it sounds"),
        [_("At"), _("Channel"), _("Mood"), _("How sure"), _("By"), _("Inbound"), _("Recording")],
        [
            [
                f"{one.at:%Y-%m-%d %H:%M:%S}", word(one.channel), word(one.mood), share(one.mood_ppm, WHOLE),
                one.mood_rule, None if one.inbound_id is None else str(one.inbound_id),
                None if one.recording_id is None else str(one.recording_id),
            ]
            for one in found
        ],
        right=(3,),
    )  # fmt: skip


@app.command()
def waiting(*, json: Json = False) -> None:
    """List calls in which somebody may be in distress, and at which nobody looked yet."""
    from duecourse.app import open_desk
    from duecourse.storage import moods

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = moods.to_look_at(tx, most=500)
    if json:
        print_json(found)
        return
    table(
        _("Calls to look at"),
        [_("Recording"), _("Case"), _("At"), _("How sure")],
        [
            [
                str(one.recording_id), None if one.case_id is None else str(one.case_id),
                f"{one.at:%Y-%m-%d %H:%M:%S}", share(one.mood_ppm or 0, WHOLE),
            ]
            for one in found
        ],
        right=(3,),
    )  # fmt: skip


@app.command()
def look(
    recording: Annotated[int, typer.Argument(metavar="RECORDING", help="Its number; `mood waiting` shows it.", min=1)],
    *,
    json: Json = False,
) -> None:
    """Put on record that somebody looked at a call in which a person may be in distress."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.moods import look as looked

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        looked(tx, vault=vault_of(desk.settings), recording_id=recording, actor=operator(), now=now())
    if json:
        print_json({"recording": recording, "seen": True})
    else:
        say(_("It is on record that somebody looked."))


@app.command()
def measure(sentences: Sentences, data: MoreData = None, *, json: Json = False) -> None:
    """Measure how well moods are estimated, and whether the estimates are as sure as they are right."""
    from duecourse.insight.mood.measuring import measure as measured

    found = measured(sentences, data)
    if json:
        print_json(found)
        return
    table(
        _("Moods, measured"),
        [_("Set"), _("Mood"), _("There"), _("Found"), _("Others"), _("Taken for it"), _("How sure"), _("Right")],
        [
            [
                f"{one.name} ({one.lang})", word(one.mood), count(one.there), count(one.found), count(one.others),
                count(one.taken), share(one.sure_ppm, WHOLE), share(one.right_ppm, WHOLE),
            ]
            for one in found
        ],
        right=(2, 3, 4, 5, 6, 7),
    )  # fmt: skip


@app.command()
def train(data: Data, into: Into, *, json: Json = False) -> None:
    """Make the tables of the models anew from the public sets of class A; needs the packages of the tests."""
    from duecourse.insight.mood import training

    write(training.tables(data), into, json=json)
