"""Makes the environment, with uv in it: ``python requirements/environment.py .venv``.

One that was begun and not finished is begun anew: pip does not mend what it left half done.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from install import by_pip
from stoppable import run

HERE = Path(__file__).parent


def clear(folder: Path, but: Path) -> None:
    """Remove all that is in a folder but one file."""
    for one in folder.iterdir():
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        elif one != but:
            one.unlink()


def make(folder: Path) -> None:
    """Make the environment; ends the program where that cannot be done."""
    begun = folder / "begun"
    if begun.exists():
        clear(folder, begun)
    folder.mkdir(exist_ok=True)
    begun.touch()
    if run([sys.executable, "-m", "venv", str(folder)]).returncode:
        sys.exit("Python has no venv module. On Debian: apt-get install python3-venv")
    lock = HERE / "uv.txt"
    by_pip(folder / "bin" / "python", ["--require-hashes", "--no-deps", "-r", str(lock)], lock.name)
    begun.unlink()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
