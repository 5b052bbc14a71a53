"""Random requests made from the API's own description: no answer is a fault, every answer is as described."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from duecourse.storage.tokens import Scope
from duecourse.web.api.documents import MEDIA_TYPES
from duecourse.web.api.problem import MEDIA_TYPE
from tests.web.conftest import Site

EXAMPLES = 25
"""Random requests to each operation, besides those that walk the edges of every field."""

NOT_CHECKED = {
    "positive_data_acceptance": "a word of the right shape may name nothing: such a rule, pack or zone is refused",
    "missing_required_header": "a request without its token is refused whatever else it lacks (test_entrance)",
}

FILES = {
    "/csv": ["text/csv"],
    "/file": ["application/zip"],
    "/export": ["text/csv", "application/vnd.apache.parquet"],
    "/opening": list(MEDIA_TYPES),
    "/pdf": ["application/pdf"],
    "/hearing": ["audio/wav"],
}
"""Places that answer with a file, and of which kinds."""


def description(site: Site) -> dict[str, Any]:
    """What the API says of itself."""
    found: dict[str, Any] = httpx.get(f"{site.url}/openapi.json").json()
    return found


def test_random_requests_are_answered_as_described(own_site: Site, tmp_path: Path) -> None:
    site = own_site
    token = site.token(*Scope, name="all")
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{site.url}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--checks", "all", "--exclude-checks", ",".join(NOT_CHECKED),
        "--max-examples", str(EXAMPLES), "--seed", "20260301", "--phases", "examples,coverage,fuzzing",
        "--continue-on-failure", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    offered = sum(len(place) for place in description(site)["paths"].values())
    assert f"Tested: {offered}\n" in done.stdout
    made = re.search(r"(\d+) generated, \1 passed", done.stdout)
    assert made
    assert int(made[1]) > EXAMPLES


def test_every_operation_says_its_problems(site: Site) -> None:
    for path, place in description(site)["paths"].items():
        for operation in place.values():
            assert operation["description"], path
            for status, answer in operation["responses"].items():
                expected = ["application/json"] if status.startswith("2") else [MEDIA_TYPE]
                if status == "200" and path.endswith(tuple(FILES)):
                    expected = FILES[path[path.rindex("/") :]]
                assert list(answer["content"]) == expected, (path, status)
