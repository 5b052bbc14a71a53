"""A real node of a chain (EVM) for tests: anvil, in a process of its own, on a port of its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from duecourse.chain.accounts import Account, LocalAccount
from duecourse.chain.node import Node
from tests.conftest import without

HERE = Path(__file__).parents[1] / "requirements" / "chain" / "node_modules" / "@foundry-rs"


@dataclass(frozen=True)
class Chain:
    """A running node, and accounts that have money on its chain."""

    node: Node
    accounts: list[LocalAccount]


def anvil() -> Path:
    """The program; skips (or fails, in the build) where it is not installed."""
    found = shutil.which("anvil") or next((str(path) for path in HERE.glob("anvil-*/bin/anvil*")), None)
    if found is None:
        without("anvil", "`make .venv/chain.stamp` installs it")
    return Path(found or "")


@contextmanager
def chain(folder: Path, *options: str) -> Iterator[Chain]:
    """A chain that lives as long as this context."""
    config, said = folder / "anvil.json", folder / "anvil.txt"
    with said.open("w", encoding="utf-8") as out:  # a file: a pipe that nobody empties would stop it
        process = subprocess.Popen(
            [str(anvil()), "--host", "127.0.0.1", "--port", "0", "--config-out", str(config), *options],
            stdout=out, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
    try:
        deadline, place = time.monotonic() + 60, None
        while place is None:
            assert process.poll() is None, said.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "anvil did not start"
            place = re.search(r"Listening on (\S+)", said.read_text(encoding="utf-8"))
            time.sleep(0.02)
        keys = json.loads(config.read_text(encoding="utf-8"))["private_keys"]
        yield Chain(Node(f"http://{place[1]}"), [Account.from_key(key) for key in keys])
    finally:
        process.terminate()
        process.wait(timeout=30)
