"""Invented people bear marks that nobody else has, and their numbers check."""

from __future__ import annotations

from random import Random

from duecourse.casework.invented import objection
from duecourse.sim import people
from duecourse.storage.vault.blind import normal


def crowd() -> list[people.Human]:
    rng = Random(5)
    natural = [people.natural(rng, n, ref=f"C{n}", region=rng.choice(people.REGIONS)) for n in range(500)]
    return natural + [people.firm(rng, n, ref=f"F{n}", region=rng.choice(people.REGIONS)) for n in range(500, 600)]


def test_check_characters_are_those_of_the_standards_own_examples() -> None:
    assert people.id_check("11010519491231002") == "X"  # GB 11643-1999, the example of its annex
    assert people.firm_check("91350100M000100Y4") == "3"  # GB 32100-2015, likewise


def test_a_demo_lender_takes_every_one_of_them_and_a_real_lender_none() -> None:
    for human in crowd():
        number = normal("id", human.id_number, "CN")
        assert objection("id", number, demo=True) is None
        assert objection("id", number, demo=False)
        for point in human.points:
            form = normal(point.kind, point.value, "CN")
            assert objection(point.kind, form, demo=True) is None, point.kind
            if point.kind in {"phone", "email"}:
                assert objection(point.kind, form, demo=False), point.kind


def test_names_begin_with_a_word_for_invented() -> None:
    assert all(human.name.startswith(people.FAMILY_NAMES) for human in crowd())


def test_identity_numbers_hold_birth_and_check() -> None:
    for human in crowd():
        if human.birth:
            assert human.id_number[6:14] == f"{human.birth:%Y%m%d}"
            assert human.id_number[17] == people.id_check(human.id_number[:17])
        else:
            assert human.id_number[17] == people.firm_check(human.id_number[:17])


def test_telephone_numbers_do_not_repeat() -> None:
    assert len({people.phone(n) for n in range(200_000)}) == 200_000
