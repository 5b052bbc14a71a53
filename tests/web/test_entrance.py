"""Who comes in, what a request may look like, and what is said where it cannot be done."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from duecourse.casework.token import NotAToken, create_token, revoke_token
from duecourse.evidence.record import read
from duecourse.storage import log, tokens
from duecourse.storage.tokens import NoSuchToken, Scope
from duecourse.web.api.envelope import BODY_BYTES_MAX
from duecourse.web.api.identity import TRUSTED_MS
from duecourse.web.api.problem import Kind
from tests.desk import NOW
from tests.web.conftest import OPERATOR, Site, problem
from tests.web.reader import CERTIFICATES

PHONE = "15400000001"


def operations(site: Site) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of everything that the API offers."""
    described = httpx.get(f"{site.url}/openapi.json").json()
    return [
        (method.upper(), path.removeprefix("/api/v1"), operation)
        for path, place in described["paths"].items()
        for method, operation in place.items()
    ]


def asked(site: Site, method: str, path: str, token: str | None) -> httpx.Response:
    """A request to an operation with nothing in it but a token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    where = site.url + re.sub(r"\{\w+\}", "1", path.replace("{rule}", "cn.contact.window"))
    return httpx.request(method, where, headers=headers, verify=CERTIFICATES)


def test_everything_but_health_wants_a_token(site: Site) -> None:
    for method, path, operation in operations(site):
        if path.startswith("/health/"):
            assert "security" not in operation
            assert asked(site, method, path, None).status_code == 200
            continue
        assert operation["security"], path
        for token in (None, "x", "duecourse.demo." + "A" * 43, "duecourse.nobody." + "A" * 43):
            found = asked(site, method, path, token)
            problem(found, Kind.NO_TOKEN)
            assert found.headers["www-authenticate"].startswith("Bearer ")


def test_every_operation_wants_the_scopes_it_names(site: Site) -> None:
    for method, path, operation in operations(site):
        if "security" not in operation:
            continue
        ((_scheme, needed),) = operation["security"][0].items()
        assert needed, f"{path} names no scope"
        others = tuple(scope for scope in Scope if scope not in needed)
        found = asked(site, method, path, site.token(*others))
        problem(found, Kind.NO_SCOPE)
        assert all(scope in found.headers["www-authenticate"] for scope in needed)


def test_a_token_of_another_lender_is_for_that_lender(site: Site) -> None:
    other = site.token(Scope.LAW_READ, lender="other")
    assert asked(site, "GET", "/law/facts", other).status_code == 200
    problem(asked(site, "GET", "/law/facts", other.replace(".other.", ".demo.")), Kind.NO_TOKEN)


def test_a_token_ends_when_it_expires(site: Site) -> None:
    token = site.token(Scope.LAW_READ)
    site.set_clock(NOW + timedelta(days=30, microseconds=-1))
    assert asked(site, "GET", "/law/facts", token).status_code == 200
    site.set_clock(NOW + timedelta(days=30))
    problem(asked(site, "GET", "/law/facts", token), Kind.NO_TOKEN)


def test_a_revoked_token_opens_nothing_and_stays_revoked(site: Site) -> None:
    text = site.token(Scope.LAW_READ, name="to-be-revoked")
    assert asked(site, "GET", "/law/facts", text).status_code == 200
    with site.database.transaction("demo") as tx:
        kept = tokens.by_text(tx, text)
        assert kept is not None
        ended = revoke_token(tx, vault=site.vault, token_id=kept.token_id, actor=OPERATOR, now=NOW)
        assert ended.revoked_at == NOW
        assert (
            revoke_token(tx, vault=site.vault, token_id=kept.token_id, actor=OPERATOR, now=NOW + timedelta(days=1))
            == ended
        )
        with pytest.raises(NoSuchToken):
            revoke_token(tx, vault=site.vault, token_id="a" * 12, actor=OPERATOR, now=NOW)
    # A process trusts what it found for a while, and no longer.
    refused = None
    for _ in range(100 * TRUSTED_MS):
        refused = asked(site, "GET", "/law/facts", text)
        if refused.status_code != 200:
            break
    assert refused is not None
    problem(refused, Kind.NO_TOKEN)


def test_a_token_is_kept_as_a_digest_with_a_record(site: Site) -> None:
    with site.database.transaction("demo") as tx:
        given = create_token(
            tx,
            vault=site.vault,
            name="dialler-1",
            scopes=[Scope.PERMIT_REQUEST, Scope.LAW_READ],
            sender_type="agency",
            firm="acme",
            expires_at=NOW + timedelta(days=1),
            requests_minute_max=None,
            actor=OPERATOR,
            now=NOW,
            chance=os.urandom,
        )
        secret = given.text.rpartition(".")[2]
        assert secret not in repr(given)
        rows = tx.value("SELECT string_agg(t::text, ' ') FROM api_token t")
        assert secret not in str(rows)
        entry = log.get(tx, log.last_id(tx))
        assert entry is not None
        assert (entry.kind, entry.actor) == ("token.created", "operator:test")
        stated = read(entry.content)["stated"]
    assert isinstance(stated, dict)
    assert stated["scopes"] == ["law:read", "permit:request"]
    assert (stated["firm"], stated["token"]) == ("acme", given.token.token_id)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scopes": []}, "opens nothing"),
        ({"scopes": ["law:mend"]}, "no scope law:mend; did you mean 'law:read'?; there are law:read, "),
        ({"scopes": ["cases:read", "law:read"]}, "no scope cases:read; did you mean 'case:read'?; there are law:"),
        ({"scopes": ["everything"]}, "no scope everything; there are law:read, "),
        ({"name": "two words"}, "named by"),
        ({"sender_type": "postman"}, "a sender is one of"),
        ({"sender_type": "agency"}, "bound to it by --firm"),
        ({"firm": "acme"}, "bound to it by --firm"),
        ({"sender_type": "agency", "firm": "acme", "scopes": ["permit:override"]}, "never for another firm"),
        ({"requests_minute_max": 0}, "at least 1"),
        ({"expires_at": NOW}, "later than now"),
    ],
)
def test_tokens_that_cannot_be(site: Site, changed: dict[str, Any], said: str) -> None:
    whole: dict[str, Any] = {
        "name": "x", "scopes": ["law:read"], "sender_type": "lender", "firm": None,
        "expires_at": NOW + timedelta(days=1), "requests_minute_max": None,
    } | changed  # fmt: skip
    with pytest.raises(NotAToken, match=re.escape(said)), site.database.transaction("demo") as tx:
        create_token(tx, vault=site.vault, actor=OPERATOR, now=NOW, chance=os.urandom, **whole)


def test_a_token_has_its_requests_a_minute(site: Site) -> None:
    with site.client(Scope.LAW_READ, per_minute=3, name="slow") as client:
        answers = [client.get("/law/facts") for _ in range(8)]
    assert [one.status_code for one in answers].count(200) in {3, 6}  # 6 where the minute turns meanwhile
    limited = next(one for one in answers if one.status_code != 200)
    problem(limited, Kind.TOO_MANY)
    assert 1 <= int(limited.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", Kind.INVALID),
        (b"{", Kind.MALFORMED),
        (b'{"channel": "call", "at": "2026-03-01T10:00:00+08:00", "at2": 1}', Kind.INVALID),
        (b'{"channel": "fax", "at": "2026-03-01T10:00:00+08:00"}', Kind.INVALID),
        (b'{"channel": "call", "at": "2026-03-01T10:00:00"}', Kind.INVALID),
        (b'{"channel": "call", "at": "2026-02-30T10:00:00+08:00"}', Kind.INVALID),
        (b'{"channel": "call", "at": 1772330400}', Kind.INVALID),
        (b'{"channel": "call", "at": "2026-03-01T10:00:00+08:00", "facts": {"demand_minor": 1.5}}', Kind.INVALID),
        (b'{"channel": "call", "at": "2026-03-01T10:00:00+08:00", "facts": {"on": "2026-03-01"}}', Kind.INVALID),
        (b'{"channel": "call", "at": "2026-03-01T10:00:00+08:00", "facts": {"sms_person_day": -1}}', Kind.INVALID),
        (b'{"channel": "call", "at": "2026-03-01T10:00:00+08:00", "zones": ["Asia/Shangri-La"]}', Kind.INVALID),
        (b"\xff\xfe", Kind.MALFORMED),
        (b" " * (BODY_BYTES_MAX + 1), Kind.TOO_LARGE),
    ],
)
def test_bodies_that_cannot_be(site: Site, content: bytes, kind: Kind) -> None:
    with site.client(Scope.LAW_READ) as client:
        answer = client.post("/law/explain", content=content, headers={"Content-Type": "application/json"})
    problem(answer, kind)


def test_what_is_no_json_is_not_read(site: Site) -> None:
    with site.client(Scope.LAW_READ) as client:
        problem(client.post("/law/explain", content=b"{}", headers={"Content-Type": "text/plain"}), Kind.NOT_JSON)
        parts = iter([b"{" + b" " * BODY_BYTES_MAX, b"}"])  # without a length said before
        big = client.post("/law/explain", content=parts, headers={"Content-Type": "application/json"})
        problem(big, Kind.TOO_LARGE)


def test_places_and_methods_that_are_not_there(site: Site) -> None:
    with site.client(Scope.LAW_READ) as client:
        problem(client.get("/nowhere"), Kind.NOT_FOUND)
        problem(client.get("/law/facts/"), Kind.NOT_FOUND)
        problem(client.get("/law/rules/cn.nothing"), Kind.NOT_FOUND)
        problem(client.get("/docs"), Kind.NOT_FOUND)
        problem(client.get("/permits/batch"), Kind.NO_METHOD)
        wrong = client.delete("/law/facts")
        problem(wrong, Kind.NO_METHOD)
        assert wrong.headers["allow"] == "GET"


def test_a_name_that_the_query_takes_once_is_refused_twice(site: Site) -> None:
    with site.client(Scope.WEBHOOK_MANAGE, Scope.CASE_READ) as client:
        found = problem(client.get("/webhooks/events?most=1&state=failed&most=2"), Kind.INVALID)
        assert found["detail"] == "The query says 'most' more than once; here it is taken once."
        assert found["errors"] == [{"in": "query", "pointer": "/most", "detail": "This is taken once"}]
        spoken = client.get("/webhooks/events?most=1&most=1", headers={"Accept-Language": "zh-CN"})
        assert problem(spoken, Kind.INVALID)["detail"] == "查询参数 'most' 出现多次；此处只接受一次。"
        problem(client.get("/worklist?stage=M1&stage=M2"), Kind.CONFLICT)  # read, but no day has run


def test_a_name_in_the_query_that_is_not_known_is_refused_with_those_that_are(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.token(*Scope)}", "Accept-Language": "en"}
    for method, path, operation in operations(site):
        if "security" not in operation:
            continue
        known = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
        where = site.url + re.sub(r"\{\w+\}", "1", path)
        found = problem(
            httpx.request(method, where, params={"stat": "failed"}, headers=headers, verify=CERTIFICATES), Kind.INVALID
        )
        assert found["errors"] == [{"in": "query", "pointer": "/stat", "detail": "Extra inputs are not permitted"}]
        names = ", ".join(f"'{name}'" for name in known)
        says = f"; known are {names}." if known else ": this place takes no query."
        assert found["detail"] == f"The query says 'stat', which is not known here{says}", path
    with site.client(Scope.WEBHOOK_MANAGE) as client:
        assert client.get("/webhooks/events?state=failed&most=1").status_code == 200
        two = problem(client.get("/webhooks/events?state=failed&Most=1&endpoints=1&Most=2"), Kind.INVALID)
        assert [one["pointer"] for one in two["errors"]] == ["/Most", "/endpoints"]
        spoken = client.get("/webhooks/events?x=1", headers={"Accept-Language": "zh-CN"})
        assert problem(spoken, Kind.INVALID)["detail"] == (
            "查询参数 'x' 在此处不存在；可用的有 'endpoint', 'state', 'cursor', 'most'。"
        )


def test_no_problem_repeats_what_was_sent(site: Site) -> None:
    body = {"channel": PHONE, "at": PHONE, PHONE: PHONE, "facts": {"张三" + PHONE: 1}, "template": PHONE}
    with site.client(Scope.LAW_READ) as client:
        for answer in (
            client.post("/law/explain", json=body),
            client.post("/law/explain", json={"channel": "call", "at": "2026-03-01T10:00:00Z", "facts": {PHONE: 1}}),
            client.get(f"/law/rules/{PHONE}"),
            client.get(f"/{PHONE}"),
            client.get("/law/rules", params={"jurisdiction": PHONE}),
            client.get("/law/rules", params={"张三" + PHONE: PHONE, PHONE: "1", "x" * 58 + " " + PHONE: "1"}),
        ):
            assert answer.status_code in {404, 422}
            assert PHONE not in json.dumps(answer.json())
            assert "张三" not in answer.text
    asked(site, "GET", "/health/live", None)
    log = site.home / "duecourse.log"  # begun by the first line that is worth one
    assert not log.exists() or PHONE not in log.read_text(encoding="utf-8")


def test_every_answer_has_its_id_and_is_not_kept(site: Site) -> None:
    ids = set()
    for path in ("/health/live", "/law/facts", "/nowhere"):
        answer = asked(site, "GET", path, None)
        ids.add(answer.headers["x-request-id"])
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(ids) == 3


def test_the_log_tells_of_a_refused_token_by_the_request_id(site: Site) -> None:
    answer = asked(site, "GET", "/law/facts", "x")
    asked(site, "GET", "/health/live", None)  # answered after the line was written
    lines = (site.home / "duecourse.log").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines if answer.headers["x-request-id"] in line]
    assert [(one["status"], one["method"]) for one in told] == [(401, "GET")]
