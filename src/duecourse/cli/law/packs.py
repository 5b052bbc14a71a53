"""``duecourse law packs`` and ``switch``: which packs bind the lender, and asking two people to change that."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from duecourse.cli.acting import acting
from duecourse.cli.approval import print_asked
from duecourse.cli.law.options import lang_asked
from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.strategy.text import content_of as text_of
from duecourse.cli.words import _


class State(StrEnum):
    """How a pack shall be."""

    ON = "on"
    OFF = "off"


def packs(*, json: Json = False) -> None:
    """List the packs of the lender's jurisdiction: which bind, and what two people last decided about each."""
    from duecourse.app import open_desk
    from duecourse.casework.lender_law import standing

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = standing(tx)
    if json:
        print_json(
            [
                {
                    "pack": one.pack.id, "kind": one.pack.kind, "sha256": one.pack.hash, "on": one.on,
                    "may_be_off": one.may_be_off, "looked_at": one.looked_at,
                    "decided_by": one.decided.decided_by if one.decided else None,
                    "decided_at": one.decided.at if one.decided else None,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    lang = lang_asked()
    table(
        _("Packs"),
        [_("pack"), _("what"), _("kind"), _("binds"), _("can be off"), _("content"), _("decided by"), _("on")],
        [
            [
                one.pack.id, one.pack.says[lang], _(one.pack.kind), _("yes") if one.on else _("no"),
                _("yes") if one.may_be_off else _("no"), one.pack.hash[:12],
                one.decided.decided_by if one.decided else None, one.decided.at.date() if one.decided else None,
            ]
            for one in found
        ],
    )  # fmt: skip


def switch(
    pack: Annotated[str, typer.Argument(help="The pack; `law packs` lists them.")],
    state: Annotated[State, typer.Argument(help="How it shall be.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever decides and for the record.")],
    json: Json = False,
) -> None:
    """Ask a second person to switch a policy pack; of the law, to put on record that its version was looked at."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval, pack_switch
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.LAW_ACTIVATE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = approval.ask(
                tx, kinds=KINDS, vault=vault_of(desk.settings), kind=pack_switch.SWITCH.kind, subject=f"pack:{pack}",
                asked=pack_switch.wanted(tx, pack, state.value), reason=reason, actor=actor, now=at,
            )  # fmt: skip
    print_asked(made, json=json)


def keep(
    folder: Annotated[Path, typer.Argument(help="The pack's folder, with pack.yaml in it.")], *, json: Json = False
) -> None:
    """Keep a version of a pack of the lender's own once it is in order; nothing binds by that."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.own_pack import keep_pack
    from duecourse.casework.rights import Right

    place, at = folder.resolve(), now()
    files = {str(one.relative_to(place.parent)): text_of(one) for one in sorted(place.rglob("*.yaml"))}
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.LAW_ACTIVATE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            kept = keep_pack(tx, vault=vault_of(desk.settings), files=files, actor=actor, now=at)
    if json:
        print_json({"pack": kept.pack_id, "version": kept.version, "sha256": kept.hash, "rules": kept.rules})
    else:
        say(
            _("Version {version} of pack {pack} is kept; nothing binds by that.").format(
                version=kept.version, pack=kept.pack_id
            )
        )


def activate(
    pack: Annotated[str, typer.Argument(help="A pack of the lender's own; `law keep` names it.")],
    version: Annotated[int, typer.Argument(min=1, help="The version, a later or an earlier one.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever decides and for the record.")],
    json: Json = False,
) -> None:
    """Ask a second person to let a version of the lender's own pack bind."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework import approval, own_pack
    from duecourse.casework.kinds import KINDS
    from duecourse.casework.rights import Right

    at = now()
    with open_desk() as desk:
        actor = acting(desk, at).by(Right.LAW_ACTIVATE)
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = approval.ask(
                tx, kinds=KINDS, vault=vault_of(desk.settings), kind=own_pack.ACTIVATE.kind,
                subject=f"own pack:{pack}@{version}", asked=own_pack.wanted(tx, pack, version), reason=reason,
                actor=actor, now=at,
            )  # fmt: skip
    print_asked(made, json=json)
