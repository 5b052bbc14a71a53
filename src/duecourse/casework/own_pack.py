"""A lender's own pack: kept version by version once it is in order, made to bind by two people, and gone back from.

It is a policy pack: it may refuse more than the law or give a stricter number, and its loader holds it to that. To take
one off is `pack_switch`'s; the packs of the law nobody takes off.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from duecourse.casework.actor import Actor, Role
from duecourse.casework.approval import Kind
from duecourse.casework.lender_law import installed, learn, name_of, own_pack, read_pack
from duecourse.law.check import run_cases
from duecourse.law.document import Flaw, Flaws
from duecourse.law.pack import ANYWHERE, Pack, PackKind
from duecourse.law.terms import Status
from duecourse.storage import lenders, log, own_packs, packs
from duecourse.storage.approvals import Approval
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.storage.own_packs import OwnPack
from duecourse.storage.packs import PackChange
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

BYTES_MAX = 2_000_000
FILES_MAX = 400
_PLACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(/[a-z0-9][a-z0-9_.-]{0,63}){1,3}")


class NotPackFiles(BadInput):
    """What was sent is no folder of a pack."""

    def __init__(self) -> None:
        super().__init__(
            N_("send the pack's folder as one ZIP file: PACK/pack.yaml and PACK/SUBJECT/RULE.yaml, in all {most} MB"),
            most=BYTES_MAX // 1_000_000,
        )


class BindsAlready(BadInput):
    """The version is the one that binds."""

    def __init__(self, pack: str, version: int) -> None:
        super().__init__(N_("version {version} of pack {pack} binds already"), pack=pack, version=version)


def unzipped(content: bytes) -> dict[str, str]:
    """The YAML files of a ZIP file by their place. Raises `NotPackFiles`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            held = [one for one in packed.infolist() if not one.is_dir() and one.filename.endswith(".yaml")]
            if not held or len(held) > FILES_MAX or sum(one.file_size for one in held) > BYTES_MAX:
                raise NotPackFiles
            return {one.filename: packed.read(one).decode("utf-8") for one in held}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise NotPackFiles from None


def checked(files: Mapping[str, str], lender: Lender) -> Pack:
    """The pack, if a lender may have it. Raises `Flaws` with every file and line, `NotPackFiles`."""
    if not files or any(not _PLACE.fullmatch(place) for place in files):
        raise NotPackFiles
    pack = read_pack(files)
    head = f"{pack.id}/pack.yaml"
    found = [
        Flaw(one.rule.file, one.case.line, f"{one.rule.id} answers {one.found}, the case says {one.wanted}")
        for one in run_cases(pack.rules)
    ]
    if pack.kind is not PackKind.POLICY or pack.always:
        found.append(Flaw(head, 1, "a lender's own pack is of kind policy, and does not say always"))
    if pack.status is Status.DRAFT:
        found.append(Flaw(head, 1, "a draft binds nobody: give it the status in_force"))
    if pack.jurisdiction not in (lender.jurisdiction, ANYWHERE):
        found.append(Flaw(head, 1, f"jurisdiction {pack.jurisdiction} is not this lender's, {lender.jurisdiction}"))
    if pack.id in {one.id for one in installed()}:
        found.append(Flaw(head, 1, f"a pack named {pack.id} is installed: name yours otherwise"))
    if not pack.rules:
        found.append(Flaw(head, 1, "the pack has no rule"))
    found.extend(_twice(pack, lender))
    if found:
        raise Flaws(found)
    return pack


def _twice(pack: Pack, lender: Lender) -> Iterator[Flaw]:
    """Rules whose id another pack has that can bind beside this one: together they would answer nothing at all."""
    others = (*installed(), *(own_pack(name) for name in lender.own_packs))
    standing = {rule.id: other.id for other in others if other.id != pack.id for rule in other.rules}
    for rule in pack.rules:
        if rule.id in standing:
            yield Flaw(
                rule.file, rule.line, f"rule {rule.id!r} stands in pack {standing[rule.id]} too: name it otherwise"
            )


def keep_pack(tx: Tx, *, vault: Vault, files: Mapping[str, str], actor: Actor, now: datetime) -> OwnPack:
    """Keep a version of a pack that is in order; nothing binds by that. Raises what `checked` raises."""
    pack = checked(files, learn(tx, lenders.get(tx)))
    kept = own_packs.add(
        tx, pack_id=pack.id, content_hash=bytes.fromhex(pack.hash), files=files, rules=len(pack.rules),
        actor=str(actor), now=now,
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="pack.kept", at=now, actor=str(actor), packs=[f"{pack.id}@{pack.hash}"],
        stated={"pack": pack.id, "version": kept.version, "hash": pack.hash},
    )  # fmt: skip
    return kept


def wanted(tx: Tx, pack: str, version: int) -> dict[str, Any]:
    """What is asked for when a version shall bind."""
    found = own_packs.get(tx, pack, version)
    return {"pack": pack, "version": version, "hash": found.hash}


def _check(tx: Tx, asked: Mapping[str, Any]) -> None:
    found = own_packs.get(tx, str(asked["pack"]), int(asked["version"]))
    lender = learn(tx, lenders.get(tx))
    if name_of(tx.lender_id, found.hash) in lender.own_packs and found.pack_id not in lender.packs_off:
        raise BindsAlready(found.pack_id, found.version)
    checked(found.files, lender)


def _carry_out(tx: Tx, request: Approval, vault: Vault, actor: Actor, now: datetime) -> None:
    """Let the version bind in place of any other of its pack: from the gate's next question, the next day run on."""
    lender = lenders.lock(tx)
    found = own_packs.get(tx, str(request.asked["pack"]), int(request.asked["version"]))
    _check(tx, request.asked)
    others = {name_of(tx.lender_id, one.hash) for one in own_packs.every(tx) if one.pack_id == found.pack_id}
    lenders.set_own_packs(tx, [*(set(lender.own_packs) - others), name_of(tx.lender_id, found.hash)])
    lenders.set_packs_off(tx, [one for one in lender.packs_off if one != found.pack_id])
    packs.add(
        tx,
        PackChange(
            pack_id=found.pack_id, pack_hash=bytes(found.content_hash), state="on", approval_id=request.approval_id,
            asked_by=request.asked_by, decided_by=str(actor), at=now,
        ),
    )  # fmt: skip
    log.append(
        tx, vault=vault, kind="pack.switched", at=now, actor=str(actor), packs=[f"{found.pack_id}@{found.hash}"],
        stated={
            "pack": found.pack_id, "version": found.version, "hash": found.hash, "state": "on",
            "request": request.approval_id,
        },
    )  # fmt: skip


ACTIVATE = Kind(
    kind="law.own_pack",
    says=N_("let version {version} of the lender's own pack {pack} bind from now on"),
    asks=frozenset({Role.COMPLIANCE}),
    decides=frozenset({Role.COMPLIANCE, Role.ADMIN}),
    carry_out=_carry_out,
    check=_check,
)
"""Four eyes over a lender's own rules; an earlier version is gone back to in the same way."""
