"""The operations of the API: outbox.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.outbox import Message, Messages, Outbox, PauseMade
from duecourse.client.shapes.words import Channel


class OutboxPlaces(Asking):
    """Operations: outbox; what is left None is not sent."""

    def read_outbox(self) -> Outbox:
        """Show the outbox: what stands in which state, what is paused, what each channel is set up with."""
        return self._asked(Outbox, "GET", self._at("/outbox"), again=True)

    def list_messages(
        self,
        *,
        state: str | None = None,
        channel: Channel | None = None,
        person: str | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> Messages:
        """List messages, the latest first; pages end between two messages."""
        return self._asked(
            Messages,
            "GET",
            self._at("/outbox/messages"),
            params={"state": state, "channel": channel, "person": person, "cursor": cursor, "most": most},
            again=True,
        )

    def read_message(self, message: str) -> Message:
        """Show one message, without its words."""
        return self._asked(Message, "GET", self._at("/outbox/messages/{message}", message), again=True)

    def settle_message(self, message: str, *, found: Literal["sent", "failed"]) -> Message:
        """Say what became of an unknown message, once somebody has found out; nothing is sent by that."""
        return self._asked(
            Message,
            "POST",
            self._at("/outbox/messages/{message}/settlement", message),
            must={"found": found},
            may={},
            again=False,
        )

    def withdraw_message(self, message: str) -> Message:
        """Take back a message that waits; its permit's place is free again."""
        return self._asked(Message, "POST", self._at("/outbox/messages/{message}/withdrawal", message), again=False)

    def pause_sending(self, *, reason: str, channel: Channel | None = None) -> PauseMade:
        """Send nothing from now on, on one channel or at all."""
        return self._asked(
            PauseMade,
            "POST",
            self._at("/outbox/pauses"),
            must={"reason": reason},
            may={"channel": channel},
            again=False,
        )

    def resume_sending(self, *, channel: Channel | None = None) -> PauseMade:
        """Let sending go on."""
        return self._asked(PauseMade, "POST", self._at("/outbox/pauses/ending"), may={"channel": channel}, again=False)
