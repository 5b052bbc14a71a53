"""Installs locks into the environment whose Python runs this: ``python requirements/install.py run.txt``.

uv does it in seconds, but does not read pip's settings. A house with a registry, a proxy or a certificate authority of
its own has told pip; so what pip knows is told to uv. If uv cannot do it, pip does, slowly. Either checks every hash.
"""

from __future__ import annotations

import ast
import os
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
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


def install(lock: Path) -> None:
    """Install one lock, by uv if it is there and can, else by pip; ends the program where neither can."""
    uv = Path(sys.executable).with_name("uv")
    listing = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False).stdout
    environment = uv_settings(pip_settings(listing)) | os.environ
    command = [str(uv), "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes", "-r", str(lock)]
    if uv.exists() and subprocess.run(command, env=environment, check=False).returncode == 0:
        return
    if uv.exists():
        sys.stderr.write("uv could not install the packages; pip tries, which takes some minutes\n")
    command = [
        *PIP,
        "install",
        "--quiet",
        "--root-user-action",
        "ignore",
        "--require-hashes",
        "--no-deps",
        "-r",
        str(lock),
    ]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"The packages of {lock.name} could not be installed: is a package registry reachable from here?")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        install(HERE / name)
