"""Drawing a sample that nobody picks: announced first, drawn by what nobody could know then, worked out again later.

An audit is announced with its plan, its days and the digests of its populations, in a record of the log. The seed comes
from the first published checkpoint that holds this record: whoever announces cannot know its root. Whoever announces
again until the sample suits leaves the earlier announcements behind, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from duecourse.casework.actor import Actor
from duecourse.casework.audits import sampling
from duecourse.casework.audits.plan import Plan, Sample, kept_plan, plan_hash, read_plan, shipped_text
from duecourse.casework.figures.preparing import find_near_misses
from duecourse.casework.lender_law import law_of
from duecourse.core.money import BrokenInvariant
from duecourse.storage import audit_populations, audits, checkpoints, figures, lenders, log
from duecourse.storage.audit_populations import FLAGS, Member
from duecourse.storage.audits import Audit, Item
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput, Busy, Refused

POPULATION_MAX = 1_000_000
DAYS_MAX = 366
REASON_MAX = 2_000
SECRET_BYTES = 32
_NEAR = frozenset({*FLAGS, "near_miss"})
"""Populations that are whole only when every near miss is known."""


class NotDays(BadInput):
    """Days that an audit cannot be made for."""

    def __init__(self) -> None:
        super().__init__(
            N_("an audit is made for days that are over, the first before the last, at most {most} of them"),
            most=DAYS_MAX,
        )  # fmt: skip


class DrawnBefore(Refused):
    """The same plan was announced for some of these days."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(
            N_(
                "plan and days were announced before, in audit {numbers}: a sample is not drawn until it suits. Say "
                "why it is drawn again (--again), and it stands on record"
            ),
            numbers=", ".join(map(str, numbers)),
        )


class TooMany(BadInput):
    """A population beyond what is drawn from at once."""

    def __init__(self, sample: str) -> None:
        super().__init__(
            N_("the population of sample {sample} has more than {most} items: take fewer days, or narrow it by where"),
            sample=sample, most=POPULATION_MAX,
        )  # fmt: skip


class NotPublishedYet(Busy):
    """The checkpoint that gives the seed is not there yet."""

    def __init__(self, audit_id: int) -> None:
        super().__init__(
            N_(
                "audit {number} is announced, and no checkpoint that holds the announcement is published yet: "
                "`duecourse log sequence` publishes one, then `duecourse audit draw --audit {number}` draws"
            ),
            number=audit_id,
        )


class PopulationChanged(Refused):
    """What is drawn from is not what was announced."""

    def __init__(self, sample: str, announced: int, found: int) -> None:
        super().__init__(
            N_(
                "the population of sample {sample} changed since it was announced ({announced} items then, {found} "
                "now): announce the audit again"
            ),
            sample=sample, announced=announced, found=found,
        )  # fmt: skip


class NothingToDraw(Refused):
    """No population of the plan has an item in these days."""

    def __init__(self) -> None:
        super().__init__(N_("nothing that the plan looks at was done in these days"))


@dataclass(frozen=True, slots=True)
class Compared:
    """A population as announced and as it is now."""

    sample: str
    announced: int
    found: int
    same: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """An audit worked out again. ``missing`` would be drawn now and were not; ``extra`` were drawn and would not be."""

    audit_id: int
    seed_holds: bool
    record_holds: bool
    populations: tuple[Compared, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether everything is as it was drawn."""
        whole = self.seed_holds and self.record_holds and all(one.same for one in self.populations)
        return whole and not self.missing and not self.extra


def keep_plan(tx: Tx, *, vault: Vault, content: str, file: str, actor: Actor, now: datetime) -> audits.Plan:
    """Keep a plan under its name; the same content again changes nothing. Raises `law.document.Flaws`."""
    plan = read_plan(content, file, {rule.id for rule in law_of(tx).rules})
    digest = plan_hash(content)
    audits.lock(tx)
    latest = next((one for one in audits.plans(tx) if one.plan == plan.plan), None)
    if latest is not None and latest.hash == digest:
        return latest
    entry = log.append(
        tx, vault=vault, kind="audit.plan_kept", at=now, actor=str(actor),
        stated={"plan": plan.plan, "sha256": digest.hex()},
    )  # fmt: skip
    return audits.keep_plan(
        tx, plan=plan.plan, content=content, digest=digest, entry_id=entry, actor=str(actor), now=now
    )


def announce(
    tx: Tx,
    *,
    vault: Vault,
    name: str,
    days: tuple[date, date] | None,
    again: str | None,
    actor: Actor,
    today: date,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Audit:
    """Announce an audit by the latest version of a plan; of one that comes with the software and was not kept, keep it.

    ``days`` are the first and the last; None: the last whole period of the plan. Raises `NotDays`, `DrawnBefore`,
    `NothingToDraw`, `TooMany`, `sampling.SampleTooLarge`.
    """
    audits.lock(tx)
    kept = _kept(tx, vault, name, actor, now)
    plan = kept_plan(kept.content)
    first, last = days or plan.last_period(today)
    if not first <= last < today or (last - first).days >= DAYS_MAX:
        raise NotDays
    earlier, why = audits.of_days(tx, kept.plan, first, last), (again or "").strip()[:REASON_MAX]
    if earlier and not why:
        raise DrawnBefore(earlier)
    if any(one.population in _NEAR for one in plan.samples):
        _know_near_misses(tx)
    found = _populations(tx, plan, first, last)
    if not any(found.values()):
        raise NothingToDraw
    populations = {one.name: _announced(one, found[one.name], plan.confidence) for one in plan.samples}
    number = audits.next_id(tx)
    entry = log.append(
        tx, vault=vault, kind="audit.announced", at=now, actor=str(actor),
        stated={
            "audit": number, "plan": kept.plan, "version": kept.version, "plan_sha256": kept.hash.hex(),
            "first": first.isoformat(), "last": last.isoformat(), "earlier": earlier,
            "populations": {
                name: {"count": told["count"], "sha256": told["sha256"]} for name, told in populations.items()
            },
        },
    )  # fmt: skip
    key = vault.seal_secret(tx.lender_id, f"audit:{number}", chance(SECRET_BYTES))
    audits.announce(
        tx, number, plan=kept, days=(first, last), again=why or None, populations=populations, key=key, entry_id=entry,
        actor=str(actor), now=now,
    )  # fmt: skip
    return audits.get(tx, number)


def draw(tx: Tx, *, vault: Vault, audit_id: int, actor: Actor, now: datetime) -> Audit:
    """Draw the sample of an audit that was announced; one that is drawn stays as it is.

    Raises `NotPublishedYet`, `PopulationChanged`, `audits.NoSuchAudit`.
    """
    audits.lock(tx)
    audit = audits.get(tx, audit_id, lock=True)
    if audit.drawn_at is not None:
        return audit
    plan = plan_of(tx, audit)
    entry = log.get(tx, audit.announced_entry)
    head = checkpoints.first_with(tx, entry.seq) if entry is not None and entry.seq is not None else None
    if head is None:
        raise NotPublishedYet(audit_id)
    seed = _seed(tx, audit, head.size, head.root)
    found = _populations(tx, plan, audit.first_day, audit.last_day)
    for name, held in found.items():
        told = audit.populations[name]
        if told["sha256"] != digest_of(held):
            raise PopulationChanged(name, told["count"], len(held))
    items = _items(plan, found, seed)
    digest = sample_digest(items)
    audits.drawn(tx, audit_id, items=items, size=head.size, seed=seed, digest=digest, now=now)
    log.append(
        tx, vault=vault, kind="audit.drawn", at=now, actor=str(actor),
        stated={
            "audit": audit_id, "size": head.size, "root": head.root.hex(), "seed": seed.hex(), "items": len(items),
            "sha256": digest.hex(),
        },
    )  # fmt: skip
    return audits.get(tx, audit_id)


def replay(tx: Tx, audit_id: int) -> Replay:
    """Work an audit out again from plan, log and what is in the database now. Raises `NotPublishedYet`."""
    audit = audits.get(tx, audit_id)
    if audit.seed is None or audit.drawn_size is None:
        raise NotPublishedYet(audit_id)
    plan, items, head = plan_of(tx, audit), audits.items(tx, audit_id), checkpoints.of_size(tx, audit.drawn_size)
    seed = None if head is None else _seed(tx, audit, head.size, head.root)
    found = _populations(tx, plan, audit.first_day, audit.last_day)
    anew = _items(plan, found, audit.seed)
    now, then = ({f"{one.sample} {one.key}" for one in each} for each in (anew, items))
    return Replay(
        audit_id,
        seed_holds=seed == audit.seed,
        record_holds=sample_digest(items) == audit.sample_digest,
        populations=tuple(
            Compared(name, told["count"], len(found[name]), told["sha256"] == digest_of(found[name]))
            for name, told in ((one.name, audit.populations[one.name]) for one in plan.samples)
        ),
        missing=tuple(sorted(now - then)),
        extra=tuple(sorted(then - now)),
    )


def plan_of(tx: Tx, audit: Audit) -> Plan:
    """The plan that an audit is made by."""
    return kept_plan(audits.get_plan(tx, audit.plan, audit.version).content)


def picked(sample: Sample, held: Sequence[Member], confidence: int, seed: bytes) -> tuple[list[Member], list[Member]]:
    """What is always looked at, and what chance drew of the rest. Raises `sampling.SampleTooLarge`."""
    always = [one for one in held if set(one.flags) & set(sample.always)]
    rest = {one.key: one for one in held if not set(one.flags) & set(sample.always)}
    drawn: list[str] = []
    for stratum, keys in sorted(strata(sample, rest.values()).items()):
        size = size_of(sample, len(keys), confidence)
        drawn += sampling.draw(keys, size, seed=seed, sample=sample.name, stratum=stratum)
    if len(always) + len(drawn) > sampling.SAMPLE_MAX:
        raise sampling.SampleTooLarge(sample.name)
    return always, [rest[key] for key in drawn]


def strata(sample: Sample, held: Iterable[Member]) -> Mapping[str, list[str]]:
    """The keys of a population by what the sample divides it by; all under one name where it does not."""
    found: dict[str, list[str]] = {}
    for one in held:
        found.setdefault(str(getattr(one, sample.size.by)) if sample.size.by else "", []).append(one.key)
    return found


def size_of(sample: Sample, population: int, confidence: int) -> int:
    """How many of a population, or of one stratum of it, a sample takes."""
    size = sample.size
    if size.expected is not None and sample.tolerable_permille is not None:
        return sampling.size_for(
            population, confidence=confidence, tolerable_permille=sample.tolerable_permille, expected=size.expected
        )
    wanted = max(size.count or 0, size.each or 0, size.least, sampling.share_of(population, size.percent or 0))
    return min(wanted, population)


def digest_of(held: Sequence[Member]) -> str:
    """The digest of a population: SHA-256 of a line for each item, by key, with all that a plan may filter by."""
    lines = (
        "\t".join((one.key, one.channel, one.purpose, one.collector, one.firm, one.what, *sorted(one.flags)))
        for one in held
    )
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def sample_digest(items: Sequence[Item]) -> bytes:
    """The digest of a sample: SHA-256 of a line for each item."""
    lines = (f"{one.item}\t{one.sample}\t{one.key}\t{one.stratum}\t{int(one.always)}\n" for one in items)
    return sha256("".join(lines).encode()).digest()


def _kept(tx: Tx, vault: Vault, name: str, actor: Actor, now: datetime) -> audits.Plan:
    try:
        return audits.get_plan(tx, name)
    except audits.NoSuchPlan:
        return keep_plan(tx, vault=vault, content=shipped_text(name), file=f"{name}.yaml", actor=actor, now=now)


def _know_near_misses(tx: Tx) -> None:
    law, before = law_of(tx), None
    while (until := figures.near_misses_until(tx)) != before:
        before = until
        find_near_misses(tx, law)


def _announced(sample: Sample, held: Sequence[Member], confidence: int) -> dict[str, Any]:
    """What is kept of a population: how many there are, always looked at and not, and the digest of all."""
    always, _drawn = picked(sample, held, confidence, bytes(32))  # a sample too large is told before anything is done
    rest = (one for one in held if not set(one.flags) & set(sample.always))
    divided = {name: len(keys) for name, keys in strata(sample, rest).items()}
    return {"count": len(held), "sha256": digest_of(held), "always": len(always), "strata": divided}


def _seed(tx: Tx, audit: Audit, size: int, root: bytes) -> bytes:
    origin, plan = checkpoints.origin(tx), audits.get_plan(tx, audit.plan, audit.version)
    if origin is None:
        raise BrokenInvariant("a log that has a head has an origin")
    days = audit.first_day.isoformat(), audit.last_day.isoformat()
    return sampling.seed_of(plan.hash, days, origin=origin.origin, size=size, root=root)


def _populations(tx: Tx, plan: Plan, first: date, last: date) -> dict[str, list[Member]]:
    """What each sample is drawn from, from the first instant of the first day to the last one's end, at the lender."""
    zone = ZoneInfo(lenders.get(tx).zone)
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    found = {}
    for one in plan.samples:
        found[one.name] = audit_populations.members(
            tx, one.population, since=since, until=until, where=one.where, most=POPULATION_MAX
        )
        if len(found[one.name]) > POPULATION_MAX:
            raise TooMany(one.name)
    return found


def _items(plan: Plan, found: Mapping[str, Sequence[Member]], seed: bytes) -> list[Item]:
    items: list[Item] = []
    for sample in plan.samples:
        always, drawn = picked(sample, found[sample.name], plan.confidence, seed)
        for one, every in (*((one, True) for one in always), *((one, False) for one in drawn)):
            shown = {name: getattr(one, name) for name in audit_populations.ATTRIBUTES if getattr(one, name)}
            stratum = "" if every or not sample.size.by else str(getattr(one, sample.size.by))
            items.append(
                Item(
                    len(items) + 1, sample.name, one.key, one.person_id, one.at, stratum, every,
                    {**shown, "flags": sorted(one.flags)}, one.acted,
                )
            )  # fmt: skip
    return items
