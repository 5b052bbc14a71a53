"""How a lender's own files become records of the standard layout: read from YAML, checked, as values.

    mapping: some_lender
    zone: Asia/Shanghai
    currency: CNY
    tables:
      - records: loans
        file: 借据*.csv
        where: [{column: 状态, not_in: [作废]}]
        fields:
          loan_ref: 借据号                                  # a column as it is
          principal_minor: {column: 放款金额, unit: major}   # yuan into fen
          rate_ppm: {column: 年利率, unit: percent}
          start: {column: 放款日, format: "%Y%m%d"}
          method: {column: 还款方式, codes: {等额本息: equal_instalment}}
          product: {value: consumer}
          first_due: {field: start, add_months: 1}

``docs/tape.md`` describes every word. There is a closed set of operations and no expressions to evaluate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

from duecourse.book.tape.layout import BALANCE_ITEMS, Field, Records, Shape, fields
from duecourse.core.money import EXPONENTS
from duecourse.trouble import N_, BadInput, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as Map

_SHIPPED = Path(__file__).parents[1] / "mappings"

UNITS: dict[Shape, tuple[str, ...]] = {
    Shape.MONEY: ("minor", "major", "ten_thousand"),
    Shape.RATE: ("ppm", "percent", "permille", "fraction", "bp"),
}
PERIODS = ("year", "month", "day_360", "day_365")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "big5", "utf-16", "utf-16-le", "utf-16-be", "latin-1")

_TOP = {"mapping", "says", "zone", "currency", "encoding", "delimiter", "empty", "tables"}
_TABLE = {"records", "file", "sheet", "where", "fields", "items", "rest", "distinct"}
_ORIGIN = ("column", "value", "field", "first_of", "join", "sum")
_SPEC = {
    *_ORIGIN, "less", "with", "prefix", "unit", "per", "format", "codes", "otherwise", "round", "add_months",
    "add_days", "to", "at_least", "default", "only_if", "optional",
}  # fmt: skip
_CONDITION = {"column", "in", "not_in", "empty", "above"}


class BadMapping(BadInput):
    """A mapping file that cannot be used; the message names file, line, what is wrong and what was probably meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Which rows: those whose column is (not) in a list, is (not) empty, or is a number above a bound."""

    column: str
    among: tuple[str, ...] | None = None
    not_among: tuple[str, ...] | None = None
    empty: bool | None = None
    above: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Where one field's value comes from, and what is done with it, in this order."""

    line: int
    column: str | None = None
    value: str | None = None
    field: str | None = None  # another field of the same record, as typed
    first_of: tuple[str, ...] = ()  # the first column that is not empty
    join: tuple[str, ...] = ()  # columns put together with ``glue``
    sum: tuple[str, ...] = ()  # money or counts: columns added up,
    less: tuple[str, ...] = ()  # and columns taken off
    glue: str = "-"
    prefix: str = ""
    unit: str | None = None
    per: str = "year"
    formats: tuple[str, ...] = ()
    codes: tuple[tuple[str, str | None], ...] | None = None
    otherwise: str | None = None
    round: bool = False  # half up; else a value with a rest is refused
    add_months: int | str = 0  # or the column that holds the number
    add_days: int | str = 0
    to: str | None = None  # month_end, month_start
    at_least: int | None = None
    default: str | None = None
    only_if: Condition | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One kind of record from one pattern of files. ``standard`` takes columns named as the layout names them."""

    records: Records
    file: str
    line: int
    sheet: str | None = None
    where: tuple[Condition, ...] = ()
    specs: tuple[tuple[str, Spec], ...] = ()
    items: tuple[tuple[str, Spec], ...] = ()  # balances: item → its value
    standard: bool = False
    distinct: bool = False  # rows that say the same are one

    def takes(self, name: str) -> bool:
        """Whether a file of this name belongs here: by glob; plain ``loans`` takes loans.csv, loans.2.csv and so on."""
        lower = name.lower()
        if any(sign in self.file for sign in "*?[."):
            return fnmatchcase(lower, self.file.lower())
        return re.fullmatch(rf"{re.escape(self.file.lower())}(\.[^.]+)?\.[a-z]+", lower) is not None

    def columns(self) -> set[str]:
        """Every column that it reads where a file has it."""
        named = {column for _, spec in (*self.specs, *self.items) for column in columns_of(spec)}
        return named | {each.column for each in self.where} | (set(fields(self.records)) if self.standard else set())


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping, known by the hash of its text."""

    name: str
    hash: str  # SHA-256, 64 hex digits
    tables: tuple[Table, ...]
    zone: str | None = None
    currency: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    empty: tuple[str, ...] = field(default=())  # texts that stand for nothing


def shipped() -> list[str]:
    """Names of the mappings that travel in the package."""
    return sorted(path.stem for path in _SHIPPED.glob("*.yaml"))


def find(name: str) -> Path:
    """The file of a mapping, by its path or by the name of a shipped one; raises `BadMapping`."""
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or path.exists():
        return path
    if name not in shipped():
        raise BadMapping(
            N_("no mapping {name!r}{near}: give a .yaml file, or one of {shipped}"),
            name=name,
            near=near(name, shipped()),
            shipped=", ".join(shipped()),
        )
    return _SHIPPED / f"{name}.yaml"


def load(path: Path) -> Mapping:
    """Read a mapping file; raises `BadMapping` or an OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadMapping(
            N_("{name} is not UTF-8 text: the byte at {at:,} does not fit"), name=path.name, at=error.start
        ) from None
    return parse(text, path.name)


def parse(text: str, name: str) -> Mapping:
    """Read a mapping from text; ``name`` stands in messages. Raises `BadMapping`."""
    reader = _Reader(name)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Said(N_("line {line}"), line=mark.line + 1) if mark else N_("somewhere")
        raise BadMapping(
            N_("{name}, {where}: not YAML: {problem}"),
            name=name,
            where=where,
            problem=getattr(error, "problem", None) or error,
        ) from None
    if root is None:
        raise BadMapping(N_("{name} is empty; `duecourse book map SAMPLE` proposes a mapping"), name=name)
    return reader.mapping(root, sha256(text.encode()).hexdigest())


class _Reader:
    """Reads YAML nodes, which know their lines."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fault(self, node: yaml.Node, what: str) -> BadMapping:
        return BadMapping(N_("{name}, line {line}: {what}"), name=self.name, line=node.start_mark.line + 1, what=what)

    def pairs(self, node: yaml.Node, known: Iterable[str] | None, what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fault(node, Said(N_("{what} must be `name: value` pairs"), what=what))
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            word = self.text(key, f"a name in {what}")
            if known is not None and word not in known:
                raise self.fault(
                    key, Said(N_("{what} has no {word!r}{near}"), what=what, word=word, near=near(word, known))
                )
            if word in found:
                raise self.fault(key, Said(N_("{word!r} stands twice in {what}"), word=word, what=what))
            found[word] = value
        return found

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.fault(node, Said(N_("{what} must be one value"), what=what))
        return str(node.value)

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.text(each, what) for each in node.value)
        return (self.text(node, what),)

    def whole(self, node: yaml.Node, what: str) -> int:
        text = self.text(node, what)
        if not re.fullmatch(r"[+-]?\d{1,15}", text):
            raise self.fault(node, Said(N_("{what} must be a whole number, not {text!r}"), what=what, text=text))
        return int(text)

    def truth(self, node: yaml.Node, what: str) -> bool:
        text = self.text(node, what)
        if text not in {"true", "false"}:
            raise self.fault(node, Said(N_("{what} must be true or false, not {text!r}"), what=what, text=text))
        return text == "true"

    def among(self, node: yaml.Node, known: Iterable[str], what: str) -> str:
        text = self.text(node, what)
        if text not in set(known):
            raise self.fault(
                node,
                Said(
                    N_("{text!r} is not a {what}{near}; known: {known}"),
                    text=text,
                    what=what,
                    near=near(text, known),
                    known=", ".join(known),
                ),
            )
        return text

    def mapping(self, root: yaml.Node, digest: str) -> Mapping:
        top = self.pairs(root, _TOP, "a mapping")
        for needed in ("mapping", "tables"):
            if needed not in top:
                raise self.fault(root, Said(N_("`{needed}:` is missing"), needed=needed))
        zone = self.text(top["zone"], "zone") if "zone" in top else None
        if zone is not None:
            self._check_zone(top["zone"], zone)
        if not isinstance(top["tables"], yaml.SequenceNode) or not top["tables"].value:
            raise self.fault(top["tables"], N_("`tables:` must be a list with at least one table"))
        return Mapping(
            name=self.text(top["mapping"], "the mapping's name"),
            hash=digest,
            tables=tuple(self.table(node) for node in top["tables"].value),
            zone=zone,
            currency=self.among(top["currency"], EXPONENTS, "currency") if "currency" in top else None,
            encoding=self.among(top["encoding"], ENCODINGS, "encoding") if "encoding" in top else None,
            delimiter=self.text(top["delimiter"], "delimiter") if "delimiter" in top else None,
            empty=self.texts(top["empty"], "empty") if "empty" in top else (),
        )

    def _check_zone(self, node: yaml.Node, zone: str) -> None:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, KeyError):
            raise self.fault(
                node, Said(N_("{zone!r} is not a zone of the IANA data base, such as Asia/Shanghai"), zone=zone)
            ) from None

    def table(self, node: yaml.Node) -> Table:
        parts = self.pairs(node, _TABLE, "a table")
        if "records" not in parts:
            raise self.fault(node, N_("`records:` is missing: which kind of record is it?"))
        records = Records(self.among(parts["records"], list(Records), "kind of record"))
        known = fields(records)
        specs = self._specs(parts["fields"], known, records) if "fields" in parts else ()
        items: tuple[tuple[str, Spec], ...] = ()
        if "items" in parts:
            if records is not Records.BALANCES:
                raise self.fault(parts["items"], N_("`items:` is for balances only"))
            kinds = {item: Field(name=item, shape=_item_shape(item), says="") for item in BALANCE_ITEMS}
            items = self._specs(parts["items"], kinds, records)
        standard = "rest" in parts and self.among(parts["rest"], ["standard"], "way to take the rest") == "standard"
        table = Table(
            records=records,
            file=self.text(parts["file"], "file") if "file" in parts else str(records),
            line=node.start_mark.line + 1,
            sheet=self.text(parts["sheet"], "sheet") if "sheet" in parts else None,
            where=self._conditions(parts["where"]) if "where" in parts else (),
            specs=specs,
            items=items,
            standard=standard or not specs,
            distinct="distinct" in parts and self.truth(parts["distinct"], "distinct"),
        )
        self._complete(node, table, known)
        return table

    def _complete(self, node: yaml.Node, table: Table, known: Map[str, Field]) -> None:
        if table.standard:
            return
        given = {name for name, _ in table.specs}
        if table.items:
            given |= {"item", "value"}
        missing = [name for name, each in known.items() if each.required and name not in given]
        if missing:
            raise self.fault(
                node,
                Said(
                    N_("{records} need {missing}, which the mapping does not fill"),
                    records=table.records,
                    missing=", ".join(missing),
                ),
            )

    def _specs(self, node: yaml.Node, known: Map[str, Field], records: Records) -> tuple[tuple[str, Spec], ...]:
        found = self.pairs(node, known, f"a record of {records}")
        specs = [(name, self.spec(value, known[name], known)) for name, value in found.items()]
        done: set[str] = set()
        for name, spec in specs:
            if spec.field is not None and spec.field not in done:
                raise self.fault(
                    found[name],
                    Said(N_("{name} takes field {field!r}, which must stand above it"), name=name, field=spec.field),
                )
            done.add(name)
        return tuple(specs)

    def spec(self, node: yaml.Node, target: Field, known: Map[str, Field]) -> Spec:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return Spec(line=line, column=self.text(node, target.name))
        parts = self.pairs(node, _SPEC, f"field {target.name}")
        origins = [word for word in _ORIGIN if word in parts]
        if len(origins) != 1:
            raise self.fault(
                node,
                Said(
                    N_("{target} needs one of {words}; it has {count}"),
                    target=target.name,
                    words=", ".join(_ORIGIN),
                    count=len(origins),
                ),
            )
        values: dict[str, Any] = {"line": line}
        for word, part in parts.items():
            values.update(self._part(word, part, target))
        if "field" in values and values["field"] not in known:
            raise self.fault(
                parts["field"],
                Said(N_("no field {field!r}{near}"), field=values["field"], near=near(values["field"], known)),
            )
        if "less" in parts and "sum" not in parts:
            raise self.fault(parts["less"], N_("`less:` goes with `sum:`"))
        return Spec(**values)

    def _part(self, word: str, node: yaml.Node, target: Field) -> dict[str, Any]:
        what = f"{word} of {target.name}"
        match word:
            case "column" | "value" | "field" | "prefix" | "default" | "otherwise" | "with":
                return {"glue" if word == "with" else word: self.text(node, what)}
            case "first_of" | "join" | "sum" | "less" | "format":
                return {"formats" if word == "format" else word: self.texts(node, what)}
            case "unit":
                return {"unit": self.among(node, UNITS.get(target.shape, ()), f"unit of {target.shape}")}
            case "per":
                return {"per": self.among(node, PERIODS, "period of a rate")}
            case "to":
                return {"to": self.among(node, ["month_end", "month_start"], "place in the month")}
            case "codes":
                return {"codes": self._codes(node, target)}
            case "round":
                self.among(node, ["half_up"], "way to round")
                return {"round": True}
            case "only_if":
                return {word: self._condition(node)}
            case "optional":
                return {word: self.truth(node, what)}
            case "at_least":
                return {word: self.whole(node, what)}
        text = self.text(node, what)  # add_months, add_days: a number, or the column that holds it
        return {word: int(text) if re.fullmatch(r"-?\d{1,5}", text) else text}

    def _codes(self, node: yaml.Node, target: Field) -> tuple[tuple[str, str | None], ...]:
        made: list[tuple[str, str | None]] = []
        for code, part in self.pairs(node, None, f"codes of {target.name}").items():
            nothing = isinstance(part, yaml.ScalarNode) and part.tag == "tag:yaml.org,2002:null"
            word = None if nothing else self.text(part, f"code {code}")
            if word is not None and target.shape is Shape.WORD and word not in target.words:
                raise self.fault(
                    part,
                    Said(
                        N_("{target} has no word {word!r}{near}"),
                        target=target.name,
                        word=word,
                        near=near(word, target.words),
                    ),
                )
            made.append((code, word))
        return tuple(made)

    def _conditions(self, node: yaml.Node) -> tuple[Condition, ...]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(self._condition(part) for part in parts)

    def _condition(self, node: yaml.Node) -> Condition:
        parts = self.pairs(node, _CONDITION, "a condition")
        if "column" not in parts or len(parts) != 2:
            raise self.fault(node, N_("a condition is a column and one of in, not_in, empty, above"))
        return Condition(
            column=self.text(parts["column"], "column"),
            among=self.texts(parts["in"], "in") if "in" in parts else None,
            not_among=self.texts(parts["not_in"], "not_in") if "not_in" in parts else None,
            empty=self.truth(parts["empty"], "empty") if "empty" in parts else None,
            above=self.whole(parts["above"], "above") if "above" in parts else None,
        )


def _item_shape(item: str) -> Shape:
    return Shape.COUNT if item == "dpd" else Shape.MONEY


def near(word: str, known: Iterable[str]) -> str:
    """The nearest known word, as the end of a sentence; empty where none is near."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return Said(N_("; did you mean {name!r}?"), name=str(found[0])) if found else ""


def columns_of(spec: Spec) -> Iterator[str]:
    """Every column of the file that a spec reads."""
    if spec.column is not None:
        yield spec.column
    yield from (*spec.first_of, *spec.join, *spec.sum, *spec.less)
    for moved in (spec.add_months, spec.add_days):
        if isinstance(moved, str):
            yield moved
    if spec.only_if is not None:
        yield spec.only_if.column
