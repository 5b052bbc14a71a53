"""Installs locks into the environment whose Python runs this: ``python requirements/install.py run.txt``.

A dot stands for the project itself, which is installed without asking anybody: its build tools are in the locks.

uv does it in seconds, but does not read pip's settings. A house with a registry, a proxy or a certificate authority of
its own has told pip; so what pip knows is told to uv. If uv cannot do it, pip does, slowly. Either checks every hash.

A package of which an installation that was stopped wrote only a part looks like one that is there. So each leaves word
that it has begun, and takes that back at its end; where one finds such a word, it writes every package anew.
"""

from __future__ import annotations

import ast
import os
import ssl
import sys
from pathlib import Path
from subprocess import PIPE
from urllib.parse import unquote, urlsplit

from stoppable import run

HERE = Path(__file__).parent
PROJECT = "."
PIP = ["-m", "pip", "--disable-pip-version-check"]
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def pip_settings(listing: str) -> dict[str, str]:
    """What ``pip config list`` says, by the option's name; what the environment says goes last and wins."""
    found = {}
    lines = [line.partition("=") for line in listing.splitlines() if "=" in line]
    for name, _, value in sorted(lines, key=lambda line: line[0].startswith(":env:")):
        found[name.rpartition(".")[2]] = str(ast.literal_eval(value))
    return found


def is_there(word: str) -> bool:
    """Whether a place that a setting names can be looked at: a folder of this machine must exist."""
    parts = urlsplit(word)
    path = Path(unquote(parts.path)) if parts.scheme in {"", "file"} else None
    return path is None or path.exists()


def uv_settings(pip: dict[str, str]) -> dict[str, str]:
    """The same for uv, as environment variables; without an authority named, those that the system trusts."""
    said = {}
    for option, name in UV_NAMES.items():
        words = [
            word for word in pip.get(option, "").split() if option in {"no-index", "trusted-host"} or is_there(word)
        ]
        if words:
            said[name] = " ".join(words)
    if "UV_INDEX" in said:
        said["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # any index may have the version, as for pip; hashes decide
    trusted = ssl.get_default_verify_paths()
    if "SSL_CERT_FILE" not in said and (trusted.cafile or trusted.capath):
        said["UV_SYSTEM_CERTS"] = "true"
    return said


def install(what: str) -> None:
    """Install one lock or the project, by uv if it is there and can, else by pip; ends the program if neither can."""
    if what == PROJECT:
        options = ["--no-index", "--no-deps", "--no-build-isolation", "--editable", str(HERE.parent)]
    else:
        options = ["--require-hashes", "--no-deps", "-r", str(HERE / what)]
    begun = Path(sys.prefix) / f"begun-{'project' if what == PROJECT else what}"
    anew = any(begun.parent.glob("begun-*"))
    begun.touch()
    python = Path(sys.executable)
    if not by_uv(python, [*(["--reinstall"] if anew else []), *options]):
        by_pip(python, [*(["--ignore-installed"] if anew else []), *options], what)
    begun.unlink()


def by_uv(python: Path, options: list[str]) -> bool:
    """Install by uv, with what pip knows; False where it is not there or cannot."""
    uv = python.with_name("uv")
    if not uv.exists():
        return False
    listing = run([str(python), *PIP, "config", "list"], stdout=PIPE, stderr=PIPE, text=True).stdout
    environment = uv_settings(pip_settings(listing)) | os.environ
    command = [str(uv), "pip", "install", "--quiet", "--python", str(python), *options]
    if run(command, env=environment).returncode == 0:
        return True
    sys.stderr.write("uv could not install the packages; pip tries, which takes some minutes\n")
    return False


def by_pip(python: Path, options: list[str], what: str) -> None:
    """Install by the pip of an environment; ends the program where it cannot."""
    command = [str(python), *PIP, "install", "--quiet", "--root-user-action", "ignore", *options]
    if run(command).returncode == 0:
        return
    if what == PROJECT:
        sys.exit("duecourse itself could not be installed: what pip says of it stands above")
    sys.exit(f"The packages of {what} could not be installed: is a package registry reachable from here?")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        install(name)
