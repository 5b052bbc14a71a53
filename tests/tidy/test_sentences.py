"""What an error says can be put into the reader's language: it is a marked sentence with its values by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from duecourse.locale import Language, catalogue
from duecourse.trouble import Said, Trouble, worded
from tests.tidy.test_house import modules, nodes, none_of, place, text_of, tracked

BASES = {"Trouble", "BadInput", "Refused", "Busy", "Unavailable"}

AS_THEY_ARE = {
    "Trouble": "the base itself",
    "Flaw": "a place in a pack's file and what the loader wants there: read by whoever writes YAML, in its own words",
    "Flaws": "several of those, a line each",
    "WrongValues": "a table's faults, a line each, beside the names of its columns",
    "ApiTrouble": "the client for programs hands on what the server said",
}


@cache
def troubles() -> frozenset[str]:
    """The names of all classes derived from `Trouble`."""
    below = {
        node.name: {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
        for _, node in nodes(modules())
        if isinstance(node, ast.ClassDef)
    }
    known: set[str] = set()
    found = set(BASES)
    while found:
        known |= found
        found = {name for name, bases in below.items() if bases & known} - known
    return frozenset(known)


def worded_alone(said: ast.expr) -> bool:
    """Whether what is said first is a text that no catalogue can know."""
    match said:
        case ast.JoinedStr() | ast.Constant() | ast.BinOp():
            return True
        case ast.IfExp():
            return worded_alone(said.body) or worded_alone(said.orelse)
        case ast.Call(func=ast.Attribute(attr="join" | "format", value=ast.Constant())):
            return True
        case _:
            return False


def own_words(within: ast.ClassDef) -> Iterator[ast.Call]:
    """The calls by which a class gives its sentence to its base."""
    for node in ast.walk(within):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
                yield node


def test_an_error_is_worded_by_a_marked_sentence() -> None:
    worded_by_themselves = {
        node.name for _, node in nodes(modules()) if isinstance(node, ast.ClassDef) and any(own_words(node))
    }

    def broken() -> Iterator[str]:
        for path, node in nodes(modules()):
            match node:
                case ast.ClassDef(name=name) if name in troubles() - set(AS_THEY_ARE):
                    calls = list(own_words(node))
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) as call) if (
                    name in troubles() - worded_by_themselves
                ):
                    calls = [call]
                case _:
                    continue
            for each in calls:
                if each.args and worded_alone(each.args[0]):
                    yield f"{place(path, each.lineno)}: {ast.unparse(each.args[0])[:80]}"

    none_of(broken(), 'Write N_("... {value} ..."), value=value, so that it has a Chinese.')


def test_the_exceptions_are_there() -> None:
    assert set(AS_THEY_ARE) <= troubles() | {"ApiTrouble"}


def test_a_number_does_not_stand_before_what_is_counted() -> None:
    counted = re.compile(r'msgid "\{(?:count|rows|records|size|debtors)\} [a-z]+s\b[^"]*')
    texts = [found for path in tracked(".po") for found in counted.findall(text_of(path))]
    none_of(texts, "Write 'Rows: {count}.', which is right of one row as well.")


def test_a_part_of_a_sentence_is_put_into_the_language_too() -> None:
    why = Said("there is no such pack{near}", near=Said("; did you mean {name!r}?", name="cn"))
    said = worded("{said!r}: {why}; write", {"said": "sms", "why": why}, catalogue(Language.ZH).gettext)
    assert said == "'sms': 没有该规则包（是否指 'cn'？）; write"


def test_a_trouble_inside_a_sentence_is_put_into_the_language_too() -> None:
    inner = Trouble("no day run of {day} is published; run `duecourse day run --as-of {day}`", day="2026-03-01")
    said = worded("{path}: {trouble}", {"path": "a.csv", "trouble": inner}, catalogue(Language.ZH).gettext)
    assert said == "a.csv：2026-03-01 没有已发布的跑批；请运行 `duecourse day run --as-of 2026-03-01`"
