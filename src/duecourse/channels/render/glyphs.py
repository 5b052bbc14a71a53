"""Which characters our fonts have: a name is never printed with a box in it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from duecourse.trouble import N_, Unavailable


class NoFonts(Unavailable):
    """The fonts of documents were not cut."""

    def __init__(self) -> None:
        super().__init__(N_("the fonts of documents are not here; `make assets` cuts them"))


def fonts() -> Path:
    """The folder of the fonts, cut at set-up. Raises `NoFonts`."""
    folder = Path(str(files(__package__) / "fonts"))
    if not (folder / "coverage.txt").is_file():
        raise NoFonts
    return folder


@cache
def _covered() -> frozenset[str]:
    lines = (fonts() / "coverage.txt").read_text(encoding="ascii").split()
    ends = ((int(first, 16), int(last, 16)) for first, _, last in (line.partition("-") for line in lines))
    return frozenset(chr(point) for first, last in ends for point in range(first, last + 1)) | {"\n"}


def missing(text: str) -> str:
    """The characters of a text that no font of ours has, each once.

    >>> missing("王小明, £5"), missing("Zoë ψ ₹")
    ('', '₹')
    """
    odd = set(text) - _covered()
    return "".join(sign for sign in dict.fromkeys(text) if sign in odd) if odd else ""
