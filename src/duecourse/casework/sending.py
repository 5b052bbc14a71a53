"""Sending a tape: its files kept, sealed, and a job that checks them; nothing is imported by that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from duecourse.book.store import Store
from duecourse.book.tape import mapping as mappings
from duecourse.casework.actor import Actor
from duecourse.casework.jobs import ask_job
from duecourse.casework.upload import NoFile, keep_upload
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

MAPPING_BYTES_MAX = 262_144
PATCH = "patch.csv"
"""Under which name corrections are kept."""

_NAME_MAX = 80


class TwoOfOneName(BadInput):
    """Files of a tape are told apart by their names."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("two of the files are named {name}; a tape's files are told apart by name"), name=name)


class NotMappingText(BadInput):
    """A mapping that is no text."""

    def __init__(self) -> None:
        super().__init__(N_("a mapping is a YAML text in UTF-8"))


class NoSuchMapping(BadInput):
    """A mapping that does not ship, sent without its text."""

    def __init__(self, name: str) -> None:
        super().__init__(
            N_("there is no mapping {name}; those that ship are {shipped}, and your own is sent with the tape"),
            name=name, shipped=", ".join(mappings.shipped()),
        )  # fmt: skip


def mapping_text(raw: bytes) -> str:
    """The text of a mapping. Raises `NotMappingText`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotMappingText from None
    if len(raw) > MAPPING_BYTES_MAX or "\0" in text:
        raise NotMappingText
    return text


def send_tape(
    tx: Tx,
    *,
    vault: Vault,
    store: Store,
    files: Sequence[tuple[str, bytes]],
    mapping: str,
    own: bytes | None = None,
    patch: bytes | None = None,
    full: bool = False,
    all_or_nothing: bool = False,
    actor: Actor,
    now: datetime,
    chance: Callable[[int], bytes],
) -> int:
    """Keep the files (name, content) and ask for their check; returns the job's number.

    ``own`` is a mapping of the sender's, named by ``mapping``; ``patch`` holds corrections (`book.tape.patch`). What is
    wrong with names or mapping is told before anything is kept: raises `NoFile`, `TwoOfOneName`, `NotMappingText`,
    `NoSuchMapping`, what `mappings.parse` raises.
    """
    files = [(Path(name.replace("\0", "")).name or "file", content) for name, content in files]
    names = [name for name, _content in files]
    if not files:
        raise NoFile
    if twice := [name for name in names if names.count(name) > 1]:
        raise TwoOfOneName(twice[0])
    said = {"mapping": mapping[:_NAME_MAX]}
    if own is not None:
        said["mapping_text"] = mapping_text(own)
        mappings.parse(said["mapping_text"], mapping)
    elif mapping not in mappings.shipped():
        raise NoSuchMapping(mapping)

    def keep(name: str, content: bytes) -> int:
        return keep_upload(
            tx, vault=vault, store=store, name=name, content=content, actor=actor, now=now, chance=chance
        )

    asked = {
        **said, "uploads": [keep(name, content) for name, content in files], "files": names, "full": full,
        "all_or_nothing": all_or_nothing, **({} if patch is None else {"patch": keep(PATCH, patch)}),
    }  # fmt: skip
    return ask_job(tx, vault=vault, kind="tape_check", asked=asked, actor=actor, now=now)
