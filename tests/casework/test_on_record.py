"""Every act leaves its record: the acts are read from the code, and those the log must name are each found in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

CASEWORK = Path(__file__).parents[2] / "src" / "duecourse" / "casework"
WRITES = {"log.append", "log.append_as", "log.row_of"}

NO_RECORD = {
    "recordings.sound": "asked for each piece that is played; saying why one listens (hear) is the act on record",
    "transcripts.read": "shown beside a recording to whoever said why a moment ago (hear), which is on record",
    "upload.keep_upload": "a file laid down; taking it into the book is the act, and is on record with the file's hash",
}
"""Functions that somebody asks for and that leave no record, with the reason."""

MUST = {
    "permit.granted", "permit.refused", "permit.redeemed", "permit.not_redeemed", "permit.released", "contact.settled",
    "contact.inbound", "promise.recorded", "promise.withdrawn", "hold.placed", "hold.ended", "person.reveal",
    "person.destroy", "user.signed_in", "user.signed_out", "user.sign_in_failed", "pack.switched", "strategy.activated",
    "strategy.rolled_back", "day_run.published", "day_run.slice", "book.import", "keys.rotated", "figure.exported",
    "evidence.bundled", "log.recovered", "lender.entered", "fact.stated", "note.recorded", "case.assigned",
    "legal_hold.placed", "legal_hold.released", "retention.stored", "retention.restored", "retention.readable",
    "retention.proposed", "retention.destroyed",
}  # fmt: skip
"""Kinds of record that the log is held to have."""


class Module:
    """One module of casework: its functions, what each calls, and which of them write to the log themselves."""

    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(CASEWORK).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.imported: dict[str, tuple[str, str | None]] = {}
        self.functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self.methods = {
            node.name: [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("duecourse.casework"):
                within = (node.module or "").removeprefix("duecourse.casework").removeprefix(".")
                for one in node.names:
                    kept = (within, one.name) if within else (one.name, None)
                    self.imported[one.asname or one.name] = kept

    def calls(self, function: str) -> Iterator[tuple[str, str]]:
        """What a function calls or hands on: of this module, or of another one of casework."""
        for node in ast.walk(self.functions[function]):
            if isinstance(node, ast.Name):
                if node.id in self.functions:
                    yield self.name, node.id
                elif node.id in self.imported and self.imported[node.id][1]:
                    yield self.imported[node.id]  # type: ignore[misc]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module, inner = self.imported.get(node.value.id, ("", None))
                if node.value.id == "self" or (module and inner):
                    yield self.name if node.value.id == "self" else module, node.attr
                elif module:
                    yield module, node.attr

    def writes(self, function: str) -> bool:
        return any(
            isinstance(node, ast.Call) and ast.unparse(node.func) in WRITES
            for node in ast.walk(self.functions[function])
        )


MODULES = {one.name: one for one in map(Module, sorted(CASEWORK.rglob("*.py")))}


def called_by(module: str, function: str) -> Iterator[tuple[str, str]]:
    """What a function calls; whoever makes an object of a class may call all of its methods."""
    for where, name in MODULES[module].calls(function):
        yield where, name
        if where in MODULES:
            yield from ((where, method) for method in MODULES[where].methods.get(name, ()))


def on_record() -> set[tuple[str, str]]:
    """The functions that write to the log, themselves or through what they call."""
    every = {(module.name, name) for module in MODULES.values() for name in module.functions}
    reached = {(module, name) for module, name in every if MODULES[module].writes(name)}
    while more := {one for one in every - reached if any(called in reached for called in called_by(*one))}:
        reached |= more
    return reached


def acts() -> Iterator[tuple[str, str]]:
    """What somebody does: public functions that are told who acts."""
    for module in MODULES.values():
        for name, node in module.functions.items():
            arguments = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
            if not name.startswith("_") and "actor" in arguments:
                yield module.name, name


def test_every_act_leaves_a_record() -> None:
    known = on_record()
    found = list(acts())
    silent = {f"{module}.{name}" for module, name in found if (module, name) not in known}
    assert len(found) > 50
    assert silent == set(NO_RECORD), "write the record of the act in its transaction (storage.log), or say here why not"


def test_the_kinds_that_the_log_must_have_are_written() -> None:
    texts = {
        node.value
        for path in CASEWORK.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert texts >= MUST
