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
    """What was found, the checkpoints that were met, and the records by place, instant and name.

    ``records`` are those that stand in the log, each once; ``facts`` are texts that were opened, by kind and field.
    """

    lines: list[Line] = field(default_factory=list)
    heads: dict[Head, None] = field(default_factory=dict)
    places: list[tuple[int, str, str]] = field(default_factory=list)
    records: set[tuple[str, int]] = field(default_factory=set)
    facts: set[tuple[str, str, str]] = field(default_factory=set)

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

    @property
    def counted(self) -> dict[str, int]:
        """How many records stand in the log, each once, and how many facts and decisions hold."""
        held = [line.about for line in self.lines if line.mark == HOLDS]
        return {"records": len(self.records), "facts": held.count("fact"), "decisions": held.count("decision")}

    def text(self, language: int) -> str:
        """All lines, how many things were found to hold, and the verdict."""
        told = "".join(f"{MARKS[language][line.mark]:>14}  {line.said[language]}\n" for line in self.lines)
        told += SAYS["counted"][language].format(**self.counted) + "\n"
        return told + SAYS["fails" if self.failed else "holds"][language] + "\n"
