"""``duecourse serve``: the pages and the HTTP API in one program, until it is stopped."""

from __future__ import annotations

import ipaddress
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.job import worker_beside
from duecourse.cli.output import note
from duecourse.cli.words import _
from duecourse.trouble import N_, Refused, Unavailable

if TYPE_CHECKING:
    from types import FrameType

    from starlette.types import ASGIApp

GRACE_SECONDS = 20
"""How long requests under way may take to end when the server is stopped."""

KEEP_ALIVE_SECONDS = 30


class CannotListen(Unavailable):
    """The address cannot be had."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            N_("cannot listen on {host}:{port}: {reason}. Another server may run there; choose another --port."),
            host=host,
            port=port,
            reason=reason,
        )


class OpenWithoutTls(Refused):
    """Tokens would cross the network in clear."""

    def __init__(self, host: str) -> None:
        super().__init__(
            N_(
                "{host} can be reached by others, and without TLS they could read tokens on their way. Give "
                "--tls-certificate and --tls-key, or say --behind-proxy if a proxy in front of it speaks TLS."
            ),
            host=host,
        )


def command(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65_535)] = 8800,
    workers: Annotated[int, typer.Option(help="Web processes; each has its own connections.", min=1, max=64)] = 1,
    tls_certificate: Annotated[Path | None, typer.Option(help="Certificate and its chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Key of the certificate, PEM.")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy in front speaks TLS; listen without it.")
    ] = False,
    jobs: Annotated[
        bool, typer.Option("--jobs/--no-jobs", help="Work off background jobs too, in a process beside.")
    ] = True,
    sending: Annotated[
        bool, typer.Option("--sending/--no-sending", help="Send what waits in the outbox too, in a process beside.")
    ] = True,
) -> None:
    """Serve the pages and the HTTP API until Ctrl-C or SIGTERM; requests under way are ended first."""
    from duecourse.app import open_desk, sequencing
    from duecourse.web.components import assets

    assets.url("main.js")  # without them no page can be shown: better said now than to every reader
    if not _local(host) and tls_certificate is None and not behind_proxy:
        raise OpenWithoutTls(host)
    with (
        _orderly_end(),
        open_desk(lender_needed=False) as desk,
        listening(host, port) as listener,
        sequencing(desk),
    ):
        if desk.note:
            note(desk.note)
        at = f"{'https' if tls_certificate else 'http'}://{host}:{listener.getsockname()[1]}"
        note(_("Pages at {at}, the API at {at}/api/v1; Ctrl-C stops both.").format(at=at))
        with ExitStack() as beside:
            for noun, wanted in (("job", jobs), ("outbox", sending)):
                if wanted:
                    beside.enter_context(worker_beside(noun))
            run("duecourse.app:served", listener, workers=workers, certificate=tls_certificate, key=tls_key)
    note(_("Stopped. Nothing was left half done."))


def run(
    served: str | ASGIApp,
    listener: socket.socket,
    *,
    workers: int = 1,
    certificate: Path | None = None,
    key: Path | None = None,
    grace_seconds: int = GRACE_SECONDS,
) -> None:
    """Serve until told to stop; ``served`` is an application, or names what makes one for each process."""
    import uvicorn
    from uvicorn.supervisors.multiprocess import Multiprocess

    config = uvicorn.Config(
        served,
        factory=isinstance(served, str),
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()


def _local(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens; raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CannotListen(host, port, error.strerror or type(error).__name__) from error
    with listener:
        yield listener


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Let SIGTERM end the command with everything closed; uvicorn raises it again when its requests have ended."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        note(_("Stopped. Nothing was left half done."))
        sys.exit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
