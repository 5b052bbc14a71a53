"""Time stamps by a real authority: kept, checked again, carried in bundles; what is none is refused in plain words."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from rfc3161_client import decode_timestamp_response

from duecourse.casework import bundle, stamping
from duecourse.casework.gate import Gate
from duecourse.casework.proving import audit
from duecourse.casework.sequencing import NoLog, Sequencer
from duecourse.casework.stamping import Authority, AuthoritySilent, NoAuthority, NotAStamp, StampRefused
from duecourse.evidence.verifier.main import main
from duecourse.storage import checkpoints, stamps
from duecourse.storage.connection import Database
from duecourse.storage.published import Published
from duecourse.storage.stamps import Stamp
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.trouble import Trouble
from tests.permit_desk import OPERATOR, Clock, ask, granted, set_up
from tests.time_authority import POLICY, TimeAuthority, time_authority

VAULT = Vault(new_ring())
GATE = Gate(VAULT)


@pytest.fixture
def tsa(tmp_path: Path, tool: Callable[[str], Path]) -> Iterator[TimeAuthority]:
    with time_authority(tmp_path / "tsa", tool("openssl")) as authority:
        yield authority


def now() -> datetime:
    return datetime.now(UTC)


def sequence(database: Database, folder: Path) -> None:
    Sequencer(database, "demo", VAULT, Published(folder / "log"), now).run()


def configured(tsa: TimeAuthority, policy: str | None = POLICY) -> Authority:
    said = {"STAMP_URL": tsa.url, "STAMP_CERTIFICATES": str(tsa.certificates)}
    return stamping.read_authority(said | ({"STAMP_POLICY": policy} if policy else {}))


def stamp(database: Database, tsa: TimeAuthority, policy: str | None = POLICY) -> Stamp:
    return stamping.stamp(database, "demo", authority=configured(tsa, policy), clock=now)


def findings(database: Database, folder: Path) -> list[str]:
    with database.transaction("demo") as tx:
        return list(audit(tx, Published(folder / "log")).findings)


@pytest.fixture
def permit(database: Database, tmp_path: Path) -> int:
    """A permit whose record is in the log."""
    set_up(database, VAULT, 1, 2)
    permit = granted(ask(database, GATE, Clock())).permit_id
    sequence(database, tmp_path)
    return permit


@pytest.mark.usefixtures("permit")
def test_an_authority_that_sends_the_certificates_above_its_own_is_heard(
    database: Database, tsa: TimeAuthority, tmp_path: Path
) -> None:
    tsa.chain = True
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        decode_timestamp_response(tsa.reply(tsa.query(b"anything")))
    assert configured(tsa).url == stamp(database, tsa).url
    assert findings(database, tmp_path) == []


@pytest.mark.usefixtures("permit")
def test_a_checkpoint_is_stamped_kept_and_checked_again(database: Database, tsa: TimeAuthority, tmp_path: Path) -> None:
    made = stamp(database, tsa)
    with database.transaction("demo") as tx:
        head = checkpoints.newest_published(tx)
        assert head
        assert (made.size, made.root, abs(made.at - now()) < timedelta(minutes=1)) == (head.size, head.root, True)
        assert stamps.every(tx) == [made]
        assert not stamping.wanted(tx, configured(tsa), now=now() + timedelta(days=1))  # nothing new to stamp
        found = audit(tx, Published(tmp_path / "log"))
        assert (found.stamps, found.findings) == (1, [])
    ask(database, GATE, Clock(), 2)
    sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        assert not stamping.wanted(tx, configured(tsa), now=now())
        assert stamping.wanted(tx, configured(tsa), now=now() + timedelta(hours=1))
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.connection.transaction():
            tx.execute("UPDATE log_stamp SET at = at - interval '1 day'")


@pytest.mark.usefixtures("permit")
def test_what_is_no_stamp_is_refused_by_name_and_hinders_nothing(
    database: Database, tsa: TimeAuthority, tmp_path: Path, tool: Callable[[str], Path]
) -> None:
    def fails(kind: type[Trouble], word: str) -> None:
        with pytest.raises(kind, match=word):
            stamp(database, tsa)
        tsa.answer, tsa.bend = None, lambda query: query

    replayed = tsa.reply(tsa.query(b"something"))
    for answer, kind, word in (
        (503, AuthoritySilent, "HTTP status 503"), (b"rubbish", NotAStamp, "cannot be read"),
        (b"", NotAStamp, "cannot be read"), (b"0" * 200_000, AuthoritySilent, "more than 100000 bytes"),
        (replayed, NotAStamp, "Nonce"),
    ):  # fmt: skip
        tsa.answer = answer
        fails(kind, word)
    with database.transaction("demo") as tx:
        origin, head = checkpoints.origin(tx), checkpoints.newest_published(tx)
    assert origin
    assert head
    message = f"{origin.origin}\n{head.size}\n".encode()
    tsa.bend = lambda _query: tsa.query(message)
    fails(NotAStamp, "Nonce")

    def other_hash(query: bytes) -> bytes:
        """The same query, its nonce as well, over another hash."""
        at = query.index(b"\x04\x20") + 2
        return query[:at] + bytes(32) + query[at + 32 :]

    tsa.bend = other_hash
    fails(NotAStamp, "Mismatch between messages")
    tsa.bend = lambda query: query[:-5]
    with pytest.raises(Trouble):
        stamp(database, tsa)
    tsa.bend = lambda query: query

    with pytest.raises(NotAStamp, match="Policy"):
        stamp(database, tsa, "1.2.3.4")
    with time_authority(tmp_path / "other", tool("openssl")) as other:
        unknown = replace(configured(tsa), certificates=other.certificates.read_text(encoding="ascii"))
    with pytest.raises(NotAStamp, match="certificate"):
        stamping.stamp(database, "demo", authority=unknown, clock=now)
    with pytest.raises(AuthoritySilent, match=f"{other.url} does not answer"):  # it has ended
        stamping.stamp(database, "demo", authority=replace(unknown, url=other.url), clock=now)
    with pytest.raises(NotAStamp, match="a clock is wrong"):
        stamping.stamp(database, "demo", authority=configured(tsa), clock=lambda: now() + timedelta(hours=1))
    tsa.certify(now() - timedelta(hours=1))
    fails(NotAStamp, "certificate")

    ask(database, GATE, Clock(), 2)  # acts and the log go on
    sequence(database, tmp_path)
    with database.transaction("demo") as tx:
        assert stamps.every(tx) == []
    assert findings(database, tmp_path) == []


@pytest.mark.usefixtures("permit")
def test_an_authority_that_rejects_says_why(database: Database, tsa: TimeAuthority) -> None:
    text = (tsa.folder / "ts.cnf").read_text(encoding="ascii")
    (tsa.folder / "ts.cnf").write_text(text.replace("digests = sha256", "digests = sha512"), encoding="ascii")
    with pytest.raises(StampRefused, match=r"\(rejection\): Message digest algorithm is not supported"):
        stamp(database, tsa)


@pytest.mark.usefixtures("permit")
def test_somebody_with_all_powers_over_the_database_is_found_out(
    database: Database, tsa: TimeAuthority, tmp_path: Path, database_url: str
) -> None:
    stamp(database, tsa)
    other = tsa.reply(tsa.query(b"something else"))
    with psycopg.connect(database_url, autocommit=True) as owner:
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("UPDATE log_stamp SET at = at - interval '1 day'")
        owner.execute("ALTER TABLE log_stamp DISABLE TRIGGER USER")
        owner.execute("ALTER TABLE log_head DISABLE TRIGGER USER")
        bent = "response = set_byte(response, length(response) - 9, 255 - get_byte(response, length(response) - 9))"
        for change, undo, word in (
            ("log_stamp SET at = at - interval '1 day'", "log_stamp SET at = at + interval '1 day'", "noted"),
            ("log_head SET at = at + interval '1 day'", "log_head SET at = at - interval '1 day'", "dated"),
            (f"log_stamp SET {bent}", f"log_stamp SET {bent}", "certificates"),
        ):
            owner.execute(f"UPDATE {change}".encode())
            (found,) = findings(database, tmp_path)
            assert word in found
            owner.execute(f"UPDATE {undo}".encode())
            assert findings(database, tmp_path) == []
        owner.execute("UPDATE log_stamp SET response = %s", (other,))
        (found,) = findings(database, tmp_path)
        assert "Mismatch" in found


def checked(
    content: bytes, key: str, folder: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, list[str]]:
    path = folder / "bundle.zip"
    path.write_bytes(content)
    status = main([str(path), "--key", key, *more])
    return status, capsys.readouterr().out.splitlines()


def test_a_bundle_carries_stamps_that_the_verifier_never_calls_good_by_itself(
    database: Database, tsa: TimeAuthority, permit: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = stamp(database, tsa)
    ask(database, GATE, Clock(), 2)
    sequence(database, tmp_path)
    stamp(database, tsa)
    with database.transaction("demo") as tx:
        content = bundle.bundle_of_permit(tx, vault=VAULT, permit_id=permit, actor=OPERATOR, now=now()).content
        origin = checkpoints.origin(tx)
    assert origin
    key = str(origin.key)
    with zipfile.ZipFile(BytesIO(content)) as opened:
        (listed,) = json.loads(opened.read("bundle.json"))["stamps"]  # the earliest alone
        assert opened.read(listed["file"]) == made.response
    assert len(listed["path"]) > 0

    status, lines = checked(content, key, tmp_path, capsys)
    (told,) = [line for line in lines if "time stamp says" in line]
    assert (status, told.split()[:2], "openssl ts -verify" in told) == (0, ["not", "checked"], True)
    assert f"first {made.size} records were there at {made.at.isoformat()}" in told
    status, lines = checked(content, key, tmp_path, capsys, "--openssl", "--stamp-ca", str(tsa.certificates))
    assert status == 0
    assert [line for line in lines if line.strip().startswith("holds") and "OpenSSL 3" in line]
    status, lines = checked(content, key, tmp_path, capsys, "--openssl")
    assert [line for line in lines if "whether the certificates are the authority's" in line]
    tsa.certify(now() + timedelta(days=9))
    status, lines = checked(content, key, tmp_path, capsys, "--openssl", "--stamp-ca", str(tsa.certificates))
    assert (status, any("NOT good" in line for line in lines)) == (1, True)
    with pytest.MonkeyPatch.context() as nowhere:
        nowhere.setenv("PATH", "")
        status, lines = checked(content, key, tmp_path, capsys, "--openssl")
    assert (status, any("there is no openssl here" in line for line in lines)) == (0, True)


def test_a_stamp_of_something_else_does_not_hold(
    database: Database, tsa: TimeAuthority, permit: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stamp(database, tsa)
    with database.transaction("demo") as tx:
        content = bundle.bundle_of_permit(tx, vault=VAULT, permit_id=permit, actor=OPERATOR, now=now()).content
        origin = checkpoints.origin(tx)
    assert origin
    other = tsa.reply(tsa.query(b"something else"))
    for part, change in (
        (".tsr", lambda _kept: other), (".tsr", lambda kept: kept[:40]), (".txt", lambda kept: b"x" + kept),
        (".txt", lambda kept: re.sub(rb"\n\d+\n", b"\n3\n", kept)),
    ):  # fmt: skip
        changed = BytesIO()
        with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                kept = old.read(name)
                new.writestr(name, change(kept) if name.startswith("stamps/") and name.endswith(part) else kept)
        status, lines = checked(changed.getvalue(), str(origin.key), tmp_path, capsys)
        assert (status, any("DOES NOT HOLD" in line for line in lines)) == (1, True), (part, lines)


def test_who_is_configured_wrongly_is_told(tmp_path: Path, database: Database, tsa: TimeAuthority) -> None:
    set_up(database, VAULT, 1)
    with pytest.raises(NoLog):
        stamp(database, tsa)
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish", encoding="ascii")
    good = {"STAMP_URL": tsa.url, "STAMP_CERTIFICATES": str(tsa.certificates)}
    assert stamping.read_authority(good).url == tsa.url
    for wrong in (
        {"STAMP_URL": ""}, {"STAMP_CERTIFICATES": ""}, {"STAMP_CERTIFICATES": str(tmp_path / "none")},
        {"STAMP_CERTIFICATES": str(rubbish)}, {"STAMP_CERTIFICATES": str(tsa.folder / "tsa.pem")},
        {"STAMP_POLICY": "rubbish"}, {"STAMP_MINUTES": "soon"}, {"STAMP_MINUTES": "0"},
    ):  # fmt: skip
        with pytest.raises(NoAuthority, match="DUECOURSE_STAMP"):
            stamping.read_authority(good | wrong)
