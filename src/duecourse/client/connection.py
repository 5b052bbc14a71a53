"""The connection to the API, and the questions one can put to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from duecourse.client import troubles
from duecourse.client.answers import Checked, Explanation, Outcome, Permit, Redeemed, known_instant
from duecourse.client.contact import Contact, digest
from duecourse.client.desk import Entry, Found, Promise
from duecourse.client.troubles import Refused

TRIES = 4
"""How often a question is put that may be put again."""

_AGAIN = (troubles.Unreachable, troubles.Unavailable, troubles.TooMany)
_backing_off = wait_exponential_jitter(multiplier=0.1, max=5, jitter=0.1)


class Client:
    """One connection; share it between threads. ``base`` is the address up to the port, ``language`` zh-CN or en."""

    def __init__(self, base: str, token: str, *, language: str = "en", timeout_s: int = 30, tries: int = TRIES) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._http = httpx.Client(base_url=f"{base.rstrip('/')}/api/v1", headers=headers, timeout=timeout_s)
        self._tries = tries

    def __repr__(self) -> str:
        """The address only: the token is a key."""
        return f"Client({str(self._http.base_url)!r})"

    def __enter__(self) -> Self:
        """Use it in a ``with`` block, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def request(self, contact: Contact, *, key: str | None = None) -> Permit:
        """Ask for a permit; raises `Refused` with every reason.

        Give a ``key`` of your own to be able to ask the same again in another process.
        """
        headers = {"Idempotency-Key": key or uuid4().hex}
        return Permit.read(self._again(lambda: self._ask("POST", "/permits", contact.body(), headers)))

    def request_many(self, contacts: Mapping[str, Contact]) -> dict[str, Permit | Refused]:
        """Ask for several permits in one transaction, each under its key; answers by key, refusals as values."""
        body = {"requests": [{**one.body(), "idempotency_key": key} for key, one in contacts.items()]}
        said = self._again(lambda: self._ask("POST", "/permits/batch", body))
        return {one["idempotency_key"]: _answer(one) for one in said["answers"]}

    def check(self, contact: Contact) -> Checked:
        """Ask what the gate would answer; nothing is reserved."""
        return Checked.read(self._again(lambda: self._ask("POST", "/permits/check", contact.body())))

    def redeem(self, permit: Permit | str, *, content: bytes | str, staff: str = "") -> Redeemed:
        """Use a permit, at the instant of dialling or sending; only when this returns may the contact be made.

        Asked once: where the answer is lost (`Unreachable`) do not make the contact; report it as ``not_sent``.
        """
        body = {"content_sha256": digest(content), "staff": staff}
        said = self._ask("POST", f"/permits/{_id(permit)}/redemption", body)
        return Redeemed(said["permit"], known_instant(said["at"]))

    def report(self, permit: Permit | str, outcome: str) -> Outcome:
        """Report what came of a contact; ``not_sent`` gives a permit back. The same report again changes nothing."""
        path = f"/permits/{_id(permit)}/outcome"
        said = self._again(lambda: self._ask("POST", path, {"outcome": outcome}))
        return Outcome(said["permit"], said["outcome"], known_instant(said["at"]))

    def explain(
        self,
        *,
        channel: str,
        at: datetime,
        template: str | None = None,
        purpose: str | None = None,
        relation: str = "borrower",
        facts: Mapping[str, bool | int | str | None] | None = None,
        assume: str = "nothing",
        **more: object,
    ) -> Explanation:
        """What the law says of a contact that is described; nobody's data is read. ``more`` as in the API."""
        body = {
            "channel": channel, "at": at.isoformat(), "template": template, "purpose": purpose, "relation": relation,
            "facts": dict(facts or {}), "assume": assume, **more,
        }  # fmt: skip
        return Explanation.read(self._again(lambda: self._ask("POST", "/law/explain", body)))

    def worklist(self, collector: str | None = None, **filters: object) -> Iterator[Entry]:
        """The cases of a collector's list, or of everybody's, page by page; ``filters`` as in the API."""
        cursor: str | None = None
        while True:
            asked = {"collector": collector, "cursor": cursor, **filters}
            params = {name: value for name, value in asked.items() if value is not None}
            said = self._again(lambda params=params: self._ask("GET", "/worklist", params=params))  # type: ignore[misc]
            yield from (Entry.read(one) for one in said["entries"])
            cursor = said["cursor"]
            if cursor is None:
                return

    def search(self, text: str) -> list[Found]:
        """Who a whole value belongs to: name, phone, mailbox, identity, customer, loan or case number."""
        return [Found.read(one) for one in self._again(lambda: self._ask("POST", "/search", {"text": text}))["people"]]

    def note(self, case: str, text: str) -> str:
        """Write a note on a case, and return its number. Asked once: whoever loses the answer looks at the case."""
        return str(self._ask("POST", f"/cases/{case}/notes", {"text": text})["note"])

    def promise(self, case: str, amount_minor: int, currency: str, due: date) -> str:
        """Record a promise to pay, and return its number. Asked once, like a note."""
        body = {"amount_minor": amount_minor, "currency": currency, "due": due.isoformat()}
        return str(self._ask("POST", f"/cases/{case}/promises", body)["promise"])

    def promises(self, first: date | None = None, last: date | None = None) -> list[Promise]:
        """The promises that stand, by due day, with what the payments make of each."""
        days = {"first": first, "last": last}
        params = {name: day.isoformat() for name, day in days.items() if day is not None}
        said = self._again(lambda: self._ask("GET", "/promises", params=params))
        return [Promise.read(one) for one in said["promises"]]

    def _again(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON
        """Put a question until it is answered; only for those whose repetition changes nothing."""
        trying = Retrying(
            retry=retry_if_exception_type(_AGAIN), stop=stop_after_attempt(self._tries), wait=_wait, reraise=True
        )
        return trying(ask)

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        params: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """One request and its answer; raises `ApiTrouble`."""
        try:
            answer = self._http.request(method, path, json=body, headers=headers, params=params)
        except httpx.TransportError as error:
            raise troubles.Unreachable({"detail": f"no answer from {self._http.base_url}: {error}"}) from error
        if answer.is_success:
            return answer.json()
        try:
            said = answer.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            said = {"status": answer.status_code, "detail": "the answer is no problem document"}
        wait = answer.headers.get("retry-after", "")
        raise troubles.of(said, int(wait) if wait.isdecimal() else None)


def _answer(said: Mapping[str, Any]) -> Permit | Refused:
    if said["permit"] is not None:
        return Permit.read(said["permit"])
    refusal = said["refusal"]
    return Refused({"title": "The gate refuses", "status": 409, "detail": refusal["says"], "refusal": refusal})


def _id(permit: Permit | str) -> str:
    return permit.id if isinstance(permit, Permit) else permit


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    said = error.retry_after_s if isinstance(error, troubles.ApiTrouble) else None
    return said if said is not None else _backing_off(state)
