"""Single sign-on against a real OpenID provider that runs beside the test: who is known comes in, nobody else does."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from uuid import uuid4

import httpx
import pytest

from duecourse import app
from duecourse.casework.actor import Role
from duecourse.casework.user import set_subject
from duecourse.storage.connection import Database
from duecourse.web.components.assets import BUILT
from duecourse.web.sso import NotByTls, Provider, new_attempt
from tests.conftest import _base
from tests.permit_desk import OPERATOR, Clock, set_up
from tests.web.conftest import _listening
from tests.web.reader import Ground, Reader

CLIENT, SECRET = "duecourse", "not a secret"
MODULE = BUILT.parent / "node_modules" / "oidc-provider" / "lib" / "index.js"
SCRIPT = Path(__file__).with_name("identity_provider.mjs")


@contextmanager
def _provider() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A provider on a free port; it waits on its standard input for the address to come back to."""
    node = shutil.which("node")
    assert node, "the pages were bundled by some Node; the tests use the system's"
    command = [node, str(SCRIPT), str(MODULE), CLIENT, SECRET]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port.isdecimal(), "the provider did not start"
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


@pytest.fixture
def single(database: Database) -> Iterator[Ground]:
    """The pages, with single sign-on at a provider of their own."""
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    with _provider() as (issuer, process):
        where = replace(app.settings({"DUECOURSE_HOME": str(home)}), sso=app.SsoSettings(issuer, CLIENT, SECRET))
        vault = app.vault_of(where)
        set_up(database, vault, 1)
        clock = Clock(app.now())  # the provider has the machine's clock
        with _listening(app.web(app.Desk(where, database), clock=clock)) as url:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{url}/sign-in/sso/back\n")
            process.stdin.flush()
            while process.stdout.readline().strip() != "ready":
                assert process.poll() is None
            yield Ground(database, vault, home, url, clock)


def at_provider(browser: httpx.Client, address: str, name: str) -> str:
    """Log in at the provider as people do, page by page; gives the address at which it sends one back."""
    answer = browser.get(address)
    for _page in range(12):
        if answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(target).path == "/sign-in/sso/back":
                return target
            answer = browser.get(target)
            continue
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert form, answer.text
        fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', answer.text))
        if 'name="login"' in answer.text:
            fields |= {"login": name, "password": "any"}
        answer = browser.post(urljoin(str(answer.url), form[1]), data=fields)
    pytest.fail("the provider does not come to an end")


def begun(reader: Reader) -> str:
    """The address at the provider to which the site sends somebody."""
    answer = reader.get("/sign-in/sso?next=/account")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def entered(ground: Ground, name: str, subject: str, role: Role = Role.ADMIN) -> None:
    ground.user(name, role)
    with ground.database.transaction("demo") as tx:
        set_subject(tx, vault=ground.vault, user_id=name, subject=subject, actor=OPERATOR, now=ground.clock())


def test_who_is_known_comes_in_and_needs_no_second_proof_of_ours(single: Ground) -> None:
    entered(single, "boss", "subject-of-boss")
    with Reader(single) as reader, httpx.Client(timeout=30) as browser:
        assert "/sign-in/sso" in reader.get("/sign-in").text
        address = begun(reader)
        sent = dict(parse_qsl(urlsplit(address).query))
        assert sent["code_challenge_method"] == "S256"
        back = at_provider(browser, address, "subject-of-boss")
        answer = reader.client.get(back)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/account"), answer.text
        assert reader.get("/account").status_code == 200
        assert reader.get("/users").status_code == 200
        again = reader.client.get(back)  # what came back is taken once
        assert again.status_code == 409


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example/account", "/\\evil.example", "/sign-out"])
def test_nobody_is_sent_elsewhere_by_the_single_sign_on(single: Ground, place: str) -> None:
    entered(single, "boss", "subject-of-boss")
    with Reader(single) as reader, httpx.Client(timeout=30) as browser:
        address = reader.client.get("/sign-in/sso", params={"next": place}).headers["location"]
        answer = reader.client.get(at_provider(browser, address, "subject-of-boss"))
        assert (answer.status_code, answer.headers.get("location")) == (303, "/"), answer.text


def test_who_is_not_entered_here_stays_outside(single: Ground) -> None:
    with Reader(single) as reader, httpx.Client(timeout=30) as browser:
        back = at_provider(browser, begun(reader), "somebody-else")
        answer = reader.client.get(back)
        assert answer.status_code == 409
        assert "no user here bears your subject" in answer.text
        assert reader.get("/account").status_code == 303


def test_what_comes_back_to_another_browser_or_changed_opens_nothing(single: Ground) -> None:
    entered(single, "boss", "subject-of-boss")
    with Reader(single) as mine, Reader(single) as other, httpx.Client(timeout=30) as browser:
        other.get("/sign-in")
        back = at_provider(browser, begun(mine), "subject-of-boss")
        assert other.client.get(back).status_code == 409
        assert other.get("/account").status_code == 303
        back = at_provider(browser, begun(mine), "subject-of-boss")
        query = dict(parse_qsl(urlsplit(back).query)) | {"code": "made-up"}
        assert mine.client.get(f"{single.url}/sign-in/sso/back?{urlencode(query)}").status_code == 409
        back = at_provider(browser, begun(mine), "subject-of-boss")
        single.clock.forward(minutes=11)
        assert mine.client.get(back).status_code == 409
        for state in ("", "x", "demo." + "0" * 48):
            assert mine.client.get(f"{single.url}/sign-in/sso/back?code=1&state={state}").status_code == 409
        assert mine.get("/account").status_code == 303


def test_nobody_is_sent_to_a_provider_in_clear() -> None:
    with pytest.raises(NotByTls):
        Provider("http://id.example", CLIENT, SECRET).begin(new_attempt("demo", bytes), back="http://x/back")


def test_a_provider_that_is_silent_is_said(database: Database) -> None:
    home = _base() / uuid4().hex[:8]
    home.mkdir(mode=0o711)
    where = replace(
        app.settings({"DUECOURSE_HOME": str(home)}), sso=app.SsoSettings("http://127.0.0.1:9", CLIENT, SECRET)
    )
    set_up(database, app.vault_of(where), 1)
    with _listening(app.web(app.Desk(where, database))) as url:
        answer = httpx.get(f"{url}/sign-in/sso", timeout=30)
    assert answer.status_code == 503
