"""Puts the parts together: settings from the environment, the clock, and the desk opened on its database.

With ``cli`` the only place that reads environment and clock; everything below takes values.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from duecourse.storage import server
from duecourse.storage.address import checked, public
from duecourse.storage.connection import SCREEN, Database, Limits
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import KeyRing, RingMissing, parse_ring, ring_from_command, ring_from_file
from duecourse.trouble import Busy, Trouble

if TYPE_CHECKING:
    import structlog.typing
    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from duecourse.book.store import Store
    from duecourse.casework.anchoring import Register
    from duecourse.casework.cosigning import Witness
    from duecourse.casework.gate import Gate
    from duecourse.casework.sequencing import Sequencer
    from duecourse.casework.stamping import Authority
    from duecourse.channels.render.signing import Certificate
    from duecourse.storage.published import Published
    from duecourse.web.api.parts import Parts

Clock: TypeAlias = Callable[[], datetime]
"""Gives the instant, UTC; acts that wait for locks are given it, so that they read it after the wait."""

CONNECTIONS = 8
"""Connections to the database that one process holds at the most."""

FOLDER = ".duecourse"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class SsoSettings:
    """The identity provider of the installation (OpenID Connect)."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says; ``docs/cli.md`` lists the variables.

    ``database_url`` is None for the embedded server. ``keys`` (the document itself) goes before ``keys_command`` before
    ``keys_file``, which is made at the first use if it is the one in the data folder.
    """

    home: Path
    lender_id: str = DEMO
    database_url: str | None = field(default=None, repr=False)
    keys: str | None = field(default=None, repr=False)
    keys_command: tuple[str, ...] = ()
    keys_file: Path | None = None
    public_url: str | None = None  # how readers reach the pages: for single sign-on, and whether cookies need TLS
    sso: SsoSettings | None = None
    witnesses: tuple[Witness, ...] = ()  # who is asked to sign each checkpoint of the log
    outside: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # STAMP_*, ANCHOR_*, TRIGGER_*, SIGNING_*: read where used
    session: str | None = field(default=None, repr=False)  # of whoever acts at this terminal
    sealed: Mapping[str, bytes] | None = field(default=None, repr=False)  # `lenders.ring_checks`, of an open desk


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk: its settings, its database, and what people should know about where it is."""

    settings: Settings
    database: Database
    migrated: tuple[str, ...] = ()  # names of the migrations that opening it applied
    note: str | None = None


def home_of(folder: Path) -> Path:
    """The data folder for commands run in a folder: the nearest ``.duecourse`` at or above it, else one made there."""
    for above in (folder, *folder.parents):
        if (above / FOLDER).is_dir():
            return above / FOLDER
    return folder / FOLDER


def settings(environment: Mapping[str, str] = os.environ, folder: Path | None = None) -> Settings:
    """Read the settings; raises BadAddress, BadPublicAddress where an address is not one we may use."""
    said = {name: value for name, value in environment.items() if name.startswith("DUECOURSE_") and value}
    url = said.get("DUECOURSE_DATABASE_URL")
    home = said.get("DUECOURSE_HOME")
    file = said.get("DUECOURSE_KEYS_FILE")
    return Settings(
        home=Path(home).expanduser().absolute() if home else home_of(folder or Path.cwd()),
        lender_id=said.get("DUECOURSE_LENDER", DEMO),
        database_url=checked(url) if url else None,
        keys=said.get("DUECOURSE_KEYS"),
        keys_command=tuple(shlex.split(said.get("DUECOURSE_KEYS_COMMAND", ""))),
        keys_file=Path(file).expanduser() if file else None,
        public_url=public(said["DUECOURSE_PUBLIC_URL"]) if "DUECOURSE_PUBLIC_URL" in said else None,
        sso=SsoSettings(
            said["DUECOURSE_OIDC_ISSUER"], said.get("DUECOURSE_OIDC_CLIENT", ""), said.get("DUECOURSE_OIDC_SECRET", "")
        )
        if "DUECOURSE_OIDC_ISSUER" in said
        else None,
        witnesses=_witnesses(said.get("DUECOURSE_WITNESSES", "")),
        outside={
            name.removeprefix("DUECOURSE_"): word
            for name, word in said.items()
            if name.startswith(tuple(f"DUECOURSE_{one}_" for one in ("STAMP", "ANCHOR", "TRIGGER", "SIGNING")))
        },
        session=said.get("DUECOURSE_SESSION"),
    )


def _witnesses(said: str) -> tuple[Witness, ...]:
    """Addresses and keys, parted by semicolons."""
    if not said.strip():
        return ()
    from duecourse.casework.cosigning import read_witness

    return tuple(read_witness(one) for one in said.split(";") if one.strip())


def now() -> datetime:
    """The instant, UTC."""
    return datetime.now(UTC)


def today(zone: str = "Asia/Shanghai") -> date:
    """The day it is in a zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def key_ring(where: Settings, *, create: bool = True) -> KeyRing:
    """The key ring; the data folder's own is made when it is missing, one that was named never is.

    Nor is one made on an open desk where people are sealed under a ring already: raises `RingMissing`.
    """
    if where.keys:
        return parse_ring(where.keys, "DUECOURSE_KEYS")
    if where.keys_command:
        return ring_from_command(list(where.keys_command))
    if where.keys_file:
        return ring_from_file(where.keys_file)
    own = where.home / "keys.json"
    if (where.sealed or not create) and not own.exists():
        raise RingMissing(own, tuple(where.sealed or ()))
    return ring_from_file(own, create=create)


def journal(where: Settings) -> structlog.typing.FilteringBoundLogger:
    """The log of the data folder."""
    from duecourse.storage.journal import journal_at

    return journal_at(where.home / "duecourse.log")


def store_of(where: Settings) -> Store:
    """The book of the lender in the data folder."""
    from duecourse.book.store import Store

    return Store(where.home / "book" / where.lender_id)


def published_of(where: Settings) -> Published:
    """The folder in which the lender's log is published."""
    from duecourse.storage.published import Published

    return Published(where.home / "log" / where.lender_id)


def vault_of(where: Settings) -> Vault:
    """The vault under the installation's key ring; raises `WrongRing` on an open desk whose lender knows another."""
    from duecourse.storage.log import prove_ring

    vault = Vault(key_ring(where))
    if where.sealed and where.lender_id in where.sealed:
        prove_ring(where.lender_id, vault, where.sealed[where.lender_id])
    return vault


@contextmanager
def database_address(where: Settings) -> Iterator[tuple[str, str | None]]:
    """The address of the database, and a note for people; the embedded server runs as long as this context."""
    if where.database_url:
        yield where.database_url, None
        return
    with server.attached(where.home) as place:
        yield place.url, place.note


@contextmanager
def open_desk(
    where: Settings | None = None,
    *,
    limits: Limits = SCREEN,
    connections_max: int = CONNECTIONS,
    lender_needed: bool = True,
) -> Iterator[Desk]:
    """Open the desk: start the embedded server if no other is named, migrate, pool connections; close all after.

    Raises `NoSuchLender` where the lender of the settings is not entered, unless none is needed.
    """
    from duecourse.storage import lenders
    from duecourse.storage.migrate import migrate

    where = where or settings()
    with database_address(where) as (url, note):
        migrated = migrate(url)
        with Database(url, limits=limits, connections_max=connections_max) as database:
            if lender_needed:
                with database.transaction(where.lender_id) as tx:
                    lenders.get(tx)
            with database.register() as tx:
                sealed = lenders.ring_checks(tx)
            yield Desk(replace(where, sealed=sealed), database, tuple(migrated), note)


def gate_of(desk: Desk) -> Gate:
    """The gate on an open desk, which reads lenders' own packs from it."""
    from functools import partial

    from duecourse.casework.gate import Gate
    from duecourse.casework.lender_law import own_from
    from duecourse.casework.lender_texts import text_from

    url = desk.database.url
    return Gate(vault_of(desk.settings), own=partial(own_from, url), texts=partial(text_from, url))


def parts_of(desk: Desk, clock: Clock) -> Parts:
    """What pages and API work with, on an open desk."""
    from duecourse.casework.together import Together
    from duecourse.web.api.parts import Parts

    vault = vault_of(desk.settings)
    gate = gate_of(desk)
    return Parts(
        database=desk.database,
        vault=vault,
        clock=clock,
        log=journal(desk.settings),
        gate=gate,
        together=Together(desk.database, gate=gate, clock=clock),
        store=lambda lender_id: store_of(replace(desk.settings, lender_id=lender_id)),
        published=lambda lender_id: published_of(replace(desk.settings, lender_id=lender_id)),
        certificate=partial(certificate_of, desk.settings),
        public_url=desk.settings.public_url,
    )


def sequencer_of(desk: Desk, *, clock: Clock = now, vault: Vault | None = None) -> Sequencer:
    """The sequencer of the lender's log; a log that begins now is named after the address of the pages, if known."""
    from duecourse.casework.sequencing import Sequencer

    where = desk.settings
    address = (where.public_url or "").partition("://")[2]
    return Sequencer(
        desk.database, where.lender_id, vault or vault_of(where), published_of(where), clock,
        f"{address}/log/{where.lender_id}" if address else None,
    )  # fmt: skip


SEQUENCED_EVERY_S = 1.0
"""How long an act waits for its place in the log at the most, while nothing hinders."""


@contextmanager
def sequencing(desk: Desk, *, clock: Clock = now) -> Iterator[None]:
    """Give the entries of every lender their places, in a thread, as long as this context lasts; witnesses are asked.

    Time stamps are asked for in a thread of their own, so that an authority that hangs keeps no entry waiting. Where a
    log must not be signed, or cannot be, the reason is written to the data folder's log once, acts go on, and it is
    tried again.
    """
    import threading

    ended = threading.Event()
    vault = vault_of(desk.settings)  # asked for once: it may come from a command
    hindered = Hindered(journal(desk.settings), clock)

    def follow() -> None:
        while not ended.wait(SEQUENCED_EVERY_S):
            for lender_id in _lenders(desk.database):
                one = replace(desk, settings=replace(desk.settings, lender_id=lender_id))
                if hindered.tries(lender_id, sequencer_of(one, clock=clock, vault=vault).run):
                    for witness in desk.settings.witnesses:
                        hindered.tries(f"{lender_id} {witness.url}", partial(_cosign, one, witness))

    late = Hindered(journal(desk.settings), clock)

    def stamp() -> None:
        while not ended.wait(SEQUENCED_EVERY_S):
            for lender_id in _lenders(desk.database):
                one = replace(desk, settings=replace(desk.settings, lender_id=lender_id))
                late.tries(f"{lender_id} {desk.settings.outside['STAMP_URL']}", partial(_stamp, one, clock))

    threads = [threading.Thread(target=follow, name="sequencer", daemon=True)]
    if desk.settings.outside.get("STAMP_URL"):
        threads.append(threading.Thread(target=stamp, name="time stamps", daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _lenders(database: Database) -> list[str]:
    import psycopg

    from duecourse.storage import lenders

    try:
        with database.register() as tx:
            return [lender.lender_id for lender in lenders.every(tx)]
    except (Trouble, psycopg.Error):  # no database just now: the acts that need it say so
        return []


def _cosign(desk: Desk, witness: Witness) -> None:
    """Have the newest checkpoint signed by a witness, unless it is."""
    from duecourse.casework import cosigning

    lender_id = desk.settings.lender_id
    with desk.database.transaction(lender_id) as tx:
        wanted = cosigning.unsigned(tx, witness.key)
    if wanted:
        cosigning.cosign(desk.database, lender_id, published_of(desk.settings), witness=witness)


def certificate_of(where: Settings, lender_id: str) -> Certificate | None:
    """What notices of a lender are signed with: the installation's certificate is that of its own lender alone.

    Raises `NoCertificate`.
    """
    if lender_id != where.lender_id or "SIGNING_FILE" not in where.outside:
        return None
    from duecourse.channels.render.signing import read_certificate

    return read_certificate(where.outside)


def authority_of(where: Settings) -> Authority:
    """The time-stamping authority of the installation; raises `NoAuthority`."""
    from duecourse.casework.stamping import read_authority

    return read_authority(where.outside)


def _stamp(desk: Desk, clock: Clock) -> None:
    """Have the newest checkpoint stamped, where the last stamp is old enough."""
    from duecourse.casework import stamping

    lender_id, authority = desk.settings.lender_id, authority_of(desk.settings)
    with desk.database.transaction(lender_id) as tx:
        wanted = stamping.wanted(tx, authority, now=clock())
    if wanted:
        stamping.stamp(desk.database, lender_id, authority=authority, clock=clock)


def register_of(where: Settings, *, publishing: bool = False) -> Register:
    """The contract on a chain that holds checkpoints; raises `NoChain`, `NoAccount`."""
    from duecourse.casework.chain_settings import read_register

    return read_register(where.outside, publishing=publishing)


TRIED_AGAIN_S = 30
"""What was hindered by something is tried again after so long."""


class Hindered:
    """What is tried again and again, and what hinders it; each hindrance is told to the log once until it works."""

    def __init__(self, log: structlog.typing.FilteringBoundLogger, clock: Clock) -> None:
        self._log, self._clock = log, clock
        self._told: dict[str, set[str]] = {}
        self._until: dict[str, datetime] = {}

    def tries(self, what: str, act: Callable[[], object]) -> bool:
        """Do it, unless it was hindered a moment ago; whether it was done."""
        import psycopg

        now = self._clock()
        if now < self._until.get(what, now):
            return False
        try:
            act()
        except Busy:
            return False
        except (Trouble, psycopg.Error, OSError) as error:
            told = self._told.setdefault(what, set())
            if str(error) not in told:
                self._log.warning("log not signed", what=what, said=str(error))
            told.add(str(error))
            self._until[what] = now + timedelta(seconds=TRIED_AGAIN_S)
            return False
        self._told.pop(what, None)
        return True


def api(desk: Desk, *, clock: Clock = now, closing: Callable[[], None] | None = None) -> FastAPI:
    """The HTTP API on an open desk; ``closing`` is called when it stops serving."""
    return _api(parts_of(desk, clock), closing)


def _api(parts: Parts, closing: Callable[[], None] | None) -> FastAPI:
    from duecourse.web.api.application import build

    def end() -> None:
        parts.together.close()
        if closing is not None:
            closing()

    return build(parts, chance=os.urandom, threads=CONNECTIONS, closing=end)


def web(desk: Desk, *, clock: Clock = now, closing: Callable[[], None] | None = None) -> ASGIApp:
    """Pages and API in one, on an open desk; ``closing`` is called when they stop serving."""
    from duecourse.web import site
    from duecourse.web.sso import Provider
    from duecourse.web.visit import Door

    parts, said = parts_of(desk, clock), desk.settings.sso
    door = Door(
        chance=os.urandom,
        lender_id=desk.settings.lender_id,
        public_url=desk.settings.public_url,
        provider=Provider(said.issuer, said.client_id, said.client_secret) if said else None,
    )
    return site.Front(site.build(parts, door), _api(parts, closing))


def served() -> ASGIApp:
    """Pages and API as each web process makes it for itself, on a desk of its own; see ``cli/serve.py``."""
    import multiprocessing
    import signal
    import threading

    from duecourse.casework import together

    opened = ExitStack()
    desk = opened.enter_context(open_desk(connections_max=CONNECTIONS + together.CONNECTIONS, lender_needed=False))
    starter = multiprocessing.parent_process()
    if starter is not None:  # one of several: none outlives the command that started them, however that ends

        def follow() -> None:
            starter.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=follow, daemon=True, name="follows its starter").start()
    return web(desk, closing=opened.close)
