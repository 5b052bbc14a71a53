"""The sessions of docs/api.md, run as they stand there, give what the page shows; its tables name everything."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.desk import loan, person
from tests.permit_desk import point
from tests.web.conftest import PEOPLE, Site
from tests.web.test_openapi import description
from tests.web.test_permits import DIALLER

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
ANY = "…"
STEP = re.compile(r"((?:^    \$ [^\n]+\n)+)\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def session(site: Site, number: int) -> dict[str, str]:
    """The variables that the page speaks of, for a borrower whom nobody else contacts."""
    return {
        "API": site.url,
        "SERVER": site.url.removesuffix("/api/v1"),
        "TOKEN": site.token(*DIALLER, Scope.LAW_READ, firm="acme", name="page"),
        "PERSON": str(person(number)),
        "LOAN": str(loan(number)),
        "POINT": str(point(site.database, number)),
    }


def differs(shown: object, found: object, place: str = "") -> list[str]:
    """Where an answer is not what the page shows of it; lists are as long as shown or begin like that."""
    if shown == ANY:
        return [] if found else [f"{place}: nothing there"]
    if isinstance(shown, dict) and isinstance(found, dict):
        return [one for name, inner in shown.items() for one in differs(inner, found.get(name), f"{place}.{name}")]
    if isinstance(shown, list) and isinstance(found, list):
        return [
            one
            for number, inner in enumerate(shown)
            for one in differs(inner, found[number] if number < len(found) else None, f"{place}[{number}]")
        ]
    return [] if shown == found else [f"{place}: {found!r}, and the page shows {shown!r}"]


def test_the_session_with_curl(site: Site, tool: Callable[[str], Path], tmp_path: Path) -> None:
    assert tool("curl").exists()
    page = PAGE.read_text(encoding="utf-8")
    steps = STEP.findall(page)
    assert len(steps) == page.count("```json")
    typed = [line.removeprefix("    $ ") for line in page.splitlines() if line.startswith("    $ ")]
    ends = [commands.strip().splitlines()[-1].strip().removeprefix("$ ") for commands, _ in steps]
    lines = ["set -eu"]
    for line in typed:
        lines.append(line)
        if line in ends:
            lines.append("echo; echo END")
    done = subprocess.run(
        [tool("bash"), "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=os.environ | session(site, PEOPLE),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[Any] = [json.loads(part) for part in done.stdout.split("END\n") if part.strip()]
    assert len(answers) == len(steps)
    for (commands, shown), found in zip(steps, answers, strict=True):
        assert not differs(json.loads(shown), found), commands


def test_the_session_in_python(site: Site, tmp_path: Path) -> None:
    ((program, shown),) = PYTHON.findall(PAGE.read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=tmp_path, env=os.environ | session(site, PEOPLE - 1),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == shown, done.stderr


def test_the_page_names_every_scope_problem_and_place(site: Site) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert not [scope for scope in Scope if f"`{scope}`" not in page]
    assert not [kind.type for kind in Kind if f"| `{kind.type}` | {kind.status} |" not in page]
    missing = [
        f"{method.upper()} {path}"
        for path, place in description(site)["paths"].items()
        for method in place
        if f"`{method.upper()} {path.removeprefix('/api/v1')}`" not in page
    ]
    assert not missing
