"""One telephone: a baresip of its own for each call, driven over its JSON control port on this machine.

A process for a call keeps calls apart: one that hangs takes no other with it, and its folder, with the recording and
what was said, goes when the call is kept. The phone dies with whoever started it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from duecourse.channels.contract import NotReady
from duecourse.trouble import N_

PROGRAM = "baresip"
MODULES = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules", "/usr/lib64/baresip/modules")
START_S = 10
END_S = 3
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Account:
    """As whom a telephone calls. ``local`` is this machine's own address on the way to ``host``."""

    user: str
    host: str
    port: int
    transport: str = "udp"
    auth_user: str = ""
    password: str = field(default="", repr=False)
    local: str = "127.0.0.1"
    rtp_first: int = 16_384
    rtp_last: int = 32_767
    answer: bool = False  # takes calls by itself
    also: tuple[str, ...] = ()  # numbers that it takes calls for besides
    direct: bool = False  # calls go straight to the address that is dialled, past the provider

    def line(self) -> str:
        """The account as baresip reads it."""
        auth = f";auth_user={self.auth_user};auth_pass={self.password}" if self.auth_user else ""
        mode = "auto" if self.answer else "manual"
        way = (
            f';outbound="sip:{self.host}:{self.port};transport={self.transport}"'
            if not (self.answer or self.direct)
            else ""
        )
        return "".join(
            f"<{self.address(user)}>{auth};regint=0;answermode={mode}{way}\n" for user in (self.user, *self.also)
        )

    def address(self, number: str) -> str:
        """The address of a number at the same provider; a whole address, ``user@host:port``, is taken as it stands."""
        at = number if "@" in number else f"{number}@{self.host}:{self.port}"
        return f"sip:{at};transport={self.transport}"


@dataclass(frozen=True, slots=True)
class Event:
    """What the telephone tells: ``CALL_RINGING``, ``CALL_ESTABLISHED``, ``CALL_DTMF_START``, ``CALL_CLOSED`` …."""

    kind: str
    param: str = ""
    call: str = ""


HEARD, SAID = "heard", "said"
"""The two ends of a bridge within a telephone: what comes in by its call, what goes out by it."""

LINK_S = 5
"""How long two telephones of this machine may take to reach each other."""


_CONFIG = """\
poll_method epoll
sip_listen {local}:{sip}
net_interface {local}
audio_player aubridge,idle
audio_source aufile,{silence}
audio_alert aufile,{folder}/none.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_txmode thread
rtp_tos 184
rtp_ports {first}-{last}
rtp_timeout 30
jitter_buffer_delay 2-10
call_max_calls 4
call_local_timeout 3600
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app ctrl_tcp.so
module_app menu.so
ring_aufile none
callwaiting_aufile none
ringback_aufile none
notfound_aufile none
busy_aufile none
error_aufile none
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {folder}/legs
"""


class Phone:
    """A running telephone, used by one thread. ``folder`` is its own, and nobody else's.

    ``link`` is a name that nobody can guess: by it another telephone of this machine is joined to its call.
    """

    def __init__(self, account: Account, folder: Path, silence: Path, *, link: str = "") -> None:
        self.account, self.folder, self._silence, self.link = account, folder, silence, link
        self.sip = 0
        self._linked = False
        self._legs: tuple[Path, Path] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._read = b""
        self._events: deque[Event] = deque()

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start it; raises `NotReady`."""
        (self.folder / "legs").mkdir(mode=0o700, exist_ok=True)
        accounts = os.open(self.folder / "accounts", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            for _ in range(_TRIES):
                if self._started(accounts):
                    return
        except BaseException:
            self.close()
            raise
        finally:
            os.close(accounts)
        self.close()
        raise NotReady(PROGRAM, N_("it does not start; its ports may be taken"))

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def dial(self, number: str) -> None:
        """Call a number at the provider. From here on somebody's telephone may ring."""
        self._own()
        self._order("dial", self.account.address(number))

    def play(self, path: Path) -> None:
        """Say what is in a WAV from now on, in place of what is being said."""
        self._order("ausrc", f"aufile,{path}")

    def press(self, keys: str) -> None:
        """Press keys, as events of RFC 4733."""
        for key in keys:
            self._order("sndcode", key)
            self._order("sndcode", "\x04")
            time.sleep(0.16)

    def order(self, command: str, given: str = "") -> None:
        """Any other command of the telephone's menu."""
        self._order(command, given)

    def hang_up(self) -> None:
        """End the call."""
        with suppress(NotReady):
            self._own()
            self._order("hangup", "")

    def next(self, seconds: float) -> Event | None:
        """The next thing it tells, None if there is none in time; raises `NotReady` if it died."""
        until = time.monotonic() + seconds
        while not self._events:
            left = until - time.monotonic()
            if left <= 0 or not self._read_on(left):
                return None
        return self._events.popleft()

    def join(self, other: Phone) -> bool:
        """Let who is on this telephone and who is on the other hear each other; whether that came about."""
        self.legs()
        other.legs()  # known before there is a second call
        self.order("uafind", self._link_address())
        self.order("dial", other.link_address())
        until = time.monotonic() + LINK_S
        while not (self._linked and other.is_linked()):
            if time.monotonic() > until:
                return False
            self._read_on(0.02)
            other.is_linked(0.02)
        for one in (self, other):
            one.bridge()
        return True

    def bridge(self) -> None:
        """Give what comes in by the call to what is joined to it, and the other way round."""
        self._own()
        self._order("auplay", f"aubridge,{HEARD}")
        self._order("ausrc", f"aubridge,{SAID}")

    def is_linked(self, seconds: float = 0) -> bool:
        """Whether another telephone is joined to it."""
        if not self._linked and seconds:
            self._read_on(seconds)
        return self._linked

    def link_address(self) -> str:
        """Where another telephone of this machine reaches it to be joined."""
        return f"{self._link_address()};transport=udp"

    def _link_address(self) -> str:
        return f"sip:{self.link}@{self.account.local}:{self.sip}"

    def legs(self) -> tuple[Path, Path] | None:
        """The files of what we said and of what came back, while they are written and after; of the first call."""
        if self._legs is None:
            found = sorted((self.folder / "legs").glob("*-enc.wav"))
            if found:
                self._legs = found[0], found[0].with_name(found[0].name.replace("-enc.wav", "-dec.wav"))
        return self._legs

    def close(self) -> None:
        """End it, and with it whatever call it has."""
        if self._control is not None:
            with suppress(NotReady):
                self._order("quit", "")
            self._control.close()
            self._control = None
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _started(self, accounts: int) -> bool:
        self.sip, control = two_ports(self.account.local), _port("127.0.0.1")
        modules = next((one for one in MODULES if Path(one).is_dir()), "")
        if not modules:
            raise NotReady(PROGRAM, N_("it is not installed; `make system` installs it"))
        account = self.account
        if account.answer:  # who is called is found where he listens
            account = replace(account, host=account.local, port=self.sip)
        bridge = f";audio_source=aubridge,{HEARD};audio_player=aubridge,{SAID}"
        linked = f"<{self._link_address()}>;regint=0;answermode=auto{bridge}\n" if self.link else ""
        os.ftruncate(accounts, 0)
        os.pwrite(accounts, (account.line() + linked).encode(), 0)
        (self.folder / "config").write_text(
            _CONFIG.format(
                local=account.local, sip=self.sip, control=control, folder=self.folder, modules=modules,
                silence=self._silence,
                first=account.rtp_first, last=account.rtp_last,
            )
        )  # fmt: skip
        try:
            # setpriv: a telephone whose starter is killed outright is killed by the kernel.
            self._process = subprocess.Popen(
                [shutil.which("setpriv") or "setpriv", "--pdeathsig", "KILL", PROGRAM, "-f", str(self.folder)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError:
            raise NotReady(PROGRAM, N_("it is not installed; `make system` installs it")) from None
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError):
                self._control = socket.create_connection(("127.0.0.1", control), timeout=1)
                return True
            time.sleep(0.02)
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        return False

    def _order(self, command: str, given: str) -> None:
        if self._control is None:
            raise NotReady(PROGRAM, N_("it ended in the middle of a call"))
        said = json.dumps({"command": command, "params": given, "token": "-"}).encode()
        try:
            self._control.settimeout(START_S)
            self._control.sendall(b"%d:%s," % (len(said), said))
        except OSError:
            raise NotReady(PROGRAM, N_("it ended in the middle of a call")) from None

    def _own(self) -> None:
        """What is ordered next is about the call itself, not about what is joined to it."""
        if self.link:
            account = self.account
            self._order("uafind", f"sip:{account.user}@{account.host}:{account.port}")

    def _read_on(self, seconds: float) -> bool:
        """Read what it tells; whether it told anything in time. Raises `NotReady` if it died."""
        if self._control is None:
            return False
        self._control.settimeout(seconds)
        try:
            came = self._control.recv(65_536)
        except TimeoutError:
            return False
        except OSError:
            came = b""
        if not came:
            raise NotReady(PROGRAM, N_("it ended in the middle of a call"))
        self._take(came)
        return True

    def _take(self, came: bytes) -> None:
        """Read netstrings of JSON."""
        self._read += came
        while b":" in self._read:
            size, _, rest = self._read.partition(b":")
            if len(rest) < int(size) + 1:
                return
            said = json.loads(rest[: int(size)])
            self._read = rest[int(size) + 1 :]
            if not said.get("event"):
                continue
            if self.link and self.link in str(said.get("accountaor", "")):
                self._linked = str(said["type"]) == "CALL_ESTABLISHED" or (
                    self._linked and str(said["type"]) != "CALL_CLOSED"
                )
            else:
                self._events.append(Event(str(said["type"]), str(said.get("param", "")), str(said.get("id", ""))))


def _port(host: str) -> int:
    with socket.create_server((host, 0)) as found:
        return int(found.getsockname()[1])


def two_ports(host: str) -> int:
    """A port with the next one free too: the telephone takes both, the second for TLS."""
    for _ in range(50):
        with suppress(OSError), socket.create_server((host, 0)) as first:
            port = int(first.getsockname()[1])
            with socket.create_server((host, port + 1)):
                return port
    raise NotReady(PROGRAM, N_("it does not start; its ports may be taken"))
