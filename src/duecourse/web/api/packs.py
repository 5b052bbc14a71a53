"""Packs over HTTP: which bind the lender, its own ones sent and kept, and two people asked to let a version bind."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, File, Path, UploadFile
from pydantic import Field

from duecourse.casework import approval, lender_law, own_pack
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.storage import lenders, own_packs
from duecourse.storage.own_packs import OwnPack
from duecourse.storage.tokens import Scope
from duecourse.web.api.holds import Reason
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, once
from duecourse.web.api.law import LawReader
from duecourse.web.api.problem import Kind
from duecourse.web.api.shapes import PREFIX, Shape, Told, problems
from duecourse.web.api.strategies import AskedShape, asked_shape

router = APIRouter(prefix=f"{PREFIX}/law/packs", tags=["law"])

Writer = Annotated[Inquiry, admitted(Scope.LAW_WRITE)]
_WRONG = (Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)


class StandingShape(Shape):
    """A pack of the lender's jurisdiction as it stands for the lender."""

    pack: str
    kind: str
    status: str
    sha256: str
    says: str
    rules: int
    binds: bool
    may_be_off: bool
    looked_at: bool = Field(description="Whether two people decided about this very content.")


class OwnPackShape(Shape):
    """A version of a pack of the lender's own."""

    pack: str
    version: int
    sha256: str
    rules: int
    binds: bool
    actor: str
    at: Told


class PacksShape(Shape):
    """The packs, and the versions of the lender's own ones, the latest first."""

    packs: list[StandingShape]
    own: list[OwnPackShape]


class SentPack(Shape):
    """What was sent, by its hash: whether a request is the same again."""

    sha256: str


class WantedPack(Shape):
    """Why a version shall bind."""

    reason: Reason


@router.get("", responses=problems())
def list_packs(inquiry: LawReader) -> PacksShape:
    """List the packs of the lender's jurisdiction with how they stand, and its own by version."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        stands, kept, binding = lender_law.standing(tx), own_packs.every(tx), lenders.get(tx).own_packs
    return PacksShape(
        packs=[
            StandingShape(
                pack=one.pack.id, kind=one.pack.kind, status=one.pack.status, sha256=one.pack.hash,
                says=one.pack.says[inquiry.lang], rules=len(one.pack.rules), binds=one.on, may_be_off=one.may_be_off,
                looked_at=one.looked_at,
            )
            for one in stands
        ],
        own=[_own(one, binds=lender_law.name_of(inquiry.lender_id, one.hash) in binding) for one in kept],
    )  # fmt: skip


@router.post("/own", status_code=201, responses=problems(*_WRONG))
def keep_pack(
    *,
    file: Annotated[UploadFile, File(description="The pack's folder as one ZIP file.")],
    key: Key,
    inquiry: Writer,
) -> OwnPackShape:
    """Keep a version of a pack of the lender's own, if it is in order; what is wrong is told with file and line."""
    content = file.file.read()

    def act() -> OwnPackShape:
        kept = own_pack.keep_pack(
            tx, vault=inquiry.parts.vault, files=own_pack.unzipped(content), actor=_officer(inquiry),
            now=inquiry.parts.clock(),
        )  # fmt: skip
        return _own(kept, binds=lender_law.name_of(inquiry.lender_id, kept.hash) in lenders.get(tx).own_packs)

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        said = SentPack(sha256=sha256(content).hexdigest())
        return once(tx, inquiry, key, place="own pack", said=said, shape=OwnPackShape, act=act)


@router.post("/own/{pack}/{version}/activation", status_code=201, responses=problems(*_WRONG))
def ask_pack(
    *,
    pack: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")],
    version: Annotated[int, Path(ge=1, le=2_147_483_647)],
    said: WantedPack,
    key: Key,
    inquiry: Writer,
) -> AskedShape:
    """Ask that a version of the lender's own pack bind, the next or an earlier one; somebody else decides."""

    def act() -> AskedShape:
        return asked_shape(
            approval.ask(
                tx, kinds=KINDS, vault=inquiry.parts.vault, kind=own_pack.ACTIVATE.kind,
                subject=f"own pack:{pack}@{version}", asked=own_pack.wanted(tx, pack, version), reason=said.reason,
                actor=_officer(inquiry), now=inquiry.parts.clock(),
            )
        )  # fmt: skip

    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"own pack {pack}@{version}", said=said, shape=AskedShape, act=act)


def _officer(inquiry: Inquiry) -> Actor:
    """As whom records name whoever sends packs by this token: it is a compliance officer's own."""
    return Actor(Role.COMPLIANCE, inquiry.caller.token.name)


def _own(one: OwnPack, *, binds: bool) -> OwnPackShape:
    return OwnPackShape(
        pack=one.pack_id, version=one.version, sha256=one.hash, rules=one.rules, binds=binds, actor=one.actor, at=one.at
    )
