"""The speech guard: messages screened a second on one core, aim 20,000; messages of a lender and of customers.

Messages are the lender's shipped templates cut into sentences (nothing is found in them: the common case), and what
nobody may say put into every tenth of them. With DUECOURSE_TEST_DATA, what customers and robots of collection wrote is
screened too. MESSAGES names another number.
"""

from __future__ import annotations

import os
import re
from importlib.resources import files
from pathlib import Path
from statistics import median
from time import process_time

import yaml

from bench._ground import ROUNDS, asked, load
from duecourse.insight.guard import Guard, measuring

MESSAGES = 100_000
BAD = {"zh": "再不还钱就弄 死 你", "en": "pay now or we will break your legs"}


def sentences(lang: str) -> list[str]:
    """Sentences of the shipped templates of a language, of at least twenty characters."""
    found = []
    for file in sorted((files("duecourse.law") / "register").iterdir(), key=lambda one: one.name):
        for one in yaml.safe_load(file.read_text("utf-8")):
            found += re.split(r"(?<=[。.])\s*", one["text"].get(lang, ""))
    return sorted({one for one in found if len(one) >= 20})


def filled(texts: list[str], number: int) -> list[str]:
    """So many messages, each text again and again."""
    return [texts[n % len(texts)] for n in range(number)]


def rate(guard: Guard, messages: list[str]) -> tuple[list[float], int]:
    """Messages a second of processor time in each round, and how many had a finding."""
    rates = []
    found = 0
    for _round in range(ROUNDS):
        begun = process_time()
        found = sum(bool(guard.screen(one)) for one in messages)
        rates.append(len(messages) / (process_time() - begun))
    return rates, found


def main() -> str:
    """Measure the guard."""
    number = asked("MESSAGES", MESSAGES)
    guard = Guard()
    kinds: list[tuple[str, list[str]]] = []
    for lang in ("zh", "en"):
        plain = filled(sentences(lang), number)
        kinds += [
            (f"{lang}: of the lender's templates", plain),
            (
                f"{lang}: one in ten with a threat",
                [f"{one}{BAD[lang]}" if n % 10 == 0 else one for n, one in enumerate(plain)],
            ),
        ]
    if data := os.environ.get("DUECOURSE_TEST_DATA"):
        for source in measuring.SOURCES:
            if source.name in {"fin_question_pairs_zh", "bank_intents_en", "offence_zh_cold"}:
                kinds.append((source.name, filled([text for text, _ in measuring.rows(source, Path(data))], number)))
    lines = [
        f"One thread, load {load()}.",
        "",
        "| messages | characters | with a finding | per second: median (least-most) | aim |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, messages in kinds:
        rates, found = rate(guard, messages)
        middle = median(len(one) for one in messages)
        shown = f"{median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})"
        lines.append(f"| {name} | {middle:.0f} | {found:,} of {len(messages):,} | {shown} | 20,000 |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
