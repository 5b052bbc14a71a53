"""A telephone that is none: what a demo lender sends by text is laid into a folder of this machine, a file each.

No lender that is not a demo can be set up with it: it would say that something was sent, and nobody would get it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from duecourse.channels.contract import BadSetting, Kind, Message, NotReady, Setting, Taken
from duecourse.law.terms import Channel
from duecourse.trouble import N_

NAME = "captured"


class Folder:
    """The line: a file for each message, named by it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ready(self) -> None:
        """Make the folder. Raises `NotReady`."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise NotReady(str(self._folder), type(error).__name__) from error

    def send(self, message: Message) -> Taken:
        """Lay the message down; one of the same name is there already and stays."""
        place = self._folder / f"{message.reference}.txt"
        place.write_text(f"{message.at.isoformat()}\n{message.to}\n\n{message.text}\n", encoding="utf-8")
        return Taken(place.name)

    def close(self) -> None:
        """Nothing is held."""


def opened(settings: Mapping[str, str]) -> Folder:
    """A line by checked settings. Raises `BadSetting`."""
    place = Path(settings["folder"])
    if not place.is_absolute():
        raise BadSetting(NAME, "folder", N_("it is a whole path, from the root"))
    return Folder(place)


KIND = Kind(
    name=NAME, channel=Channel.SMS, open=opened, inland=lambda _settings: True, demo_only=True,
    settings=(Setting("folder", N_("Folder in which each message is laid as a file"), needed=True),),
)  # fmt: skip
