"""What each pattern of the API's shapes accepts, in words: a reader is never shown a regular expression."""

from __future__ import annotations

from collections.abc import Mapping

from duecourse.storage.matter_pages import CURSOR
from duecourse.trouble import N_, Said

_ASCII = N_("Input should be {least} to {most} ASCII letters, digits or signs, without spaces")
_MIXED = N_("Input should be {least} to {most} characters: letters A to Z and a to z, digits, and {signs}")
_SMALL = N_("Input should be {least} to {most} characters: small letters a to z, digits, and {signs}")
_LETTER_FIRST = N_(
    "Input should be {least} to {most} characters, the first a letter: small letters a to z, digits, and {signs}"
)
_NO_SIGN_FIRST = N_(
    "Input should be {least} to {most} characters, the first a letter or digit: small letters a to z, digits, and "
    "{signs}"
)
_WORD = N_("Input should be {least} to {most} characters: small letters a to z and _")
_PAIR = N_("Input should be two words of small letters and _ with a dot between, such as {example}")
_HEX = N_("Input should be {count} hexadecimal digits, letters small")
_CHOICE = N_("Input should be {expected}")
_PAGE = N_("Input should be what the page before gave, unchanged")

ACCEPTED: Mapping[str, Said] = {
    r"^[!-~]{1,64}$": Said(_ASCII, least=1, most=64),
    r"^[!-~]{1,128}$": Said(_ASCII, least=1, most=128),
    r"^[!-~]{1,255}$": Said(_ASCII, least=1, most=255),
    r"^[!-~]*$": Said(N_("Input should be ASCII letters, digits or signs, without spaces")),
    r"^https://[!-~]+$": Said(N_("Input should be an address that begins with https://, without spaces")),
    r"^[A-Za-z0-9._@-]{1,64}$": Said(_MIXED, least=1, most=64, signs=". _ @ -"),
    r"^[A-Za-z0-9._@-]{0,64}$": Said(_MIXED, least=0, most=64, signs=". _ @ -"),
    r"^[A-Za-z0-9._-]{1,64}$": Said(_MIXED, least=1, most=64, signs=". _ -"),
    r"^[A-Za-z0-9._-]+$": Said(_MIXED, least=1, most=80, signs=". _ -"),
    r"^[A-Za-z0-9._:/@-]{1,128}$": Said(_MIXED, least=1, most=128, signs=". _ : / @ -"),
    r"^[a-z0-9_]{1,32}$": Said(_SMALL, least=1, most=32, signs="_"),
    r"^[a-z0-9_-]{1,40}$": Said(_SMALL, least=1, most=40, signs="_ -"),
    r"^[a-z0-9_.-]{1,64}$": Said(_SMALL, least=1, most=64, signs="_ . -"),
    r"^[a-z][a-z0-9_]{0,99}$": Said(_LETTER_FIRST, least=1, most=100, signs="_"),
    r"^[a-z][a-z0-9_.-]{0,99}$": Said(_LETTER_FIRST, least=1, most=100, signs="_ . -"),
    r"^[a-z0-9][a-z0-9_-]{0,63}$": Said(_NO_SIGN_FIRST, least=1, most=64, signs="_ -"),
    r"^[a-z0-9][a-z0-9._-]{0,79}$": Said(_NO_SIGN_FIRST, least=1, most=80, signs=". _ -"),
    r"^[a-z_]{1,32}$": Said(_WORD, least=1, most=32),
    r"^[a-z_]{1,40}$": Said(_WORD, least=1, most=40),
    r"^[a-z_]{1,32}\.[a-z_]{1,32}$": Said(_PAIR, example="book.stage"),
    r"^[a-z_]+\.[a-z_]+$": Said(_PAIR, example="case.assigned"),
    r"^[a-z_]{1,32}=[^\x00]{0,128}$": Said(
        N_("Input should be a word, an equals sign and a value of at most 128 characters, such as stage=M1")
    ),
    r"^[a-z][a-z0-9_-]{0,63}@[1-9][0-9]{0,8}$": Said(
        N_("Input should be the name of a rule pack of your own, @ and its version, such as mine@2")
    ),
    r"^M[0-6]\+?$": Said(N_("Input should be a stage, M0 to M6 or M6+")),
    r"^[a-z]{2,3}$": Said(N_("Input should be the code of a language, two or three small letters, such as zh")),
    r"^[A-Z]{2}$": Said(N_("Input should be the code of a jurisdiction, two capital letters, such as CN")),
    r"^[0-9a-f]{64}$": Said(_HEX, count=64),
    r"^[0-9a-f]{128}$": Said(_HEX, count=128),
    r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$": Said(
        N_("Input should be bytes written as Base64, padded with =")
    ),
    r"^[0-9]{1,17}-([a-z_]{1,16}-)?[0-9]{1,19}$": Said(_PAGE),
    r"^[0-9a-f]{64}-[0-9]{1,18}$": Said(_PAGE),
    CURSOR.pattern: Said(_PAGE),
    r"^[^\x00]*$": Said(N_("Input should be text without bytes of zero")),
    r"^[^\x00]*[^\x00\s][^\x00]*$": Said(N_("Input should be text that is not blank, without bytes of zero")),
    r"^[^\x00-\x1f\x7f]+$": Said(N_("Input should be one line of text")),
    r"^[^\x00-\x1f\x7f/]+$": Said(N_("Input should be one line of text without a slash")),
    "^(ordinary|nothing)$": Said(_CHOICE, expected="'ordinary' or 'nothing'"),
    "^(waiting|delivered|failed)$": Said(_CHOICE, expected="'waiting', 'delivered' or 'failed'"),
    "^(queued|sending|sent|failed|unknown|withheld|withdrawn)$": Said(
        _CHOICE, expected="'queued', 'sending', 'sent', 'failed', 'unknown', 'withheld' or 'withdrawn'"
    ),
}
"""Every pattern that pydantic checks here (a test holds it), with what it accepts."""
