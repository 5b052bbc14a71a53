"""The whole demo lender from a seed: every loan lived to the last day, written as the tapes a lender would send."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

from duecourse.core.contract import Method
from duecourse.core.events import Kind
from duecourse.core.reading import Reading, Status, stage
from duecourse.sim import cards, desk, faults, people, products, repay
from duecourse.sim.desk import Debtor
from duecourse.sim.faults import Slip
from duecourse.sim.lender import (
    BORROWERS_PER_MILLE,
    DELTA_DAYS,
    FIRST_DAY,
    FULL_DAY,
    LAST_DAY,
    LENDER_ID,
    end_of,
)
from duecourse.sim.life import Life
from duecourse.sim.people import Human
from duecourse.sim.products import Deal
from duecourse.sim.tape import Bundle, Row
from duecourse.sim.temperament import Nature, draw
from duecourse.sim.ties import Circle
from duecourse.trouble import N_, BadInput

LOANS: Final = 20_000
SEED: Final = 1
MADE: Final = "made.json"
UNFINISHED: Final = ".unfinished"
"""Stands in a folder that is being written: whoever was stopped there may begin again."""

CIRCLE_MAX: Final = 32
"""People around one borrower at most; so are serial numbers spaced."""

FIRMS, TRADERS = 0.015, 0.05
AGREEMENTS: Final = frozenset({Kind.RESTRUCTURE, Kind.EXTENSION, Kind.PAUSE, Kind.PLAN, Kind.INSTALMENT_SET})


class BadSize(BadInput):
    """A number of loans from which no lender can be made."""

    def __init__(self, loans: int) -> None:
        super().__init__(N_("{loans} loans cannot be generated: ask for 100 to 1,000,000"), loans=loans)


class NotOurFolder(BadInput):
    """A folder with files that no demo wrote."""

    def __init__(self, out: Path) -> None:
        super().__init__(
            N_("{out} is not empty and holds no demo ({made} is missing); name an empty or new folder"),
            out=out,
            made=MADE,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was generated. ``stages`` counts loans on the book (active or written off) by stage on the last day."""

    out: Path
    seed: int
    loans: int
    borrowers: int
    folders: tuple[Path, ...]  # tapes, in the order in which they are imported
    rows: dict[str, int]  # by file; wrong rows are not among them
    wrong_rows: dict[str, int]  # by file: rows that belong in quarantine
    slips: tuple[Slip, ...]  # balances that are wrong on purpose
    stages: dict[str, int]
    statuses: dict[str, int]

    @property
    def overdue(self) -> tuple[int, int]:
        """Loans overdue, and loans on the book."""
        on_book = sum(self.stages.values())
        return on_book - self.stages.get("M0", 0), on_book


def generate(*, seed: int = SEED, loans: int = LOANS, out: Path, progress: Callable[[int], None] | None = None) -> Made:
    """Generate the demo lender into a folder; an earlier demo there is replaced. The same arguments, the same bytes.

    ``progress`` is told how many loans are done. Raises `BadSize` or `NotOurFolder`.
    """
    if not 100 <= loans <= 1_000_000:
        raise BadSize(loans)
    _clear(out)
    world = World(seed, loans)
    for done in world.live():
        if progress:
            progress(done)
    slips = faults.slips(Random(f"{seed}/slips"), world.figures)
    world.balances()
    desk.holds(Random(f"{seed}/holds"), world.debtors, world.bundle)
    desk.history(Random(f"{seed}/contacts"), world.debtors, world.bundle)
    rows = world.bundle.write(out)
    wrong = faults.append(out, world.first_ref)
    made = Made(
        out=out,
        seed=seed,
        loans=loans,
        borrowers=world.borrowers,
        folders=tuple(out / day.isoformat() for day in (FULL_DAY, *DELTA_DAYS)),
        rows=rows,
        wrong_rows=wrong,
        slips=tuple(slips),
        stages=dict(sorted(world.stages.items())),
        statuses=dict(sorted(world.statuses.items())),
    )
    beside = out / f"{MADE}.new"
    beside.write_text(json.dumps(document(made), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(out / MADE)
    (out / UNFINISHED).unlink()
    return made


def _clear(out: Path) -> None:
    """Take an earlier demo away, whole or half written, and mark the folder as being written."""
    if out.exists() and any(out.iterdir()):
        if not (out / MADE).exists() and not (out / UNFINISHED).exists():
            raise NotOurFolder(out)
        (out / UNFINISHED).touch()
        (out / MADE).unlink(missing_ok=True)
        shutil.rmtree(out / "desk", ignore_errors=True)
        for day in (FULL_DAY, *DELTA_DAYS):
            shutil.rmtree(out / day.isoformat(), ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / UNFINISHED).touch()


def document(made: Made) -> dict[str, object]:
    """What was made as plain values: the content of ``made.json``; no path of this machine is in it."""
    plain = asdict(made)
    plain["out"] = ""
    plain["folders"] = [path.name for path in made.folders]
    plain["slips"] = [slip._asdict() for slip in made.slips]
    return {"lender": LENDER_ID, "first_day": str(FIRST_DAY), "last_day": str(LAST_DAY), **plain}


class World:
    """All borrowers with their loans, lived one borrower after the other; each has chances of their own."""

    def __init__(self, seed: int, loans: int) -> None:
        self.seed = seed
        self.loans = loans
        self.borrowers = max(loans * BORROWERS_PER_MILLE // 1000, 1)
        self.bundle = Bundle()
        self.figures: list[tuple[str, dict[str, int]]] = []
        self.debtors: list[Debtor] = []
        self.stages: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.first_ref = ""

    def live(self) -> Iterator[int]:
        """Live all loans; tells after each borrower how many loans are done."""
        counts = [1] * self.borrowers
        spread = Random(f"{self.seed}/spread")
        for _ in range(self.loans - self.borrowers):
            counts[spread.randrange(self.borrowers)] += 1
        done = 0
        for number, count in enumerate(counts):
            self._borrower(number, count)
            done += count
            yield done

    def _borrower(self, number: int, count: int) -> None:
        rng = Random(f"{self.seed}/borrower/{number}")
        ref = f"C{number:06d}"
        region = rng.choice(people.REGIONS)
        serial = number * CIRCLE_MAX
        u = rng.random()
        nature = draw(rng)
        human = (people.firm if u < FIRMS else people.natural)(rng, serial, ref=ref, region=region)
        menu = products.TRADE if u < FIRMS + TRADERS else products.HOUSEHOLD
        ended = [self._loan(rng, nature, menu, f"L{number:06d}{k}", human) for k in range(count)]
        circle = Circle(rng, human, serial + 1)
        noted = {life.deal.ref for life, _, _ in ended if any(e.kind is Kind.GUARANTEE_NOTE for e in life.events)}
        circle.draw([life.deal for life, _, _ in ended], noted)
        self._send(human, circle, ended)

    def _loan(
        self, rng: Random, nature: Nature, menu: tuple[tuple[products.Product, int], ...], ref: str, human: Human
    ) -> tuple[Life, Reading, datetime]:
        deal = products.deal(rng, products.pick(rng, menu), ref=ref, borrower_ref=human.ref, region=human.region)
        life = Life(deal, rng)
        live = cards.live if deal.terms.method is Method.CARD else repay.live
        live(life, nature.on(rng, deal.start))
        reading = life.end()
        begun = self.bundle.life(life)
        if not self.first_ref and begun.date() <= FULL_DAY:
            self.first_ref = ref
        self.statuses[reading.status.value] += 1
        if reading.status in {Status.ACTIVE, Status.WRITTEN_OFF}:
            self.stages[stage(reading.dpd).value] += 1
            self.figures.append((ref, _figures(reading)))
        return life, reading, begun

    def _send(self, human: Human, circle: Circle, ended: list[tuple[Life, Reading, datetime]]) -> None:
        first = min(begun for _, _, begun in ended)
        begun_of = {life.deal.ref: begun for life, _, begun in ended}
        self.bundle.person(human, first)
        for tie in circle.ties:
            self.bundle.add("parties", begun_of[tie.loan_ref], tie.row)
        for other in circle.humans:
            self.bundle.person(other, min(begun_of[t.loan_ref] for t in circle.ties if t.person_ref == other.ref))
        overdue = [(life, reading) for life, reading, _ in ended if reading.dpd and not life.over]
        if overdue:
            deals: list[Deal] = [life.deal for life, _ in overdue]
            agreed = any(event.kind in AGREEMENTS for life, _ in overdue for event in life.events)
            self.debtors.append(
                Debtor(
                    human,
                    max(reading.dpd for _, reading in overdue),
                    deals,
                    circle,
                    agreed=agreed,
                    known={other.ref for other in circle.humans},
                )
            )

    def balances(self) -> None:
        """Put the lender's own figures of the last day."""
        known = end_of(LAST_DAY).replace(hour=23, minute=30, second=0, microsecond=0)
        rows: list[Row] = [
            (ref, LAST_DAY, item, value) for ref, values in self.figures for item, value in values.items()
        ]
        self.bundle.add("balances", known, *rows)


def _figures(reading: Reading) -> dict[str, int]:
    return {
        "principal": reading.principal + reading.not_due,
        "due": reading.due,
        "settle": reading.settle,
        "dpd": reading.dpd,
    }
