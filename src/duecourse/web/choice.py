"""What the reader chose: language, theme, density. A choice wins, then the cookie, then what the browser asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from duecourse.locale import Language
from duecourse.web.api.language import language

COOKIES = {"language": ("en", "zh-CN"), "theme": ("auto", "light", "dark"), "density": ("calm", "dense")}
"""The cookies and what may stand in each; anything else is as if it were not there."""

YEAR_SECONDS = 31_536_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Language, theme and density of one answer."""

    language: Language
    theme: str
    density: str

    @classmethod
    def of(cls, cookies: Mapping[str, str], accept_language: str) -> Self:
        """The choice of a request."""
        said = {name: cookies.get(name, "") for name in COOKIES}
        kept = {name: value for name, value in said.items() if value in COOKIES[name]}
        asked = Language.ZH if language(accept_language) == "zh" else Language.EN
        return cls(
            Language(kept["language"]) if "language" in kept else asked,
            kept.get("theme", "auto"),
            kept.get("density", "calm"),
        )

    @property
    def lang(self) -> str:
        """``zh`` or ``en``: the key under which rules, strategies and templates hold their texts."""
        return "zh" if self.language is Language.ZH else "en"
