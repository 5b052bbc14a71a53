"""Pages and API in a process of its own, whose clock the test sets: ``python -m tests.web.server DATABASE HOME CLOCK``.

``CLOCK`` is a file that holds an instant; without one in it the clock is the machine's. The process takes a free port
of the loopback address, prints it, and serves until it is told to stop.
"""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from duecourse import app
from duecourse.storage.connection import Database


def main(url: str, home: str, clock: str) -> None:
    """Serve until SIGTERM."""
    said = Path(clock)

    def now() -> datetime:
        text = said.read_text(encoding="utf-8").strip()
        return datetime.fromisoformat(text) if text else datetime.now(UTC)

    where = app.settings({"DUECOURSE_HOME": home, "DUECOURSE_DATABASE_URL": url})
    with Database(url) as database, socket.create_server(("127.0.0.1", 0)) as listener:
        served = app.web(app.Desk(where, database), clock=now)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(served, log_config=None, access_log=False, loop="uvloop", http="httptools", ws="none")
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
