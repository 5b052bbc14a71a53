"""The typed client's shapes and methods, written from the API's own description: one method for each operation.

An own writer, because it writes ours: ids of operations as method names, problems as exceptions, keys and repetition
as `duecourse.client.connection` has them. ``duecourse docs client`` prints what it writes.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

from duecourse.core.money import BrokenInvariant
from duecourse.web.api.shapes import PREFIX

Json = Mapping[str, Any]

COVERED = frozenset({"token", "secret", "text", "content"})
"""Fields that a printed value leaves out: they are keys, or somebody's words."""

REPEATABLE = frozenset(
    {
        "request_permits", "check_contact", "report_outcome", "search", "explain", "show_calendar", "compare_laws",
        "replay", "end_hold", "end_endpoint",
    }
)  # fmt: skip
"""Posts that may be sent again without a key: the same again changes nothing."""

_LINE = 100
_NOT_TOLD = frozenset({"Problem", "WrongPlace", "JsonValue"})
_PLAIN = {"string": "str", "integer": "int", "boolean": "bool"}
_FORMATS = {"date-time": "datetime", "date": "date"}


def shapes_text(whole: Json) -> str:
    """The module of shapes: what is answered, and what goes into requests as a value of its own."""
    schemas = whole["components"]["schemas"]
    words = {name for name, schema in schemas.items() if "enum" in schema}
    bodies = {_body(one) for _path, _method, one in _operations(whole)}
    told = [name for name in schemas if name not in {*_NOT_TOLD, *words, *bodies}]
    if len({_called(name) for name in told} | words) < len(told) + len(words):
        raise BrokenInvariant("two shapes of the API have one name for its client: name them apart")
    lines = [""]
    lines += [f"{name} = {_literal(schemas[name])}" for name in sorted(words)]
    for name in sorted(told, key=_called):
        lines += ["", "", *_shape(name, schemas[name], words)]
    return _module(
        "What the API takes and answers, as values; written from its description (`duecourse docs client shapes`).",
        {
            "collections.abc": ("Mapping",),
            "dataclasses": ("dataclass", "field"),
            "datetime": ("date", "datetime"),
            "typing": ("Any", "Literal"),
        },
        lines,
    )


def places_text(whole: Json) -> str:
    """The module of methods."""
    schemas = whole["components"]["schemas"]
    words = {name for name, schema in schemas.items() if "enum" in schema}
    methods = [_method(path, method, one, schemas, words) for path, method, one in _operations(whole)]
    lines = [
        "",
        "",
        "class Places(Asking):",
        '    """Every operation by its name; what is left None is not sent."""',
        "",
    ]
    lines += [line for one in methods for line in one]
    text = _module(
        "A method for each operation of the API; written from its description (`duecourse docs client places`).",
        {
            "collections.abc": ("Mapping", "Sequence"),
            "datetime": ("date", "datetime"),
            "typing": ("Any", "Literal"),
            "duecourse.client": ("shapes",),
            "duecourse.client.asking": ("Asking",),
        },
        lines,
    )
    return text.replace("from duecourse.client import", "\nfrom duecourse.client import", 1)


def _operations(whole: Json) -> Iterator[tuple[str, str, Json]]:
    for path, place in whole["paths"].items():
        for method, operation in place.items():
            yield path.removeprefix(PREFIX), method.upper(), operation


def _body(operation: Json) -> str:
    """The name of the shape that a request's body has, empty where it has none."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _called(name: str) -> str:
    return name.removesuffix("Shape")


def _literal(schema: Json) -> str:
    return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"


def _type(schema: Json, words: set[str], *, given: bool, prefix: str = "") -> str:
    """A schema as a type: as answers give it, or wider, as it may be given."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name == "JsonValue":
            return "Any"
        if name in words:
            return f"{prefix}{name}" if given else "str"
        return f"{prefix}{_called(name)}"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, words, given=given, prefix=prefix) for one in schema["anyOf"]))
    if "enum" in schema:
        return _literal(schema) if given else "str"
    match schema.get("type"):
        case "null":
            return "None"
        case "array":
            of = _type(schema.get("items", {}), words, given=given, prefix=prefix)
            return f"Sequence[{of}]" if given else f"tuple[{of}, ...]"
        case "object":
            held = schema.get("additionalProperties")
            named = _type(held, words, given=given, prefix=prefix) if isinstance(held, Mapping) else "Any"
            return f"Mapping[str, {named}]"
        case str(plain):
            return _FORMATS.get(schema.get("format", ""), _PLAIN[plain])
        case _:
            return "Any"


def _shape(name: str, schema: Json, words: set[str]) -> Iterator[str]:
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {_called(name)}:"
    yield f'    """{_first(schema.get("description") or _called(name) + ".")}"""'
    yield ""
    needed = schema.get("required", [])
    for field, of in schema["properties"].items():
        kind = _type(of, words, given=False)
        default = " = field(repr=False)" if field in COVERED else ""
        if field not in needed:
            kind, default = _or_none(kind), " = None"
        yield f"    {field}: {kind}{default}"


def _method(path: str, method: str, operation: Json, schemas: Json, words: set[str]) -> list[str]:
    def kind(schema: Json) -> str:
        return _type(schema, words, given=True, prefix="shapes.")

    parameters = [one for one in operation.get("parameters", []) if one["in"] in ("path", "query")]
    keyed = any(one["in"] == "header" and one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    places = [one for one in parameters if one["in"] == "path"]
    asked = [one for one in parameters if one["in"] == "query"]
    body = _body(operation)
    fields: Mapping[str, Json] = schemas[body]["properties"] if body else {}
    must = [name for name in fields if name in schemas[body].get("required", [])]
    may = [name for name in fields if name not in must]
    signature = ["self", *(f"{_safe(one['name'])}: {kind(one['schema'])}" for one in places)]
    named = [f"{_safe(name)}: {kind(fields[name])}" for name in must]
    optional = [one for one in asked if not one.get("required")]
    named += [f"{_safe(one['name'])}: {kind(one['schema'])}" for one in asked if one not in optional]
    named += [f"{_safe(name)}: {_or_none(kind(fields[name]))} = None" for name in may]
    named += [
        f"{_safe(one['name'])}: {_or_none(kind(one['schema']))} = None" for one in asked if not one.get("required")
    ]
    named += ["key: str | None = None"] if keyed else []
    if named:
        signature += ["*", *named]
    answer, said = _answer(operation)
    again = method != "POST" or keyed or operation["operationId"] in REPEATABLE
    given = [
        said,
        repr(method),
        f"self._at({', '.join([repr(path), *(_safe(one['name']) for one in places)])})",
        *([f"must={_dict(must)}"] if must else []),
        *([f"may={_dict(may)}"] if body else []),
        *([f"params={_dict([one['name'] for one in asked])}"] if asked else []),
        *(["key=key"] if keyed else []),
        *([f"again={again}"] if not keyed else []),
        *(["keyed=True"] if keyed else []),
    ]
    ask = "_file" if answer == "bytes" else "_asked"
    if answer == "bytes":
        given = given[1:]
    return [
        f"    def {operation['operationId']}({', '.join(signature)}) -> {answer}:",
        f'        """{_first(operation["description"])}"""',
        f"        return self.{ask}({', '.join(given)})",
        "",
    ]


def _answer(operation: Json) -> tuple[str, str]:
    (ok,) = (one for status, one in operation["responses"].items() if status.startswith("2"))
    schema = ok["content"].get("application/json", {}).get("schema")
    if schema is None:
        return "bytes", ""
    name = f"shapes.{_called(schema['$ref'].rpartition('/')[2])}"
    return name, name


def _dict(names: list[str]) -> str:
    return "{" + ", ".join(f"{name!r}: {_safe(name)}" for name in names) + "}"


def _or_none(kind: str) -> str:
    return kind if kind.endswith("None") or "None |" in kind or kind == "Any" else f"{kind} | None"


def _safe(name: str) -> str:
    return f"{name}_" if iskeyword(name) or hasattr(builtins, name) else name


def _first(text: str) -> str:
    """The first sentence of a description."""
    said = " ".join(text.split()).replace("`", "``").partition(". ")[0].removesuffix(".")
    return f"{said if len(said) <= _LINE else said.partition(':')[0].partition(';')[0]}."


def _module(about: str, imports: Mapping[str, tuple[str, ...]], lines: list[str]) -> str:
    """A module with those of the imports that its lines use."""
    text = "\n".join(lines)
    used = {place: [name for name in names if re.search(rf"\b{name}\b", text)] for place, names in imports.items()}
    head = [f"from {place} import {', '.join(names)}" for place, names in used.items() if names]
    return "\n".join([f'"""{about}"""', "", "from __future__ import annotations", "", *head, *lines]) + "\n"
