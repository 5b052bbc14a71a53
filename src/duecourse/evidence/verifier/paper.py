"""The proof that the PDF of a notice or a certificate carries: found without reading the PDF as such."""

from __future__ import annotations

import re
import zlib

NOTICE = b'{"format":"duecourse notice proof 1"'
DESTRUCTION = b'{"format":"duecourse destruction proof 1"'
"""How the proof of a notice, and that of a certificate of destruction, begins."""

STREAM_MAX = 1_000_000
"""A longer stream is no such proof, packed or not."""


def embedded(content: bytes) -> list[bytes]:
    """The proofs among the streams of a PDF, packed or plain, each once."""
    found: dict[bytes, None] = {}
    for begins in re.finditer(rb"stream\r?\n", content):
        ends = content.find(b"endstream", begins.end(), begins.end() + STREAM_MAX)
        raw = content[begins.end() : ends] if ends >= 0 else b""
        for text in (raw, _unpacked(raw)):
            if text.startswith((NOTICE, DESTRUCTION)) and len(text) <= STREAM_MAX:
                found[text.rstrip(b"\r\n")] = None
    return list(found)


def _unpacked(raw: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(raw, STREAM_MAX + 1)
    except zlib.error:
        return b""
