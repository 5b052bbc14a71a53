"""``duecourse lender``: the register of lenders of this installation."""

from __future__ import annotations

from typing import Annotated

import typer

from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.words import _
from duecourse.trouble import BadInput

app = typer.Typer(help="Lenders: who owns the claims. DUECOURSE_LENDER says for which one the other commands work.")

TYPES = ("bank", "consumer_finance", "microloan", "auto_finance", "trust", "transferee", "private", "other")

MASTERS = ("tape", "desk")


class UnknownWord(BadInput):
    """A word outside a closed list."""

    def __init__(self, what: str, word: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{what} {word!r} is not known; known: {', '.join(known)}")


@app.command("list")
def list_lenders(*, json: Json = False) -> None:
    """List the lenders."""
    from duecourse.app import open_desk
    from duecourse.storage import lenders

    with open_desk(lender_needed=False) as desk, desk.database.register() as tx:
        found = lenders.every(tx)
    if json:
        print_json(found)
        return
    table(
        _("Lenders"),
        [_("Code"), _("Name"), _("Kind"), _("Jurisdiction"), _("Zone"), _("Currency"), _("Demo")],
        [
            [
                one.lender_id, one.name, _(one.lender_type.replace("_", " ")), one.jurisdiction, one.zone,
                one.currency, _("yes") if one.demo else _("no"),
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Short code, in every key: small letters, digits, - and _.")],
    *,
    name: Annotated[str, typer.Option(help="Name, as borrowers read it.")],
    kind: Annotated[str, typer.Option(help=f"Kind of firm, which decides what law binds it: {', '.join(TYPES)}.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "CNY",
    zone: Annotated[str, typer.Option(help="IANA zone of the lender's own day.")] = "Asia/Shanghai",
    jurisdiction: Annotated[str, typer.Option(help="Country whose packs apply.")] = "CN",
    payments: Annotated[
        str, typer.Option(metavar="tape|desk", help="Whose word counts on payments: the lender's tape or the desk.")
    ] = "tape",
    demo: Annotated[
        bool, typer.Option("--demo", help="For trying out: takes invented people only, and can reach nobody.")
    ] = False,
    json: Json = False,
) -> None:
    """Enter a lender. Whether it is a demo lender is said once and never changes."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.actor import Actor, Role
    from duecourse.casework.enter_lender import enter_lender
    from duecourse.core.money import exponent
    from duecourse.law.clock import zone as known_zone
    from duecourse.storage.lenders import Lender

    if kind not in TYPES:
        raise UnknownWord(_("kind of firm"), kind, TYPES)
    if payments not in MASTERS:
        raise UnknownWord(_("master of payments"), payments, MASTERS)
    exponent(currency)
    known_zone(zone)
    entered = Lender(code, name, jurisdiction, zone, currency, kind, demo=demo, masters={"payment": payments})
    with open_desk(lender_needed=False) as desk, desk.database.transaction(code) as tx:
        enter_lender(tx, entered, vault=vault_of(desk.settings), actor=Actor(Role.OPERATOR, "cli"), now=now())
    if json:
        print_json(entered)
    else:
        say(_("Lender {code} is entered. Work for it with DUECOURSE_LENDER={code}.").format(code=code))
