"""What is told: one line for each thing that was found."""

from __future__ import annotations

from dataclasses import dataclass, field

from duecourse.evidence.verifier.notes import Head
from duecourse.evidence.verifier.sentences import SAYS, Wrong, said

MARKS = (("holds", "DOES NOT HOLD", "not checked"), ("成立", "不成立", "未核验"))
HOLDS, FAILS, UNCHECKED = range(3)
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Line:
    """One thing that was found: ``about`` is the kind of thing, ``said`` the sentence in both languages."""

    mark: int
    about: str
    said: tuple[str, str]


@dataclass
class Report:
    """What was found, the checkpoints that were met, and the records by place, instant and name."""

    lines: list[Line] = field(default_factory=list)
    heads: dict[Head, None] = field(default_factory=dict)
    places: list[tuple[int, str, str]] = field(default_factory=list)

    def tell(self, mark: int, about: str, word: str, **values: object) -> None:
        """Add a line."""
        self.lines.append(Line(mark, about, said(word, values)))

    def fail(self, about: str, name: str, wrong: Wrong) -> None:
        """Add a line on something that cannot hold."""
        en, zh = wrong.said
        self.lines.append(Line(FAILS, about, (f"{name}: {en}", f"{name}：{zh}")))

    @property
    def failed(self) -> bool:
        """Whether anything does not hold, or nothing was shown to hold."""
        marks = {line.mark for line in self.lines}
        return FAILS in marks or HOLDS not in marks

    def text(self, language: int) -> str:
        """All lines, and the verdict."""
        told = "".join(f"{MARKS[language][line.mark]:>14}  {line.said[language]}\n" for line in self.lines)
        return told + SAYS["fails" if self.failed else "holds"][language] + "\n"
