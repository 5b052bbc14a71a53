"""The contract of due days on a real chain: it reckons as the core does, to the cent, and tells a reminder once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from duecourse.chain import fixed_terms
from duecourse.chain.contract import shipped
from duecourse.chain.node import NodeRefused
from duecourse.core.contract import GraceMode, PenaltyBase, PenaltyMode, PenaltyRounding
from duecourse.core.days import DayCount
from duecourse.core.fixed import FixedTerms, default_interest
from tests.chain_node import Chain, chain

TERMS = shipped("terms")
CASES = 3_000
AT_ONCE = 200
SALT = bytes(range(32))
ONE = FixedTerms(
    due=date(2026, 3, 1), principal_minor=1_000_00, interest_minor=15_00, rate_ppm=180_000, penalty_ppm=270_000,
    cap_ppm=240_000, most_minor=50_00, day_count=DayCount.ACT_365,
)  # fmt: skip


@pytest.fixture(scope="module")
def evm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with chain(tmp_path_factory.mktemp("chain")) as running:
        yield running


@pytest.fixture(scope="module")
def contract(evm: Chain) -> bytes:
    return evm.node.send(evm.accounts[0], TERMS.bytecode).contract


def random_terms(rng: Random) -> FixedTerms:
    """Terms that the core accepts, of every convention, at its bounds too."""
    while True:
        principal = rng.choice([0, 1, 99, 12_000_00, 10**13, *(rng.randrange(1, 10**8) for _ in range(9))])
        terms = FixedTerms(
            due=date(2024, 1, 1) + timedelta(days=rng.randrange(900)),
            principal_minor=principal,
            interest_minor=rng.choice([0, 1, principal // 50, rng.randrange(10**5)]),
            rate_ppm=rng.choice([0, 36_000, 180_000, 239_999, 900_000]),
            penalty_ppm=rng.choice([0, 1, 54_000, 135_000, 180_000, 270_000, 360_000, 899_999, 900_000]),
            cap_ppm=rng.choice([0, 138_000, 240_000, 240_000, 360_000, 360_000, 1_800_000]),
            most_minor=rng.choice([0, 1, principal // 10, principal // 3, principal, principal, 10**15, 10**15]),
            day_count=rng.choice(list(DayCount)),
            mode=rng.choice(list(PenaltyMode)),
            base=rng.choice(list(PenaltyBase)),
            rounding=rng.choice(list(PenaltyRounding)),
            grace=rng.choice(list(GraceMode)),
            grace_days=rng.choice([0, 1, 3, 10, 45]),
        )
        if not list(terms.faults()):
            return terms


def test_thousands_of_random_terms_come_to_the_same_cent_on_the_chain_and_in_the_core(
    evm: Chain, contract: bytes
) -> None:
    rng = Random(20261128)
    kinds: set[tuple[object, ...]] = set()
    told = {"nothing": 0, "capped": 0, "between": 0}
    for _ in range(CASES // AT_ONCE):
        drawn = [(random_terms(rng), rng.randbytes(32)) for _ in range(AT_ONCE)]
        known = [fixed_terms.commitment(*one) for one in drawn]
        evm.node.send(evm.accounts[0], TERMS.call("fix", known, [1] * AT_ONCE), contract)
        for terms, salt in drawn:
            edge = terms.due + timedelta(days=terms.grace_days + rng.choice([-1, 0, 1]))
            for day in (
                edge,
                terms.due + timedelta(days=rng.choice([1, 30, *(rng.randrange(3_650) for _ in range(4))])),
            ):
                ours = default_interest(terms, day)
                theirs = fixed_terms.default_interest(evm.node, contract, terms, salt, day)
                assert theirs == ours, (terms, day)
                told["nothing" if not ours else "capped" if ours == terms.most_minor else "between"] += 1
            kinds.add((terms.mode, terms.base, terms.rounding, terms.grace, terms.day_count))
    assert len(kinds) == 2 * 2 * 2 * 3 * 3  # every combination of conventions was met
    assert min(told.values()) > 500, told


@pytest.mark.parametrize(
    ("changed", "days", "minor"),
    [
        ({}, 0, 0), ({}, 1, 66), ({}, 30, 1973),  # 100,000 × 24 % × 30 ÷ 365 = 1,972.6, the ceiling instead of 27 %
        ({"cap_ppm": 300_000}, 30, 2219),  # 100,000 × 27 % × 30 ÷ 365 = 2,219.2
        ({"mode": PenaltyMode.BESIDE}, 30, 493),  # 24 % less the contract's 18 %: 100,000 × 6 % × 30 ÷ 365 = 493.2
        ({"mode": PenaltyMode.BESIDE, "rate_ppm": 250_000}, 30, 0),
        ({"base": PenaltyBase.PRINCIPAL_AND_INTEREST}, 30, 2002),  # 101,500 × 24 % × 30 ÷ 365 = 2,002.2
        ({"rounding": PenaltyRounding.DAILY}, 30, 1980),  # 66 a day
        ({}, 76, 4997), ({}, 77, 5000),  # 5,063 would pass the most
        ({"grace": GraceMode.FORGIVE, "grace_days": 3}, 3, 0), ({"grace": GraceMode.FORGIVE, "grace_days": 3}, 4, 263),
        ({"grace": GraceMode.SHIFT, "grace_days": 3}, 4, 66),
    ],
)  # fmt: skip
def test_what_a_lawyer_can_reckon_by_hand(
    evm: Chain, contract: bytes, changed: dict[str, object], days: int, minor: int
) -> None:
    terms = replace(ONE, **changed)  # type: ignore[arg-type]
    day = terms.due + timedelta(days=days)
    assert default_interest(terms, day) == minor
    evm.node.send(evm.accounts[0], TERMS.call("fix", [fixed_terms.commitment(terms, SALT)], [1]), contract)
    assert fixed_terms.default_interest(evm.node, contract, terms, SALT, day) == minor


def test_only_the_terms_that_were_fixed_are_reckoned(evm: Chain, contract: bytes) -> None:
    terms, day = replace(ONE, principal_minor=7_777_77), date(2026, 4, 1)
    with pytest.raises(NodeRefused, match="not the terms that were fixed"):
        fixed_terms.default_interest(evm.node, contract, terms, SALT, day)
    known = fixed_terms.commitment(terms, SALT)
    call = TERMS.call("commitment", fixed_terms.words(terms), SALT)
    assert TERMS.answer("commitment", evm.node.read(contract, call)) == (known,)
    evm.node.send(evm.accounts[0], TERMS.call("fix", [known], [1]), contract)
    assert fixed_terms.default_interest(evm.node, contract, terms, SALT, day) == default_interest(terms, day) > 0
    for bent, salt in ((replace(terms, penalty_ppm=900_000), SALT), (terms, bytes(32))):
        with pytest.raises(NodeRefused, match="not the terms that were fixed"):
            fixed_terms.default_interest(evm.node, contract, bent, salt, day)


def test_a_reminder_falls_due_once_when_its_instant_has_come(evm: Chain, contract: bytes) -> None:
    def send(function: str, *values: object, account: int = 0) -> None:
        evm.node.send(evm.accounts[account], TERMS.call(function, *values), contract)

    first, second, paid = (fixed_terms.commitment(replace(ONE, most_minor=n), SALT) for n in range(3))
    now = int(evm.node.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)  # noqa: FBT003
    due = now + 86_400
    send("fix", [first, second, paid], [due, due + 500, due])
    send("fix", [first], [due])  # the same again
    for function, values, account, why in (
        ("fix", ([first], [due + 1]), 0, "fixed for another instant"), ("fix", ([SALT], [due]), 1, "not the lender"),
        ("fix", ([SALT], []), 0, "as many instants"), ("fix", ([SALT], [0]), 0, "no instant"),
        ("close", (first,), 1, "not the lender"), ("close", (SALT,), 0, "nothing was fixed"),
        ("remind", (first,), 1, "not due yet"), ("remind", (SALT,), 1, "nothing was fixed"),
    ):  # fmt: skip
        with pytest.raises(NodeRefused, match=why):
            send(function, *values, account=account)
    send("close", paid)
    evm.node.ask("evm_setNextBlockTimestamp", due)
    evm.node.ask("anvil_mine", "0x1")
    send("remind", first, account=1)  # anybody may
    for commitment, why in ((first, "told already"), (paid, "told already"), (second, "not due yet")):
        with pytest.raises(NodeRefused, match=why):
            send("remind", commitment)
    (found,) = evm.node.logs(contract, [TERMS.topic("ReminderDue")])
    topics = [bytes.fromhex(one[2:]) for one in found["topics"]]
    said = TERMS.event("ReminderDue", topics, bytes.fromhex(found["data"][2:]))
    assert said == {"commitment": first, "remind_at": due}


def test_terms_that_cannot_be_reckoned_are_named() -> None:
    assert list(ONE.faults()) == []
    for changed, name in (
        ({"due": date(1969, 1, 1)}, "due"), ({"most_minor": -1}, "most_minor"), ({"penalty_ppm": -1}, "penalty_ppm"),
        ({"rate_ppm": 10**6}, "rate_ppm"), ({"grace_days": -1}, "grace_days"),
    ):  # fmt: skip
        assert name in {field for field, _ in replace(ONE, **changed).faults()}
