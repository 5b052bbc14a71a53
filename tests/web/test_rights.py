"""All pages times all roles, read from the site's own table: what a role should see it sees, the rest is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from duecourse.app import Desk, settings, vault_of, web
from duecourse.casework.actor import Role
from duecourse.casework.rights import RIGHTS, Right, may
from duecourse.storage.connection import Database
from duecourse.web import site
from duecourse.web.page import Open, Page
from duecourse.web.site import Front
from tests.conftest import _base
from tests.notice_desk import notice_desk
from tests.permit_desk import Clock
from tests.web.conftest import _listening
from tests.web.reader import Ground, Reader
from tests.work_desk import NOW

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
        ("/pay/{lender}/{provider}", {"POST"}),  # by a signature over the body (test_payment_links)
        ("/sms/{lender}", {"POST"}),  # proven by the provider that calls (test_sms_callback)
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
            door = "/my" if page.needs is Open.BORROWER else "/sign-in"
            assert answer.headers["location"].startswith(door), page


@pytest.mark.both_servers
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


HREF = re.compile(r'href="(/[^"#]*)"')


@pytest.fixture
def worked(database: Database) -> Iterator[Ground]:
    """A desk on which a day was run, served, so that its pages have links to rows, cases and rules."""
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = settings({"DUECOURSE_HOME": str(home)})
    vault, clock = vault_of(where), Clock(NOW)
    notice_desk(database, home / "book" / "demo", vault, 120)
    with _listening(web(Desk(where, database), clock=clock)) as url:
        made = Ground(database, vault, home, url, clock)
        yield made
        for reader in made.readers.values():
            reader.client.close()


def test_no_link_on_a_page_leads_where_the_role_may_not_go(worked: Ground) -> None:
    """Pages are followed from one on that everybody may see; of links alike but for numbers, one is."""
    for role in RIGHTS:
        reader = worked.reader(role)
        waits, seen, wrong = ["/law"], set[str](), []
        while waits:
            path = waits.pop()
            kind = re.sub(r"\d+|(?<=/rules/)[\w.]+|(?<=/figures/)[\w.]+", "*", path.partition("?")[0])
            if kind in seen or path.startswith(("/assets", "/log/", "/sign-out")):
                continue
            seen.add(kind)
            answer = reader.get(path)
            if answer.status_code == 403:
                wrong.append(path)
            if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
                waits += [unescape(found) for found in HREF.findall(answer.text)]
        assert len(seen) > 5
        assert not wrong, role
