"""Which characters our fonts have: a name is never printed with a box in it."""

from __future__ import annotations

from bisect import bisect_right
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
def _ranges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    lines = (fonts() / "coverage.txt").read_text(encoding="ascii").split()
    pairs = [tuple(int(end, 16) for end in line.split("-")) for line in lines]
    return tuple(first for first, _ in pairs), tuple(last for _, last in pairs)


def missing(text: str) -> str:
    """The characters of a text that no font of ours has, each once.

    >>> missing("王小明, £5"), missing("Zoë ψ ₹")
    ('', '₹')
    """
    firsts, lasts = _ranges()
    odd = []
    for sign in dict.fromkeys(text):
        place = bisect_right(firsts, ord(sign)) - 1
        if sign != "\n" and (place < 0 or ord(sign) > lasts[place]):
            odd.append(sign)
    return "".join(odd)
