"""Time stamps: an authority outside (RFC 3161) says of a checkpoint that it was there at a time.

What is stamped are the three lines of a checkpoint, which the log's own signature and those of witnesses are over too.
A stamp is checked before it is kept, and again whenever the log is reckoned anew. An authority that is down, or whose
answer is no stamp, hinders no act and not the log: the next one is asked for later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path

import httpx
from asn1crypto.tsp import TimeStampResp
from cryptography.x509 import Certificate, ObjectIdentifier, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from duecourse.casework.sequencing import NoLog
from duecourse.evidence.note import Checkpoint
from duecourse.storage import checkpoints, stamps
from duecourse.storage.connection import Database, Tx
from duecourse.storage.stamps import Stamp
from duecourse.trouble import N_, BadInput, Refused, Said, Unavailable

TIMEOUT_S = 20
ANSWER_MAX = 100_000
"""Bytes of an answer; a stamp with its certificates has some thousands."""

CLOCKS_APART = timedelta(minutes=10)
"""An authority's time and ours may differ by so much, until one of the clocks is taken to be wrong."""


class NoAuthority(BadInput):
    """No time-stamping authority is configured, or not so that it can be used."""

    def __init__(self, why: str) -> None:
        super().__init__(
            N_(
                "no time stamp can be had: {why}. DUECOURSE_STAMP_URL names the authority, "
                "DUECOURSE_STAMP_CERTIFICATES a PEM file of the roots that are trusted and of what lies between them "
                "and the authority"
            ),
            why=why,
        )


class AuthoritySilent(Unavailable):
    """The authority does not answer as one."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            N_("the time-stamping authority at {url} does not answer: {why}. It is asked again later"), url=url, why=why
        )


class StampRefused(Refused):
    """The authority answers, and gives no stamp."""

    def __init__(self, url: str, status: str, why: str) -> None:
        super().__init__(
            N_("the time-stamping authority at {url} gives no stamp ({status}): {why}"),
            url=url,
            status=status,
            why=why or "–",
        )


class NotAStamp(BadInput):
    """What came back, or what is kept, is no stamp of this checkpoint by this authority."""

    def __init__(self, url: str, size: int, why: str) -> None:
        super().__init__(
            N_("the answer of {url} is no time stamp of the checkpoint of {size} records: {why}. It is not kept"),
            url=url,
            size=size,
            why=why,
        )


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority: where it answers, by which certificates and under which policy (None: any)."""

    url: str
    certificates: str = field(repr=False)  # PEM
    policy: str | None = None
    every: timedelta = timedelta(hours=1)  # how often it is asked, where the log has grown


def read_authority(said: Mapping[str, str]) -> Authority:
    """The authority as the variables STAMP_* name it; raises `NoAuthority`."""
    url, file, policy = (said.get(f"STAMP_{name}") for name in ("URL", "CERTIFICATES", "POLICY"))
    minutes = said.get("STAMP_MINUTES", "60")
    if not url or not file:
        raise NoAuthority(N_("address or certificates are not given"))
    if not minutes.isdecimal() or int(minutes) < 1:
        raise NoAuthority(
            Said(N_("DUECOURSE_STAMP_MINUTES is a whole number from 1 on, not {minutes!r}"), minutes=minutes)
        )
    try:
        every = timedelta(minutes=int(minutes))
        authority = Authority(url, Path(file).expanduser().read_text(encoding="ascii"), policy, every)
        _verifier(authority)
        ObjectIdentifier(policy or "1.2")
    except (OSError, ValueError, OverflowError) as error:
        raise NoAuthority(str(error)) from None
    return authority


def wanted(tx: Tx, authority: Authority, *, now: datetime) -> bool:
    """Whether the newest published checkpoint is to be stamped: it is not yet, and the last stamp is old enough."""
    head, last = checkpoints.newest_published(tx), stamps.newest(tx, authority.url)
    return head is not None and (last is None or (last.size < head.size and now - last.at >= authority.every))


def stamp(database: Database, lender_id: str, *, authority: Authority, clock: Callable[[], datetime]) -> Stamp:
    """Have the newest published checkpoint stamped, and keep the stamp; no transaction is open while it is asked for.

    Raises `NoLog`, `AuthoritySilent`, `StampRefused`, `NotAStamp`.
    """
    with database.transaction(lender_id) as tx:
        origin, head = checkpoints.origin(tx), checkpoints.newest_published(tx)
    if origin is None or head is None:
        raise NoLog(lender_id)
    message = str(Checkpoint(origin.origin, head.size, head.root)).encode()
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    content = _post(authority.url, request.as_bytes())
    answer = _decoded(authority.url, head.size, content)
    status = PKIStatus(answer.status)
    if status is not PKIStatus.GRANTED:
        raise StampRefused(authority.url, status.name.lower(), "; ".join(answer.status_string))
    at = _checked(authority, head.size, answer, message, nonce=request.nonce)
    now = clock()
    if abs(at - now) > CLOCKS_APART:
        raise NotAStamp(
            authority.url,
            head.size,
            Said(N_("it says {at}, and here it is {now}: a clock is wrong"), at=at.isoformat(), now=now.isoformat()),
        )
    made = Stamp(head.size, head.root, at, content, authority.url, authority.policy, authority.certificates)
    with database.transaction(lender_id) as tx:
        stamps.keep(tx, made, now=now)
    return made


def audited(tx: Tx) -> Iterator[tuple[Stamp, str | None]]:
    """Every stamp that is kept, with what is wrong with it, None where it holds.

    It is also wrong where a head is dated after the stamp over it, or a larger head was stamped before a smaller one:
    our clock was set.
    """
    origin = checkpoints.origin(tx)
    if origin is None:
        raise NoLog(tx.lender_id)
    heads = {one.size: one.at for one in checkpoints.heads(tx)}
    last = datetime.min.replace(tzinfo=UTC)
    for one in stamps.every(tx):
        message = str(Checkpoint(origin.origin, one.size, one.root)).encode()
        authority = Authority(one.url, one.certificates, one.policy)
        wrong: str | None = None
        try:
            at = _checked(authority, one.size, _decoded(one.url, one.size, one.response), message)
            if at != one.at:
                wrong = Said(N_("it says {at}, and {noted} was noted"), at=at.isoformat(), noted=one.at.isoformat())
            elif heads[one.size] - at > CLOCKS_APART:
                wrong = Said(
                    N_("the head is dated {head}, after its stamp of {at}"),
                    head=heads[one.size].isoformat(), at=at.isoformat(),
                )  # fmt: skip
            elif last - at > CLOCKS_APART:
                wrong = Said(
                    N_("it is of {at}, and a smaller tree was stamped at {last}"),
                    at=at.isoformat(), last=last.isoformat(),
                )  # fmt: skip
            last = max(last, at)
        except NotAStamp as error:
            why = error.values["why"]
            wrong = why if isinstance(why, Said) else str(why)
        yield one, wrong


def _post(url: str, content: bytes) -> bytes:
    """Ask the authority (RFC 3161 3.4, over HTTP); raises `AuthoritySilent`."""
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        with httpx.stream("POST", url, content=content, headers=headers, timeout=TIMEOUT_S) as answer:
            if answer.status_code != httpx.codes.OK:
                raise AuthoritySilent(url, Said(N_("HTTP status {status}"), status=answer.status_code))
            return reduce(lambda whole, part: _joined(url, whole, part), answer.iter_bytes(), b"")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise AuthoritySilent(url, str(error) or type(error).__name__) from error


def _joined(url: str, whole: bytes, part: bytes) -> bytes:
    if len(whole) + len(part) > ANSWER_MAX:
        raise AuthoritySilent(url, Said(N_("its answer has more than {most} bytes"), most=ANSWER_MAX))
    return whole + part


def _decoded(url: str, size: int, content: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(content)
    except ValueError as error:
        with suppress(ValueError, TypeError, KeyError):
            return decode_timestamp_response(_in_order(content))
        raise NotAStamp(url, size, Said(N_("it cannot be read ({error})"), error=error)) from None


def _in_order(content: bytes) -> bytes:
    """An answer with its certificates in the order that DER asks of a set; no signature is over their order.

    OpenSSL sends them as it finds them, the signer's first, which a strict reader takes for no stamp.
    """
    answer = TimeStampResp.load(content)
    answer["time_stamp_token"]["content"]["certificates"].dump(force=True)
    ordered: bytes = answer.dump(force=True)
    return ordered


def _checked(
    authority: Authority, size: int, answer: TimeStampResponse, message: bytes, *, nonce: int | None = None
) -> datetime:
    """The time that a stamp states, once all of it was checked; raises `NotAStamp`."""
    try:
        _verifier(authority, nonce).verify_message(answer, message)
        return answer.tst_info.gen_time.astimezone(UTC)
    except (VerificationError, ValueError) as error:
        raise NotAStamp(authority.url, size, str(error)) from None


def _verifier(authority: Authority, nonce: int | None = None) -> Verifier:
    """What checks the authority's stamps; a certificate that signs itself is a root. Raises ValueError."""
    found = load_pem_x509_certificates(authority.certificates.encode())
    return VerifierBuilder(
        policy_id=ObjectIdentifier(authority.policy) if authority.policy else None,
        roots=[one for one in found if _root(one)],
        intermediates=[one for one in found if not _root(one)],
        nonce=nonce,
    ).build()


def _root(certificate: Certificate) -> bool:
    return certificate.issuer == certificate.subject
