"""What pages for people name is there: links, modules and tests; every command with its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup

from duecourse.cli import words
from duecourse.cli.main import build
from duecourse.locale import Language

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED = {ROOT / "docs" / "cli.md"}  # written from the commands themselves

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
MODULE = re.compile(r"(?:[\w.-]+/)+[\w-]+\.(?:py|yaml|story|toml|sql)(?:::test_\w+)?")
RUN = re.compile(r"(?:^|\s)(?:\$ )?(?:\.venv/bin/)?(duecourse [a-z].*)$")
END_OF_COMMAND = {"|", ">", "#", "…", "..."}
BEGINNINGS = ("", "src/duecourse", "src/duecourse/law", "src/duecourse/storage")


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def code_of(page: Path) -> Iterator[tuple[int, str]]:
    """Inline code and lines of code blocks, with their line numbers."""
    fenced = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield number, line.strip()
        else:
            yield from ((number, found) for found in CODE.findall(line))


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_module_and_test_that_is_named_is_there(page: Path) -> None:
    missing, last = [], ""
    for number, code in code_of(page):
        found = MODULE.fullmatch(code)
        name = code if found else f"{last}{code}" if code.startswith("::") else ""
        if not name:
            continue
        file, _, test = name.partition("::")
        last = file
        there = next((path for place in BEGINNINGS if (path := ROOT / place / file).exists()), None)
        if there is None or (test and f"def {test}(" not in there.read_text(encoding="utf-8")):
            missing.append(f"line {number}: {name}")
    assert not missing


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    assert [page_name(page) for page in (ROOT / "docs").rglob("*.md") if page not in {index, *listed}] == []


@pytest.fixture(scope="module")
def tree() -> TyperGroup:
    words.use(Language.EN)
    return build()


def commands_of(page: Path) -> Iterator[tuple[int, list[str]]]:
    """Every command line that a page names, split, with its line number."""
    for number, code in code_of(page):
        found = RUN.search(code) if code.startswith(("$", ".venv", "duecourse ")) else None
        if found:
            said = re.split(r"\s{2,}", found.group(1))[0]
            yield number, shlex.split(said.replace("…", " … "), posix=True)[1:]


def fault(tree: TyperGroup, parts: list[str]) -> str | None:
    """What a command line names that the program does not have, or None."""
    command: TyperGroup | TyperCommand = tree
    for place, part in enumerate(parts):
        if part in END_OF_COMMAND:
            return None
        if isinstance(command, TyperGroup) and not part.startswith("-"):
            if part not in command.commands:
                return None if part.isupper() else f"no command {' '.join(parts[: place + 1])}"
            command = command.commands[part]  # type: ignore[assignment]
            continue
        known = {opt for option in command.params for opt in option.opts} | {"--help"}
        if part.startswith("-") and part != "-" and part.partition("=")[0] not in known:
            return f"{' '.join(parts[:place])} has no option {part}"
    return None


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED], ids=page_name)
def test_every_command_and_option_exists(page: Path, tree: TyperGroup) -> None:
    faults = [f"line {number}: {found}" for number, parts in commands_of(page) if (found := fault(tree, parts))]
    assert not faults


def test_the_search_for_commands_finds_them(tree: TyperGroup) -> None:
    assert fault(tree, ["law", "lost"]) == "no command law lost"
    assert fault(tree, ["law", "list", "--lost"]) == "law list has no option --lost"
    assert fault(tree, ["law", "list", "--json", "|", "lost"]) is None
    assert len(list(commands_of(ROOT / "README.md"))) > 5
