"""The client: every operation of the API, and what is asked more easily with the content itself at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from duecourse.client.contact import Contact, digest
from duecourse.client.places import Places
from duecourse.client.shapes import BatchAnswer, Checked, KeyedContact, Outcome, Permit, Redeemed, Settled
from duecourse.client.troubles import Refused


class Page(Protocol):
    """A page of a list that goes by cursor."""

    @property
    def next(self) -> str | None:
        """The cursor of the next page; none at the end."""


P = TypeVar("P", bound=Page)


class Client(Places):
    """One connection; share it between threads. ``base`` is the address up to the port, ``language`` zh-CN or en."""

    def request(self, contact: Contact, *, key: str | None = None) -> Permit:
        """Ask for a permit; raises `Refused` with every reason.

        Give a ``key`` of your own to be able to ask the same again in another process.
        """
        return self.request_permit(**contact.fields(), key=key)

    def request_many(self, contacts: Mapping[str, Contact]) -> dict[str, Permit | Refused]:
        """Ask for several permits in one transaction, each under its key; answers by key, refusals as values."""
        wanted = [KeyedContact(**one.fields(), idempotency_key=key) for key, one in contacts.items()]
        return {one.idempotency_key: _answer(one) for one in self.request_permits(requests=wanted).answers}

    def check(self, contact: Contact) -> Checked:
        """Ask what the gate would answer; nothing is reserved."""
        return self.check_contact(**contact.fields())

    def redeem(self, permit: Permit | str, *, content: bytes | str, staff: str = "") -> Redeemed:
        """Use a permit, at the instant of dialling or sending; only when this returns may the contact be made.

        Asked once: where the answer is lost (`Unreachable`) do not make the contact; report it as ``not_sent``.
        """
        return self.redeem_permit(_id(permit), content_sha256=digest(content), staff=staff)

    def report(self, permit: Permit | str, outcome: Outcome, *, at: datetime | None = None) -> Settled:
        """Report what came of a contact made ``at`` an instant, else at its redemption; the same again changes nothing.

        ``not_sent`` gives a permit back that was not redeemed; after redemption it counts as an attempt.
        """
        return self.report_outcome(_id(permit), outcome=outcome, at=at)

    def pages(self, ask: Callable[..., P], *places: str, **asked: Any) -> Iterator[P]:  # noqa: ANN401 - of the operation's
        """Every page of an operation that goes by cursor: ``pages(client.list_events, state="failed")``."""
        cursor: str | None = None
        while True:
            page = ask(*places, **asked, cursor=cursor)
            yield page
            cursor = page.next
            if cursor is None:
                return


def new_key() -> str:
    """A key for a request that shall be done once, however often it is sent."""
    return uuid4().hex


def _answer(said: BatchAnswer) -> Permit | Refused:
    if said.permit is not None:
        return said.permit
    refusal = said.refusal
    says = "" if refusal is None else refusal.says
    return Refused({"title": "The gate refuses", "status": 409, "detail": says, "refusal": refusal})


def _id(permit: Permit | str) -> str:
    return permit.permit if isinstance(permit, Permit) else permit
