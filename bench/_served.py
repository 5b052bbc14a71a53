"""Pages and API as ``duecourse serve`` makes them, on a clock that begins at 10:00 in Shanghai whenever measured."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from time import monotonic

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors.multiprocess import Multiprocess

from duecourse import app
from duecourse.cli.serve import KEEP_ALIVE_SECONDS

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def made() -> ASGIApp:
    """The program of one web process."""
    begun = float(os.environ["BENCH_BEGUN"])
    opened = ExitStack()
    desk = opened.enter_context(app.open_desk())
    return app.web(desk, clock=lambda: MORNING + timedelta(seconds=monotonic() - begun), closing=opened.close)


def main(workers: int) -> None:
    """Serve until SIGTERM; prints the port."""
    os.environ.setdefault("BENCH_BEGUN", str(monotonic()))
    config = uvicorn.Config(
        "bench._served:made", factory=True, workers=workers, loop="uvloop", http="httptools", ws="none",
        lifespan="on", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        print(listener.getsockname()[1], flush=True)
        if workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, sockets=[listener]).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
