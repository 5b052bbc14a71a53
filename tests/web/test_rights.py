"""All pages times all roles, read from the site's own table: what a role should see it sees, the rest is refused."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from duecourse.app import Desk, settings, web
from duecourse.casework.actor import Role
from duecourse.casework.rights import RIGHTS, Right, may
from duecourse.web import site
from duecourse.web.page import Open, Page
from duecourse.web.site import Front
from tests.web.reader import Ground, Reader

PAGES = list(site.pages())
NAMES = [f"{one.method} {one.path}" for one in PAGES]


def address(page: Page) -> str:
    """The page's path with something in its places."""
    return re.sub(r"\{\w+\}", "1", page.path)


def test_every_page_declares_what_it_needs() -> None:
    assert PAGES
    assert all(isinstance(one.needs, Right | Open) for one in PAGES)
    assert len(set(NAMES)) == len(NAMES), "two pages under one address"


def test_there_is_no_route_beside_the_table(house: Ground) -> None:
    built = web(Desk(settings({"DUECOURSE_HOME": str(house.home)}), house.database))
    assert isinstance(built, Front)
    assert isinstance(built.site, Starlette)
    routes = [route for route in built.site.routes if isinstance(route, Route)]
    mounts = [route.path for route in built.site.routes if isinstance(route, Mount)]
    assert [(route.path, set(route.methods or ()) - {"HEAD"}) for route in routes] == [
        *((one.path, {one.method}) for one in PAGES),
        ("/verify", {"GET"}),  # the verifier as a file without any data, for everybody (test_verifying)
    ]
    assert mounts == ["/log", "/assets"]  # hashes of the log, for witnesses and auditors; scripts and styles
    assert len(built.site.routes) == len(routes) + 2


def test_every_right_is_somebodys_and_every_role_has_one() -> None:
    assert {right for rights in RIGHTS.values() for right in rights} == set(Right)


def test_without_a_session_one_is_sent_to_sign_in(house: Ground) -> None:
    for page in PAGES:
        with Reader(house) as nobody:
            answer = nobody.send(page.method, address(page))
        if page.needs is Open.EVERYBODY:
            assert answer.status_code < 500, page
        else:
            assert answer.status_code == 303, page
            assert answer.headers["location"].startswith("/sign-in"), page


@pytest.mark.parametrize("role", list(RIGHTS))
def test_each_role_gets_what_its_rights_say_and_nothing_else(house: Ground, role: Role) -> None:
    reader = house.reader(role)
    for page in PAGES:
        if not isinstance(page.needs, Right):
            continue
        answer = reader.send(page.method, address(page))
        refused = answer.status_code == 403 and str(page.needs) in answer.text
        assert refused is not may([role], page.needs), (page, answer.text)
        assert answer.status_code < 500, (page, answer.text)
