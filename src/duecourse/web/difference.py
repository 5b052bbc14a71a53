"""Two texts side by side, as a page shows what was changed."""

from __future__ import annotations

from difflib import unified_diff


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """The lines that two texts do not share, with a few around them: a sign and the line."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return [(line[:1].strip(), line[1:]) for line in lines if not line.startswith("@@")]
