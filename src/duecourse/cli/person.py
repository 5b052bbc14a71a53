"""``duecourse person``: look people up, masked; read one protected value, for a purpose, leaving a record."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from duecourse.cli.output import NOTHING, Json, facts, note, print_json, say, table
from duecourse.cli.words import _, word
from duecourse.trouble import BadInput

if TYPE_CHECKING:
    from duecourse.app import Desk
    from duecourse.casework.actor import Actor
    from duecourse.storage.connection import Tx
    from duecourse.storage.persons import Person
    from duecourse.storage.vault import Vault

_W = TypeVar("_W", bound=StrEnum)

app = typer.Typer(help="People: find them, show them masked, reveal one value for a purpose.")

PersonId = Annotated[int, typer.Argument(metavar="PERSON", help="The person's id, as `person find` shows it.", min=0)]


@app.command()
def find(
    *,
    phone: Annotated[str | None, typer.Option(help="A phone number, however written; - asks for it.")] = None,
    name: Annotated[str | None, typer.Option(help="The whole name; - asks for it.")] = None,
    number: Annotated[
        str | None, typer.Option("--id", help="The number of the identity document; - asks for it.")
    ] = None,
    email: Annotated[str | None, typer.Option(help="A mailbox; - asks for it.")] = None,
    ref: Annotated[str | None, typer.Option(help="The lender's customer number.")] = None,
    json: Json = False,
) -> None:
    """Find people by a whole value. Nothing is decrypted: the value is compared by its keyed index.

    Give exactly one option. Values on a command line stay in the shell's history: write - and type it when asked.
    """
    from duecourse.app import open_desk, vault_of

    given = [(kind, value) for kind, value in _options(phone, name, number, email, ref) if value is not None]
    if len(given) != 1:
        raise typer.BadParameter(_("give exactly one of --phone, --name, --id, --email and --ref"))
    ((kind, value),) = given
    if value == "-":
        value = getpass.getpass(f"{kind}: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = _look(tx, vault_of(desk.settings), kind, value)
    if json:
        print_json(found)
    elif not found:
        say(_("Nobody has this value."))
    else:
        table(
            _("People"),
            [_("Person"), _("Kind"), _("Name"), _("Identity number"), _("Customer number")],
            [[str(p.person_id), word(p.kind), p.name_masked, p.id_masked, p.reference_masked] for p in found],
        )


@app.command()
def show(person: PersonId, *, json: Json = False) -> None:
    """Show a person, masked: facts, contact points, ties to loans, holds, and who has read what."""
    from duecourse.app import open_desk
    from duecourse.evidence.record import read
    from duecourse.storage import cases, holds, log, parties, persons, points

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        one = persons.get(tx, person)
        whole: dict[str, object] = {
            "person": one,
            "earlier": persons.history(tx, person),
            "contact_points": points.of_person(tx, person),
            "parties": parties.of_person(tx, person),
            "holds": holds.of_person(tx, person),
            "cases": cases.of_person(tx, person),
            "records": [
                {"entry": e.entry_id, "kind": e.kind, "at": e.at, "actor": e.actor, "stated": read(e.content)["stated"]}
                for e in log.of_person(tx, person)
            ],
        }
        whole["loan_refs"] = _loan_refs(desk, tx, whole)
    if json:
        print_json(whole)
        return
    facts(
        _("Person {person}").format(person=person),
        [
            (_("Kind"), word(one.kind)),
            (_("Name"), one.name_masked),
            (_("Identity number"), one.id_masked),
            (_("Born"), one.birth_masked),
            (_("Customer number"), one.reference_masked),
            (_("Also known as"), str(one.alias_of) if one.alias_of is not None else None),
            (_("Destroyed"), one.destroyed_at.isoformat() if one.destroyed_at else None),
        ],
    )
    _tables(whole)


@app.command()
def reveal(
    person: PersonId,
    field: Annotated[
        str, typer.Argument(help="name, id, birth, reference, or point/N, the N-th contact point of `person show`.")
    ],
    *,
    purpose: Annotated[
        str,
        typer.Option(
            help="contact, identify, document, claim, dispute, subject_request, correction or supervision.",
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Read one protected value in the clear, for a purpose. It leaves a record that the person can see."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.reveal import reveal as act

    with open_desk() as desk:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            value = act(
                tx,
                vault=vault_of(desk.settings),
                person_id=person,
                field=_field(tx, person, field),
                purpose=purpose,
                actor=operator(),
                now=now(),
            )
        # Shown only now that the record is committed.
        if json:
            print_json({"person_id": person, "field": field, "value": value.value})
        else:
            sys.stdout.write(value.value + "\n")
            note(_("A record of this was written; the person can see it."))


@app.command()
def merge(
    person: PersonId,
    into: Annotated[int, typer.Argument(metavar="INTO", help="The person who stays.", min=0)],
    *,
    reason: Annotated[str, typer.Option(help="same_document, person_said, lender_said, entered_twice or mistake.")],
    json: Json = False,
) -> None:
    """Note that two persons are one: holds, caps and cases count together. It can be taken back."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.merge import Reason
    from duecourse.casework.merge import merge as act

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        act(
            tx, vault=vault_of(desk.settings), person_id=person, into=into, reason=one_of(Reason, reason, "reason"),
            actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json({"person_id": person, "into": into})
    else:
        say(
            _("Person {person} counts as {into} from now on; `person unmerge` takes it back.").format(
                person=person, into=into
            )
        )


@app.command()
def unmerge(
    person: PersonId,
    *,
    reason: Annotated[str, typer.Option(help="mistake, person_said or lender_said.")],
    json: Json = False,
) -> None:
    """Take back that a person was merged into another."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.merge import Reason
    from duecourse.casework.merge import unmerge as act

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        into = act(
            tx, vault=vault_of(desk.settings), person_id=person, reason=one_of(Reason, reason, "reason"),
            actor=operator(), now=now(),
        )  # fmt: skip
    if json:
        print_json({"person_id": person, "was_merged_into": into})
    else:
        say(_("Person {person} counts apart from {into} again.").format(person=person, into=into))


@app.command()
def destroy(
    person: PersonId,
    *,
    ground: Annotated[str, typer.Option(help="purpose_gone, consent_withdrawn, unlawful or other_law.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; there is no way back.")] = False,
    json: Json = False,
) -> None:
    """Destroy a person's data for good (PIPL art. 47); refused while a loan, a case or a period of law stands."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.destroy import Ground
    from duecourse.casework.destruction import by_right
    from duecourse.storage import lenders

    chosen = one_of(Ground, ground, "ground")
    if not yes:
        typer.confirm(_("Destroy the data of person {person} for good?").format(person=person), abort=True, err=True)
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        instant = now()
        day = instant.astimezone(ZoneInfo(lenders.get(tx).zone)).date()
        by_right(
            tx, vault=vault_of(desk.settings), store=store_of(desk.settings), person_id=person, ground=chosen, day=day,
            actor=operator(), now=instant,
        )  # fmt: skip
    if json:
        print_json({"person_id": person, "destroyed_at": instant})
    else:
        say(
            _("The data of person {person} are destroyed. Backups hold the key until it is rotated out.").format(
                person=person
            )
        )


@app.command("close-portal")
def close_portal(person: PersonId, *, json: Json = False) -> None:
    """End every session of a person in the borrower's portal at once: somebody else may be in it."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.portal.entry import shut_out

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        ended = shut_out(tx, vault=vault_of(desk.settings), person_id=person, actor=operator(), now=now())
    if json:
        print_json({"person": person, "ended": ended})
    else:
        say(_("Sessions ended: {count}.").format(count=ended))


def one_of(words: type[_W], given: str, what: str) -> _W:
    """A word of a closed list; raises `BadInput` with those there are."""
    try:
        return words(given)
    except ValueError:
        raise BadInput(
            _("{what} {given} is not known; known: {words}").format(
                what=what, given=repr(given), words=", ".join(words)
            )
        ) from None


def operator() -> Actor:
    """Whoever runs this command, by the name of the account on this machine."""
    from duecourse.casework.actor import Actor, Role

    return Actor(Role.OPERATOR, getpass.getuser())


def their_loan(tx: Tx, person: int, ref: str | None) -> int | None:
    """The key of a loan of a person by the lender's number; raises `NotTheirLoan` in the words that were typed."""
    from duecourse.casework.their_loan import NotTheirLoan, check_their_loan
    from duecourse.core.ids import loan_key
    from duecourse.storage import persons

    if ref is None:
        return None
    persons.get(tx, person)
    key = loan_key(tx.lender_id, ref)
    try:
        check_their_loan(tx, person, key)
    except NotTheirLoan:
        raise NotTheirLoan(person, ref) from None
    return key


def _field(tx: Tx, person: int, field: str) -> str:
    from duecourse.casework.reveal import NoSuchField
    from duecourse.storage import persons, points

    kind, _slash, ordinal = field.partition("/")
    if field in persons.FIELDS:
        return field
    if kind not in {"point", "contact_point"} or not ordinal.isdecimal():
        raise NoSuchField
    ids = [p.contact_point_id for p in points.of_person(tx, person) if p.ordinal == int(ordinal)]
    if not ids:
        raise points.NoSuchPoint(person, int(ordinal))
    return points.field_name(ids[0])


def _options(
    phone: str | None, name: str | None, number: str | None, email: str | None, ref: str | None
) -> list[tuple[str, str | None]]:
    return [("phone", phone), ("name", name), ("id", number), ("email", email), ("reference", ref)]


def _look(tx: Tx, vault: Vault, kind: str, value: str) -> list[Person]:
    from duecourse.core.ids import person_id
    from duecourse.storage import lenders, persons

    lender = lenders.get(tx)
    if kind == "reference":
        try:
            return [persons.get(tx, person_id(tx.lender_id, value))]
        except persons.NoSuchPerson:
            return []
    index = vault.index(tx.lender_id, kind, value, lender.jurisdiction)
    if kind == "name":
        return persons.by_name(tx, index)
    return persons.by_id(tx, index) if kind == "id" else persons.by_point(tx, index)


def _loan_refs(desk: Desk, tx: Tx, whole: dict[str, object]) -> dict[int, str]:
    """The lender's own numbers of the loans that a person is tied to or held for, as the newest book has them."""
    import polars as pl

    from duecourse.app import store_of
    from duecourse.book.store import version_from
    from duecourse.storage import books

    row = books.newest(tx)
    named = {getattr(one, "loan_key", None) for one in (*_list(whole, "parties"), *_list(whole, "holds"))} - {None}
    if row is None or not named:
        return {}
    loans = store_of(desk.settings).scan(version_from(row.version, row.tables), "loans")
    found = loans.filter(pl.col("loan_key").is_in(list(named))).select("loan_key", "loan_ref").unique().collect()
    return dict(found.sort("loan_key").iter_rows())


def _tables(whole: dict[str, object]) -> None:
    from duecourse.storage.cases import Case
    from duecourse.storage.holds import Hold
    from duecourse.storage.parties import Party
    from duecourse.storage.points import ContactPoint

    refs = whole["loan_refs"] if isinstance(whole["loan_refs"], dict) else {}
    points = [p for p in _list(whole, "contact_points") if isinstance(p, ContactPoint)]
    if points:
        table(
            _("Contact points"),
            [_("Field"), _("Kind"), _("Line"), _("Label"), _("Value"), _("Zone"), _("Consent"), _("State"), _("Until")],
            [
                [
                    f"point/{p.ordinal}", word(p.kind), word(p.line), word(p.label), p.value_masked, p.zone,
                    word(p.consent), word(p.state), p.to_at.date() if p.to_at else None,
                ]
                for p in points
            ],
        )  # fmt: skip
    ties = [p for p in _list(whole, "parties") if isinstance(p, Party)]
    if ties:
        table(
            _("Loans"),
            [_("Loan"), _("Relation"), _("From"), _("Until"), _("Proof"), _("Proof until")],
            [
                [
                    refs.get(p.loan_key, str(p.loan_key)),
                    word(p.relation),
                    p.from_day,
                    p.to_day,
                    word(p.proof_kind),
                    p.proof_until,
                ]
                for p in ties
            ],
        )
    held = [h for h in _list(whole, "holds") if isinstance(h, Hold)]
    if held:
        table(
            _("Holds"),
            [_("Hold"), _("Loan"), _("From"), _("Until"), _("Source")],
            [
                [
                    word(h.kind), refs.get(h.loan_key, str(h.loan_key)) if h.loan_key is not None else _("all"),
                    h.from_at.isoformat(), h.to_at.isoformat() if h.to_at else None, h.source,
                ]
                for h in held
            ],
        )  # fmt: skip
    worked = [c for c in _list(whole, "cases") if isinstance(c, Case)]
    if worked:
        table(
            _("Cases of the person"),
            [_("Case"), _("Opened"), _("Closed"), _("Collector")],
            [[str(c.case_id), c.opened_day, c.closed_day, c.collector_id] for c in worked],
        )
    records = [r for r in _list(whole, "records") if isinstance(r, dict)]
    if records:
        table(
            _("Records"),
            [_("Entry"), _("At"), _("Kind"), _("By"), _("Stated")],
            [
                [
                    str(r["entry"]), r["at"].isoformat(timespec="seconds"), r["kind"], r["actor"],
                    ", ".join(f"{k} {v}" for k, v in r["stated"].items()) or NOTHING,
                ]
                for r in records
            ],
        )  # fmt: skip


def _list(whole: dict[str, object], name: str) -> list[object]:
    found = whole[name]
    return found if isinstance(found, list) else []
