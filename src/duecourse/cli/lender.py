"""``duecourse lender``: the register of lenders of this installation."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import typer

from duecourse.cli.output import Json, note, print_json, say, table
from duecourse.cli.words import _
from duecourse.trouble import N_, BadInput

app = typer.Typer(help="Lenders: who owns the claims. DUECOURSE_LENDER says for which one the other commands work.")

TYPES = ("bank", "consumer_finance", "microloan", "auto_finance", "trust", "transferee", "private", "other")

MASTERS = ("tape", "desk")


class UnknownWord(BadInput):
    """A word outside a closed list."""

    def __init__(self, what: str, word: str, known: tuple[str, ...]) -> None:
        super().__init__(
            N_("{what} {word!r} is not known; known: {known}"), what=what, word=word, known=", ".join(known)
        )


class NotALenderCode(BadInput):
    """A code that cannot stand in every key."""

    def __init__(self, code: str) -> None:
        super().__init__(
            N_(
                "{code!r} cannot be a lender's code: it has 1 to 32 small letters, digits, - and _, and begins with a "
                "letter or digit, such as north"
            ),
            code=code,
        )


class NoName(BadInput):
    """A lender without a name."""

    def __init__(self) -> None:
        super().__init__(N_("a lender has a name, which borrowers read: say it with --name"))


_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


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
    jurisdiction: Annotated[
        str, typer.Option(help="Country whose packs apply: CN, EU, HK, IN, UK (or GB), US.")
    ] = "CN",
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
    from duecourse.core.money import EXPONENTS
    from duecourse.law.clock import zone as known_zone
    from duecourse.law.pack import country
    from duecourse.storage.lenders import Lender

    if not _CODE.fullmatch(code):
        raise NotALenderCode(code)
    place = country(jurisdiction)
    if not name.strip():
        raise NoName
    if kind not in TYPES:
        raise UnknownWord(_("kind of firm"), kind, TYPES)
    if payments not in MASTERS:
        raise UnknownWord(_("master of payments"), payments, MASTERS)
    if currency not in EXPONENTS:
        raise UnknownWord(_("currency"), currency, tuple(sorted(EXPONENTS)))
    known_zone(zone)
    entered = Lender(code, name, place, zone, currency, kind, demo=demo, masters={"payment": payments})
    with open_desk(lender_needed=False) as desk, desk.database.transaction(code) as tx:
        enter_lender(tx, entered, vault=vault_of(desk.settings), actor=Actor(Role.OPERATOR, "cli"), now=now())
    if json:
        print_json(entered)
    else:
        say(_("Lender {code} is entered. Work for it with DUECOURSE_LENDER={code}.").format(code=code))
    say_if_closed(place)


def say_if_closed(place: str) -> None:
    """Note that no law ships for a country, where none does."""
    from duecourse.law.pack import PackKind, load_packs

    if place not in (known := sorted({one.jurisdiction for one in load_packs() if one.kind is PackKind.LAW})):
        note(
            _(
                "No law ships for {place}: the gate refuses every contact. Law ships for {known}; a jurisdiction never "
                "changes."
            ).format(place=place, known=", ".join(known))
        )


@app.command()
def state(
    fact: Annotated[str, typer.Argument(help="A word of the law's vocabulary, such as consumer_debt; `lender facts`.")],
    value: Annotated[str, typer.Argument(help="true, false, a whole number, a day or a word.")] = "true",
    *,
    source: Annotated[str, typer.Option(help="What proves it: a contract form, a certificate of the lines.")],
    firm: Annotated[str, typer.Option(help="Code of the outside firm whose lines or systems it is about.")] = "",
    since: Annotated[
        datetime | None, typer.Option(help="Instant, in UTC, from which it holds; now without it.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Instant, in UTC, at which it ends by itself.")] = None,
    json: Json = False,
) -> None:
    """Say a fact once of all claims, or of the lines of one house; the gate and the day run ask it of every contact."""
    from datetime import UTC

    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.lender_facts import state_lender_fact
    from duecourse.casework.stating import read_value
    from duecourse.cli.person import operator

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = state_lender_fact(
            tx, vault=vault_of(desk.settings), fact=fact, value=read_value(value), source=source, actor=operator(),
            now=now(), from_at=None if since is None else since.replace(tzinfo=UTC),
            until=None if until is None else until.replace(tzinfo=UTC), firm=firm,
        )  # fmt: skip
    if json:
        print_json({"stated_id": number, "fact": fact})
    else:
        say(_("On record under {number}: {fact}.").format(number=number, fact=fact))


@app.command()
def end(
    number: Annotated[int, typer.Argument(help="The number of the fact, as `lender facts` shows it.")],
    *,
    json: Json = False,
) -> None:
    """End a fact that was said of all claims."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.lender_facts import end_lender_fact
    from duecourse.cli.person import operator

    at = now()
    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        end_lender_fact(tx, vault=vault_of(desk.settings), stated_id=number, actor=operator(), now=at)
    if json:
        print_json({"stated_id": number, "ended_at": at})
    else:
        say(_("Fact {number} has ended.").format(number=number))


@app.command()
def facts(*, json: Json = False) -> None:
    """List what was said of all claims, the latest first; then what the lender's law asks and nobody has said yet."""
    from duecourse.app import now, open_desk
    from duecourse.casework.lender_facts import unsaid
    from duecourse.cli.words import lang
    from duecourse.law.wording import meaning
    from duecourse.storage import lender_facts

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found, open_ones = lender_facts.every(tx), unsaid(tx, now())
    if json:
        print_json({"said": found, "unsaid": open_ones})
        return
    table(
        _("Said of all claims"),
        [_("Number"), _("Fact"), _("Value"), _("Firm"), _("From"), _("Until"), _("Source"), _("By")],
        [
            [
                str(one.stated_id), one.fact, str(one.value), one.firm or None,
                one.from_at.isoformat(timespec="seconds"),
                one.to_at.isoformat(timespec="seconds") if one.to_at else None, one.source, one.actor,
            ]
            for one in found
        ],
    )  # fmt: skip
    table(_("Asked and not said"), [_("Fact"), _("It means")], [[name, meaning(name, lang())] for name in open_ones])
