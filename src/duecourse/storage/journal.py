"""The log of the data folder: what happened to the program, for whoever runs it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

import structlog

from duecourse.trouble import masked

if TYPE_CHECKING:
    from pathlib import Path


def journal_at(path: Path) -> structlog.typing.FilteringBoundLogger:
    """The log in a file: a JSON object a line, in UTC, every text masked, three files of 1 MB at the most."""
    kept = logging.getLogger("duecourse.journal")
    kept.propagate = False
    kept.setLevel(logging.INFO)
    if [getattr(handler, "baseFilename", None) for handler in kept.handlers] != [str(path)]:
        for handler in list(kept.handlers):
            kept.removeHandler(handler)
            handler.close()
        kept.addHandler(RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True))
    return structlog.wrap_logger(  # type: ignore[no-any-return]
        kept,
        processors=[
            structlog.processors.add_log_level,
            _covered,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def _covered(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cover in every text of a log line, however deep, what may be personal; numbers stay, they are ours."""

    def cover(value: object) -> object:
        match value:
            case str():
                return masked(value)
            case None | bool() | int():
                return value
            case Mapping():
                return {str(name): cover(item) for name, item in value.items()}
            case list() | tuple():
                return [cover(item) for item in value]
            case _:
                return masked(str(value))

    return {name: cover(value) for name, value in event.items()}
