"""Cuts the fonts of documents: ``python requirements/fonts.py``, after npm's packages are there (``assets.py build``).

Two weights with the characters of GB 2312 and the Latin, Greek and Cyrillic ones, which set a letter quickly and travel
in it; and the whole font for the rare characters of names. ``coverage.txt`` lists what the whole font has, so that a
name with a character that no font has is refused before it is printed with a box. Noto Sans SC is under the Open Font
License; the cut ones have a name of their own.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src/duecourse/web/assets/node_modules/@expo-google-fonts/noto-sans-sc"
FONTS = HERE.parent / "src/duecourse/channels/render/fonts"
FAMILY = "Notice Sans"
WEIGHTS = {"Regular": "400Regular", "SemiBold": "600SemiBold"}
SIGNS = (
    *range(0x20, 0x250),  # Latin
    *range(0x370, 0x530),  # Greek, Cyrillic
    *range(0x2000, 0x2190),  # punctuation, currencies, number forms
    *range(0x25A0, 0x2610),  # shapes
    *range(0x3000, 0x3020),  # Chinese punctuation
    *range(0xFF00, 0xFFEF),  # full-width forms
)


def gb2312() -> set[int]:
    """The characters of GB 2312, which nearly every letter keeps to."""
    found: set[int] = set()
    for first in range(0xA1, 0xF8):
        for second in range(0xA1, 0xFF):
            found.update(map(ord, bytes((first, second)).decode("gb2312", errors="ignore")))
    return found


def cut(style: str, folder: str) -> None:
    """One weight, cut to the everyday characters and named as ours."""
    options = subset.Options(layout_features=["kern", "locl", "palt", "vert"], name_IDs=["*"], notdef_outline=True)
    font = subset.load_font(str(SOURCE / folder / f"NotoSansSC_{folder}.ttf"), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=gb2312() | set(SIGNS))
    cutter.subset(font)
    names = {1: f"{FAMILY} {style}", 2: "Regular", 3: f"{FAMILY} {style}", 4: f"{FAMILY} {style}"}
    names |= {6: f"{FAMILY.replace(' ', '')}-{style}", 16: FAMILY, 17: style}
    for number, name in names.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    subset.save_font(font, str(FONTS / f"NoticeSans-{style}.ttf"), options)


def coverage(font: Path) -> str:
    """The characters that a font has, as ranges of hexadecimal numbers, one a line."""
    points = sorted(TTFont(font, lazy=True).getBestCmap())
    ends = [
        (a, b) for a, b in zip([None, *points], [*points, None], strict=True) if a is None or b is None or b > a + 1
    ]
    starts, lasts = [b for _, b in ends if b is not None], [a for a, _ in ends if a is not None]
    return "".join(f"{first:x}-{last:x}\n" for first, last in zip(starts, lasts, strict=True))


def main() -> None:
    """Cut both weights, keep the whole font beside them, and list what it covers."""
    if not SOURCE.is_dir():
        sys.exit("The font is not here: `make assets` fetches npm's packages first.")
    FONTS.mkdir(parents=True, exist_ok=True)
    for style, folder in WEIGHTS.items():
        cut(style, folder)
    whole = FONTS / "NotoSansSC-Regular.ttf"
    shutil.copyfile(SOURCE / "400Regular" / "NotoSansSC_400Regular.ttf", whole)
    shutil.copyfile(SOURCE / "LICENSE_FONT", FONTS / "OFL.txt")
    (FONTS / "coverage.txt").write_text(coverage(whole), encoding="ascii")


if __name__ == "__main__":
    main()
