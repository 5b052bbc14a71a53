"""Drafts of strategies: writing them, trying them out, asking a second person for their use, and going back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.acting import acting
from duecourse.cli.approval import print_asked
from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.strategy.text import content_of
from duecourse.cli.words import _, lang, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duecourse.storage.drafts import Change, Draft, Trial

Number = Annotated[int, typer.Argument(help="The draft's number; `strategy drafts` shows it.", min=1)]
First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day on which it counts.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever decides and for the record.")]


def versions(*, json: Json = False) -> None:
    """List the versions that are kept, and from when the day run takes which."""
    from duecourse.app import open_desk
    from duecourse.storage import strategies

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        kept, uses = strategies.every(tx), strategies.uses(tx)
    if json:
        print_json(
            {
                "versions": [
                    {
                        "strategy": one.strategy_id, "version": one.version, "sha256": one.content_hash.hex(),
                        "known_at": one.known_at,
                    }
                    for one in kept
                ],
                "uses": uses,
            }
        )  # fmt: skip
        return
    table(
        _("Versions"),
        [_("Strategy"), _("Version"), _("Content"), _("Kept on")],
        [[one.strategy_id, str(one.version), one.content_hash.hex()[:12], one.known_at.date()] for one in kept],
    )
    table(
        _("Taken by the day run"),
        [_("From"), _("Strategy"), _("Version"), _("Why"), _("By"), _("Request")],
        [
            [
                one.from_day, one.strategy_id, str(one.version), word(one.reason), one.actor,
                str(one.approval_id) if one.approval_id else None,
            ]
            for one in uses
        ],
    )  # fmt: skip


def drafts(
    *,
    before: Annotated[int | None, typer.Option(min=1, help="Only drafts before this number: the next page.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Lines shown at the most.")] = 50,
    json: Json = False,
) -> None:
    """List drafts, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import drafts as kept

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = kept.every(tx, before=before, most=most)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("Drafts"),
        [_("Number"), _("Strategy"), _("From version"), _("Revision"), _("State"), _("Written by"), _("On")],
        [
            [
                str(one.draft_id), one.strategy_id, str(one.based_on) if one.based_on else None, str(one.revision),
                word(one.closed_as) or (_("cannot run") if one.fault else _("open")), one.actor, one.at.date(),
            ]
            for one in found
        ],
    )  # fmt: skip


def draft(number: Number, *, json: Json = False) -> None:
    """Print the text of a draft's latest revision; what is wrong with it, or was not tried, is said beside it."""
    from duecourse.app import open_desk
    from duecourse.casework.strategy_draft import untried_on
    from duecourse.storage import drafts as kept

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = kept.get(tx, number)
        unseen = untried_on(tx, found)
    if json:
        print_json(_plain(found) | {"content": found.content, "untried_on": unseen})
        return
    typer.echo(found.content, nl=not found.content.endswith("\n"))
    _told(found)
    if unseen is not None and found.closed_as is None:
        note(_("It was not tried out on {day}, the last day that was run.").format(day=unseen))


def begin(
    strategy: Annotated[str | None, typer.Argument(help="Which strategy; the one in use without it.")] = None,
    *,
    json: Json = False,
) -> None:
    """Begin a draft from the version in use; done in the name of whoever is signed in (DUECOURSE_SESSION)."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.rights import Right
    from duecourse.casework.strategy_draft import begin_draft

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.STRATEGY_WRITE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = begin_draft(tx, vault=vault_of(desk.settings), strategy_id=strategy, actor=actor, now=at)
    if json:
        print_json(_plain(made))
    else:
        say(_("Draft {number} is begun, at revision {revision}.").format(number=made.draft_id, revision=made.revision))


def write(
    number: Number,
    file: Annotated[Path, typer.Argument(help="The strategy's YAML file.")],
    *,
    after: Annotated[int, typer.Option(min=1, help="The revision that you saw; a later one is not written over.")],
    json: Json = False,
) -> None:
    """Write the next revision of a draft, faulty or not; status 1 where it cannot run as it stands."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.rights import Right
    from duecourse.casework.strategy_draft import write_draft

    at, content = now(), content_of(file)
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.STRATEGY_WRITE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = write_draft(
                tx, vault=vault_of(desk.settings), draft_id=number, content=content, after=after, actor=actor, now=at
            )
    if json:
        print_json(_plain(made))
    else:
        say(_("Draft {number} is at revision {revision}.").format(number=number, revision=made.revision))
        _told(made)
    if made.fault is not None:
        raise typer.Exit(1)


def discard(number: Number, *, json: Json = False) -> None:
    """Give a draft up."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.rights import Right
    from duecourse.casework.strategy_draft import discard_draft

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.STRATEGY_WRITE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            discard_draft(tx, vault=vault_of(desk.settings), draft_id=number, actor=actor, now=at)
    if json:
        print_json({"draft": number, "closed_as": "discarded"})
    else:
        say(_("Draft {number} is given up.").format(number=number))


def try_it(
    number: Number,
    *,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A published day; the latest without it.")
    ] = None,
    most: Annotated[int, typer.Option(min=0, max=500, help="Changes listed one by one at the most.")] = 20,
    json: Json = False,
) -> None:
    """Work a published day out again by a draft, and say what it would change. Nothing is sent, nothing is used."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.rights import Right
    from duecourse.casework.strategy_trial import try_out
    from duecourse.storage import drafts as kept

    at = now()
    with open_desk() as desk:
        lender = desk.settings.lender_id
        actor = acting(desk, at).by(Right.STRATEGY_WRITE)
        with desk.database.transaction(lender) as tx:
            content = kept.get(tx, number).content
        trial = try_out(
            desk.database, store_of(desk.settings), lender_id=lender, vault=vault_of(desk.settings), content=content,
            actor=actor, now=at, day=day.date() if day else None,
        )  # fmt: skip
        with desk.database.transaction(lender) as tx:
            found, changes = kept.trial(tx, trial), kept.changes(tx, trial, most=most)
    _print_trial(found, changes, json=json)


def trial(
    number: Annotated[int, typer.Argument(help="The trial's number; `strategy try` says it.", min=1)],
    *,
    after: Annotated[int, typer.Option(min=0, help="Only changes after this place: the next page.")] = 0,
    most: Annotated[int, typer.Option(min=0, max=500, help="Changes listed one by one at the most.")] = 50,
    json: Json = False,
) -> None:
    """Show what a trial found, change by change."""
    from duecourse.app import open_desk
    from duecourse.storage import drafts as kept

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found, changes = kept.trial(tx, number), kept.changes(tx, number, after=after, most=most)
    _print_trial(found, changes, json=json)


def activate(
    number: Number,
    *,
    first: First,
    reason: Reason,
    untried: Annotated[
        bool, typer.Option("--untried", help="Though it was not tried out on the last day that was run.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask a second person to let the day run take a draft, tried out on the last day, from a day on."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right
    from duecourse.casework.strategy_draft import ask_activation

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.STRATEGY_WRITE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = ask_activation(
                tx, kinds=KINDS, vault=vault_of(desk.settings), draft_id=number, from_day=first.date(), reason=reason,
                actor=actor, now=at, untried=untried,
            )  # fmt: skip
    print_asked(made, json=json)


def roll_back(
    strategy: Annotated[str, typer.Argument(help="The strategy's name.")],
    version: Annotated[int, typer.Argument(help="The version; `strategy versions` shows them.", min=1)],
    *,
    first: First,
    reason: Reason,
    json: Json = False,
) -> None:
    """Ask a second person to let the day run take an earlier version again from a day on."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right
    from duecourse.casework.strategy_draft import ask_rollback

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.STRATEGY_WRITE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = ask_rollback(
                tx, kinds=KINDS, vault=vault_of(desk.settings), strategy_id=strategy, version=version,
                from_day=first.date(), reason=reason, actor=actor, now=at,
            )  # fmt: skip
    print_asked(made, json=json)


def _plain(one: Draft) -> dict[str, Any]:
    return {
        "draft": one.draft_id, "strategy": one.strategy_id, "based_on": one.based_on, "revision": one.revision,
        "sha256": one.content_hash.hex(), "fault": one.fault, "closed_as": one.closed_as, "actor": one.actor,
        "at": one.at,
    }  # fmt: skip


def _told(one: Draft) -> None:
    if one.fault is not None:
        note(_("It cannot run as it stands: {fault}").format(fault=one.fault))


def _print_trial(found: Trial, changes: Sequence[Change], *, json: bool) -> None:
    if json:
        print_json({"trial": found.trial_id, "day": found.day, "at": found.at, "sums": found.sums, "changes": changes})
        return
    sums = found.sums
    say(
        _(
            "Trial {number} of {day}: {before} proposals then, {after} by the draft; {added} added, {removed} removed, "
            "{changed} changed. Cases opened {opened}, closed {closed}."
        ).format(
            number=found.trial_id, day=found.day, before=sums["before"], after=sums["after"], added=sums["added"],
            removed=sums["removed"], changed=sums["changed"], opened=sums["cases_opened"], closed=sums["cases_closed"],
        )
    )  # fmt: skip
    sides = ("before_allowed", "before_refused", "after_allowed", "after_refused", "added", "removed", "changed")
    table(
        _("By treatment"),
        [
            _("Treatment"), _("Allowed then"), _("Refused then"), _("Allowed now"), _("Refused now"), _("Added"),
            _("Removed"), _("Changed"),
        ],
        [[word(name), *(of.get(side, 0) for side in sides)] for name, of in sums["treatments"].items()],
    )  # fmt: skip
    if not changes:
        return
    table(
        _("Changes"),
        ["", _("Borrower"), _("Case"), _("Change"), _("Treatment"), _("Then"), _("By the draft")],
        [
            [
                one.place, one.name_masked, str(one.case_id) if one.case_id else None, word(one.change),
                word(one.treatment), _side(one.before), _side(one.after),
            ]
            for one in changes
        ],
    )  # fmt: skip


def _side(side: Mapping[str, Any] | None) -> str | None:
    if side is None:
        return None
    refused = f" ({side['rules']})" if side["rules"] else ""
    return f"{word(side['channel']) or ''} {word(side['answer'])}{refused}: {side['why'][lang()]}".strip()
