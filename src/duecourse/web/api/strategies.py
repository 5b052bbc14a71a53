"""Strategies over HTTP: versions and their use, drafts, what a draft would change, and asking for its activation."""

from __future__ import annotations

from datetime import date
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field, JsonValue

from duecourse.casework import strategy_draft
from duecourse.casework.actor import Actor, Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.strategy_trial import try_out
from duecourse.storage import drafts, strategies
from duecourse.storage.approvals import Approval
from duecourse.storage.drafts import Draft
from duecourse.storage.tokens import Scope
from duecourse.trouble import N_
from duecourse.web.api.identity import Inquiry, admitted
from duecourse.web.api.keyed import Key, long_once, once
from duecourse.web.api.problem import Kind, Problem
from duecourse.web.api.shapes import PREFIX, Day, Id, Shape, Told, problems

router = APIRouter(prefix=f"{PREFIX}/strategies", tags=["strategies"])

_WRONG = (Kind.NOT_FOUND, Kind.INVALID, Kind.CONFLICT, Kind.NOT_JSON, Kind.OTHER_REQUEST)
Reader = Annotated[Inquiry, admitted(Scope.STRATEGY_READ)]
Writer = Annotated[Inquiry, admitted(Scope.STRATEGY_WRITE)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$", examples=["first"])]
Number = Annotated[Id, Path()]
Content = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=65_536, description="The strategy's YAML.")]
Reason = Annotated[str, Field(pattern=r"^[^\x00]*[^\x00\s][^\x00]*$", min_length=1, max_length=2_000)]
Most = Annotated[int, Query(ge=1, le=500)]
_one_at_a_time = Lock()


class VersionShape(Shape):
    """A version that is kept."""

    strategy: str
    version: int
    sha256: str
    known_at: Told


class UseShape(Shape):
    """From which day on the day run takes a version; of those that hold on a day the last said counts."""

    strategy: str
    version: int
    first: date
    reason: str
    request: Id | None = Field(description="What two people decided; none where the operator loaded it.")
    actor: str
    at: Told


class StrategiesShape(Shape):
    """The lender's strategies, the latest first."""

    versions: list[VersionShape]
    uses: list[UseShape]


class Begun(Shape):
    """Which strategy a draft begins from: the version in use; without a name, of the strategy in use."""

    strategy: Name | None = None


class Written(Shape):
    """The next revision of a draft, over the one that the writer saw."""

    content: Content
    after: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class DraftShape(Shape):
    """A draft with its latest revision. `fault` says why it cannot run as it stands."""

    draft: Id
    strategy: str
    based_on: int | None
    revision: int
    sha256: str
    fault: str | None
    closed_as: str | None
    at: Told
    content: str


class DraftsShape(Shape):
    """Drafts, the latest first."""

    drafts: list[DraftShape]
    next: str | None = Field(description="The cursor of the next page; none at the end.")


class Tried(Shape):
    """On which published day a draft is tried out; the latest without one."""

    day: Day | None = None


class TrialShape(Shape):
    """What a draft would change on a published day."""

    trial: Id
    day: date
    at: Told
    sums: dict[str, JsonValue] = Field(
        description="Proposals before and after, added, removed, changed; by treatment; refusals by rule; cases."
    )


class ChangeShape(Shape):
    """A proposal that would be added, removed or changed, with why it stands on each side."""

    person: Id
    case: Id | None
    name: str | None = Field(description="Masked.")
    change: str
    treatment: str
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue] | None


class ChangesShape(Shape):
    """The changes of a trial, in order."""

    changes: list[ChangeShape]
    next: str | None


class WantedUse(Shape):
    """From which day on a draft, or an earlier version, shall be the day run's strategy, and why."""

    first: Day
    reason: Reason


class WantedActivation(WantedUse):
    """The same of a draft, which was tried out on the last day that was run."""

    untried: bool = Field(default=False, description="Though it was not tried out on that day.")


class AskedShape(Shape):
    """A request that waits for a second person."""

    request: Id
    kind: str
    subject: str
    lapses_at: Told


@router.get("", responses=problems())
def list_strategies(inquiry: Reader) -> StrategiesShape:
    """List the versions that are kept, and which is in use from when."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        versions, uses = strategies.every(tx), strategies.uses(tx)
    return StrategiesShape(
        versions=[
            VersionShape(
                strategy=one.strategy_id, version=one.version, sha256=one.content_hash.hex(), known_at=one.known_at
            )
            for one in versions
        ],
        uses=[
            UseShape(
                strategy=one.strategy_id,
                version=one.version,
                first=one.from_day,
                reason=one.reason,
                request=one.approval_id,
                actor=one.actor,
                at=one.at,
            )
            for one in uses
        ],
    )


@router.get("/drafts", responses=problems(Kind.INVALID))
def list_drafts(
    inquiry: Reader,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Most = 50,
) -> DraftsShape:
    """List drafts, the latest first."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        found = drafts.every(tx, before=cursor, most=most + 1)
    shown = found[:most]
    return DraftsShape(
        drafts=[_draft(one) for one in shown], next=str(shown[-1].draft_id) if len(found) > most else None
    )


@router.post("/drafts", status_code=201, responses=problems(*_WRONG))
def begin_draft(said: Begun, key: Key, inquiry: Writer) -> DraftShape:
    """Begin a draft from the version in use."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place="draft", said=said, shape=DraftShape, act=lambda: _draft(
                strategy_draft.begin_draft(
                    tx, vault=inquiry.parts.vault, strategy_id=said.strategy, actor=_writer(inquiry),
                    now=inquiry.parts.clock(),
                )
            ),
        )  # fmt: skip


@router.get("/drafts/{draft}", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def show_draft(draft: Number, inquiry: Reader) -> DraftShape:
    """Give a draft with its latest revision."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return _draft(drafts.get(tx, draft))


@router.post("/drafts/{draft}/revisions", status_code=201, responses=problems(*_WRONG))
def write_draft(draft: Number, said: Written, key: Key, inquiry: Writer) -> DraftShape:
    """Write the next revision of a draft, faulty or not; what is wrong with it is said in `fault`."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"revision {draft}", said=said, shape=DraftShape, act=lambda: _draft(
                strategy_draft.write_draft(
                    tx, vault=inquiry.parts.vault, draft_id=draft, content=said.content, after=said.after,
                    actor=_writer(inquiry), now=inquiry.parts.clock(),
                )
            ),
        )  # fmt: skip


@router.post("/drafts/{draft}/trials", status_code=201, responses=problems(*_WRONG))
def try_draft(draft: Number, said: Tried, key: Key, inquiry: Writer) -> TrialShape:
    """Say what a draft would change on a published day. The day is worked out again, which takes its time."""
    lender = inquiry.lender_id

    def act() -> TrialShape:
        with inquiry.parts.database.transaction(lender) as tx:
            content = drafts.get(tx, draft).content
        if not _one_at_a_time.acquire(blocking=False):
            raise Problem(Kind.CONFLICT, N_("This process tries a strategy out already; ask again later."))
        try:
            trial = try_out(
                inquiry.parts.database, inquiry.parts.store(lender), lender_id=lender, vault=inquiry.parts.vault,
                content=content, actor=_writer(inquiry), now=inquiry.parts.clock(), day=said.day,
            )  # fmt: skip
        finally:
            _one_at_a_time.release()
        with inquiry.parts.database.transaction(lender) as tx:
            return _trial(drafts.trial(tx, trial))

    return long_once(inquiry, key, place=f"trial {draft}", said=said, shape=TrialShape, act=act)


@router.get("/trials/{trial}/changes", responses=problems(Kind.NOT_FOUND, Kind.INVALID))
def list_changes(
    trial: Number,
    inquiry: Reader,
    cursor: Annotated[Id | None, Query(description="What the page before gave.")] = None,
    most: Most = 50,
) -> ChangesShape:
    """List the proposals that a trial would add, remove or change."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        drafts.trial(tx, trial)
        found = drafts.changes(tx, trial, after=cursor or 0, most=most + 1)
    shown = found[:most]
    return ChangesShape(
        changes=[
            ChangeShape(
                person=one.person_id,
                case=one.case_id,
                name=one.name_masked,
                change=one.change,
                treatment=one.treatment,
                before=_side(one.before),
                after=_side(one.after),
            )
            for one in shown
        ],
        next=str(shown[-1].place) if len(found) > most else None,
    )


@router.post("/drafts/{draft}/activation", status_code=201, responses=problems(*_WRONG))
def ask_activation(draft: Number, said: WantedActivation, key: Key, inquiry: Writer) -> AskedShape:
    """Ask that a draft be the strategy of the day run from a day on; somebody else decides."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        return once(tx, inquiry, key, place=f"activation {draft}", said=said, shape=AskedShape, act=lambda: asked_shape(
                strategy_draft.ask_activation(
                    tx, kinds=KINDS, vault=inquiry.parts.vault, draft_id=draft, from_day=said.first, reason=said.reason,
                    actor=_writer(inquiry), now=inquiry.parts.clock(), untried=said.untried,
                )
            ),
        )  # fmt: skip


@router.post("/versions/{strategy}/{version}/activation", status_code=201, responses=problems(*_WRONG))
def ask_rollback(
    strategy: Annotated[Name, Path()],
    version: Annotated[int, Path(ge=1, le=2_147_483_647)],
    said: WantedUse,
    key: Key,
    inquiry: Writer,
) -> AskedShape:
    """Ask that an earlier version be the strategy of the day run again; somebody else decides."""
    with inquiry.parts.database.transaction(inquiry.lender_id) as tx:
        place = f"rollback {strategy}@{version}"
        return once(tx, inquiry, key, place=place, said=said, shape=AskedShape, act=lambda: asked_shape(
                strategy_draft.ask_rollback(
                    tx, kinds=KINDS, vault=inquiry.parts.vault, strategy_id=strategy, version=version,
                    from_day=said.first, reason=said.reason, actor=_writer(inquiry), now=inquiry.parts.clock(),
                )
            ),
        )  # fmt: skip


def _writer(inquiry: Inquiry) -> Actor:
    """As whom records name whoever writes strategies by this token: it is a strategist's own."""
    return Actor(Role.STRATEGIST, inquiry.caller.token.name)


def _draft(one: Draft) -> DraftShape:
    return DraftShape(
        draft=one.draft_id,
        strategy=one.strategy_id,
        based_on=one.based_on,
        revision=one.revision,
        sha256=one.content_hash.hex(),
        fault=one.fault,
        closed_as=one.closed_as,
        at=one.at,
        content=one.content,
    )


def _trial(one: drafts.Trial) -> TrialShape:
    return TrialShape(trial=one.trial_id, day=one.day, at=one.at, sums=dict(one.sums))


def _side(side: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON as kept
    return None if side is None else dict(side)


def asked_shape(one: Approval) -> AskedShape:
    """A request that waits for a second person."""
    return AskedShape(request=one.approval_id, kind=one.kind, subject=one.subject, lapses_at=one.lapses_at)
