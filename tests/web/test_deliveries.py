"""Deliveries on screen: what was told, and letting some of it go again for a reason, by those who may."""

from __future__ import annotations

import os
from html import unescape

from duecourse.casework import holds, webhook
from duecourse.casework.actor import Role
from duecourse.casework.holds import HoldKind
from duecourse.storage import webhooks
from tests.desk import person
from tests.permit_desk import OPERATOR
from tests.web.reader import Ground


def told(ground: Ground) -> tuple[int, int]:
    """An endpoint, and the entry of an act that it was told of: the telling failed for good."""
    with ground.database.transaction("demo") as tx:
        number = webhook.add_endpoint(
            tx, vault=ground.vault, url="https://example.com/hooks", kinds=["hold.placed"], actor=OPERATOR,
            now=ground.clock(), chance=os.urandom,
        ).endpoint.endpoint_id  # fmt: skip
    with ground.database.transaction("demo") as tx:
        holds.place(
            tx, vault=ground.vault, person_id=person(1), kind=HoldKind.HARDSHIP, source="test", actor=OPERATOR,
            clock=ground.clock,
        )  # fmt: skip
    with ground.database.transaction("demo") as tx:
        (one,) = webhooks.latest(tx)
        webhooks.settle(
            tx, one, state="failed", next_at=ground.clock(), status=500, trouble="answered 500", delivered_at=None
        )
    return number, one.entry_id


def state(ground: Ground) -> str:
    with ground.database.transaction("demo") as tx:
        return webhooks.latest(tx)[0].state


def test_what_was_told_is_shown_and_goes_again_for_a_reason(ground: Ground) -> None:
    number, entry = told(ground)
    officer, auditor = ground.reader(Role.COMPLIANCE), ground.reader(Role.AUDITOR)
    page = officer.get("/webhooks").text
    assert f"demo.{entry}" in page
    assert "HTTP 500" in page
    assert f"demo.{entry}" not in officer.get("/webhooks?state=delivered").text
    chosen = f"{number}/{entry}"
    assert f'value="{chosen}"' not in auditor.get("/webhooks").text
    assert auditor.post("/webhooks/replays", event=chosen, reason="x").status_code == 403
    assert ground.reader(Role.COLLECTOR).get("/webhooks").status_code == 403
    assert officer.post("/webhooks/replays", event=chosen, reason=" ").status_code == 422
    assert officer.post("/webhooks/replays", event=f"{number}/999999", reason="x").status_code == 422
    assert officer.post("/webhooks/replays", reason="x").status_code == 422
    assert officer.post("/webhooks/replays", event="one", reason="x").status_code == 422
    assert state(ground) == "failed"
    assert officer.post("/webhooks/replays", event=chosen, reason="their system was down").status_code == 303
    assert state(ground) == "waiting"
    assert "their system was down" in auditor.get("/webhooks").text


def test_all_acts_of_some_days_go_again(ground: Ground) -> None:
    number, _entry = told(ground)
    admin, day = ground.reader(Role.ADMIN), ground.clock().date().isoformat()
    given = {"endpoint": str(number), "from": day, "to": day, "reason": "a day was lost"}
    assert admin.post("/webhooks/ranges", **(given | {"reason": ""})).status_code == 422
    assert admin.post("/webhooks/ranges", **(given | {"from": "yesterday"})).status_code == 422
    assert admin.post("/webhooks/ranges", **given).status_code == 303
    assert state(ground) == "waiting"


def test_an_address_that_is_too_long_or_within_is_refused_on_the_page(ground: Ground) -> None:
    admin = ground.reader(Role.ADMIN)

    def add(url: str) -> tuple[int, str]:
        answer = admin.post("/administration/webhooks", url=url, kind="hold.placed")
        return answer.status_code, unescape(answer.text)

    status, page = add("https://example.com/".ljust(3_000, "a"))
    assert status == 422
    assert "the address of an endpoint has at most 2048 characters; this one has 3000" in page
    assert f'maxlength="{webhook.URL_MAX}"' in page
    for host in ("127.0.0.1", "localhost", "10.0.0.8"):
        status, page = add(f"https://{host}/hooks")
        assert status == 422
        assert f"the address of an endpoint leads to '{host}', which is not public" in page
        form = page.partition('<dialog id="add"')[2].partition("</dialog>")[0]
        assert "data-wanted" in form, "the form stands open again"
        assert f'value="https://{host}/hooks"' in form
        assert [one for one in webhook.KINDS if f'value="{one}" checked' in form] == ["hold.placed"]
    status, page = add("https://example.com/mine")
    assert status == 200
    assert "whsec_" in page
