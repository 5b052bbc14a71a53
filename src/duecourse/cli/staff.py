"""``duecourse staff``: the register of who may speak, for the lender or an outside firm, by number."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.output import Json, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, word

if TYPE_CHECKING:
    from duecourse.casework.staff import OfFirm, OfStaff
    from duecourse.storage.senders import Record

app = typer.Typer(help="Staff and outside firms: exam, training, undertaking, breaches, contracts; by number or code.")

Number = Annotated[str, typer.Argument(metavar="STAFF", help="Staff number; never a name.")]
Firm = Annotated[str, typer.Option(help="Code of the outside firm; none for the lender's own staff.")]
On = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day of it.")]
Source = Annotated[str, typer.Option(help="The document that proves it.")]


@app.command()
def add(staff: Number, *, on: On, source: Source, firm: Firm = "", json: Json = False) -> None:
    """Enter a member of staff from a day on. Without an entry the gate knows nothing of a person, and refuses."""
    _put(firm, staff, "post", on=on, source=source, json=json)


@app.command()
def train(staff: Number, *, on: On, source: Source, firm: Firm = "", json: Json = False) -> None:
    """Put a training with exam on record; it holds for 365 days."""
    _put(firm, staff, "training", on=on, source=source, json=json)


@app.command()
def exam(staff: Number, *, on: On, source: Source, firm: Firm = "", json: Json = False) -> None:
    """Put the exam before taking the post on record."""
    _put(firm, staff, "exam", on=on, source=source, json=json)


@app.command()
def undertake(staff: Number, *, on: On, source: Source, firm: Firm = "", json: Json = False) -> None:
    """Put the signed undertaking to keep personal data confidential on record."""
    _put(firm, staff, "undertaking", on=on, source=source, json=json)


@app.command()
def breach(
    staff: Number,
    *,
    on: On,
    source: Annotated[str, typer.Option(help="The document that proves it.")] = "",
    firm: Firm = "",
    close: Annotated[bool, typer.Option("--close", help="Close the open breaches on that day.")] = False,
    json: Json = False,
) -> None:
    """Put a serious breach on record, open until it is closed: as long as it is, this person speaks to nobody."""
    if close:
        _end(firm, staff, "breach", on, json=json)
    elif not source:
        raise typer.BadParameter(_("--source names what proves the breach"))
    else:
        _put(firm, staff, "breach", on=on, source=source, json=json)


@app.command()
def record(
    kind: Annotated[
        str,
        typer.Argument(
            help="Of staff: certificate, degree. Of a firm: admission, listing, publication, contract, evaluation, "
            "inspection, violence, subdelegation, subdelegation_consent, impact_assessment, private_accounts, "
            "registration."
        ),
    ],
    *,
    on: On,
    source: Source,
    firm: Firm = "",
    staff: Annotated[str, typer.Option(help="Staff number; none where it is of the firm itself.")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which it holds no longer.")
    ] = None,
    json: Json = False,
) -> None:
    """Put anything else on record: what a member of staff holds, or what is known of an outside firm."""
    _put(firm, staff, kind, on=on, until=until, source=source, json=json)


@app.command("end")
def end_record(
    kind: Annotated[str, typer.Argument(help="What ends: post, contract, listing and so on.")],
    *,
    on: On,
    firm: Firm = "",
    staff: Annotated[str, typer.Option(help="Staff number; none where it is of the firm itself.")] = "",
    json: Json = False,
) -> None:
    """End what stands on record: a post left, a contract ended, a listing withdrawn."""
    _end(firm, staff, kind, on, json=json)


@app.command()
def show(
    staff: Annotated[str, typer.Argument(metavar="STAFF", help="Staff number; - for the firm itself.")],
    *,
    firm: Firm = "",
    json: Json = False,
) -> None:
    """Show everything on record of a member of staff or of a firm."""
    from duecourse.app import open_desk
    from duecourse.storage import senders

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        _list(senders.of(tx, firm, "" if staff == "-" else staff), json=json)


@app.command("list")
def list_staff(*, json: Json = False) -> None:
    """List everything on record of all staff and firms."""
    from duecourse.app import open_desk
    from duecourse.storage import senders

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        _list(senders.every(tx), json=json)


def _put(
    firm: str, staff: str, kind: str, *, on: datetime, source: str, json: bool, until: datetime | None = None
) -> None:
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.registers import put_on_record

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = put_on_record(
            tx, vault=vault_of(desk.settings), firm=firm, staff=staff, kind=_kind(kind, staff), from_day=on.date(),
            to_day=until.date() if until else None, source=source, actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json({"record_id": number, "kind": kind, "firm": firm, "staff": staff, "from_day": on.date()})
    else:
        say(_("On record from {day}: {kind}.").format(day=on.date(), kind=word(kind)))


def _end(firm: str, staff: str, kind: str, on: datetime, *, json: bool) -> None:
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.registers import end_record

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ended = end_record(
            tx, vault=vault_of(desk.settings), firm=firm, staff=staff, kind=_kind(kind, staff), to_day=on.date(),
            actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json({"ended": ended, "kind": kind, "firm": firm, "staff": staff, "to_day": on.date()})
    else:
        say(_("Ended on {day}: {kind}.").format(day=on.date(), kind=word(kind)))


def _kind(kind: str, staff: str) -> OfStaff | OfFirm:
    from duecourse.casework.staff import OfFirm, OfStaff
    from duecourse.cli.lender import UnknownWord

    known = OfStaff if staff else OfFirm
    if kind not in set(known):
        raise UnknownWord(_("kind of record"), kind, tuple(known))
    return known(kind)


def _list(records: list[Record], *, json: bool) -> None:
    if json:
        print_json(records)
        return
    table(
        _("On record"),
        [_("Firm"), _("Staff"), _("Kind"), _("From"), _("Until"), _("Source"), _("By")],
        [
            [
                one.firm or _("the lender"),
                one.staff or None,
                word(one.kind),
                one.from_day,
                one.to_day,
                one.source,
                one.actor,
            ]
            for one in records
        ],
    )
