"""The command line keeps its promises: JSON for data, two languages, a reference that is current, glossary nouns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from typer.core import TyperGroup

from duecourse.cli import docs, words
from duecourse.cli.main import build, nouns
from duecourse.locale import Language

ROOT = Path(__file__).parents[2]
SPEAKS_ONLY = {
    "duecourse server start": "says one sentence",
    "duecourse server stop": "says one sentence",
}
PLAIN_WORDS = {"demo", "docs", "server", "version"}  # words of programs, not of the trade


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


def test_every_text_has_its_chinese(tree: TyperGroup) -> None:
    folder = ROOT / "src" / "duecourse"
    known: set[str] = set()
    for part in sorted((folder / "locale" / "zh_CN").glob("*.po")):
        with part.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                ids = message.id if isinstance(message.id, list | tuple) else [message.id]
                known.update(ids if message.string else ())
    said = {
        (found[2][0] if isinstance(found[2], tuple) else found[2])
        for found in extract_from_dir(folder / "cli", keywords={"_": None, "_n": (1, 2)})
    }
    missing = sorted((said | set(helps(tree))) - known - {"Show this message and exit."})
    assert not missing, "add their Chinese to src/duecourse/locale/zh_CN/<noun>.po:\n  " + "\n  ".join(missing)
