"""How the API is asked: one request, its answer as a value, its problem as an exception; again where it may be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import TypeAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from duecourse.client import troubles

TRIES = 4
"""How often a question is put that may be put again."""

_AGAIN = (troubles.Unreachable, troubles.Unavailable, troubles.TooMany)
_backing_off = wait_exponential_jitter(multiplier=0.1, max=5, jitter=0.1)

File: TypeAlias = tuple[str, bytes]
"""A file that is sent: its name and its content."""

S = TypeVar("S")


class Asking:
    """One connection; share it between threads. ``base`` is the address up to the port, ``language`` zh-CN or en."""

    def __init__(self, base: str, token: str, *, language: str = "en", timeout_s: int = 30, tries: int = TRIES) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._http = httpx.Client(base_url=f"{base.rstrip('/')}/api/v1", headers=headers, timeout=timeout_s)
        self._tries = tries

    def __repr__(self) -> str:
        """The address only: the token is a key."""
        return f"{type(self).__name__}({str(self._http.base_url)!r})"

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

    def _at(self, path: str, *parts: object) -> str:
        """A path with its places filled, in their order."""
        pieces = iter(parts)
        return "/".join(
            quote(str(next(pieces)), safe="") if piece.startswith("{") else piece for piece in path.split("/")
        )

    def _asked(
        self,
        shape: type[S],
        method: str,
        path: str,
        *,
        must: Mapping[str, Any] | None = None,
        may: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        files: Mapping[str, Sequence[File] | File | None] | None = None,
        key: str | None = None,
        keyed: bool = False,
        again: bool = True,
    ) -> S:
        """One operation: ``must`` is sent as it is, of ``may`` and ``params`` what is not None."""
        named = (key or uuid4().hex) if keyed else None
        answer = self._sent(method, path, must=must, may=may, params=params, files=files, key=named, again=again)
        read: S = _reader(cast("Any", shape)).validate_json(answer.content)
        return read

    def _file(
        self,
        method: str,
        path: str,
        *,
        must: Mapping[str, Any] | None = None,
        may: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        again: bool = True,
    ) -> bytes:
        """One operation that answers with a file."""
        answer = self._sent(method, path, must=must, may=may, params=params, files=None, key=None, again=again)
        return answer.content

    def _sent(
        self,
        method: str,
        path: str,
        *,
        must: Mapping[str, Any] | None,
        may: Mapping[str, Any] | None,
        params: Mapping[str, Any] | None,
        files: Mapping[str, Sequence[File] | File | None] | None,
        key: str | None,
        again: bool,
    ) -> httpx.Response:
        body = None
        if must is not None or may is not None:
            body = plain({**(must or {}), **{name: one for name, one in (may or {}).items() if one is not None}})
        headers = {} if key is None else {"Idempotency-Key": key}
        query = plain({name: one for name, one in (params or {}).items() if one is not None})

        sent = {"json": body} if files is None else {"data": _form(body or {}), "files": _parts(files)}

        def ask() -> httpx.Response:
            return self._once(method, path, sent, headers, query)

        return self._again(ask) if again else ask()

    def _again(self, ask: Callable[[], S]) -> S:
        """Put a question until it is answered; only for those whose repetition changes nothing."""
        trying = Retrying(
            retry=retry_if_exception_type(_AGAIN), stop=stop_after_attempt(self._tries), wait=_wait, reraise=True
        )
        return trying(ask)

    def _once(
        self, method: str, path: str, sent: Mapping[str, Any], headers: Mapping[str, str], query: Mapping[str, Any]
    ) -> httpx.Response:
        """One request and its answer; raises `ApiTrouble`."""
        try:
            answer = self._http.request(method, path, **sent, headers=headers, params=query)
        except httpx.TransportError as error:
            raise troubles.Unreachable({"detail": f"no answer from {self._http.base_url}: {error}"}) from error
        if answer.is_success:
            return answer
        try:
            said = answer.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            said = {"status": answer.status_code, "detail": "the answer is no problem document"}
        wait = answer.headers.get("retry-after", "")
        raise troubles.of(said, int(wait) if wait.isdecimal() else None)


def _form(body: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form, as text."""
    return {name: str(one).lower() if isinstance(one, bool) else str(one) for name, one in body.items()}


def _parts(files: Mapping[str, Sequence[File] | File | None]) -> list[tuple[str, File]]:
    """The files of a form, one after the other."""
    found: list[tuple[str, File]] = []
    for name, given in files.items():
        if isinstance(given, tuple):
            found.append((name, given))
        else:
            found += [(name, one) for one in given or ()]
    return found


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON: instants and days as text; of a shape, what is not None."""
    if is_dataclass(value) and not isinstance(value, type):
        held = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: plain(one) for name, one in held.items() if one is not None}
    match value:
        case datetime() | date():
            return value.isoformat()
        case str():
            return value
        case Mapping():
            return {str(name): plain(one) for name, one in value.items()}
        case Sequence():
            return [plain(one) for one in value]
        case _:
            return value


@cache
def _reader(shape: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any shape
    return TypeAdapter(shape)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    said = error.retry_after_s if isinstance(error, troubles.ApiTrouble) else None
    return said if said is not None else _backing_off(state)
