"""Strategies and webhooks over HTTP: drafts by key, each written once; pages; secrets shown once."""

from __future__ import annotations

from typing import Any

import httpx

from duecourse.book.strategy import shipped
from duecourse.storage.tokens import Scope
from duecourse.web.api.problem import Kind
from tests.web.conftest import Site, problem

BOTH = (Scope.STRATEGY_READ, Scope.STRATEGY_WRITE)


def post(client: httpx.Client, path: str, key: str, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    return client.post(path, json=body, headers={"Idempotency-Key": key})


def begun(client: httpx.Client, key: str) -> dict[str, Any]:
    answer = post(client, "/strategies/drafts", key)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_draft_is_begun_and_written_once_however_often_it_is_sent(site: Site) -> None:
    with site.client(*BOTH, name="writer") as client:
        made = begun(client, "begin-1")
        assert begun(client, "begin-1") == made, "the same key, the same draft"
        assert begun(client, "begin-2")["draft"] != made["draft"]
        path = f"/strategies/drafts/{made['draft']}/revisions"
        faulty = shipped().replace("dpd >= 1", "ddp >= 1")
        written = post(client, path, "write-1", content=faulty, after=1)
        assert written.status_code == 201
        assert "did you mean 'dpd'?" in written.json()["fault"]
        assert post(client, path, "write-1", content=faulty, after=1).json() == written.json()
        problem(post(client, path, "write-1", content=shipped(), after=1), Kind.OTHER_REQUEST)
        problem(post(client, path, "write-2", content=shipped(), after=1), Kind.CONFLICT)
        ask = f"/strategies/drafts/{made['draft']}/activation"
        problem(post(client, ask, "ask-1", first="2026-04-01", reason="tried"), Kind.INVALID)
        assert post(client, path, "write-3", content=shipped() + "\n", after=2).json()["fault"] is None
        asked = post(client, ask, "ask-2", first="2026-04-01", reason="tried by hand", untried=True)
        assert asked.status_code == 201
        assert asked.json()["kind"] == "strategy.activate"
        problem(post(client, ask, "ask-3", first="2026-04-01", reason="again"), Kind.CONFLICT)
        assert client.get(f"/strategies/drafts/{made['draft']}").json()["revision"] == 3
    with site.client(Scope.STRATEGY_READ) as client:
        problem(post(client, "/strategies/drafts", "k"), Kind.NO_SCOPE)
        problem(client.get("/strategies/drafts/99999999"), Kind.NOT_FOUND)


def test_drafts_are_listed_page_by_page(site: Site) -> None:
    with site.client(*BOTH, name="pages") as client:
        numbers = {begun(client, f"page-{n}")["draft"] for n in range(3)}
        found: list[str] = []
        cursor = None
        while True:
            page = client.get("/strategies/drafts", params={"most": 2, **({"cursor": cursor} if cursor else {})}).json()
            found += [one["draft"] for one in page["drafts"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert numbers <= set(found)
    assert len(found) == len(set(found))
    assert found == sorted(found, key=int, reverse=True)


def test_a_secret_is_shown_once(site: Site) -> None:
    body = {"url": "https://example.com/hooks", "kinds": ["permit.refused"]}
    with site.client(Scope.WEBHOOK_MANAGE) as client:
        made = post(client, "/webhooks", "hook-1", **body)
        assert made.status_code == 201, made.text
        assert made.json()["secret"].startswith("whsec_")
        again = post(client, "/webhooks", "hook-1", **body).json()
        assert again == {"endpoint": made.json()["endpoint"], "secret": ""}
        listed = client.get("/webhooks").json()
        assert [one["url"] for one in listed["endpoints"]].count(body["url"]) == 1
        assert "whsec_" not in str(listed)
        problem(post(client, "/webhooks", "hook-2", url="https://example.com/", kinds=["person.reveal"]), Kind.INVALID)
        assert client.post(f"/webhooks/{made.json()['endpoint']}/ending").json() == {"ended": True}


def test_an_address_that_is_too_long_or_within_is_refused(site: Site) -> None:
    with site.client(Scope.WEBHOOK_MANAGE) as client:
        before = client.get("/webhooks").json()["endpoints"]
        long = post(client, "/webhooks", "hook-3", url="https://example.com/".ljust(3_000, "a"), kinds=["hold.placed"])
        (one,) = problem(long, Kind.INVALID)["errors"]
        assert one == {
            "in": "body", "pointer": "/url", "detail": "String should have at most this many characters: 2048",
        }  # fmt: skip
        for host in ("127.0.0.1", "localhost", "10.0.0.8"):
            within = post(client, "/webhooks", f"hook-{host}", url=f"https://{host}/hooks", kinds=["hold.placed"])
            assert f"leads to '{host}', which is not public" in problem(within, Kind.INVALID)["detail"]
        assert client.get("/webhooks").json()["endpoints"] == before


def test_no_secret_is_kept_with_the_keys(site: Site) -> None:
    with site.client(Scope.WEBHOOK_MANAGE) as client:
        post(client, "/webhooks", "hook-9", url="https://example.com/9", kinds=["hold.placed"])
    with site.database.transaction("demo") as tx:
        found = tx.value("SELECT count(*) FROM request_key WHERE answer::text LIKE '%%whsec_%%'")
    assert found == 0
