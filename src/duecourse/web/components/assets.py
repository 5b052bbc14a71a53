"""Scripts and styles as set-up bundled them: names carry a hash of the content, so browsers may keep them for good."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from duecourse.trouble import N_, Unavailable

BUILT = Path(__file__).parents[1] / "assets" / "built"
PATH = "/assets"


class NotBundled(Unavailable):
    """Set-up has not bundled the scripts and styles."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "scripts and styles of the pages are not there: `make run` or `make test` bundles them "
                "(see docs/web.md)"
            )
        )


def url(entry: str) -> str:
    """The address of a script of `assets/scripts`, such as ``main.js``. Raises `NotBundled`."""
    return f"{PATH}/{_entry(entry)['file']}"


def styles(entry: str) -> list[str]:
    """The addresses of the style sheets that a script brings."""
    found = _entry(entry).get("css", [])
    return [f"{PATH}/{name}" for name in found] if isinstance(found, list) else []


def _entry(entry: str) -> dict[str, object]:
    found = manifest().get(f"scripts/{entry}")
    if found is None:
        raise NotBundled
    return found


@cache
def manifest() -> dict[str, dict[str, object]]:
    """What the bundler says it made."""
    try:
        made: dict[str, dict[str, object]] = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotBundled from None
    return made
