"""In which encoding and with which delimiter a text file is written, when nobody says so.

A byte-order mark decides. Else UTF-8 if all of it is valid UTF-8, UTF-16 if every other byte is mostly zero or a
plain letter's, else GB18030 or Big5: both accept most byte strings, so the one in which more of the Chinese
characters are everyday ones wins. GB18030 contains GBK and GB2312. UTF-8 with a broken byte here and there is UTF-8
still: read as anything else all its names would be wrong.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIMITERS = (",", "\t", ";", "|")
LOST = "\ufffd"
"""Stands where bytes were no text: here, or wherever the file went through before."""

_BLOCK = 1 << 22
_SAMPLE = 1 << 18
_FEW = 50
"""UTF-16 has a zero byte in each separator and figure; a zero here and there is a fault in a value."""
_JUDGED = 10_000
"""Characters beyond ASCII after which it is clear what they are."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotText(BadInput):
    """A file that is no text in the encoding found or stated."""

    def __init__(self, path: Path, encoding: str, at: int) -> None:
        super().__init__(
            N_(
                "{path} is not {encoding} text: the byte at {at:,}, in line {line:,} of the file, does not fit, and "
                "more do not than a row here and there. If the file is in another encoding, name that in the mapping "
                "(`encoding:`); if it was damaged, have it exported anew"
            ),
            path=path.name,
            encoding=encoding,
            at=at,
            line=_line(path, at),
        )


class TwoEncodings(BadInput):
    """A file of which some lines are UTF-8 and others are not, as when two exports were put together."""

    def __init__(self, path: Path, encoding: str, line: int, lines: int) -> None:
        super().__init__(
            N_(
                "{path} is {encoding} text, but {lines:,} of its lines, the first of them line {line:,}, are UTF-8: "
                "read as one, names would be wrong. Write the whole file in one encoding, or send two files"
            ),
            path=path.name,
            encoding=encoding.upper(),
            line=line,
            lines=lines,
        )


def _line(path: Path, at: int) -> int:
    """The number of the line in which a byte stands; the heading is line 1."""
    lines, left = 1, at
    with path.open("rb") as file:
        while left and (block := file.read(min(_BLOCK, left))):
            lines += block.count(b"\n")
            left -= len(block)
    return lines


def found(path: Path) -> str:
    """The name of a file's encoding, as Python knows it."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if sample.count(0) * _FEW > len(sample):
        return _utf16(sample)
    if _is_utf8(path):
        return "utf-8"
    name = max(("gb18030", "big5"), key=lambda name: (_everyday(sample, name), name == "gb18030"))
    _in_one_encoding(path, name)
    return name


_HAN = rb"(?:[\xe4-\xe9][\x80-\xbf]{2})"
_OF_UTF8 = re.compile(rb"[\x00-\x7f]*(?:" + _HAN + rb"[\x00-\x7f]*)+")
"""A line with Han characters in UTF-8 and nothing else beyond ASCII. Of names in GB18030 one in 30,000 looks so."""
_BY_CHANCE = 1_000


def _in_one_encoding(path: Path, encoding: str) -> None:
    """Raise `TwoEncodings` if more lines of a file that is no UTF-8 are UTF-8 than chance makes of its own."""
    wide = strange = first = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.isascii():
                continue
            wide += 1
            if _OF_UTF8.fullmatch(line):
                strange += 1
                first = first or number
    if strange * _BY_CHANCE > wide:
        raise TwoEncodings(path, encoding, first, strange)


def mostly_fits(path: Path, encoding: str) -> bool:
    """Whether at most one byte per hundred lines of a file, or one at all, is no text in an encoding."""
    lost = lines = 0
    for text in blocks(path, encoding, errors="replace"):
        lost += text.count(LOST)
        lines += text.count("\n")
    return lost <= max(1, lines // 100)


def _is_utf8(path: Path) -> bool:
    """Whether all bytes are UTF-8, or nearly all characters beyond ASCII are what only UTF-8 makes of them."""
    try:
        for _ in blocks(path, "utf-8"):
            pass
    except NotText:
        return _is_damaged_utf8(path)
    return True


def _is_damaged_utf8(path: Path) -> bool:
    wide = lost = 0
    for text in blocks(path, "utf-8", errors="replace"):
        wide += len(text) - len(text.encode("ascii", "ignore"))
        lost += text.count(LOST)
        if wide > _JUDGED:
            break
    return wide > 20 * lost


def blocks(path: Path, encoding: str, errors: str = "strict") -> Iterator[str]:
    """The text of a file, piece by piece; raises `NotText`, or puts `LOST` where ``errors`` is ``replace``."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield _decode(decoder, block, path, encoding, done)
            done += len(block)
        yield _decode(decoder, b"", path, encoding, done)


def _decode(decoder: codecs.IncrementalDecoder, block: bytes, path: Path, encoding: str, done: int) -> str:
    try:
        return decoder.decode(block, final=not block)
    except UnicodeDecodeError as error:
        raise NotText(path, encoding, done + error.start) from None
    except UnicodeError:  # UTF-16 without the mark that says which
        raise NotText(path, encoding, done) from None


def _utf16(sample: bytes) -> str:
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    return "utf-16-be" if even > odd else "utf-16-le"


def _everyday(sample: bytes, encoding: str) -> int:
    """Everyday Chinese characters per mille of all characters beyond ASCII, read in an encoding."""
    text = sample.decode(encoding, errors="ignore")
    wide = [char for char in text if char > "\x7f"]
    if not wide:
        return 0
    bad = len(sample) - len(text.encode(encoding, errors="ignore"))
    return (sum(_is_everyday(char, encoding) for char in wide) - bad) * 1000 // len(wide)


def _is_everyday(char: str, encoding: str) -> bool:
    # Level 1 of GB 2312 (3,755 characters) begins at B0A1, that of Big5 (5,401) at A440; rare ones come after both.
    code = char.encode("gb2312" if encoding == "gb18030" else "big5", errors="ignore")
    if char in "，。、；：？！（）《》“”":
        return True
    return b"\xb0\xa1" <= code <= b"\xd7\xf9" if encoding == "gb18030" else b"\xa4\x40" <= code <= b"\xc6\x7e"


def delimiter(heading: str) -> str:
    """The delimiter of a heading line: the one that divides it most often outside quotes."""
    bare = re.sub(r'"(?:[^"]|"")*"', "", heading)
    return max(DELIMITERS, key=bare.count)
