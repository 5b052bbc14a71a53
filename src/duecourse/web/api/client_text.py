"""The typed client's shapes and methods, written from the API's own description: one method for each operation.

An own writer, because it writes ours: ids of operations as method names, problems as exceptions, keys and repetition
as `duecourse.client.connection` has them. ``duecourse docs client`` prints what it writes.
"""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

from duecourse.core.money import BrokenInvariant
from duecourse.web.api.shapes import PREFIX

Json = Mapping[str, Any]

COVERED = frozenset({"token", "secret", "text", "content", "clear"})
"""Fields that a printed value leaves out: they are keys, somebody's words or data."""

REPEATABLE = frozenset(
    {
        "request_permits", "check_contact", "report_outcome", "receive_inbound", "search", "explain", "show_calendar",
        "compare_laws", "replay", "end_hold", "end_endpoint", "draft_plan",
    }
)  # fmt: skip
"""Posts that may be sent again without a key: the same again changes nothing."""

WRITTEN = "Written from the API's description by `duecourse docs client`; do not edit."
_LINE = 100
_REFERRED = re.compile(r"#/components/schemas/(\w+)")
_IMPORTS = {
    "collections.abc": ("Mapping", "Sequence"),
    "dataclasses": ("dataclass", "field"),
    "datetime": ("date", "datetime"),
    "typing": ("Any", "Literal"),
}
_NOT_TOLD = frozenset({"Problem", "WrongPlace", "JsonValue"})
_PLAIN = {"string": "str", "integer": "int", "boolean": "bool"}
_FORMATS = {"date-time": "datetime", "date": "date"}


def modules(whole: Json) -> dict[str, str]:
    """The modules of the client that are written, by their place below it: shapes and methods, one each for a tag.

    What is answered under several tags is in ``shapes/shared.py``; nothing of it refers to what is under one alone.
    """
    schemas = whole["components"]["schemas"]
    words = {name for name, schema in schemas.items() if "enum" in schema}
    bodies = {_body(one) for _path, _method, one in _operations(whole)}
    told = [name for name in schemas if name not in {*_NOT_TOLD, *words, *bodies}]
    if len({_called(name) for name in told} | words) < len(told) + len(words):
        raise BrokenInvariant("two shapes of the API have one name for its client: name them apart")
    under = _under(whole)
    tags = list(dict.fromkeys(one["tags"][0] for _path, _method, one in _operations(whole)))
    home = {_called(name): next(iter(under[name])) if len(under[name]) == 1 else "shared" for name in told}
    home |= dict.fromkeys(words, "words")
    written = {"shapes/words.py": _module("The words of the API's closed lists.", [_literal(schemas, words)], home, "")}
    for tag in ("shared", *tags):
        of_tag = sorted((name for name in told if home[_called(name)] == tag), key=_called)
        if of_tag:
            shown = ["\n".join(_shape(name, schemas[name], words)) for name in of_tag]
            written[f"shapes/{tag}.py"] = _module(f"What the API takes and answers: {tag}.", shown, home, tag)
    written["shapes/__init__.py"] = _exported(home)
    for tag in tags:
        methods = [
            "\n".join(_method(path, method, one, schemas, words))
            for path, method, one in _operations(whole)
            if one["tags"] == [tag]
        ]
        head = f'class {tag.title()}Places(Asking):\n    """Operations: {tag}; what is left None is not sent."""\n'
        about = f"The operations of the API: {tag}."
        written[f"places/{tag}.py"] = _module(about, ["\n".join([head, *methods])], home, "")
    return written


def _under(whole: Json) -> dict[str, set[str]]:
    """Under which tags a shape is taken or answered."""
    schemas = whole["components"]["schemas"]
    under: dict[str, set[str]] = {name: set() for name in schemas}

    def mark(name: str, tag: str) -> None:
        if tag not in under[name]:
            under[name].add(tag)
            for other in _REFERRED.findall(json.dumps(schemas[name])):
                mark(other, tag)

    for _path, _method, one in _operations(whole):
        for name in _REFERRED.findall(json.dumps(one)):
            mark(name, one["tags"][0])
    return under


def _exported(home: Mapping[str, str]) -> str:
    """The module that gives every shape under one name."""
    places = sorted(set(home.values()))
    held = {
        place: ", ".join(sorted((name for name in home if home[name] == place), key=str.casefold)) for place in places
    }
    lines = [f"from duecourse.client.shapes.{place} import {names}" for place, names in held.items()]
    listed = ", ".join(f'"{name}"' for name in sorted(home))
    about = f'"""What the API takes and answers, as values.\n\n{WRITTEN}\n"""'
    return "\n".join([about, "", *lines, "", f"__all__ = [{listed}]"]) + "\n"


def _operations(whole: Json) -> Iterator[tuple[str, str, Json]]:
    for path, place in whole["paths"].items():
        for method, operation in place.items():
            yield path.removeprefix(PREFIX), method.upper(), operation


def _body(operation: Json) -> str:
    """The name of the shape that a request's body has, empty where it has none."""
    (schema,) = [one["schema"] for one in operation.get("requestBody", {}).get("content", {}).values()] or [{}]
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _is_file(schema: Json) -> bool:
    """Whether a field of a form is a file, or several, or may be one."""
    if "anyOf" in schema:
        return any(_is_file(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return _is_file(schema["items"])
    return schema.get("format") == "binary" or "contentMediaType" in schema


def _called(name: str) -> str:
    return name.removesuffix("Shape")


def _literal(schemas: Json, words: set[str]) -> str:
    return "\n".join(f"{name} = {_one_of(schemas[name])}" for name in sorted(words))


def _one_of(schema: Json) -> str:
    return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"


def _type(schema: Json, words: set[str], *, given: bool) -> str:
    """A schema as a type: as answers give it, or wider, as it may be given."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name == "JsonValue":
            return "Any"
        if name in words:
            return name if given else "str"
        return _called(name)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, words, given=given) for one in schema["anyOf"]))
    if "enum" in schema:
        return _one_of(schema) if given else "str"
    match schema.get("type"):
        case "null":
            return "None"
        case "array":
            of = _type(schema.get("items", {}), words, given=given)
            return f"Sequence[{of}]" if given else f"tuple[{of}, ...]"
        case "object":
            held = schema.get("additionalProperties")
            named = _type(held, words, given=given) if isinstance(held, Mapping) else "Any"
            return f"Mapping[str, {named}]"
        case str(plain) if plain == "string" and _is_file(schema):
            return "File"
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
        return _type(schema, words, given=True)

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
    files = [name for name in fields if _is_file(fields[name])]
    must, may = ([name for name in names if name not in files] for names in (must, may))
    answer, said = _answer(operation)
    again = method != "POST" or keyed or operation["operationId"] in REPEATABLE
    given = [
        said,
        repr(method),
        f"self._at({', '.join([repr(path), *(_safe(one['name']) for one in places)])})",
        *([f"must={_dict(must)}"] if must else []),
        *([f"may={_dict(may)}"] if body else []),
        *([f"params={_dict([one['name'] for one in asked])}"] if asked else []),
        *([f"files={_dict(files)}"] if files else []),
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
    name = _called(schema["$ref"].rpartition("/")[2])
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


def _module(about: str, parts: list[str], home: Mapping[str, str], own: str) -> str:
    """A module with the imports that its parts need. ``home`` says in which module of shapes a name is."""
    text = "\n\n\n".join(parts)
    bare = re.sub(r'"""[^"]*"""|"[^"]*"|\'[^\']*\'', "", text)
    imports = [
        (place, used)
        for place, names in _IMPORTS.items()
        if (used := [name for name in names if re.search(rf"\b{name}\b(?!:)", bare)])
    ]
    shapes: dict[str, list[str]] = {}
    for name in sorted(home, key=str.casefold):
        if home[name] != own and re.search(rf"(?<![\w.])(?<!class ){name}\b(?! =)", bare):
            shapes.setdefault(f"duecourse.client.shapes.{home[name]}", []).append(name)
    used = [name for name in ("Asking", "File") if re.search(rf"\b{name}\b", bare)]
    ours = [("duecourse.client.asking", used)] if "(Asking)" in text else []
    head = [f"from {place} import {', '.join(names)}" for place, names in imports]
    below = [f"from {place} import {', '.join(names)}" for place, names in (*ours, *sorted(shapes.items()))]
    blocks = ["from __future__ import annotations", "\n".join(head), "\n".join(below)]
    said = "\n\n".join([f'"""{about}\n\n{WRITTEN}\n"""', *(one for one in blocks if one)])
    gap = "\n\n" if " = Literal" in text.partition("\n")[0] else "\n\n\n"
    return f"{said}{gap}{text}\n"
