"""A life folded as it is lived ends where the core's own reading of all its events ends."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from duecourse.core.contract import Method
from duecourse.core.delinquency import reading
from duecourse.core.events import Kind
from duecourse.sim import cards, products, repay
from duecourse.sim.lender import FIRST_DAY, LAST_DAY, end_of
from duecourse.sim.life import Life
from duecourse.sim.temperament import Nature, Temper, draw


def lived(seed: int, product: products.Product, temper: Temper | None = None) -> Life:
    rng = Random(f"{product.code}/{seed}")
    nature = draw(rng)
    if temper:
        nature = Nature(temper, nature.shock)
    deal = products.deal(rng, product, ref=f"L{seed}", borrower_ref="C1", region=rng.choice(("990100", "990300")))
    life = Life(deal, rng)
    (cards.live if deal.terms.method is Method.CARD else repay.live)(life, nature.on(rng, deal.start))
    return life


@pytest.mark.parametrize("product", products.PRODUCTS, ids=lambda product: product.code)
@pytest.mark.parametrize("temper", [None, *Temper])
def test_every_life_equals_the_reading_of_its_events(product: products.Product, temper: Temper | None) -> None:
    for seed in range(12 if product is products.CARD else 30):
        life = lived(seed, product, temper)
        ended = life.end()
        assert ended == reading(life.rebuilt(), LAST_DAY, known=end_of(LAST_DAY)), life.events


def test_nothing_happens_after_the_last_day_or_before_the_first() -> None:
    for product in products.PRODUCTS:
        for seed in range(40):
            life = lived(seed, product)
            life.end()
            for event in life.events:
                assert FIRST_DAY <= event.effective <= LAST_DAY
                assert event.known <= end_of(LAST_DAY)


def test_troubled_borrowers_meet_every_kind_of_event() -> None:
    seen: Counter[Kind] = Counter()
    for product in products.PRODUCTS:
        for temper in (Temper.HARDSHIP, Temper.DEFAULTER, Temper.PAYER):
            for seed in range(150 if product is not products.CARD else 20):
                seen.update(event.kind for event in lived(seed, product, temper).events)
    made_by_timeline = {Kind.PAUSE_END, Kind.BOUNCE}
    assert set(seen) == set(Kind) - made_by_timeline
