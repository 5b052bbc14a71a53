"""Figures as plain values: the same for the command line's JSON, the API and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from duecourse.casework.figures.asking import Answer
from duecourse.casework.figures.figure import Asked, Figure, Text


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def plain_figure(of: Figure) -> dict[str, Any]:
    """What a figure is: names, words, units, definition."""
    return {
        "name": of.name,
        "says": _text(of.says),
        "defines": _text(of.defines),
        "over": of.over.value,
        "dimensions": [{"name": one.name, "says": _text(one.says), "shows": one.shows.value} for one in of.dimensions],
        "measures": [{"name": one.name, "says": _text(one.says), "unit": one.unit.value} for one in of.measures],
        "shares": [
            {"name": one.name, "says": _text(one.says), "part": one.part, "whole": one.whole} for one in of.shares
        ],
        "definition": of.definition.hex(),
    }


def plain_answer(of: Figure, ask: Asked, found: Answer) -> dict[str, Any]:
    """A figure's cells over some days."""
    return {
        "figure": of.name,
        "first": ask.span.first,
        "last": ask.span.last,
        "by": list(ask.by),
        "where": [f"{name}={value}" for name, value in ask.where],
        "prepared_at": found.prepared_at,
        "cells": [{"at": dict(one.at), "of": dict(one.of)} for one in found.cells],
    }


def csv_rows(of: Figure, ask: Asked, found: Answer) -> Iterator[list[str | int]]:
    """The same cells as lines of CSV, the first of which names the columns."""
    measures = [one.name for one in of.measures]
    yield [*ask.by, *measures]
    for cell in found.cells:
        yield [*(cell.at[name] for name in ask.by), *(cell.of[name] for name in measures)]
