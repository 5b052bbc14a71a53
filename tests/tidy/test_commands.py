"""The command line keeps its promises: JSON for data, two languages, a reference that is current, glossary nouns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from typer.core import TyperGroup

from duecourse.book.strategy import read_strategy, shipped
from duecourse.book.tape import faults, layout
from duecourse.cli import docs, words
from duecourse.cli.main import build, nouns
from duecourse.law import terms
from duecourse.law.quantities import QUANTITIES
from duecourse.locale import Language
from duecourse.sim.products import PRODUCTS

ROOT = Path(__file__).parents[2]
SPEAKS_ONLY = {
    "duecourse serve": "answers over HTTP",
    "duecourse server start": "says one sentence",
    "duecourse server stop": "says one sentence",
    "duecourse witness serve": "answers over HTTP",
}
PLAIN_WORDS = {"demo", "docs", "search", "serve", "server", "version"}  # words of programs, not of the trade


@pytest.fixture(scope="module")
def tree() -> TyperGroup:
    words.use(Language.EN)
    return build()


def test_every_command_that_prints_data_prints_json_too(tree: TyperGroup) -> None:
    without = {
        name for name, command in docs.verbs(tree) if not any("--json" in option.opts for option in command.params)
    }
    assert without <= set(SPEAKS_ONLY), (
        "take `json: Json = False` (cli.output), or say here why there is nothing to print"
    )


def test_the_reference_is_current(tree: TyperGroup) -> None:
    kept = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert kept == docs.reference(tree), "write it anew: .venv/bin/duecourse docs cli > docs/cli.md"


def test_every_noun_is_a_word_of_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    listed = {
        word.strip() for line in glossary.splitlines() for word in line.split("|")[1:2] for word in word.split("/")
    }
    assert set(nouns()) - PLAIN_WORDS <= listed, (
        "one word per idea: use the glossary's, or add yours to docs/glossary.md"
    )


def helps(group: TyperGroup) -> Iterator[str]:
    """Every help text below a command, its own included."""
    seen = [command for command in group.commands.values() if not command.hidden]
    for command in (group, *seen):
        yield from (
            text for text in (command.help, *(getattr(option, "help", None) for option in command.params)) if text
        )
    for below in seen:
        if isinstance(below, TyperGroup):
            yield from helps(below)


PACKAGE = ROOT / "src" / "duecourse"
NOT_OURS = {
    "Show this message and exit.",
    "Usage",
    "Options",
    "Arguments",
    "Commands",
    "required",
    "default: {default}",
}
ELSEWHERE = {"Error", "law", "policy"}  # asked for inside another text, or read from a pack
WORDS_OF_THE_DATA = "data"
HAN = re.compile(r"[\u4e00-\u9fff]")


def catalogues() -> dict[str, dict[str, str]]:
    """The texts of every catalogue, by the catalogue's name."""
    found = {}
    for part in sorted((PACKAGE / "locale" / "zh_CN").glob("*.po")):
        with part.open("rb") as file:
            found[part.stem] = {str(one.id): str(one.string) for one in read_po(file, locale="zh_CN") if one.id}
    return found


SPOKEN: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "_n": (1, 2)}
SHOWN: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "say": None, "say_n": (1, 2)}  # on pages
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"extensions": "jinja2.ext.do", "trimmed": "true", "silent": "false"}}


def said(tree: TyperGroup) -> set[str]:
    """Every text that the command line and the pages ask a catalogue for."""
    texts = {
        (found[2][0] if isinstance(found[2], tuple) else found[2])
        for part in ("cli", "web", "casework", "storage", "channels", "chain", "law", "book", "core", "sim")
        for found in extract_from_dir(
            PACKAGE / part,
            method_map=METHODS,
            options_map=OPTIONS,
            keywords=SPOKEN if part == "cli" else SHOWN,
            directory_filter=lambda folder: Path(folder).name != "assets",  # packages of others lie there
        )
    }
    return texts | set(helps(tree))


def test_every_text_has_its_chinese(tree: TyperGroup) -> None:
    known = {text for catalogue in catalogues().values() for text, chinese in catalogue.items() if chinese}
    missing = sorted(said(tree) - known - NOT_OURS)
    assert not missing, "add their Chinese to src/duecourse/locale/zh_CN/<noun>.po:\n  " + "\n  ".join(missing)


def test_a_catalogue_holds_what_is_said_and_nothing_else(tree: TyperGroup) -> None:
    asked = said(tree) | NOT_OURS | ELSEWHERE
    left = [
        f"{name}.po: {text}"
        for name, texts in catalogues().items()
        if name != WORDS_OF_THE_DATA
        for text in texts
        if text not in asked
    ]
    assert not left, "nobody says these any more:\n  " + "\n  ".join(left)


def test_a_text_has_one_chinese() -> None:
    every = [text for texts in catalogues().values() for text in texts]
    twice = sorted({text for text in every if every.count(text) > 1})
    assert not twice, "keep each in one catalogue, and word it apart where it means two things:\n  " + "\n  ".join(
        twice
    )


def closed_lists() -> Iterator[str]:
    """The words that the desk's closed lists allow, that tapes and the demo bring, and that the book is made of."""
    for migration in sorted((PACKAGE / "storage" / "migrations").glob("*.sql")):
        for listed in re.findall(r"CHECK \(\w+ IN \(([^()]*)\)", migration.read_text(encoding="utf-8")):
            yield from re.findall(r"'([a-z_]+)'", listed)
    yield from (*faults.Rule, *faults.TODO.values(), *faults.SHARPER.values(), *faults.OF_FIELD.values())
    yield from (*layout.RELATIONS, *layout.HOLD_KINDS, *layout.POINT_KINDS, *layout.Records)
    yield from set(layout.Shape) - {layout.Shape.TEXT, layout.Shape.WORDS}  # of these two every value can be read
    yield from (product.code for product in PRODUCTS)
    yield from QUANTITIES["class_rank"].labels
    yield from (by for treatment in read_strategy(shipped()).treatments for by in (treatment.by, treatment.to) if by)


SHOWN_NOWHERE = {
    "service",
    "remind",
    "collect",
    "relay",
    "locate",
    "offer",
    "notify",
    "answer",
    "follow_up",
    "out",
    "in",
}


def test_words_of_the_data_have_their_chinese() -> None:
    words.use(Language.ZH)
    try:
        bare = sorted(
            {one for one in closed_lists() if not HAN.search(words.word(one) or "") and not HAN.search(words._(one))}
            - SHOWN_NOWHERE
        )
    finally:
        words.use(Language.EN)
    assert not bare, f"add their Chinese to src/duecourse/locale/zh_CN/{WORDS_OF_THE_DATA}.po: {bare}"


def test_words_of_the_data_are_those_of_the_law() -> None:
    ours = catalogues()[WORDS_OF_THE_DATA]
    unlike = {
        one: (chinese, ours[one.replace("_", " ")])
        for one, chinese in terms.ZH.items()
        if ours.get(one.replace("_", " "), chinese) != chinese
    }
    assert not unlike, "one Chinese word per idea (law.terms goes before)"
