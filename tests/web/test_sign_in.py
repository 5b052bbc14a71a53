"""Signing in and out: who comes in, who does not, and what is left of it."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest

from duecourse.casework import authenticator, password
from duecourse.casework.actor import Role
from duecourse.casework.sign_in import FAILURES_MAX, IDLE, LASTS, LOCK_FIRST
from duecourse.casework.user import add_user, disable, end_sessions, reset
from duecourse.storage import sessions, users
from duecourse.web.landing import local
from duecourse.web.visiting import COOKIE
from tests.permit_desk import OPERATOR
from tests.web.reader import WORD, Ground, Reader


def signed_in(reader: Reader) -> bool:
    """Whether the reader's own account opens."""
    return reader.get("/account").status_code == 200


def kinds(ground: Ground) -> list[str]:
    """The kinds of records about users, in order."""
    with ground.database.transaction("demo") as tx:
        return [
            str(row[0]) for row in tx.execute("SELECT kind FROM log_entry WHERE kind LIKE 'user.%' ORDER BY entry_id")
        ]


def test_with_the_password_one_comes_in_and_with_sign_out_one_leaves(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader:
        assert not signed_in(reader)
        answer = reader.sign_in("e01")  # capitals do not matter at the keyboard
        assert answer.headers["location"] == "/"
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert "samesite=lax" in answer.headers["set-cookie"].lower()
        assert signed_in(reader)
        assert reader.post("/sign-out", "/account").status_code == 303
        assert not signed_in(reader)


@pytest.mark.parametrize(("name", "word"), [("E01", "wrong"), ("nobody", WORD), ("", ""), ("E01", "")])
def test_wrong_names_and_passwords_are_told_the_same(ground: Ground, name: str, word: str) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader:
        answer = reader.post("/sign-in", name=name, password=word)
        assert answer.status_code == 403
        assert "sign-in name or password is wrong" in answer.text
        assert not signed_in(reader)


def test_a_role_of_power_needs_the_code_and_each_code_opens_once(ground: Ground) -> None:
    secret = ground.user("boss", Role.ADMIN)
    with Reader(ground) as first, Reader(ground) as second:
        first.sign_in("boss", secret=secret)
        assert signed_in(first)
        asked = second.post("/sign-in", name="boss", password=WORD)
        half = re.search(r'name="half" value="([^"]+)"', asked.text)
        assert half
        again = second.post("/sign-in/code", half=half[1], code=authenticator.code_at(secret, ground.clock()))
        assert again.status_code == 403
        assert not signed_in(second)
        ground.clock.forward(seconds=30)
        code = authenticator.code_at(secret, ground.clock())
        assert second.post("/sign-in/code", half=half[1], code=code).status_code == 303
        assert signed_in(second)
        assert second.post("/sign-out", "/account").status_code == 303
    assert kinds(ground).count("user.signed_in") == 2
    assert kinds(ground).count("user.signed_out") == 1


def test_the_half_way_is_for_one_browser_and_a_few_minutes(ground: Ground) -> None:
    secret = ground.user("boss", Role.ADMIN)
    with Reader(ground) as mine, Reader(ground) as other:
        page = mine.post("/sign-in", name="boss", password=WORD).text
        half = re.search(r'name="half" value="([^"]+)"', page)
        assert half
        code = authenticator.code_at(secret, ground.clock())
        assert other.post("/sign-in/code", half=half[1], code=code).status_code == 403
        assert mine.post("/sign-in/code", half="x" + half[1], code=code).status_code == 403
        ground.clock.forward(minutes=6)
        late = authenticator.code_at(secret, ground.clock())
        assert mine.post("/sign-in/code", half=half[1], code=late).status_code == 403
        assert not signed_in(mine)


def test_a_role_of_power_without_authenticator_sets_one_up_before_anything_else(ground: Ground) -> None:
    with ground.database.transaction("demo") as tx:
        add_user(tx, vault=ground.vault, user_id="new", team=None, actor=OPERATOR, now=ground.clock())
        users.grant(tx, "demo", "new", "admin", by="test", now=ground.clock())
        users.set_password(tx, "new", password.hashed(WORD), must_change=False, now=ground.clock())
    with Reader(ground) as reader:
        reader.sign_in("new")
        for path, after in (("/", ""), ("/users", "?next=/users"), ("/account", "?next=/account")):
            assert reader.get(path).headers["location"] == f"/account/authenticator{after}"
        page = reader.get("/account/authenticator")
        key = re.search(r"<code>([A-Z2-7]{32})</code>", page.text)
        assert key
        assert "<svg" in page.text
        secret = base64.b32decode(key[1])
        assert reader.post("/account/authenticator", "/account/authenticator", code="000000").status_code == 422
        done = reader.post(
            "/account/authenticator", "/account/authenticator", code=authenticator.code_at(secret, ground.clock())
        )
        codes = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", done.text)
        assert len(codes) == authenticator.RECOVERY_CODES
        assert reader.get("/users").status_code == 200
    ground.clock.forward(minutes=1)
    with Reader(ground) as lost:  # the phone is lost: a recovery code opens once
        page_text = lost.post("/sign-in", name="new", password=WORD).text
        half = re.search(r'name="half" value="([^"]+)"', page_text)
        assert half
        assert lost.post("/sign-in/code", half=half[1], code=codes[0]).status_code == 303
        assert lost.post("/sign-in/code", half=half[1], code=codes[0]).status_code == 403
    assert "user.recovered" in kinds(ground)


def test_too_many_failures_lock_for_a_while_even_with_the_right_password(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader:
        for _try in range(FAILURES_MAX):
            reader.post("/sign-in", name="E01", password="wrong")
        locked = reader.post("/sign-in", name="E01", password=WORD)
        assert locked.status_code == 403
        assert "sign-in name or password is wrong" in locked.text
        ground.clock.forward(seconds=4 * LOCK_FIRST.total_seconds())
        reader.sign_in("E01")
        assert signed_in(reader)
    assert kinds(ground).count("user.sign_in_failed") == FAILURES_MAX


def test_a_session_ends_when_idle_when_old_and_at_once_when_told(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader:
        reader.sign_in("E01")
        ground.clock.forward(seconds=IDLE.total_seconds())
        assert not signed_in(reader)
        reader.sign_in("E01")
        for _minute in range(int(IDLE / timedelta(minutes=20))):  # a page that asks by itself is no use of the session
            ground.clock.forward(minutes=20)
            reader.client.get("/account", headers={"X-Unattended": "1"})
        assert not signed_in(reader)
        reader.sign_in("E01")
        for _hour in range(int(LASTS / timedelta(minutes=50))):
            ground.clock.forward(minutes=50)
            assert signed_in(reader)
        ground.clock.forward(minutes=50)
        assert not signed_in(reader)
        reader.sign_in("E01")
        with ground.database.transaction("demo") as tx:
            assert end_sessions(tx, vault=ground.vault, user_id="E01", actor=OPERATOR, now=ground.clock()) >= 1
        assert not signed_in(reader)


def test_who_is_disabled_or_reset_is_out_at_once(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader:
        reader.sign_in("E01")
        with ground.database.transaction("demo") as tx:
            disable(tx, vault=ground.vault, user_id="E01", actor=OPERATOR, now=ground.clock())
        assert not signed_in(reader)
        assert reader.post("/sign-in", name="E01", password=WORD).status_code == 403
    ground.user("E02", Role.COLLECTOR)
    with Reader(ground) as reader:
        reader.sign_in("E02")
        with ground.database.transaction("demo") as tx:
            given = reset(
                tx, vault=ground.vault, user_id="E02", actor=OPERATOR, now=ground.clock(), chance=lambda n: b"z1Q4" * n
            )
        assert not signed_in(reader)
        reader.sign_in("E02", word=given)
        assert reader.get("/account").headers["location"] == "/account/password?next=/account"
        short = reader.post("/account/password", "/account/password", old=given, password="short", again="short")
        assert short.status_code == 422
        changed = reader.post(
            "/account/password",
            "/account/password",
            old=given,
            password="four new words here",
            again="four new words here",
        )
        assert changed.status_code == 303
        assert signed_in(reader)


def test_a_form_needs_the_token_of_its_own_browser(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader, Reader(ground) as other:
        reader.sign_in("E01")
        foreign = other.token()
        for fields in ({}, {"csrf": ""}, {"csrf": "x"}, {"csrf": foreign}):
            answer = reader.client.post("/sign-out", data=fields)
            assert answer.status_code == 403, fields
        own = reader.token("/account")
        assert (
            reader.client.post("/sign-out", data={"csrf": own}, headers={"Origin": "https://evil.example"}).status_code
            == 403
        )
        assert (
            reader.client.post("/sign-out", data={"csrf": own}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
            == 403
        )
        assert signed_in(reader)
        assert reader.client.post("/sign-out", data={"csrf": own}, headers={"Origin": ground.url}).status_code == 303


def test_the_cookie_is_kept_as_a_digest_and_belongs_to_one_lender(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader:
        reader.sign_in("E01")
        cookie = str(reader.client.cookies[COOKIE])
        with ground.database.transaction("demo") as tx:
            rows = str(tx.value("SELECT string_agg(s::text, ' ') FROM user_session s"))
            assert cookie.partition(".")[2] not in rows
            assert sessions.known(tx, cookie) is not None
        for wrong in (cookie.replace("demo.", "other."), cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), "x"):
            reader.client.cookies.clear()
            reader.client.cookies[COOKIE] = wrong
            assert not signed_in(reader)


def test_after_signing_in_one_is_where_one_wanted_to_be_and_never_elsewhere(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    with Reader(ground) as reader:
        assert reader.get("/account?x=1").headers["location"] == "/sign-in?next=/account%3Fx%3D1"
        answer = reader.post("/sign-in", name="E01", password=WORD, next="//evil.example")
        assert answer.headers["location"] == "/"
    assert local("/\\evil.example") == "/"


ELSEWHERE = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/account",
    "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "account", "@evil.example", "//[", "/sign-in",
    "/sign-out", "/sign-in/sso", "/nowhere",
)  # fmt: skip
"""What nobody is sent to: other sites in every guise, what is no page, and what only takes forms."""


def test_nobody_is_sent_elsewhere_by_any_way_in(ground: Ground) -> None:
    ground.user("E01", Role.COLLECTOR)
    secret = ground.user("boss", Role.ADMIN)
    with Reader(ground) as reader:
        for place in ELSEWHERE:
            form = reader.client.get("/sign-in", params={"next": place}).text
            assert 'name="next" value="/"' in form, place
            asked = reader.post("/sign-in", name="boss", password=WORD, next=place)
            assert 'name="next" value="/"' in asked.text, place
            half = re.search(r'name="half" value="([^"]+)"', asked.text)
            assert half
            code = authenticator.code_at(secret, ground.clock())
            assert reader.post("/sign-in/code", half=half[1], code=code, next=place).headers["location"] == "/", place
            ground.clock.forward(minutes=1)  # each code opens once
            assert reader.client.get("/sign-in", params={"next": place}).headers["location"] == "/", place
            reader.post("/sign-out", "/account")
            assert reader.post("/sign-in", name="E01", password=WORD, next=place).headers["location"] == "/", place
            reader.post("/sign-out", "/account")


def test_whose_session_ended_comes_back_to_the_page_in_front(ground: Ground) -> None:
    secret = ground.user("boss", Role.ADMIN)
    with Reader(ground) as reader:
        ask = reader.client.get
        here = {"HX-Request": "true", "HX-Current-URL": f"{ground.url}/users?x=1"}
        answer = ask("/floor/now", headers=here)
        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/sign-in?next=/users%3Fx%3D1")
        for other in ("https://evil.example/users", "//evil.example/users", f"{ground.url}/sign-out", "http://[", ""):
            answer = ask("/floor/now", headers=here | {"HX-Current-URL": other})
            assert answer.headers["hx-redirect"] == "/sign-in", other
        sent = reader.client.post("/users", headers={"Referer": f"{ground.url}/users"})
        assert sent.headers["location"] == "/sign-in?next=/users"
        sent = reader.client.post("/users", headers={"Referer": "https://evil.example/users"})
        assert sent.headers["location"] == "/sign-in"
        asked = reader.post("/sign-in", name="boss", password=WORD, next="/users?x=1")
        assert 'href="/sign-in?next=/users%3Fx%3D1"' in asked.text, "beginning again forgets nothing"
        half = re.search(r'name="half" value="([^"]+)"', asked.text)
        assert half
        wrong = reader.post("/sign-in/code", half=half[1], code="000000", next="/users?x=1")
        assert 'name="next" value="/users?x=1"' in wrong.text
        code = authenticator.code_at(secret, ground.clock())
        answer = reader.post("/sign-in/code", half=half[1], code=code, next="/users?x=1")
        assert answer.headers["location"] == "/users?x=1"


def test_a_first_password_and_an_authenticator_come_between_and_forget_nothing(ground: Ground) -> None:
    with ground.database.transaction("demo") as tx:
        add_user(tx, vault=ground.vault, user_id="new", team=None, actor=OPERATOR, now=ground.clock())
        users.grant(tx, "demo", "new", Role.ADMIN.value, by="test", now=ground.clock())
        users.set_password(tx, "new", password.hashed(WORD), must_change=True, now=ground.clock())
    with Reader(ground) as reader:
        assert reader.post("/sign-in", name="new", password=WORD, next="/users").headers["location"] == "/users"
        place = "/account/authenticator?next=/users"
        assert reader.get("/users").headers["location"] == place
        page = reader.get(place).text
        assert 'name="next" value="/users"' in page
        key = re.search(r"<code>([A-Z2-7]+)</code>", page)
        assert key
        secret = base64.b32decode(key[1] + "=" * (-len(key[1]) % 8))
        code = authenticator.code_at(secret, ground.clock())
        codes = reader.post("/account/authenticator", "/account/authenticator", code=code, next="/users")
        assert 'href="/users">' in codes.text
        place = "/account/password?next=/users"
        assert reader.get("/users").headers["location"] == place
        assert 'name="next" value="/users"' in reader.get(place).text
        given = {"old": WORD, "password": "four quick brown hens", "again": "four quick brown hens"}
        answer = reader.post("/account/password", "/account/password", next="/users", **given)
        assert answer.headers["location"] == "/users"
        assert reader.get("/users").status_code == 200


def test_every_answer_trusts_nothing_but_us(ground: Ground) -> None:
    with Reader(ground) as reader:
        for path in ("/sign-in", "/", "/nowhere"):
            answer = reader.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-request-id"]


def test_language_and_theme_are_the_readers_choice(ground: Ground) -> None:
    with Reader(ground, **{"Accept-Language": "zh-CN,zh;q=0.9"}) as reader:
        page = reader.get("/sign-in").text
        assert 'lang="zh-CN"' in page
        assert "登录" in page
        reader.post("/choices", language="en", theme="dark", next="/sign-in")
        page = reader.get("/sign-in").text
        assert 'lang="en"' in page
        assert 'data-theme="dark"' in page
        assert reader.post("/choices", theme="purple").status_code == 422
