"""The languages of screens and terminal: English in the code, Chinese in ``zh_CN/*.po``, one file per noun.

The catalogues are read as text at run time, so an editable install, a wheel and a fresh clone behave alike and nothing
has to be compiled. Law texts do not live here: a rule carries both languages itself.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO


class Language(StrEnum):
    """A language people read duecourse in."""

    EN = "en"  # as written in the code
    ZH = "zh-CN"  # from the catalogues


def language_of(tag: str | None) -> Language:
    """The language meant by a tag such as ``zh_CN.UTF-8``, ``zh-Hans`` or ``en``; English when it is neither or absent.

    >>> language_of("zh_CN.UTF-8"), language_of("C"), language_of(None)
    (<Language.ZH: 'zh-CN'>, <Language.EN: 'en'>, <Language.EN: 'en'>)
    """
    return Language.ZH if (tag or "").lower().startswith("zh") else Language.EN


@cache
def catalogue(language: Language) -> NullTranslations:
    """The words of a language; what is not in the catalogue stays as written in the code."""
    if language is Language.EN:
        return NullTranslations()
    # Babel costs 50 ms to import, and most starts do not need it.
    from babel.messages.catalog import Catalog  # noqa: PLC0415
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    whole = Catalog(locale="zh_CN")
    for part in sorted(files(__name__).joinpath("zh_CN").iterdir(), key=lambda entry: entry.name):
        if part.name.endswith(".po"):
            for message in read_po(BytesIO(part.read_bytes()), locale="zh_CN"):
                if message.id and message.string:
                    whole.add(message.id, message.string)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)
