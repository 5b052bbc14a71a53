"""Set-up stopped by Ctrl-C: no traceback, nothing left running, and the next start ends as if undisturbed."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make") or "make"
PATIENCE_S = 120
STOPPED = "Stopped. Nothing is left running; the same command goes on from here."


def wheel(folder: Path, name: str, *modules: str) -> str:
    """A small wheel in a folder; its line in a lock."""
    info = f"{name}-1.0.dist-info"
    files = {f"{module}.py": f"NAME = '{module}'\n" for module in modules} | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(text.encode())}\n")
    files[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"])
    made = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(made.read_bytes()).hexdigest()}\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A work tree of which the set-up needs no registry: its first lock names a small package beside it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "requirements").mkdir()
    for script in (ROOT / "requirements").glob("*.py"):
        shutil.copy(script, tmp_path / "requirements")
    (tmp_path / "wheels").mkdir()
    lock = wheel(tmp_path / "wheels", "ahead", "ahead", "behind")
    (tmp_path / "requirements" / "uv.txt").write_text(lock, encoding="utf-8")
    return tmp_path


def environment(house: Path) -> dict[str, str]:
    """The environment of a set-up that asks no registry."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PIP_", "UV_"))}
    return clean | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(house / "wheels"), "PIP_CONFIG_FILE": os.devnull}


def make(house: Path, target: str, *, struck_when: Path | None = None) -> tuple[int, str]:
    """Make a target as from a terminal, struck by Ctrl-C as soon as a file is there; its status and what it said."""
    with subprocess.Popen(
        [MAKE, target, f"PYTHON={sys.executable}"], cwd=house, env=environment(house), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as running:  # fmt: skip
        ends = time.monotonic() + PATIENCE_S
        while struck_when is not None and not struck_when.exists():
            assert running.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.01)
        if struck_when is not None:
            os.killpg(running.pid, signal.SIGINT)
        said, _ = running.communicate(timeout=PATIENCE_S)
    return running.returncode, said


def left_running(house: Path) -> list[str]:
    """Programs that still speak of the work tree, or work in it."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if process.info["status"] != psutil.STATUS_ZOMBIE and (str(house) in f"{line} {process.info['cwd']}"):
            found.append(line)
    return found


def in_group(pid: int, group: int) -> bool:
    """Whether a process is of a group and has not ended."""
    try:
        return os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def test_a_set_up_that_is_stopped_says_so_in_one_line_and_goes_on_at_the_next_start(house: Path) -> None:
    venv = house / ".venv"
    for moment in (venv / "begun", venv / "bin" / "pip"):
        status, said = make(house, ".venv/python.stamp", struck_when=moment)
        assert status != 0
        assert [line for line in said.splitlines() if not line.startswith(("make:", "Setting up"))] == [STOPPED]
        assert left_running(house) == []
    (venv / "lib").rename(venv / "half")  # whatever was half done
    status, said = make(house, ".venv/python.stamp")
    assert status == 0, said
    assert (venv / "python.stamp").exists()
    assert not (venv / "half").exists()
    done = subprocess.run([venv / "bin" / "python", "-c", "import ahead, behind"], check=False)
    assert done.returncode == 0


def test_an_installation_that_was_stopped_is_done_anew_and_one_that_was_not_is_let_be(house: Path) -> None:
    venv = house / ".venv"
    assert make(house, ".venv/python.stamp")[0] == 0
    (part,) = venv.glob("lib/python*/site-packages/behind.py")
    part.unlink()
    install = [str(venv / "bin" / "python"), str(house / "requirements" / "install.py"), "uv.txt"]
    subprocess.run(install, env=environment(house), check=True)
    assert not part.exists()  # to pip the package looks whole
    (venv / "begun-uv.txt").touch()
    subprocess.run(install, env=environment(house), check=True)
    assert part.exists()
    assert not list(venv.glob("begun*"))


def test_what_set_up_runs_ends_with_it_and_so_does_what_that_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    shell = f"trap '' TERM; sleep 600 & sleep 600 & echo $$ > {started}; wait"
    program = f"import stoppable; stoppable.run(['sh', '-c', {shell!r}])"
    for number in (signal.SIGTERM, signal.SIGINT):
        started.unlink(missing_ok=True)
        with subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT / "requirements", stderr=subprocess.PIPE
        ) as run:
            ends = time.monotonic() + PATIENCE_S
            while not (started.exists() and started.read_text(encoding="utf-8").strip()):
                assert time.monotonic() < ends
                time.sleep(0.01)
            group = int(started.read_text(encoding="utf-8"))
            run.send_signal(number)
            _, said = run.communicate(timeout=30)
        assert (run.returncode, said) == (130, b"")
        assert not [one for one in psutil.pids() if in_group(one, group)]
