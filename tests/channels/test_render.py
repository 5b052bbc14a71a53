"""Every document in both languages: printed is what was said, tagged, checked before it exists, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from io import BytesIO
from typing import Any, cast

import pytest
from pypdf import PdfReader

from duecourse.channels.render import (
    Content,
    Forbidden,
    Form,
    Lacking,
    Printer,
    TooLong,
    Unprintable,
    ValueForbidden,
    compose,
    html,
    mail,
    push,
    read_content,
    text,
)
from duecourse.channels.render.examples import VERIFY, example_values
from duecourse.core.money import BrokenInvariant
from duecourse.law.notice import NEEDED, shows_debt
from duecourse.law.templates import DOCUMENTS, Template, load_register

REGISTER = load_register(jurisdiction=None)
KINDS = [one for one in REGISTER.templates.values() if one.document]
EVERY = [(one.id, lang) for one in KINDS for lang in ("zh", "en")]
HOSTILE = (
    '#read("/etc/passwd")',
    "<script>alert(1)</script>",
    "**bold** [x](https://evil.example)",
    "| a | b |",
    "$x$ @ref <label> \\ // /* ` = -",
    "{amount_due}",
    "A" * 300,
)


@pytest.fixture(scope="module")
def printer() -> Printer:
    return Printer()


def made(name: str, lang: str = "zh", **changed: str) -> Content:
    template = REGISTER[name]
    return compose(template, example_values(template, lang) | changed, lang, verify=VERIFY)


def squeezed(words: str) -> str:
    return re.sub(r"\s+|-(?=\n)|\[\]|[•☐]", "", words)


def read(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def said(content: Content) -> list[str]:
    return [squeezed("".join(words for words, _ in cell)) for one in content.blocks for row in one.rows for cell in row]


def test_every_kind_of_document_ships_and_has_its_list_of_parts() -> None:
    assert {one.document for one in KINDS} == set(DOCUMENTS)
    assert {kind for place, kind in NEEDED if place == "CN"} == set(DOCUMENTS) - {"validation_notice"}
    assert all((place, str(one.document)) in NEEDED for one in KINDS for place in one.jurisdictions)


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_content_is_read_back_from_what_a_hash_covers(name: str, lang: str, printer: Printer) -> None:
    for value in ("王小明", *HOSTILE):
        content = made(name, lang, salutation=value)
        for one in (content, replace(content, verify=None)):
            again = read_content(one.canonical())
            assert again == one
            assert again.canonical() == one.canonical()
    assert printer.pdf(read_content(made(name, lang).canonical())) == printer.pdf(made(name, lang))


def test_what_is_not_the_form_that_a_hash_covers_is_not_read() -> None:
    with pytest.raises(BrokenInvariant):
        read_content(made("m3.letter").canonical() + b" ")


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_pdf_is_tagged_in_its_language_and_says_what_was_said(printer: Printer, name: str, lang: str) -> None:
    content = made(name, lang)
    pdf = printer.pdf(content)
    read_back = PdfReader(BytesIO(pdf))
    root = cast("dict[str, Any]", read_back.trailer["/Root"])
    assert root["/MarkInfo"]["/Marked"].value is True
    assert str(root["/Lang"]).lower().startswith(lang)
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in pdf
    words = read(pdf)
    lost = [cell for cell in said(content) if cell not in words]
    # A cell that runs over the end of a line or page is there in pieces; every character of it is.
    assert all(squeezed(cell[:8]) in words for cell in lost), lost
    assert squeezed(content.title) in words
    assert VERIFY.code in words
    meta = read_back.metadata
    assert meta is not None
    assert meta.title == content.subject
    assert not shows_debt(str(meta.title))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_the_other_forms_say_the_same(name: str, lang: str) -> None:
    content = made(name, lang)
    bare = squeezed(text(content))
    paged = squeezed(re.sub(r"<[^>]*>", "", mail(content))).replace("&amp;", "&").replace("&#x27;", "'")
    assert all(cell in bare and cell in paged for cell in said(content) if "&" not in cell and "'" not in cell)
    assert VERIFY.url in mail(content)
    assert VERIFY.url in text(content)
    assert 'class="paper"' in html(content)
    outside = re.search(r"<title>(.*?)</title>", mail(content))
    assert outside is not None
    assert not shows_debt(outside[1])


def test_the_same_content_gives_the_same_bytes(printer: Printer) -> None:
    first = printer.pdf(made("m3.letter"))
    printer.pdf(made("receipt.letter", "en"))
    assert printer.pdf(made("m3.letter")) == first
    assert Printer().pdf(made("m3.letter")) == first
    assert made("m3.letter").canonical() == made("m3.letter").canonical()
    assert made("m3.letter", days_past_due="67").canonical() != made("m3.letter").canonical()


def test_files_travel_in_the_pdf(printer: Printer) -> None:
    pdf = printer.pdf(made("m3.letter"), attachments={"proof.json": b'{"a": 1}', "odd.bin": bytes(range(256))})
    found = PdfReader(BytesIO(pdf)).attachments
    assert found["proof.json"] == [b'{"a": 1}']
    assert found["odd.bin"] == [bytes(range(256))]


def test_pictures_for_chat_and_print(printer: Printer) -> None:
    content = made("m2.image")
    for form, width in ((Form.CARD, 1080), (Form.LONG, 1080), (Form.PAGE, 1191)):
        (picture,) = printer.png(content, form)
        assert picture.startswith(b"\x89PNG")
        assert int.from_bytes(picture[16:20], "big") == width


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_never_read_as_markup(printer: Printer, value: str) -> None:
    content = made("m3.letter", "en", pay_at=value)
    assert squeezed(value)[:40] in squeezed("".join(said(content)))
    assert squeezed(value)[:20] in read(printer.pdf(content))
    assert "<script" not in mail(content) + html(content)
    assert 'href="https://evil' not in mail(content) + html(content)


@pytest.mark.parametrize("value", ["", "  ", "a\x00b", "a\u202eb", "a\nb", "x" * 501, "\ud800"])
def test_a_value_that_no_paper_can_show_is_refused(value: str) -> None:
    with pytest.raises(ValueForbidden) as caught:
        made("us.validation.letter", "en", callback=value)
    assert "callback" in str(caught.value)


def test_a_rare_character_is_printed_and_one_without_a_font_is_refused(printer: Printer) -> None:
    assert "王喆堃䶮" in read(printer.pdf(made("m3.letter", salutation="王喆堃䶮")))
    for name, sign in (("محمد", "U+0645"), ("王😀", "U+1F600"), ("\U0002ffff", "U+2FFFF")):
        with pytest.raises(Unprintable) as caught:
            made("m3.letter", salutation=name)
        assert sign in str(caught.value)


def test_a_long_name_does_not_push_anything_off_the_sheet(printer: Printer) -> None:
    name = "欧阳" * 60
    reader = PdfReader(BytesIO(printer.pdf(made("m3.letter", salutation=name))))
    assert squeezed("".join(page.extract_text() for page in reader.pages)).count("欧阳") >= 60


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.id)
def test_each_part_that_lacks_is_named(one: Template) -> None:
    for place in one.jurisdictions:
        for part in NEEDED[place, str(one.document)]:
            for slot in part.slots:
                with pytest.raises((Lacking, ValueForbidden)) as caught:
                    made(one.id, "en", **{slot: ""})
                assert slot in str(caught.value)


def test_a_part_that_the_text_has_no_slot_for_is_missed_too() -> None:
    cut = replace(REGISTER["m3.letter"], slots=tuple(x for x in REGISTER["m3.letter"].slots if x != "seal"))
    with pytest.raises(Lacking, match="seal or electronic signature"):
        compose(cut, example_values(cut, "zh") | {"seal": ""}, "zh", verify=None)


@pytest.mark.parametrize(
    ("slot", "value", "why"),
    [
        ("next_step", "七日内不还将起诉", "names_suit"),
        ("next_step", "否则后果自负", "threatens"),
        ("rate_basis", "另收催收费", "asks_extra"),
        ("next_step", "You will be arrested", "misstates"),
        ("salutation", "欠款人示例", "shows_debt"),
        ("postal_address", "1 Example Road\nDebt Recovery Dept", "shows_debt"),
    ],
)
def test_a_value_does_not_say_what_the_text_does_not(slot: str, value: str, why: str) -> None:
    with pytest.raises(Forbidden) as caught:
        made("m3.letter", **{slot: value})
    assert why in str(caught.value)


def heights(document: bytes) -> dict[str, float]:
    """How high on the first sheet each piece of text stands, in points from the bottom."""
    found: dict[str, float] = {}

    def seen(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        found.setdefault(squeezed(text), tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

    PdfReader(BytesIO(document)).pages[0].extract_text(visitor_text=seen)
    return found


def test_an_address_stays_in_the_window_or_is_refused(printer: Printer) -> None:
    lines = [f"示例省示例市示例区示例街道示例小区第{n}号" for n in range(1, 7)]
    found = heights(printer.pdf(made("m3.letter", postal_address="\n".join(lines))))
    last, title = found[squeezed(lines[-1])], found["催款函"]
    assert 842 - last < (15 + 34 + 36) * 72 / 25.4 + 10
    assert last > title + 20
    with pytest.raises(TooLong, match="more than 6 lines"):
        made("m3.letter", postal_address="\n".join("示例路" * 13 for _ in range(8)))


def test_a_text_that_is_approved_to_name_a_suit_may_be_told_one() -> None:
    template = REGISTER["legal.notice.letter"]
    told = example_values(template, "zh") | {"callback": "起诉前请致电000"}
    assert "起诉前请致电000" in text(compose(template, told, "zh", verify=None))


def test_outside_nothing_of_the_debt_is_seen() -> None:
    for name, lang in EVERY:
        content = made(name, lang)
        seen = [content.subject, *content.window, push(content).title, push(content).alert]
        assert not any(shows_debt(one) for one in seen), (name, seen)
    named = made("m3.letter", lender="示例贷款有限公司", business="")
    assert (named.sender, named.subject) == ("示例贷款有限公司", "给您的函件")


def test_the_head_names_whose_letter_it_is() -> None:
    heads = {name: made(name, "en").sender for name, lang in EVERY if lang == "en"}
    assert heads["legal.lawyer.letter"] == "Example & Example LLP"
    assert heads["us.collect.letter"] == heads["us.validation.letter"] == "Example Credit Services Ltd"
    assert heads["m3.letter"] == heads["eu.transfer.notice.letter"] == "Example Finance Ltd"


def test_strong_words_are_marked_in_every_text() -> None:
    left = [(name, lang) for name, lang in EVERY if "**" in text(made(name, lang, debtor_id="000X"))]
    assert left == []


def test_the_window_of_the_envelope_has_the_address_and_nothing_else(printer: Printer) -> None:
    page = PdfReader(BytesIO(printer.pdf(made("m3.letter", "en")))).pages[0]
    mm = 72 / 25.4
    inside: list[str] = []

    def visit(words: str, at: list[float], _line: object, _font: object, _size: object) -> None:
        x, y = at[4] / mm, 297 - at[5] / mm
        if words.strip() and 20 <= x <= 110 and 45 <= y <= 90:
            inside.append(words.strip())

    page.extract_text(visitor_text=visit)
    shown = " ".join(inside)
    assert "Mr A. N. Example" in shown
    assert "Exampletown" in shown
    assert not shows_debt(shown)
    assert "0042" not in shown


@pytest.mark.parametrize(
    ("change", "said_so"),
    [
        (lambda body: body.replace("{next_step}", "{next_step} ![](https://x.example/face.png)"), "no pictures"),
        (lambda body: body.replace("{next_step}", "{next_step} <img src=x>"), "no pictures"),
        (lambda body: body.replace("> {seal}\\\n", ""), "seal"),
        (lambda body: body.replace("dunning_letter", "validation_notice"), "no list of parts in CN"),
    ],
)
def test_a_text_with_a_picture_or_without_a_part_is_not_approved(
    tmp_path_factory: pytest.TempPathFactory, change: Callable[[str], str], said_so: str
) -> None:
    body = (files("duecourse.law") / "register" / "m3.yaml").read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("register")
    (folder / "own.yaml").write_text(change(body), encoding="utf-8")
    with pytest.raises(Exception, match=said_so):
        load_register(folder)
