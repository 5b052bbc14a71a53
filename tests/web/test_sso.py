"""Single sign-on against a real OpenID provider that runs beside the test: who is known comes in, nobody else does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from uuid import uuid4

import httpx
import pytest

from duecourse import app
from duecourse.casework.actor import Role
from duecourse.casework.user import set_subject
from duecourse.storage.connection import Database
from duecourse.web.components.assets import BUILT
from duecourse.web.sso import Attempt, NotByTls, NotProved, Provider, ProviderSilent
from tests.conftest import _base
from tests.desk import DEMO, enter
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
        query = {"state": dict(parse_qsl(urlsplit(begun(mine)).query))["state"], "error": "access_denied"}
        denied = mine.client.get(f"{single.url}/sign-in/sso/back?{urlencode(query)}")
        assert denied.status_code == 409
        assert "the single sign-on did not let you in." in denied.text
        back = at_provider(browser, begun(mine), "subject-of-boss")
        single.clock.forward(minutes=11)
        assert mine.client.get(back).status_code == 409
        for state in ("", "x", "demo." + "0" * 48):
            assert mine.client.get(f"{single.url}/sign-in/sso/back?code=1&state={state}").status_code == 409
        assert mine.get("/account").status_code == 303


def test_nobody_is_sent_to_a_provider_in_clear() -> None:
    with pytest.raises(NotByTls):
        Provider("http://id.example", CLIENT, SECRET)


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
    assert "Sign in with a password meanwhile." in answer.text
    assert 'name="password"' in answer.text


ATTEMPT = Attempt("demo." + "0" * 48, "nonce", "verifier")
GOOD = {"code": "one", "state": ATTEMPT.state}


@contextmanager
def _odd_provider(about: object = None) -> Iterator[tuple[str, list[str]]]:
    """What no real provider does: it says ``about`` of itself, gives whoever asks a token; with what was asked."""
    asked: list[str] = []

    class Odd(BaseHTTPRequestHandler):
        def log_message(self, *_said: object) -> None:
            """Nothing is written to the terminal."""

        def do_GET(self) -> None:
            asked.append(self.path)
            told = {name: f"{url}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            self._say({"issuer": url, **told} if about is None else about)

        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self._say({"access_token": "a", "token_type": "Bearer"})

        def _say(self, what: object) -> None:
            said = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield url, asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "query",
    [
        {"state": ATTEMPT.state},
        {"state": ATTEMPT.state, "code": ""},
        {"state": ATTEMPT.state, "error": "access_denied"},
        GOOD | {"error": "access_denied"},
        GOOD | {"state": "demo." + "1" * 48},
        GOOD | {"state": [ATTEMPT.state, "another"]},
        GOOD | {"iss": "https://id.example"},
        {"code": "one"},
    ],
)
def test_without_a_code_for_this_attempt_nothing_is_asked(query: dict[str, str | list[str]]) -> None:
    with _odd_provider() as (issuer, asked):
        provider = Provider(issuer, CLIENT, SECRET)
        came = f"http://x/back?{urlencode(query, doseq=True)}"
        with pytest.raises(NotProved):
            provider.subject(ATTEMPT, came=came, back="http://x/back", now=app.now())
        assert asked == []


def test_a_code_is_given_for_a_token_and_as_nothing_else() -> None:
    with _odd_provider() as (issuer, asked):
        provider = Provider(issuer, CLIENT, SECRET)
        with pytest.raises(NotProved):  # no token of an identity comes
            provider.subject(ATTEMPT, came=f"http://x/back?{urlencode(GOOD)}", back="http://x/back", now=app.now())
        sent = dict(parse_qsl(asked[1]))
        assert (sent["grant_type"], sent["code"], sent["code_verifier"], sent["redirect_uri"]) == (
            "authorization_code", "one", "verifier", "http://x/back",
        )  # fmt: skip


@pytest.mark.parametrize("about", [[], ["x"], "x", 5, {}, {"issuer": "https://id.example"}])
def test_a_provider_that_does_not_say_who_it_is_is_named(about: object) -> None:
    with _odd_provider(about) as (issuer, _asked):
        provider = Provider(issuer, CLIENT, SECRET)
        with pytest.raises(ProviderSilent, match="it says it is another, or says too little"):
            provider.begin(ATTEMPT, back="http://x/back")


def test_the_way_to_the_provider_takes_the_lender_along(single: Ground) -> None:
    enter(single.database, replace(DEMO, lender_id="other"))
    single.user("north", Role.COLLECTOR, lender="other")
    with single.database.transaction("other") as tx:
        set_subject(
            tx, vault=single.vault, user_id="north", subject="subject-of-north", actor=OPERATOR, now=single.clock()
        )
    with Reader(single) as reader, httpx.Client(timeout=30) as browser:
        assert "lender=demo" in reader.get("/sign-in").text
        typed = reader.post("/sign-in", lender="other", name="north", password="wrong").text
        way = re.search(r'href="(/sign-in/sso\?[^"]*lender=other)"', typed)
        assert way, typed
        address = reader.client.get(way[1].replace("&amp;", "&")).headers["location"]
        answer = reader.client.get(at_provider(browser, address, "subject-of-north"))
        assert answer.status_code == 303, answer.text
        assert "lender=other" in reader.client.get("/sign-in/sso/back?state=other." + "0" * 48).text


def test_an_administrator_links_a_user_and_takes_the_link_away(single: Ground) -> None:
    entered(single, "boss", "subject-of-boss")
    single.user("E01", Role.COLLECTOR)
    with Reader(single) as boss, Reader(single) as linked, httpx.Client(timeout=30) as browser:
        with httpx.Client(timeout=30) as other:
            boss.client.get(at_provider(other, begun(boss), "subject-of-boss"))

        def said(whom: str, subject: str) -> httpx.Response:
            return boss.post(f"/users/{whom}/subject", "/users", subject=subject)

        assert 'name="subject"' in boss.get("/users/E01").text
        assert said("E01", "subject-of-boss").status_code == 409
        assert "knows boss under this subject" in said("E01", "subject-of-boss").text
        assert said("E01", "two words").status_code == 409
        assert said("boss", "mine").status_code == 409  # nobody links oneself
        assert said("E01", "subject-of-one").status_code == 303
        assert linked.client.get(at_provider(browser, begun(linked), "subject-of-one")).status_code == 303
        assert linked.get("/account").status_code == 200
        assert said("E01", "").status_code == 303
        assert linked.get("/account").status_code == 303, "the session went with the subject"
        with single.database.transaction("demo") as tx:
            found = tx.execute("SELECT actor FROM log_entry WHERE kind = 'user.subject_set' ORDER BY entry_id")
            assert [row[0] for row in found][1:] == ["admin:boss"] * 2
