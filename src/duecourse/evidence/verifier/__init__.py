"""The verifier that others are given: its parts, joined into one file that needs Python's standard library alone.

What does not belong here: anything else of duecourse. The parts import one another and the standard library, are run by
Python 3.9 too, and share no code with what writes the log, so that one mistake is not made twice.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

PARTS = ("sentences", "ed25519", "texts", "notes", "tree", "report", "outside", "paper", "manifest", "checks", "main")
"""The parts, in the order in which each has what it needs."""

SENTENCES = Path(__file__).with_name("sentences.json")


def joined() -> str:
    """The one file: what `main` says of itself, all imports, then part after part."""
    imports, bodies, opening = set[str](), list[str](), ""
    for name in PARTS:
        text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        lines, parsed = text.splitlines(), ast.parse(text)
        found = [one for one in parsed.body if isinstance(one, ast.Import | ast.ImportFrom)]
        imports |= {ast.unparse(one) for one in found if "duecourse" not in ast.unparse(one)}
        opening = ast.get_docstring(parsed, clean=False) or ""
        body = "\n".join(lines[found[-1].end_lineno or 0 :]).strip()
        if name == "sentences":  # what is a file beside it here stands in the one file itself
            body = re.sub(r"(?<= = )json\.loads\(.*", lambda _: SENTENCES.read_text(encoding="utf-8").strip(), body)
        bodies.append(body if name == "main" else f"# --- {opening.splitlines()[0]}\n\n{body}")
    first = "from __future__ import annotations"
    listed = "\n".join(sorted(imports - {first}, key=lambda line: (line.startswith("from"), line)))
    return f'"""{opening}"""\n\n{first}\n\n{listed}\n\n' + "\n\n\n".join(bodies) + "\n"
