"""YAML read strictly, each value with its line, so that an error can say where.

Plain scalars are whole numbers, ``true``, ``false``, ``null``, dates (``2025-02-28``) or text, and nothing else: no
floats, no ``yes`` and ``on`` read as truth values, no anchors, no tags, no key twice.

    >>> page = read("on: 2026-03-01", "x.yaml")
    >>> page["on"].day(), page["on"].line
    (datetime.date(2026, 3, 1), 1)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import yaml

from duecourse.law.fact import WHOLE_MAX
from duecourse.law.facts import nearest
from duecourse.trouble import BadInput

Scalar = int | bool | str | date | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]

_INT = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?[0-9]*\.[0-9]+([eE][-+]?[0-9]+)?\Z|[-+]?[0-9]+[eE][-+]?[0-9]+\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_ANCHORS = "anchors, aliases and tags are not used here"
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Flaw(BadInput):
    """Something in a pack or register file that cannot stand: file, line and what to do."""

    def __init__(self, file: str, line: int, what: str) -> None:
        self.file, self.line, self.what = file, line, what
        super().__init__(f"{file}:{line}: {what}")


class Flaws(BadInput):
    """All flaws found in one reading, so that they can be mended together."""

    def __init__(self, flaws: list[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("\n".join(str(flaw) for flaw in flaws))


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a YAML file with its place."""

    held: Scalar | list[Node] | dict[str, Node]
    file: str
    line: int  # from 1
    keys_at: tuple[tuple[str, int], ...] = ()  # of a mapping: the line of each key

    def flaw(self, what: str, key: str | None = None) -> Flaw:
        """An error at this place, or at the place of a key of this mapping."""
        return Flaw(self.file, dict(self.keys_at).get(key, self.line) if key else self.line, what)

    def mapping(self, allowed: tuple[str, ...] | None = None, needed: tuple[str, ...] = ()) -> dict[str, Node]:
        """The mapping held here, with no key beyond ``allowed`` and all of ``needed``."""
        if not isinstance(self.held, dict):
            raise self.flaw(f"expected `key: value` pairs, found {self.show()}")
        for key in self.held:
            if allowed is not None and key not in allowed:
                comma = "; a text with a comma inside { } stands in quotes" if self.held[key].held is None else ""
                raise self.flaw(f"unknown key {key!r}{nearest(key, allowed)}{comma}", key)
        for key in needed:
            if key not in self.held:
                raise self.flaw(f"key {key!r} is missing")
        return self.held

    def __getitem__(self, key: str) -> Node:
        return self.mapping()[key]

    def get(self, key: str) -> Node | None:
        """The value of a key, or ``None`` where it does not stand."""
        return self.mapping().get(key)

    def items(self) -> list[Node]:
        """The list held here; one value alone counts as a list of one."""
        return self.held if isinstance(self.held, list) else [self]

    def text(self) -> str:
        """Text, not empty."""
        if not isinstance(self.held, str) or not self.held.strip():
            hint = " (put numbers and dates that are meant as text in quotes)"
            raise self.flaw(f"expected text, found {self.show()}{hint}")
        return self.held

    def number(self) -> int:
        """A whole number."""
        if not isinstance(self.held, int) or isinstance(self.held, bool):
            raise self.flaw(f"expected a whole number, found {self.show()}")
        return self.held

    def flag(self) -> bool:
        """``true`` or ``false``."""
        if not isinstance(self.held, bool):
            raise self.flaw(f"expected true or false, found {self.show()}")
        return self.held

    def day(self) -> date:
        """A date."""
        if not isinstance(self.held, date):
            raise self.flaw(f"expected a date such as 2025-02-28, found {self.show()}")
        return self.held

    def one_of(self, options: tuple[str, ...]) -> str:
        """One of the words of a closed list."""
        if not isinstance(self.held, str) or self.held not in options:
            raise self.flaw(f"{self.show()} is none of {', '.join(options)}{nearest(str(self.held), options)}")
        return self.held

    def both(self) -> dict[str, str]:
        """A text in both languages: ``{zh: …, en: …}``."""
        held = self.mapping(("zh", "en"), ("zh", "en"))
        return {lang: node.text() for lang, node in held.items()}

    def plain(self) -> Plain:
        """The same without places."""
        if isinstance(self.held, dict):
            return {key: node.plain() for key, node in self.held.items()}
        if isinstance(self.held, list):
            return [node.plain() for node in self.held]
        return self.held

    def show(self) -> str:
        """What stands here, for an error message."""
        if isinstance(self.held, dict | list):
            return "a mapping" if isinstance(self.held, dict) else "a list"
        return "nothing" if self.held is None else repr(self.held) if isinstance(self.held, str) else str(self.held)


def _scalar(node: yaml.ScalarNode, file: str) -> Scalar:
    text: str = node.value
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        number = int(text.replace("_", ""))
        if abs(number) > WHOLE_MAX:
            raise Flaw(file, node.start_mark.line + 1, f"{text} is too large: a whole number has at most {WHOLE_MAX}")
        return number
    if _DAY.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Flaw(file, node.start_mark.line + 1, f"{text} is no day of the calendar") from None
    if _FLOAT.match(text):
        raise Flaw(
            file,
            node.start_mark.line + 1,
            f"{text} is a decimal fraction: rules use whole numbers (minor units, ppm, seconds); "
            "a clause such as 5.3 stands in quotes",
        )
    return text


def _build(node: yaml.Node, file: str, seen: set[int]) -> Node:
    line = node.start_mark.line + 1
    if id(node) in seen or not node.tag.startswith("tag:yaml.org,2002:"):
        raise Flaw(file, line, _ANCHORS)
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return Node(_scalar(node, file), file, line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_build(child, file, seen) for child in node.value], file, line)
    held: dict[str, Node] = {}
    lines: list[tuple[str, int]] = []
    for key_node, value_node in node.value:
        key, at = str(key_node.value), key_node.start_mark.line + 1
        if key in held:
            raise Flaw(file, at, f"key {key!r} stands twice")
        held[key] = _build(value_node, file, seen)
        lines.append((key, at))
    return Node(held, file, line, tuple(lines))


def twice(node: yaml.Node | None) -> tuple[str, int, int] | None:
    """A name that stands twice in one mapping, its line, and the line of the first: as YAML is read the last counts.

    >>> twice(yaml.compose("a: 1" + chr(10) + "b: {c: 2, c: 3}")), twice(yaml.compose("a: {a: 1}"))
    (('c', 2, 2), None)
    """
    if isinstance(node, yaml.SequenceNode):
        return next((found for entry in node.value if (found := twice(entry))), None)
    if not isinstance(node, yaml.MappingNode):
        return None
    lines: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in lines:
            return name, line, lines[name]
        lines[name] = line
        if found := twice(value):
            return found
    return None


def read(text: str, file: str) -> Node:
    """The one document of a YAML text. Raises `Flaw`."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as trouble:
        mark = trouble.problem_mark
        raise Flaw(file, mark.line + 1 if mark else 1, f"not YAML: {trouble.problem}") from None
    except yaml.reader.ReaderError as trouble:  # its position counts bytes
        line = text.encode()[: trouble.position].count(b"\n") + 1
        raise Flaw(file, line, f"not YAML: character #x{trouble.character:04x} has no place in a text") from None
    if root is None:
        raise Flaw(file, 1, "the file is empty")
    if "&" in text:  # composing forgets an anchor that nothing points to
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.AnchorToken):
                raise Flaw(file, token.start_mark.line + 1, _ANCHORS)
    return _build(root, file, set())


def text_of(content: bytes, file: str) -> str:
    """The text of a file in UTF-8. Raises `Flaw` with the line that is something else."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = content[: trouble.start].count(b"\n") + 1
        raise Flaw(file, line, "no text in UTF-8: save the file so") from None


def iso(content: Plain) -> Plain:
    """Content read from YAML, days as text."""
    if isinstance(content, dict):
        return {key: iso(one) for key, one in content.items()}
    if isinstance(content, list):
        return [iso(one) for one in content]
    return content.isoformat() if isinstance(content, date) else content
