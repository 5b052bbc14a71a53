"""House rules that no linter knows. Each failure names the place and what to write instead."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "duecourse"
LINES_MAX = 500

# Written in two parts, so that this file does not break its own rule.
REGISTRIES = re.compile(
    "|".join(
        re.escape(first + second)
        for first, second in (
            ("py", "pi.org"), ("python", "hosted.org"), ("registry.", "npmjs"), ("npm", "mirror.com"),
            ("crates", ".io"), ("proxy.", "golang.org"), ("ruby", "gems.org"), ("registry.", "yarnpkg"),
        )
    )
)  # fmt: skip
PACKAGE_FILES = re.compile(r"https?://\S+\.(?:whl|tgz|tar\.gz|crate|gem)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.$}>-])/(?:root|home/\w+|Users/\w+|work|opt/\w+)/[\w.-]+")
HOMELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "manager", "services", "service"}
CLOCK_AND_ENVIRONMENT = {
    ("os", "environ"), ("os", "getenv"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"),
    ("date", "today"), ("time", "time"), ("time", "time_ns"),
}  # fmt: skip
EDGE = ("app.py", "cli")
PURE = {
    "core": set[str](),
    "evidence": {"cryptography", "orjson", "rfc8785"},
}


def tracked(*suffixes: str) -> list[Path]:
    """The files of the project; those that git knows."""
    command = [shutil.which("git") or "git", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = (ROOT / name for name in listing.split("\0") if name)
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def modules(*parts: str) -> list[Path]:
    """The Python modules of the package, or of parts of it."""
    under = [PACKAGE / part for part in parts] or [PACKAGE]
    return [path for path in tracked(".py") if any(path.is_relative_to(folder) for folder in under)]


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def text_of(path: Path) -> str:
    """The text of a file; empty for pictures and the like."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def finds(pattern: re.Pattern[str], paths: list[Path]) -> Iterator[str]:
    for path in paths:
        for number, line in enumerate(text_of(path).splitlines(), 1):
            found = pattern.search(line)
            if found:
                yield f"{place(path, number)}: {found.group()}"


def nodes(paths: list[Path]) -> Iterator[tuple[Path, ast.AST]]:
    for path in paths:
        for node in ast.walk(ast.parse(text_of(path), filename=str(path))):
            yield path, node


def none_of(broken: Iterator[str] | list[str], remedy: str) -> None:
    """Fail with the list of places and the remedy."""
    listed = list(broken)
    assert not listed, f"{remedy}\n  " + "\n  ".join(listed)


def test_no_registry_is_named() -> None:
    none_of(
        [*finds(REGISTRIES, tracked()), *finds(PACKAGE_FILES, tracked())],
        "Name packages, not where they are downloaded: each machine has registries of its own.",
    )


def test_no_path_of_one_machine() -> None:
    none_of(finds(MACHINE_PATHS, tracked()), "Use a path relative to the project, an environment variable or tmp_path.")


def test_locks_hold_names_versions_and_hashes_only() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert [lock.name for lock in locks] == ["dev.txt", "node.txt", "run.txt", "uv.txt"]
    allowed = re.compile(r"[\w.-]+==[\w.+!-]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    none_of(
        [
            f"{place(lock, number)}: {line}"
            for lock in locks
            for number, line in enumerate(text_of(lock).splitlines(), 1)
            if not allowed.fullmatch(line)
        ],
        "Write the locks with `make lock`: they carry no addresses.",
    )


def test_run_and_dev_locks_agree() -> None:
    pinned = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
    run, dev = (set(pinned.findall(text_of(ROOT / "requirements" / name))) for name in ("run.txt", "dev.txt"))
    assert run <= dev, f"Write the locks with `make lock`: dev.txt lacks {sorted(run - dev)}"


def test_every_dependency_is_locked_and_says_what_it_is_for() -> None:
    listed = re.compile(r'^    "([\w.-]+)(?:\[[\w,]+\])?[^"]*",(.*)$')
    locked = {
        name.lower() for name in re.findall(r"^([\w.-]+)==", text_of(ROOT / "requirements/dev.txt"), re.MULTILINE)
    }
    section, broken = "", []
    for number, line in enumerate(text_of(ROOT / "pyproject.toml").splitlines(), 1):
        section = line if line.startswith("[") else section
        found = listed.match(line)
        if found and (section == "[dependency-groups]" or (section == "[project]" and "::" not in line)):
            if "#" not in found.group(2):
                broken.append(
                    f"{place(ROOT / 'pyproject.toml', number)}: say in a comment what {found.group(1)} is for"
                )
            if found.group(1).lower() not in locked:
                broken.append(f"{place(ROOT / 'pyproject.toml', number)}: `make lock` has not seen {found.group(1)}")
    none_of(broken, "Dependencies are chosen one by one and locked.")


def test_no_floats_and_no_rounding_in_the_trade_and_the_law() -> None:
    def broken() -> Iterator[str]:
        for path, node in nodes(modules("core", "law")):
            match node:
                case ast.Call(func=ast.Name(id="float" | "round" as name)):
                    yield f"{place(path, node.lineno)}: {name}()"
                case ast.Constant(value=float(value)) if path.is_relative_to(PACKAGE / "core"):
                    yield f"{place(path, node.lineno)}: {value}"
                case ast.BinOp(op=ast.Div()) if path.is_relative_to(PACKAGE / "core"):
                    yield f"{place(path, node.lineno)}: a division that gives a float"

    none_of(
        broken(), "Money is integer minor units, rates are ppm: use core.money.half_up and core.money.split_pro_rata."
    )


def test_clock_and_environment_are_read_at_the_edge_only() -> None:
    inner = [path for path in modules() if path.relative_to(PACKAGE).parts[0] not in EDGE]

    def broken() -> Iterator[str]:
        for path, node in nodes(inner):
            match node:
                case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if (
                    owner,
                    attribute,
                ) in CLOCK_AND_ENVIRONMENT:
                    yield f"{place(path, node.lineno)}: {owner}.{attribute}"
                case ast.ImportFrom(module=owner) if any(
                    (owner, name.name) in CLOCK_AND_ENVIRONMENT for name in node.names
                ):
                    yield f"{place(path, node.lineno)}: from {owner}"

    none_of(broken(), "Take `now`, `today` or a setting as an argument; app.py and cli/ read clock and environment.")


def test_only_the_command_line_prints() -> None:
    def broken() -> Iterator[str]:
        for path, node in nodes([path for path in modules() if not path.is_relative_to(PACKAGE / "cli")]):
            match node:
                case ast.Call(func=ast.Name(id="print")):
                    yield place(path, node.lineno)

    none_of(broken(), "Return a value and let cli/ print it, or log it.")


def test_no_module_is_too_long() -> None:
    lengths = ((path, len(text_of(path).splitlines())) for path in tracked(".py"))
    none_of(
        [f"{path.relative_to(ROOT)}: {length} lines" for path, length in lengths if length > LINES_MAX],
        f"A module of more than {LINES_MAX} lines holds two nouns: part them.",
    )


def test_no_module_is_named_after_nothing() -> None:
    none_of(
        [str(path.relative_to(ROOT)) for path in modules() if HOMELESS_NAMES & {*path.parent.parts, path.stem}],
        "Name the module after the noun it is about (docs/glossary.md).",
    )


def test_core_and_evidence_stand_on_the_standard_library() -> None:
    def broken() -> Iterator[str]:
        for part, extra in PURE.items():
            for path, node in nodes(modules(part)):
                match node:
                    case ast.Import(names=names):
                        roots = {name.name.split(".")[0] for name in names}
                    case ast.ImportFrom(module=str(module), level=0):
                        roots = {module.split(".")[0]}
                    case _:
                        continue
                for root in sorted(roots - sys.stdlib_module_names - extra - {"duecourse"}):
                    yield f"{place(path, node.lineno)}: {root}"

    none_of(broken(), "Arithmetic and evidence must be readable and provable alone: pass values in from above.")


def keys_twice(path: Path) -> Iterator[str]:
    """Keys that stand twice in one mapping of a YAML file: of two, a reader takes the later and says nothing."""
    for document in yaml.compose_all(text_of(path), Loader=yaml.SafeLoader):
        nodes = [document]
        while nodes:
            node = nodes.pop()
            if isinstance(node, yaml.MappingNode):
                names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
                twice = {name for name in names if names.count(name) > 1}
                yield from (f"{place(path, node.start_mark.line + 1)}: {name}" for name in sorted(twice))
                nodes += [value for _, value in node.value]
            elif isinstance(node, yaml.SequenceNode):
                nodes += node.value


def test_no_key_stands_twice_in_a_yaml_file() -> None:
    broken = [one for path in tracked(".yaml", ".yml") for one in keys_twice(path)]
    none_of(broken, "Say it once; a list holds several.")
