"""The contracts as they are shipped: their calls, answers and events in the EVM's words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from duecourse.core.money import BrokenInvariant

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract: its interface, what deploys it, and the code that then stands on the chain."""

    name: str
    abi: Sequence[Mapping[str, Any]] = field(repr=False)
    bytecode: bytes = field(repr=False)
    runtime: bytes = field(repr=False)

    def call(self, function: str, *values: object) -> bytes:
        """A call, as it is sent."""
        types = self._types("function", function, "inputs")
        return self._hash("function", function)[:4] + encode(types, values)

    def answer(self, function: str, content: bytes) -> tuple[Any, ...]:
        """What a function answered."""
        return tuple(decode(self._types("function", function, "outputs"), content))

    def topic(self, event: str) -> bytes:
        """By which topic an event is found."""
        return self._hash("event", event)

    def event(self, event: str, topics: Sequence[bytes], content: bytes) -> dict[str, Any]:
        """What an event says, by name."""
        parts = self._entry("event", event)["inputs"]
        indexed, rest = ([one for one in parts if one["indexed"] is which] for which in (True, False))
        found = {one["name"]: decode([one["type"]], topic)[0] for one, topic in zip(indexed, topics[1:], strict=True)}
        told = decode([one["type"] for one in rest], content)
        return found | dict(zip((one["name"] for one in rest), told, strict=True))

    def _hash(self, kind: str, name: str) -> bytes:
        return bytes(keccak(text=f"{name}({','.join(self._types(kind, name, 'inputs'))})"))

    def _types(self, kind: str, name: str, side: str) -> list[str]:
        return [_type(one) for one in self._entry(kind, name)[side]]

    def _entry(self, kind: str, name: str) -> Mapping[str, Any]:
        for one in self.abi:
            if (one["type"], one.get("name")) == (kind, name):
                return one
        raise BrokenInvariant(f"contract {self.name} has no {kind} {name}")


def _type(part: Mapping[str, Any]) -> str:
    """The type of a value, that of a struct by its parts."""
    if not part["type"].startswith("tuple"):
        return str(part["type"])
    return f"({','.join(map(_type, part['components']))}){part['type'].removeprefix('tuple')}"


@cache
def shipped(name: str) -> Contract:
    """A contract by its name."""
    kept = json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))
    code, runtime = (bytes.fromhex(kept[part].removeprefix("0x")) for part in ("bytecode", "runtime"))
    return Contract(name, kept["abi"], code, runtime)
