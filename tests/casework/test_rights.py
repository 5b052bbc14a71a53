"""Who may read what in clear, for which purpose: role by purpose by field, written out."""

from __future__ import annotations

from itertools import product

import pytest

from duecourse.casework.actor import Role
from duecourse.casework.reveal import RevealPurpose
from duecourse.casework.rights import OF_POWER, RIGHTS, Right, acting, may, purposes

FIELDS = ("name", "id", "birth", "reference", "contact_point", "document", "recording")
TABLE = """
collector   contact          name contact_point recording
collector   identify         name id birth reference document
supervisor  contact          name contact_point recording
supervisor  identify         name id birth reference document
supervisor  document         name id reference contact_point
supervisor  dispute          name reference contact_point document recording
supervisor  correction       name id birth reference contact_point document
compliance  document         name id birth reference contact_point document recording
compliance  dispute          name id birth reference contact_point document recording
compliance  correction       name id birth reference contact_point document recording
compliance  claim            name id birth reference contact_point document recording
compliance  subject_request  name id birth reference contact_point document recording
compliance  supervision      name id birth reference contact_point document recording
auditor     supervision      name id birth reference contact_point document recording
system      identify         name id birth reference
system      document         name id reference
system      correction       name id birth reference contact_point
"""
ALLOWED = {
    (words[0], words[1], field)
    for line in TABLE.strip().splitlines()
    for words in [line.split()]
    for field in words[2:]
}


def test_every_cell_of_the_table() -> None:
    for role, purpose, field in product(Role, RevealPurpose, FIELDS):
        named = f"{field}/3" if field == "contact_point" else field
        assert (purpose in purposes([role], named)) is ((role, purpose, field) in ALLOWED), (role, purpose, field)


def test_who_holds_two_roles_reads_what_either_reads() -> None:
    both = purposes([Role.COLLECTOR, Role.AUDITOR], "birth")
    assert both == [RevealPurpose.IDENTIFY, RevealPurpose.SUPERVISION]
    assert purposes([], "name") == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.STRATEGIST])
def test_who_looks_after_users_or_strategies_reads_nobodys_name(role: Role) -> None:
    assert not any(purposes([role], field) for field in FIELDS)
    assert not may([role], Right.CASE_READ)
    assert not may([role], Right.PERSON_REVEAL)


def test_whoever_may_ask_to_reveal_has_a_purpose_for_it() -> None:
    for role, rights in RIGHTS.items():
        assert (Right.PERSON_REVEAL in rights) is any(purposes([role], field) for field in FIELDS)


def test_the_auditor_changes_nothing_but_audits() -> None:
    rights = RIGHTS[Role.AUDITOR] - {Right.AUDIT_WORK}
    assert {right.partition(":")[2] for right in rights} <= {"read", "search", "reveal", "export"}
    assert Right.FINDING_ANSWER not in rights  # what an audit finds is never an auditor's to mend


def test_one_acts_in_the_role_that_has_the_right() -> None:
    assert acting([Role.ADMIN, Role.COLLECTOR], Right.CASE_WORK) is Role.COLLECTOR
    assert acting([Role.ADMIN], Right.CASE_WORK) is None
    assert Role.COLLECTOR not in OF_POWER
    assert set(RIGHTS) - OF_POWER == {Role.COLLECTOR}
