"""Assignment: skills and capacity hold, whom the borrower knows comes first, and the result is stable."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from duecourse.book.assign import assign

SKILLS = ["", "early", "late", "card", "early card", "late card", "early late card"]
NEEDS = ["", "early", "late", "card", "late card"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Some cases and some collectors."""
    staff = draw(st.lists(st.tuples(st.sampled_from(SKILLS), st.integers(0, 4)), max_size=6))
    names = [f"c{n}" for n in range(len(staff))]
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(NEEDS), st.integers(0, 3), st.sampled_from([None, "gone", *names])), max_size=25
        )
    )
    cases = pl.DataFrame(
        {
            "person_id": list(range(1, len(rows) + 1)),
            "needs": [row[0] for row in rows],
            "score": [row[1] for row in rows],
            "known": [row[2] for row in rows],
        },
        schema={"person_id": pl.Int64, "needs": pl.String, "score": pl.Int64, "known": pl.String},
    )
    collectors = pl.DataFrame(
        {"collector_id": names, "skills": [one[0] for one in staff], "capacity": [one[1] for one in staff]},
        schema={"collector_id": pl.String, "skills": pl.String, "capacity": pl.Int32},
    )
    return cases, collectors


def fits(needs: str, skills: str) -> bool:
    return set(needs.split()) <= set(skills.split())


@given(worlds())
@settings(max_examples=300)
def test_the_assignment_is_lawful_and_stable(world: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    cases, collectors = world
    given_to = dict(assign(cases, collectors).iter_rows())
    skills = dict(collectors.select("collector_id", "skills").iter_rows())
    capacity = dict(collectors.select("collector_id", "capacity").iter_rows())
    rows = {row["person_id"]: row for row in cases.to_dicts()}
    load = {name: [p for p, c in given_to.items() if c == name] for name in skills}
    assert set(given_to) == set(rows)
    assert all(len(load[name]) <= capacity[name] for name in skills)
    assert all(fits(rows[p]["needs"], skills[c]) for p, c in given_to.items() if c is not None)

    def rank(person: int, name: str) -> tuple[bool, int, int]:
        return (rows[person]["known"] != name, -rows[person]["score"], person)

    for person, row in rows.items():
        known = row["known"]
        if known in skills and fits(row["needs"], skills[known]) and given_to[person] != known:
            assert len(load[known]) == capacity[known]
            assert all(rank(other, known) < rank(person, known) for other in load[known])
        if given_to[person] is None:
            for name, has in skills.items():
                if fits(row["needs"], has):
                    assert len(load[name]) == capacity[name]
                    assert all(rank(other, name) < rank(person, name) for other in load[name])


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: tuple[pl.DataFrame, pl.DataFrame], chance: object) -> None:
    cases, collectors = world
    seed = chance.randrange(1000)  # type: ignore[attr-defined]
    mixed = cases.sample(fraction=1, shuffle=True, seed=seed), collectors.sample(fraction=1, shuffle=True, seed=seed)
    assert assign(*mixed).equals(assign(cases, collectors))
