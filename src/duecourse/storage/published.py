"""The folder in which a log is published: tiles, then the checkpoint over them, as files that any web server can serve.

    <folder>/key                    the log's public key, as others are given it
    <folder>/checkpoint             the newest signed checkpoint
    <folder>/tile/<level>/<number>  hashes of the tree (C2SP tlog-tiles)

It is the memory that a restored database does not have: what stands here was signed, and is never taken back.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from duecourse.evidence.tiles import WIDTH, Tile
from duecourse.evidence.tree import HASH_BYTES

CHECKPOINT, KEY = "checkpoint", "key"


@dataclass(frozen=True, slots=True)
class Published:
    """The published log in a folder, which need not be there yet."""

    folder: Path

    def checkpoint(self) -> bytes | None:
        """The newest checkpoint, None where none was ever published here."""
        return self.read(CHECKPOINT)

    def key(self) -> bytes | None:
        """The log's public key, as others are given it."""
        return self.read(KEY)

    def tile(self, tile: Tile) -> bytes | None:
        """A tile in its width; where it has grown since, the beginning of the full one."""
        found = self.read(tile.path)
        if found is None:
            full = self.read(Tile(tile.level, tile.number).path)
            found = None if full is None else full[: HASH_BYTES * tile.width]
        return found

    def partial_names(self) -> list[str]:
        """Names of all partial tiles that stand here, those of earlier checkpoints too: they are served like any."""
        found = self.folder.glob("tile/**/*.p/*")
        return sorted(one.relative_to(self.folder).as_posix() for one in found if not one.name.startswith("."))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only one on this machine that writes here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def put(self, name: str, content: bytes) -> None:
        """Write a file so that it is there whole or not at all, whatever happens."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync(path.parent)

    def put_tile(self, tile: Tile, content: bytes) -> None:
        """Write a tile; a full one makes its partial ones superfluous."""
        self.put(tile.path, content)
        if tile.width == WIDTH:
            shutil.rmtree(self.folder / f"{tile.path}.p", ignore_errors=True)

    def read(self, name: str) -> bytes | None:
        """A file of the log by its name, None where it is not there."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
