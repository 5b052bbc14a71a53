"""Twenty calls at once, each recorded: at most 1 % of the RTP packets late, as the receiving peer would hear them.

Everything is real and on one machine: PostgreSQL with its default durability, permits by the whole rulebook of China,
the worker's own loop with twenty lines (a baresip each), speech by espeak-ng, and a peer that is not ours: sipp, which
takes each call, sends back what it hears, and presses nothing, so that a call lasts as long as its opening said twice.
What arrives at the peer is captured by tcpdump with the kernel's time. A packet is late if it comes more than 60 ms
after it is due by its own RTP time, counted from the stream's quickest packet: a jitter buffer of that size would play
a gap.
Recordings are opened as people open them and measured by sox. CALLS names another number.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from bench._ground import asked, folder, load, new_database, postgresql
from bench._served import MORNING
from bench.permit_http import ACTOR, LENDER, set_up
from duecourse import app
from duecourse.casework import recordings
from duecourse.casework.channel_setup import set_up as set_up_channel
from duecourse.casework.gate import Gate
from duecourse.casework.handover import Post
from duecourse.casework.message import queue_prepared, sealed, whole
from duecourse.casework.permit import Permit, PermitRequest, Sender
from duecourse.casework.posting import work_on
from duecourse.channels.render import compose
from duecourse.channels.render.examples import example_values
from duecourse.channels.voice.phone import two_ports
from duecourse.channels.voice.sound import measured
from duecourse.core.ids import loan_key, person_id
from duecourse.law.templates import load_register
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import messages, persons
from duecourse.storage import recordings as kept
from duecourse.storage.connection import Database
from duecourse.storage.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS = 20
LATE_MS = (20, 40, 60)
RTP_FIRST, RTP_LAST, PEER_RTP = 36_000, 39_000, 41_000
OFFICE = Sender(SenderType.LENDER, staff="E01")
TEMPLATE = load_register(jurisdiction="CN")["m1.robot_call"]


@dataclass
class Stream:
    """The packets of one call: when each came and its own time, in microseconds and samples; its numbers."""

    came: list[int] = field(default_factory=list)
    due: list[int] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)

    def waits(self) -> list[int]:
        """How much later than the quickest each came, in microseconds."""
        transit = [came - due * 125 for came, due in zip(self.came, self.due, strict=True)]
        quickest = min(transit)
        return [one - quickest for one in transit]

    def lost(self) -> int:
        """Numbers that never came."""
        return (max(self.numbers) - min(self.numbers) + 1) - len(self.numbers)


def streams(capture: Path) -> list[Stream]:
    """The RTP streams to the peer in a capture (pcap of Ethernet, IPv4, UDP)."""
    raw = capture.read_bytes()
    found: dict[int, Stream] = defaultdict(Stream)
    wraps: dict[int, tuple[int, int]] = {}
    place = 24
    while place + 16 <= len(raw):
        second, part, length, _ = struct.unpack_from("<IIII", raw, place)
        packet = raw[place + 16 : place + 16 + length]
        place += 16 + length
        udp = 14 + (packet[14] & 0x0F) * 4
        rtp = packet[udp + 8 :]
        if len(rtp) < 12 or rtp[0] >> 6 != 2 or rtp[1] & 0x7F not in {0, 8}:
            continue
        number, stamp, source = struct.unpack_from(">HII", rtp, 2)
        last, epoch = wraps.get(source, (number, 0))
        epoch += 65_536 if last - number > 32_768 else 0
        wraps[source] = (number, epoch)
        one = found[source]
        one.came.append(second * 1_000_000 + part)
        one.due.append(stamp)
        one.numbers.add(number + epoch)
    return list(found.values())


@contextmanager
def peer(home: Path) -> Iterator[int]:
    """sipp, taking every call and sending its sound back; its port."""
    port = two_ports("127.0.0.1")
    with subprocess.Popen(
        [shutil.which("sipp") or "sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-mp", str(PEER_RTP),
         "-rtp_echo", "-nostdin"],
        cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield port
        finally:
            process.kill()


@contextmanager
def captured(file: Path) -> Iterator[None]:
    """Whatever goes to the peer's sound, by tcpdump."""
    wanted = f"udp and dst port {PEER_RTP} and src portrange {RTP_FIRST}-{RTP_LAST}"
    with subprocess.Popen(
        [
            shutil.which("tcpdump") or "tcpdump", "-i", "lo", "-n", "-B", "16384", "-s", "80", "-U", "-Z", "root",
            "-w", str(file), wanted,
        ],
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = next((line for line in process.stderr if "listening" in line), "")
        assert said, "tcpdump does not listen: it needs root"
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def queue(database: Database, gate: Gate, count: int) -> None:
    """Queue a call to each borrower."""
    lender, vault, made = LENDER.lender_id, gate.vault, []
    with database.transaction(lender) as tx:
        points: dict[int, int] = dict(
            tx.execute("SELECT person_id, contact_point_id FROM contact_point WHERE kind = 'phone'").fetchall()
        )
        for n in range(count):
            number, person = messages.next_id(tx), person_id(lender, f"C{n}")
            content = whole(compose(TEMPLATE, example_values(TEMPLATE, "zh"), "zh", verify=None))
            request = PermitRequest(
                person_id=person, loan_keys=(loan_key(lender, f"L{n}"),), contact_point_id=points[person],
                channel=Channel.ROBOT_CALL, at=MORNING, template_id=TEMPLATE.id,
                content_hash=sha256(content).hexdigest(), sender=OFFICE, idempotency_key=f"call-{n}",
            )  # fmt: skip
            key = vault.person(lender, person, persons.wrapped(tx, person))
            made.append(sealed(vault, key, number, content, request=request, lang="zh", chance=os.urandom))
    answers = queue_prepared(database, lender, gate=gate, prepared=made, actor=ACTOR, clock=lambda: MORNING)
    assert all(isinstance(one, Permit) for one in answers), answers[0]


def heard(database: Database, gate: Gate, home: Path) -> list[tuple[int, float, float, float]]:
    """Of each recording: seconds, and of our leg peak and RMS by sox, and its longest silence within the opening."""
    found = []
    with database.transaction(LENDER.lender_id) as tx:
        numbers = [int(n) for (n,) in tx.execute("SELECT recording_id FROM recording ORDER BY 1")]
        for number in numbers:
            raw = recordings.opened(tx, vault=gate.vault, found=kept.get(tx, number))
            file = home / f"{number}.wav"
            file.write_bytes(raw)
            said = subprocess.run(
                [shutil.which("sox") or "sox", str(file), "-n", "remix", "1", "stat"], capture_output=True, text=True,
                check=True,
            ).stderr  # fmt: skip
            lines = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
            peak, rms = float(lines["Maximum amplitude"]), float(lines["RMS     amplitude"])
            found.append((measured(raw).millis // 1000, peak, rms, _longest_gap(file)))
    return found


def _longest_gap(file: Path) -> float:
    """The longest stretch of pure zeros within the first ten seconds of speech on our leg, in milliseconds (sox).

    A sentence has pauses, but espeak's are not longer than half a second: a longer one would be sound that is missing.
    """
    raw = subprocess.run(
        [shutil.which("sox") or "sox", str(file), "-t", "raw", "-e", "signed", "-b", "16", "-", "remix", "1"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    samples = struct.unpack(f"<{len(raw) // 2}h", raw)
    first = next(place for place, one in enumerate(samples) if one)
    longest = run = 0
    for one in samples[first : first + 80_000]:
        run = run + 1 if abs(one) <= 8 else 0  # G.711's idle noise
        longest = max(longest, run)
    return longest / 8


def main() -> str:
    """Measure and return the table."""
    count = asked("CALLS", CALLS)
    with folder() as home, postgresql(home) as (place, version), peer(home) as port:
        url = new_database(place, "calls")
        migrate(url)
        gate = Gate(app.vault_of(app.settings({"DUECOURSE_HOME": str(home)})))
        gate.law("CN")
        with Database(url, connections_max=count + 8) as database:
            set_up(database, home, count)
            with database.transaction(LENDER.lender_id) as tx:
                set_up_channel(
                    tx, vault=gate.vault, name="voice", minute_max=60_000, actor=ACTOR, now=MORNING,
                    given={
                        "host": "127.0.0.1", "port": str(port), "caller": "+864001234567", "machines": "no",
                        "lines": str(count), "rtp_first": str(RTP_FIRST), "rtp_last": str(RTP_LAST),
                    },
                )  # fmt: skip
            queue(database, gate, count)
            began, zero = app.now(), time.monotonic()
            with captured(home / "calls.pcap"):
                post = Post(database, gate, lambda: MORNING + (app.now() - began), print)
                done = work_on(post, threads=1, once=True, chance=os.urandom, speaking=True)
            took = time.monotonic() - zero
            with database.transaction(LENDER.lender_id) as tx:
                states = {state: many for (_channel, state), many in messages.counts(tx).items()}
            found, sounds = streams(home / "calls.pcap"), heard(database, gate, home)
    assert (done, states) == (count, {"sent": count}), (done, states)
    assert (len(found), len(sounds)) == (count, count)
    waits = [wait for one in found for wait in one.waits()]
    packets, lost = len(waits), sum(one.lost() for one in found)
    starts, ends = [one.came[0] for one in found], [one.came[-1] for one in found]
    together = (min(ends) - max(starts)) / 1_000_000
    late = {limit: sum(wait > limit * 1000 for wait in waits) for limit in LATE_MS}
    worst = max(sum(wait > 60_000 for wait in one.waits()) / len(one.came) for one in found)
    seconds, peaks, levels, gaps = zip(*sounds, strict=True)
    assert late[60] <= packets / 100, late
    return (
        f"{count} calls, {version}, load {load()}; {took:.0f} s from first to last, all {count} under way together for "
        f"{together:.0f} s; {packets:,} RTP packets at the peer.\n\n"
        "| what | measured | aim |\n|---|---|---|\n"
        f"| packets more than 60 ms late | {100 * late[60] / packets:.3f} % | ≤ 1 % |\n"
        f"| of the worst call | {100 * worst:.3f} % | - |\n"
        f"| more than 40 ms late | {100 * late[40] / packets:.3f} % | - |\n"
        f"| more than 20 ms late | {100 * late[20] / packets:.3f} % | - |\n"
        f"| packets lost | {lost} | - |\n"
        f"| recordings kept, seconds each | {len(sounds)}, {min(seconds)} to {max(seconds)} | {count} |\n"
        f"| our leg, peak (of 1) | {min(peaks):.2f} to {max(peaks):.2f} | no clipping (1.00) |\n"
        f"| our leg, RMS | {min(levels):.3f} to {max(levels):.3f} | - |\n"
        f"| longest silence in ten seconds of speech | {max(gaps):.0f} ms | a sentence's pause |\n"
    )
