"""``duecourse template show``: a template filled with visibly invented values, as whoever gets it would see it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli import words
from duecourse.cli.output import Json, print_json, say
from duecourse.cli.words import _
from duecourse.locale import Language
from duecourse.trouble import BadInput

if TYPE_CHECKING:
    from duecourse.channels.render import Content


class Shape(StrEnum):
    """What is made."""

    PDF = "pdf"  # for print, tagged
    PAGE = "page"  # PNG of each page
    CARD = "card"  # PNG for a chat
    LONG = "long"  # PNG of the whole letter in one
    HTML = "html"  # e-mail
    TEXT = "text"
    SMS = "sms"  # a text message, and the parts that it takes


class NeedsFile(BadInput):
    """A picture or a PDF is written to a file."""

    def __init__(self, shape: str) -> None:
        super().__init__(_("{form} goes to a file: name it by --out").format(form=shape))


Name = Annotated[str, typer.Argument(metavar="TEMPLATE", help="A template; `law templates` lists them.")]
Form = Annotated[Shape, typer.Option("--form", help="pdf, page, card, long (PNG), html (e-mail), text or sms.")]
Out = Annotated[Path | None, typer.Option("--out", dir_okay=False, help="The file to write; else the terminal.")]
In = Annotated[str | None, typer.Option("--in", metavar="en|zh", help="Language of the text; else that of this run.")]


def show(template: Name, *, form: Form = Shape.TEXT, out: Out = None, lang: In = None, json: Json = False) -> None:
    """Show a template filled with invented values: PDF, picture, e-mail or text. Nothing is issued or sent."""
    from duecourse.channels.render import compose, mail, text
    from duecourse.channels.render.examples import VERIFY, example_values
    from duecourse.law.templates import load_register

    found = load_register(jurisdiction=None)[template]
    tongue = lang or ("zh" if words.language() is Language.ZH else "en")
    if tongue not in found.text:
        raise typer.BadParameter(_("{lang} is neither en nor zh").format(lang=tongue), param_hint="--in")
    content = compose(found, example_values(found, tongue), tongue, verify=None if form is Shape.SMS else VERIFY)
    if form is Shape.SMS:
        _show_sms(text(content).strip(), out, json=json)
        return
    if json and out is None:
        print_json(content.plain())
        return
    if form in (Shape.HTML, Shape.TEXT):
        made = mail(content) if form is Shape.HTML else text(content)
        if out is None:
            typer.echo(made, nl=False)
            return
        files = {out: made.encode()}
    elif out is None:
        raise NeedsFile(form)
    else:
        files = _printed(content, form, out)
    for place, data in files.items():
        try:
            place.write_bytes(data)
        except OSError as trouble:
            raise NotWritten(place, trouble) from None
        if not json:
            say(_("Written: {file}").format(file=place))
    if json:
        print_json({"files": [str(place) for place in files]})


def _show_sms(said: str, out: Path | None, *, json: bool) -> None:
    from duecourse.channels.sms.alphabet import split

    found = split(said)
    if out is not None:
        out.write_text(said, encoding="utf-8")
    if json:
        print_json({"text": said, "alphabet": found.alphabet.value, "signs": found.units, "parts": len(found.parts)})
        return
    if out is None:
        typer.echo(said)
    say(
        _("{parts} parts, {signs} signs in {alphabet}").format(
            parts=len(found.parts), signs=found.units, alphabet=found.alphabet.value
        )
    )


class NotWritten(BadInput):
    """The file cannot be written."""

    def __init__(self, place: Path, trouble: OSError) -> None:
        super().__init__(_("{file} cannot be written: {why}").format(file=place, why=trouble.strerror))


def _printed(content: Content, form: Shape, out: Path) -> dict[Path, bytes]:
    from duecourse.channels.render import Form as Picture
    from duecourse.channels.render import Printer

    if form is Shape.PDF:
        return {out: Printer().pdf(content)}
    pages = Printer().png(content, Picture(form.value))
    return {out if n == 1 else out.with_stem(f"{out.stem}-{n}"): page for n, page in enumerate(pages, 1)}
