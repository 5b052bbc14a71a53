"""What a channel is to duecourse: a transport that takes a message once, and says what it knows of it afterwards.

A transport is called with a message that the law has allowed this instant and whose row already says `sending`. It
answers in one of three ways, and everything else follows from it:

    Taken(reference)          the provider has it: it is sent
    Refused(why, permanent)   the provider certainly does not have it, and nobody will ever get it from this call
    raising anything          nobody knows: it counts as sent, is shown to a person, and is never sent again by itself

So a transport never tries again by itself once a provider may have got the message, and never calls a lost answer a
refusal. `ready` is called before a message is taken out of the outbox: a provider that cannot be reached is found
there, where it costs nobody a message.

A channel of an outsider is a `Kind` under the entry points `duecourse.channels`; `channels.conformance` holds it to
this. What does not belong here: permits, the outbox and its rows (casework).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Protocol, TypeAlias, runtime_checkable

from duecourse.law.terms import Channel
from duecourse.trouble import N_, BadInput, Unavailable

GROUP = "duecourse.channels"
REFERENCE_MAX = 500
"""Characters of a provider's own name for a message; longer ones are cut."""


class NotReady(Unavailable):
    """The provider cannot be reached, or does not let us in."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(N_("{place} does not take messages now: {why}"), place=place, why=why)


class BadSetting(BadInput):
    """A setting of a channel that is missing, unknown, or not as it must be."""

    def __init__(self, channel: str, name: str, why: str) -> None:
        super().__init__(N_("channel {channel}, {name}: {why}"), channel=channel, name=name, why=why)


class NoSuchTransport(BadInput):
    """No channel of this name is installed."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            N_("no channel {name} is installed; there are {known}"), name=name, known=", ".join(known) or "–"
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message. ``type`` as in MIME: ``application/pdf``."""

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent to one contact point. ``reference`` names it among all that were ever sent, and is no secret.

    ``token`` is the reference with a mark that only we can make, for what comes back: letters, digits, dots, dashes.
    """

    reference: str
    token: str
    to: str = field(repr=False)  # in clear: a mailbox, a number
    lang: str  # zh or en
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    stop_url: str | None = field(default=None, repr=False)  # where a POST stops messages to this contact point
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has the message, under its own name for it."""

    reference: str
    parts: tuple[str, ...] = ()
    """The names by which receipts will speak of it, of each part that it was sent in; none where none will come."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider certainly does not have it. ``permanent``: this contact point will not be reached by trying again.

    ``why`` is the provider's word, without the contact point.
    """

    why: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Talked:
    """A call that was placed, and what came of it.

    ``outcome`` is a word of `casework.outcomes`, ``done`` what happened in it, a word each; ``recording`` is a WAV of
    both legs, empty where nobody answered.
    """

    reference: str
    outcome: str
    done: tuple[str, ...] = ()
    recording: bytes = field(default=b"", repr=False)


Result: TypeAlias = Taken | Refused | Exception
"""What became of a message that was handed over; an exception: nobody knows."""

Ended: TypeAlias = Result | Talked
"""The same, of a message or a call."""


class Arrived(StrEnum):
    """What a receipt says of a message, or of a part of one."""

    DELIVERED = "delivered"  # it is with the person
    FAILED = "failed"  # it did not arrive, and nobody tries again
    UNDERWAY = "underway"  # neither yet


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says afterwards of what it took under a name. ``status`` in its own words."""

    reference: str
    arrived: Arrived
    status: str
    nobody_there: bool = False  # nobody has this number or mailbox, and that will not change


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a longer message: all parts of one bear the same reference."""

    reference: int
    of: int
    place: int  # from 1


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody wrote to us."""

    sender: str = field(repr=False)
    to: str = field(repr=False)
    text: str = field(repr=False)
    reference: str = ""  # the provider's name for it, where it gives one
    part: Part | None = None


Take: TypeAlias = Callable[[Sequence[Receipt | Heard]], None]
"""Keeps what came, so that it is not lost; raises where it cannot, and the provider is told to bring it again."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The telephone of somebody of the house: whose, by staff number, and its SIP address."""

    staff: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handing:
    """Whose telephones ring, in turn, for somebody who asks for a person.

    ``must_record``: a rule asks that the call be recorded; where none does, who was called chooses.
    """

    desks: tuple[Desk, ...]
    case: int
    must_record: bool


class House(Protocol):
    """What a call asks of whoever placed it while it lasts; each thing is done and on record when it returns."""

    def verified(self, digits: str) -> bool:
        """Whether who answered is the person meant, by what they entered."""

    def stop(self) -> None:
        """No more messages and calls to this contact point."""

    def dispute(self) -> None:
        """Who answered does not agree with what is claimed."""

    def offer(self, due: str) -> str:
        """A promise for an ISO day in words, ``|`` and the day; empty where it cannot be taken."""

    def promise(self, due: str) -> bool:
        """The same, confirmed."""

    def person(self) -> Handing | None:
        """Who may take the call now; None where nobody may or is there."""

    def handed(self, staff: str, *, recorded: bool) -> None:
        """Somebody took the call; both hear each other from now on."""

    def call_back(self) -> None:
        """Nobody took it: who asked is to be called back."""

    def word_to_leave(self) -> str:
        """What may be left on an answering machine now; empty for nothing."""


class Transport(Protocol):
    """One line to a provider, used by one thread at a time."""

    def ready(self) -> None:
        """Open the line, or see that it is still open. Raises `NotReady`."""

    def send(self, message: Message) -> Taken | Refused:
        """Hand the message over once; raising means that nobody knows."""

    def close(self) -> None:
        """Let the line go, whatever state it is in."""


@runtime_checkable
class Many(Protocol):
    """A transport that hands over several at once, faster than one after the other."""

    def send_all(self, messages: Sequence[Message], until: float) -> list[Result]:
        """Hand each over once; results in their order. None is begun after the instant ``until`` (`monotonic`)."""


@runtime_checkable
class Hears(Protocol):
    """A transport by whose line something comes back."""

    def heard_by(self, take: Take) -> None:
        """Who keeps what comes, from the next opening on."""


@runtime_checkable
class Speaking(Transport, Protocol):
    """A line that talks: a message is said, and answered by keys."""

    def talk(self, message: Message, house: House) -> Talked | Refused:
        """Place one call; raising means that nobody knows what came of it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a channel; ``says`` is English, marked by `N_`."""

    name: str
    says: str
    secret: bool = False
    needed: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A channel that can be installed: what it is set up with, and how a line is opened.

    ``open`` checks the settings (`BadSetting`) and calls nobody; ``inland`` says whether they lead to this very machine
    alone, which is where messages of a demo lender may go.
    """

    name: str
    channel: Channel
    settings: tuple[Setting, ...]
    open: Callable[[Mapping[str, str]], Transport]
    inland: Callable[[Mapping[str, str]], bool] = lambda _settings: False
    speaks: bool = False  # its lines are `Speaking`
    demo_only: bool = False  # nobody gets what it is given: for demo lenders alone


def kinds() -> dict[str, Kind]:
    """The channels that are installed, by name; one that cannot be imported is an error of its package, and raises."""
    found = {}
    for point in entry_points(group=GROUP):
        kind = point.load()
        if not isinstance(kind, Kind) or kind.name != point.name:
            raise BadSetting(point.name, "entry point", N_("it must be a Kind of the same name"))
        found[kind.name] = kind
    return found


def kind_named(name: str) -> Kind:
    """A channel by name. Raises `NoSuchTransport`."""
    found = kinds()
    if name not in found:
        raise NoSuchTransport(name, sorted(found))
    return found[name]


def checked(kind: Kind, given: Mapping[str, str]) -> dict[str, str]:
    """Settings with defaults put in. Raises `BadSetting` for one that is unknown, or needed and missing."""
    known = {one.name: one for one in kind.settings}
    for name in given:
        if name not in known:
            raise BadSetting(kind.name, name, N_("there is no such setting; `duecourse channel list` shows them"))
    whole = {one.name: given.get(one.name, "").strip() or one.default for one in kind.settings}
    for one in kind.settings:
        if one.needed and not whole[one.name]:
            raise BadSetting(kind.name, one.name, N_("it is needed"))
    kind.open(whole).close()
    return whole
