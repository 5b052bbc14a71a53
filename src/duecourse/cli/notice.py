"""``duecourse notice``: letters and documents of a case: tried, issued, opened, taken back, checked by their code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duecourse.cli.case.work import CaseId
from duecourse.cli.output import Json, amount, facts, print_json, say, table
from duecourse.cli.person import operator
from duecourse.cli.words import _, lang, word
from duecourse.trouble import N_, BadInput, Exit

if TYPE_CHECKING:
    from duecourse.app import Desk
    from duecourse.casework.issue_notice import Wanted
    from duecourse.storage.notices import Notice

app = typer.Typer(help="Notices: fixed in words, sealed, on record. Issuing sends nothing: sending needs a permit.")

Number = Annotated[int, typer.Argument(metavar="NOTICE", help="Its number, as in `notice list`.", min=1)]
Text = Annotated[str, typer.Option("--template", help="An approved document template; `template drafts` shows yours.")]
Who = Annotated[int | None, typer.Option("--person", help="Whom it is to; the borrower without it.", min=0)]
In = Annotated[str, typer.Option("--in", metavar="zh|en", help="Language of the notice.")]
Said = Annotated[
    list[str] | None, typer.Option("--say", metavar="SLOT=TEXT", help="What no register has, such as next_step=…")
]
Firm = Annotated[str, typer.Option(help="Code of the law firm that writes it; its mandate must be on file.")]
Staff = Annotated[str, typer.Option(help="Staff number of who handles it.")]
Loans = Annotated[
    list[str] | None, typer.Option("--loan", metavar="LOAN", help="A loan it is about; all that are owed without it.")
]
Replaces = Annotated[int | None, typer.Option(help="A notice that this one supersedes.", min=1)]


class NotSlotText(BadInput):
    """What is said is not written as SLOT=TEXT."""

    def __init__(self, text: str) -> None:
        super().__init__(N_("{text} is not written as SLOT=TEXT"), text=text)


@app.command()
def preview(
    case: CaseId,
    *,
    template: Text,
    person: Who = None,
    loans: Loans = None,
    into: In = "zh",
    said: Said = None,
    firm: Firm = "",
    staff: Staff = "",
    json: Json = False,
) -> None:
    """Show how a notice would read: names masked, no code, nothing kept."""
    from duecourse.app import now, open_desk, store_of
    from duecourse.casework.issue_notice import preview as tried
    from duecourse.channels.render import text

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        wanted = _wanted(desk, case, template, person, loans, into, said, firm, staff, None)
        on, content = tried(tx, store_of(desk.settings), wanted, now=now())
    if json:
        print_json(
            {"template": on.template.id, "version": on.template.version, "day": on.figures.day, "text": text(content)}
        )
    else:
        typer.echo(text(content), nl=False)


@app.command()
def issue(
    case: CaseId,
    *,
    template: Text,
    person: Who = None,
    loans: Loans = None,
    into: In = "zh",
    said: Said = None,
    firm: Firm = "",
    staff: Staff = "",
    replaces: Replaces = None,
    key: Annotated[str | None, typer.Option(help="Request key: sent again with it, the notice is issued once.")] = None,
    json: Json = False,
) -> None:
    """Issue a notice. It bears a code that leads to the verify page at DUECOURSE_PUBLIC_URL."""
    from duecourse.app import now, open_desk, store_of, vault_of
    from duecourse.casework.issue_notice import issue_notice

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        number = issue_notice(
            tx, vault=vault_of(desk.settings), store=store_of(desk.settings),
            wanted=_wanted(desk, case, template, person, loans, into, said, firm, staff, replaces),
            public_url=desk.settings.public_url, request_key=key or os.urandom(16).hex(), actor=operator(), now=now(),
            chance=os.urandom,
        )  # fmt: skip
    if json:
        print_json({"notice": number, "case": case})
    else:
        say(_("Notice {number} is issued. Nothing was sent: sending needs a permit.").format(number=number))


@app.command("list")
def list_notices(case: CaseId, *, json: Json = False) -> None:
    """List the notices of a case, the latest first."""
    from duecourse.app import open_desk
    from duecourse.storage import cases, notices

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = notices.of_case(tx, cases.get(tx, case).person_id, case)
    if json:
        print_json([_plain(one) for one in found])
        return
    table(
        _("Notices"),
        [_("Number"), _("Template"), _("Version"), _("Language"), _("Issued"), _("By"), _("State"), _("Replaced by")],
        [
            [
                str(one.notice_id), one.template_id, str(one.template_version), one.lang, one.at.date(), one.actor,
                word(one.ended_as) or _("stands"), str(one.replaced_by) if one.replaced_by else None,
            ]
            for one in found
        ],
    )  # fmt: skip


@app.command("open")
def open_it(
    number: Number,
    *,
    purpose: Annotated[str, typer.Option(help="What for: document, contact, dispute, claim, supervision …")],
    pdf: Annotated[
        Path | None, typer.Option(help="Write the notice as PDF, with its proof in it, into this file.")
    ] = None,
    proof: Annotated[Path | None, typer.Option(help="Write the proof that anybody can check into this file.")] = None,
    json: Json = False,
) -> None:
    """Open a notice for a purpose; it leaves a record that the person can see."""
    from duecourse.app import certificate_of, now, open_desk, vault_of
    from duecourse.casework.notice_paper import open_notice, paper, signs
    from duecourse.casework.notice_paper import pdf as set_as_pdf
    from duecourse.channels.render import text

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        certificate = certificate_of(desk.settings, desk.settings.lender_id)
        found = open_notice(
            tx, vault=vault_of(desk.settings), notice_id=number, purpose=purpose, actor=operator(), now=now()
        )
    if pdf is not None:
        pdf.write_bytes(set_as_pdf(found, certificate=certificate, now=now()))
    signed = certificate.subject if pdf is not None and certificate is not None and signs(found.notice) else None
    if proof is not None and found.proof is not None:
        proof.write_bytes(found.proof)
    if json:
        print_json(
            _plain(found.notice) | {"text": text(paper(found)), "proven": found.proof is not None, "signed_by": signed}
        )
    else:
        typer.echo(text(paper(found)), nl=False)
        if signed is not None:
            say(_("The PDF is signed with the certificate of {subject}.").format(subject=signed))
        if proof is not None:
            say(
                _("The proof is in {file}.").format(file=proof.name)
                if found.proof is not None
                else _("No published checkpoint covers it yet; no proof was written.")
            )


@app.command()
def withdraw(number: Number, *, json: Json = False) -> None:
    """Take a notice back: whoever asks by its code is told so."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.issue_notice import withdraw_notice

    with open_desk() as desk, desk.database.transaction(desk.settings.lender_id) as tx:
        found = withdraw_notice(tx, vault=vault_of(desk.settings), notice_id=number, actor=operator(), now=now())
    if json:
        print_json(_plain(found))
    else:
        say(_("Notice {number} is taken back.").format(number=number))


@app.command()
def verify(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code on the notice.")], *, json: Json = False
) -> None:
    """Say whether a code is that of a genuine notice, as the public page does. Exit status 1 where it is not."""
    from duecourse.app import now, open_desk, vault_of
    from duecourse.casework.verify_notice import verify_notice

    with open_desk() as desk:
        found = verify_notice(
            desk.database, vault=vault_of(desk.settings), usual=desk.settings.lender_id, text=code, address="terminal",
            now=now(),
        )  # fmt: skip
    if json:
        print_json(
            {"genuine": found is not None}
            | ({} if found is None else {"lender": found.lender.lender_id, "state": found.ended_as, **found.shown})
        )
    elif found is None:
        say(_("No notice has this code."))
    else:
        said = found.shown
        facts(
            _("Genuine"),
            [
                (_("Notice"), (said.get("title") or {}).get(lang())),
                (_("State"), word(found.ended_as) or _("stands")),
                (_("Lender"), found.lender.name),
                (_("Loan"), ", ".join(said["loans"])),
                (_("Amount"), f"{amount(said['amount_minor'], said['currency'])} {said['currency']}"),
                (_("As of"), said["as_of"]),
                (_("Issued"), said["issued_on"]),
            ],
        )
    if found is None:
        raise typer.Exit(Exit.FOUND)


def _wanted(  # noqa: PLR0917 - the options of two commands, as they come
    desk: Desk,
    case: int,
    template: str,
    person: int | None,
    loans: list[str] | None,
    into: str,
    said: list[str] | None,
    firm: str,
    staff: str,
    replaces: int | None,
) -> Wanted:
    from duecourse.casework.issue_notice import Wanted
    from duecourse.casework.permit import Sender
    from duecourse.core.ids import loan_key
    from duecourse.law.terms import SenderType
    from duecourse.storage import cases

    if person is None:
        with desk.database.transaction(desk.settings.lender_id) as tx:
            person = cases.get(tx, case).person_id
    return Wanted(
        case_id=case, person_id=person, template_id=template, lang=into,
        sender=Sender(SenderType.LAW_FIRM, firm, staff) if firm else Sender(SenderType.LENDER, staff=staff),
        loan_keys=tuple(loan_key(desk.settings.lender_id, one) for one in loans or ()), said=slots(said),
        replaces=replaces,
    )  # fmt: skip


def slots(said: list[str] | None) -> dict[str, str]:
    """What whoever issues says, by slot. Raises `NotSlotText`."""
    return dict(_slot(one) for one in said or ())


def _slot(text: str) -> tuple[str, str]:
    slot, equals, value = text.partition("=")
    if not equals:
        raise NotSlotText(text)
    return slot.strip(), value.strip()


def _plain(one: Notice) -> dict[str, Any]:
    return {
        "notice": one.notice_id, "case": one.case_id, "person": one.person_id, "template": one.template_id,
        "version": one.template_version, "document": one.document, "lang": one.lang, "sender": one.sender,
        "amount_minor": one.shown["amount_minor"], "currency": one.shown["currency"], "as_of": one.shown["as_of"],
        "content": bytes(one.content_hash).hex(), "entry": one.entry_id, "at": one.at, "state": one.ended_as,
        "ended_at": one.ended_at, "replaced_by": one.replaced_by,
    }  # fmt: skip
