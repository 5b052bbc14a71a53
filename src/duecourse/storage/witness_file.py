"""A witness's own state: its key, the logs that it witnesses, and the last checkpoint of each that it signed.

One JSON file that only its owner may read, replaced whole and under a lock, so that it is never half written and two
processes never sign beside each other:

    {"format": 1, "name": "witness.example", "seed": "<32 bytes, base64>",
     "logs": {"<origin>": {"key": "<the log's key>", "checkpoint": "<the last signed note, or null>"}}}

It must never be put back to an earlier copy: a witness that forgets signs what it should refuse.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from duecourse.evidence.note import Checkpoint, Key, Kind, NotANote, Note, Signer, read_checkpoint, read_key, read_note
from duecourse.evidence.note import signer as signer_of
from duecourse.evidence.witness import Submission, judge, origin_of
from duecourse.trouble import N_, BadInput, Said, Unavailable

FORMAT = 1
_SEED_BYTES = 32


class NoWitness(Unavailable):
    """The file is not a witness's."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            N_("{path} is not the state of a witness: {why}. `duecourse witness init` makes one"), path=path, why=why
        )


class WitnessThere(BadInput):
    """A witness has its state there already."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            N_("{path} is there already: a witness that begins anew would forget what it signed"), path=path
        )


@dataclass(frozen=True, slots=True)
class State:
    """What a witness knows."""

    name: str
    seed: bytes = field(repr=False)
    keys: dict[str, Key]
    last: dict[str, Note]

    @property
    def signer(self) -> Signer:
        """Who signs."""
        return signer_of(self.name, Kind.WITNESS, self.seed)

    def seen(self, origin: str) -> Checkpoint | None:
        """The head of a log that was signed last."""
        return read_checkpoint(self.last[origin].text) if origin in self.last else None


@dataclass(frozen=True, slots=True)
class WitnessFile:
    """The state of a witness in a file."""

    path: Path

    def begin(self, name: str, chance: Callable[[int], bytes]) -> State:
        """Make a witness of a name; raises `WitnessThere`, `NotANote`."""
        state = State(name, chance(_SEED_BYTES), {}, {})
        _ = state.signer  # refuses a name that no key may have
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if self.path.exists():
                raise WitnessThere(self.path)
            self._write(state)
        return state

    def read(self) -> State:
        """What the witness knows; raises `NoWitness`."""
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            if said["format"] != FORMAT:
                raise NoWitness(self.path, N_("it is of another format"))
            logs = said["logs"]
            return State(
                said["name"],
                base64.b64decode(said["seed"], validate=True),
                {origin: read_key(one["key"]) for origin, one in logs.items()},
                {
                    origin: read_note(one["checkpoint"].encode())
                    for origin, one in logs.items()
                    if one["checkpoint"] is not None
                },
            )
        except FileNotFoundError:
            raise NoWitness(self.path, N_("there is no such file")) from None
        except (ValueError, KeyError, TypeError, AttributeError, NotANote) as error:
            raise NoWitness(self.path, Said(N_("it cannot be read ({error})"), error=type(error).__name__)) from None

    def watch(self, key: Key) -> State:
        """Witness a log from now on. A log that is witnessed keeps its key."""
        if key.kind is not Kind.LOG:
            raise NotANote(f"{key.name} is not the key of a log")
        with self._alone():
            state = self.read()
            if state.keys.get(key.name, key) != key:
                raise NotANote(f"the log {key.name} is witnessed under another key")
            state = replace(state, keys=state.keys | {key.name: key})
            self._write(state)
        return state

    def sign(self, asked: Submission, at: int) -> str:
        """The signature line for a request; what is signed is remembered before it is given. Raises `Declined`."""
        with self._alone():
            state = self.read()
            judge(asked, state.keys, state.seen(origin_of(asked)))
            line = state.signer.sign(asked.checkpoint.text, at)
            self._write(replace(state, last=state.last | {origin_of(asked): asked.checkpoint}))
        return str(line)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self.path.with_name(f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, state: State) -> None:
        document = {
            "format": FORMAT, "name": state.name, "seed": base64.b64encode(state.seed).decode(),
            "logs": {
                origin: {"key": str(key), "checkpoint": str(state.last[origin]) if origin in state.last else None}
                for origin, key in sorted(state.keys.items())
            },
        }  # fmt: skip
        draft = self.path.with_name(f".{self.path.name}.new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
