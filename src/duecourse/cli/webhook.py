"""``duecourse webhook``: other systems that are told what was done (Standard Webhooks)."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.words import _, word

app = typer.Typer(help="Webhooks: tell other systems what was done, signed by Standard Webhooks.")

Number = Annotated[int, typer.Argument(help="The endpoint's number; `webhook list` shows it.", min=1)]


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where to tell it: an https address.")],
    *,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="A kind of act to tell of; repeat for several, all without it.")
    ] = None,
    loopback: Annotated[
        bool, typer.Option("--loopback", help="For trying out: let plain HTTP to this very machine pass.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell an address of acts from now on, and print the secret of its signatures, once."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.webhook import KINDS, add_endpoint

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            made = add_endpoint(
                tx, vault=vault_of(desk.settings), url=url, kinds=kind or KINDS, actor=Actor(Role.OPERATOR, "cli"),
                now=now(), chance=os.urandom, loopback=loopback,
            )  # fmt: skip
        # Shown only now that it is committed.
        if json:
            print_json({"endpoint": made.endpoint.endpoint_id, "url": url, "secret": made.secret})
            return
        sys.stdout.write(made.secret + "\n")
        note(
            _(
                "Endpoint {number} is told from now on. The secret is shown this once: keep it as you keep a key."
            ).format(number=made.endpoint.endpoint_id)
        )


@app.command("list")
def list_endpoints(*, json: Json = False) -> None:
    """List the endpoints, and how many acts each was told of."""
    from duecourse.app import open_desk
    from duecourse.storage import webhooks

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found, counts = webhooks.every(tx), webhooks.counts(tx)
    if json:
        print_json(
            [
                {
                    "endpoint": one.endpoint_id, "url": one.url, "kinds": one.kinds, "ended_at": one.ended_at,
                    "events": counts.get(one.endpoint_id, {}),
                }
                for one in found
            ]
        )  # fmt: skip
        return
    states = ("waiting", "delivered", "failed")
    table(
        _("Endpoints"),
        [_("Number"), _("Address"), _("Told of"), *(str(word(state)) for state in states), _("Ended")],
        [
            [
                str(one.endpoint_id), one.url, " ".join(one.kinds),
                *(counts.get(one.endpoint_id, {}).get(state, 0) for state in states),
                one.ended_at.date() if one.ended_at else None,
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def end(number: Number, *, json: Json = False) -> None:
    """Tell an endpoint nothing more."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.webhook import end_endpoint

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        done = end_endpoint(
            tx, vault=vault_of(desk.settings), endpoint_id=number, actor=Actor(Role.OPERATOR, "cli"), now=now()
        )
    if json:
        print_json({"endpoint": number, "ended": done})
    else:
        say(_("It is told nothing more.") if done else _("It was ended before."))


@app.command()
def replay(
    number: Number,
    *,
    start: Annotated[datetime, typer.Option("--from", help="First instant of the acts, UTC.")],
    until: Annotated[datetime, typer.Option("--to", help="First instant no longer, UTC.")],
    reason: Annotated[str, typer.Option(help="Why it goes again; on record.")],
    json: Json = False,
) -> None:
    """Tell an endpoint anew of acts between two instants, under the same message ids."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.webhook import tell_again

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        count = tell_again(
            tx, vault=vault_of(desk.settings), endpoint_id=number, first=start.replace(tzinfo=UTC),
            last=until.replace(tzinfo=UTC), reason=reason, actor=Actor(Role.OPERATOR, "cli"), now=now(),
        )  # fmt: skip
    if json:
        print_json({"endpoint": number, "events": count})
    else:
        say(_("Acts told again: {count}.").format(count=count))


@app.command()
def again(
    number: Number,
    entries: Annotated[
        list[int], typer.Argument(metavar="ENTRY...", help="Acts, by their entries; `webhook events` shows them.")
    ],
    *,
    reason: Annotated[str, typer.Option(help="Why it goes again; on record.")],
    json: Json = False,
) -> None:
    """Tell an endpoint anew of some acts, under the same message ids."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.webhook import tell_some_again

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        count = tell_some_again(
            tx, vault=vault_of(desk.settings), endpoint_id=number, entries=entries, reason=reason,
            actor=Actor(Role.OPERATOR, "cli"), now=now(),
        )  # fmt: skip
    if json:
        print_json({"endpoint": number, "events": count})
    else:
        say(_("Acts told again: {count}.").format(count=count))


@app.command()
def events(
    *,
    endpoint: Annotated[int | None, typer.Option(min=1, help="Of this endpoint alone.")] = None,
    state: Annotated[str | None, typer.Option(help="waiting, delivered or failed.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="Rows at the most.")] = 50,
    json: Json = False,
) -> None:
    """List what endpoints were told, with state, attempts and the last answer, the latest act first."""
    from duecourse.app import open_desk
    from duecourse.storage import webhooks

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = webhooks.latest(tx, endpoint_id=endpoint, state=state, most=most)
    if json:
        print_json(found)
        return
    table(
        _("What was told"),
        [_("Entry"), _("Act"), _("At"), _("Number"), _("State"), _("Attempts"), _("Answer")],
        [
            [
                str(one.entry_id), one.kind, f"{one.at:%Y-%m-%d %H:%M:%S}", str(one.endpoint_id), word(one.state),
                str(one.attempts), one.last_trouble or (str(one.last_status) if one.last_status else None),
            ]
            for one in found
        ],
        right=(5,),
    )  # fmt: skip


@app.command()
def deliver(
    *,
    loopback: Annotated[
        bool, typer.Option("--loopback", help="For trying out: let plain HTTP to this very machine pass.")
    ] = False,
    every: Annotated[int | None, typer.Option(min=1, help="Go on, looking again after so many seconds.")] = None,
    json: Json = False,
) -> None:
    """Tell what is due. Several of these may run side by side; each act is told at least once."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.telling import deliver_due

    with open_desk() as desk:
        while True:
            done = deliver_due(
                desk.database, desk.settings.lender_id, vault=vault_of(desk.settings), clock=now, loopback=loopback
            )
            if json:
                print_json({"delivered": done.delivered, "failed": done.failed})
            else:
                say(_("Told {delivered}, not taken {failed}.").format(delivered=done.delivered, failed=done.failed))
            if every is None:
                return
            time.sleep(every)
