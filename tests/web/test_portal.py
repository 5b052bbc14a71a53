"""The portal: what is one's own and what one says and stops; nothing of another borrower's is ever reachable."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from psycopg import sql
from standardwebhooks import Webhook

from duecourse import app
from duecourse.app import sequencer_of
from duecourse.casework.notes import record_note
from duecourse.casework.pay_links import set_provider
from duecourse.casework.permit import Permit, PermitRequest, Refusal, Sender
from duecourse.casework.permits import check_contact, request_permit
from duecourse.casework.plan_signing import signatures_fit
from duecourse.casework.portal.saying import Matter
from duecourse.law.once import STOPS
from duecourse.law.terms import Channel, SenderType
from duecourse.storage import (
    desk_events,
    holds,
    log,
    matters,
    payments,
    plans,
    points,
    promises,
    server,
    stated,
)
from duecourse.storage import portal as stored
from duecourse.storage.connection import Database
from duecourse.web import site
from duecourse.web.page import Open, Page
from tests.conftest import _new_database
from tests.notice_desk import COLLECTOR
from tests.permit_desk import OPERATOR
from tests.portal_desk import Portal, Somebody, Visitor, offered, portal_desk
from tests.web.test_language import left

PROVIDER_SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="
MINE = [one for one in site.pages() if one.of_portal]
OF_EVERYBODY = {
    "GET /my", "POST /my/enter", "GET /my/code", "POST /my/code", "POST /my/choices",
}  # fmt: skip
"""Pages of the portal that show nothing of anybody."""


@pytest.fixture(scope="module")
def served(postgres: server.Place, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with (
        _new_database(postgres, migrated) as url,
        Database(url) as database,
        portal_desk(database, tmp_path_factory.mktemp("mail")) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def both(served: Portal) -> tuple[Visitor, Visitor]:
    """Both borrowers, in."""
    return served.entered(served.people[0]), served.entered(served.people[1])


def name(page: Page) -> str:
    return f"{page.method} {page.path}"


def identifiers(portal: Portal, one: Somebody) -> dict[str, list[str]]:
    """Every number that names something of somebody's."""
    person = one.desk.person
    with portal.database.transaction("demo") as tx:
        refs = [str(ref) for (ref,) in tx.execute(
            "SELECT loan_ref FROM case_loan_name WHERE person_id = %s", (person,))]  # fmt: skip
        return {
            "person": [str(person)],
            "case": [str(one.desk.case)],
            "loan": [str(key) for key in one.desk.loans],
            "ref": refs,
            "notice": [str(one.notice)],
            "entry": [str(entry.entry_id) for entry in log.of_person(tx, person)],
            "point": [str(each.contact_point_id) for each in points.of_person(tx, person)],
            "session": [each.session_id for each in stored.of_person(tx, person)],
            "promise": [str(each.promise_id) for each in promises.of_person(tx, person)],
            "plan": [str(each.plan_id) for key in one.desk.loans for each in plans.of_loan(tx, key)],
        }


def everything(portal: Portal, one: Somebody) -> str:
    """All that stands about somebody."""
    person = one.desk.person
    with portal.database.transaction("demo") as tx:
        return repr((
            holds.of_person(tx, person), stated.of_person(tx, person), promises.of_person(tx, person),
            [each.ended_at for each in stored.of_person(tx, person)], len(log.of_person(tx, person, 5_000)),
            points.of_person(tx, person),
        ))  # fmt: skip


def test_no_page_of_the_portal_is_open_but_the_door() -> None:
    assert {name(one) for one in MINE if one.needs is Open.EVERYBODY} == OF_EVERYBODY
    assert all(one.needs is Open.BORROWER for one in MINE if name(one) not in OF_EVERYBODY)
    assert len(MINE) > 20
    assert not [one for one in site.pages() if one.needs is Open.BORROWER and not one.of_portal]


def test_nothing_of_another_borrowers_is_ever_reachable(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    """Every route of the table, asked by one borrower with every number of the other in every place."""
    first, second = both
    offered(second)
    own, others = (identifiers(served, one) for one in served.people)
    foreign = {kind: sorted(set(theirs) - set(own[kind])) for kind, theirs in others.items()}
    assert all(foreign[kind] for kind in ("person", "case", "loan", "notice", "entry", "session", "plan"))
    every = sorted({one for theirs in foreign.values() for one in theirs})
    telling = [one for one in every if len(one) >= 4 or not one.isdecimal()]
    fields = {
        field: theirs[0] for field, kind in (
            ("person", "person"), ("person_id", "person"), ("case", "case"), ("case_id", "case"), ("loan", "loan"),
            ("loan_key", "loan"), ("notice", "notice"), ("session", "session"), ("point", "point"),
        ) if (theirs := foreign[kind])
    }  # fmt: skip
    before = everything(served, served.people[1])
    asked = set()
    for page in MINE:
        if page.needs is not Open.BORROWER or page.path == "/my/leave":
            asked.add(name(page))
            continue
        places = re.findall(r"\{(\w+)\}", page.path)
        tried = [one for one in every if not any(one in own.get(kind, []) for kind in places)]
        paths = [re.sub(r"\{\w+\}", one, page.path) for one in tried] if places else [page.path]
        for path in paths:
            if page.method == "GET":
                answer = first.client.get(path, params={**fields, "before": foreign["entry"][0]})
            else:
                answer = first.post(path, "/my/home", **fields, text="x", amount="1", due="2025-06-11", key="k")
            if places:
                assert answer.status_code == 404, (path, answer.status_code)
            assert answer.status_code < 500, path
            shown = re.sub(r'(name="csrf" value|csrf-token" content|name="key" value)="[^"]+"', "", answer.text)
            shown = shown.replace(f'value="{path}"', "")  # the address that was asked for, in the form for the language
            if answer.headers.get("content-type", "").startswith("text/html"):
                words = set(re.findall(r"[A-Za-z0-9_-]+", shown))
                assert not words & set(telling), path
            assert served.people[1].mailbox not in shown
        asked.add(name(page))
    assert asked == {name(one) for one in MINE}
    assert everything(served, served.people[1]) == before


def test_the_database_itself_shows_no_row_of_anybody_else(served: Portal) -> None:
    me, other = (one.desk.person for one in served.people)
    with served.database.transaction("demo") as tx:
        tables = [
            str(table)
            for (table,) in tx.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                "AND a.attname = 'person_id' "
                "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
                "AND has_table_privilege('duecourse_portal', c.oid, 'SELECT') ORDER BY 1"
            )
        ]
    assert len(tables) >= 15
    with served.database.transaction("demo") as tx:
        stored.restrict(tx, [me])
        for table in tables:
            query = sql.SQL("SELECT DISTINCT person_id FROM {}").format(sql.Identifier(table))
            shown = {int(row[0]) for row in tx.connection.execute(query) if row[0] is not None}
            assert other not in shown, table
            if table not in {"contact", "inbound", "recording"}:
                assert shown <= {me}, table
    with served.database.transaction("demo") as tx:
        stored.restrict(tx, [])
        assert tx.value("SELECT count(*) FROM person") == 0
        with pytest.raises(Exception, match="permission denied"):
            tx.execute("SELECT * FROM stated_fact; SELECT * FROM note")


def test_what_is_owed_adds_up_line_by_line(both: tuple[Visitor, Visitor]) -> None:
    page = both[0].get("/my/home").text
    number = re.search(r'href="/my/loans/(-?\d+)"', page)
    assert number
    working = both[0].get(f"/my/loans/{number.group(1)}").text
    assert "Line by line" in working
    assert "To settle everything" in working


def request(portal: Portal, one: Somebody, channel: Channel, template: str, key: str) -> PermitRequest:
    with portal.database.transaction("demo") as tx:
        kind = "email" if channel is Channel.EMAIL else "phone"
        point = next(each.contact_point_id for each in points.of_person(tx, one.desk.person) if each.kind == kind)
    return PermitRequest(
        person_id=one.desk.person, loan_keys=one.desk.loans, contact_point_id=point, channel=channel,
        at=portal.clock(), template_id=template, content_hash="0" * 64, sender=Sender(SenderType.LENDER, staff="a0"),
        idempotency_key=key,
    )  # fmt: skip


def test_a_way_that_is_stopped_is_refused_and_what_was_permitted_is_void(
    served: Portal, both: tuple[Visitor, Visitor]
) -> None:
    one, visitor = served.people[0], both[0]
    served.clock.at += timedelta(minutes=1)

    def ask(key: str, channel: Channel, template: str) -> Permit | Refusal:
        return request_permit(
            served.database, "demo", gate=served.gate, request=request(served, one, channel, template, key),
            actor=OPERATOR, clock=served.clock,
        )  # fmt: skip

    visitor.post("/my/stop/all", "/my/stop", again="1")  # what the test before stopped
    given = ask("a", Channel.EMAIL, "m1.notice.email")
    assert isinstance(given, Permit), given
    assert visitor.post("/my/stop/ways", "/my/stop", stop="no_emails").status_code == 303
    with served.database.transaction("demo") as tx:
        state = tx.value("SELECT state FROM contact WHERE contact_id = %s", (given.permit_id,))
    assert state == "released"
    refused = ask("b", Channel.EMAIL, "m1.notice.email")
    assert isinstance(refused, Refusal)
    assert [reason["rule"] for reason in refused.reasons] == ["house.contact.channel_refused"]
    assert isinstance(ask("c", Channel.SMS, "m1.notice.sms"), Permit)
    assert "checked" in visitor.get("/my/stop").text
    served.clock.forward(seconds=1)
    assert visitor.post("/my/stop/ways", "/my/stop").status_code == 303
    assert "checked" not in visitor.get("/my/stop").text
    assert set(STOPS) == {"no_calls", "no_texts", "no_emails", "no_pushes", "no_letters", "no_visits"}


def test_hours_that_one_names_are_kept(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor = served.people[0], both[0]

    def rules(hour_utc: int) -> list[str]:
        at = served.clock().replace(hour=hour_utc, minute=30)
        found = check_contact(
            served.database, "demo", gate=served.gate,
            request=request(served, one, Channel.SMS, "m1.notice.sms", "t"), clock=lambda: at,
        )  # fmt: skip
        return [str(each["rule"]) for each in found.reasons if "time" in str(each["rule"])]

    assert visitor.post("/my/stop/times", "/my/stop", **{"from": "18", "to": "20"}).status_code == 303
    assert rules(3) == ["house.contact.time_refused"]
    assert rules(11) == []
    served.clock.forward(seconds=1)
    assert visitor.post("/my/stop/times", "/my/stop", **{"from": "20", "to": "18"}).status_code == 422
    assert visitor.post("/my/stop/times", "/my/stop", any="1", **{"from": "9", "to": "18"}).status_code == 303
    assert rules(3) == []


def test_everything_is_stopped_and_let_go_on(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor = served.people[0], both[0]
    assert visitor.post("/my/stop/all", "/my/stop").status_code == 303
    assert visitor.post("/my/stop/all", "/my/stop").status_code == 303
    with served.database.transaction("demo") as tx:
        kinds = [(each.kind, each.source) for each in holds.of_person(tx, one.desk.person) if each.to_at is None]
    assert kinds == [("cease", "portal")]
    served.clock.forward(seconds=1)
    assert visitor.post("/my/stop/all", "/my/stop", again="1").status_code == 303
    with served.database.transaction("demo") as tx:
        assert not [each for each in holds.of_person(tx, one.desk.person) if each.to_at is None]


def test_a_promise_and_what_is_none(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor = served.people[1], both[1]
    day = (served.clock() + timedelta(days=5)).date().isoformat()
    assert visitor.post("/my/promise", "/my/promise", amount="1.00", due=day).status_code == 303
    with served.database.transaction("demo") as tx:
        (kept,) = promises.of_person(tx, one.desk.person)
    assert (kept.amount_minor, kept.due_day.isoformat(), kept.actor) == (100, day, f"borrower:portal-{one.desk.person}")
    for amount, due in (("0", day), ("x", day), ("1.005", day), ("1", "2020-01-01"), ("1", "soon")):
        assert visitor.post("/my/promise", "/my/promise", amount=amount, due=due).status_code == 422, (amount, due)
    assert "1.00" in visitor.get("/my/home").text


def test_what_one_writes_lands_with_staff_and_a_dispute_freezes(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor = served.people[1], both[1]
    for matter in Matter:
        about = "paid" if matter is Matter.DISPUTE else ""
        answer = visitor.post(
            f"/my/write/{matter}", "/my/home", text="请看一下合同第3条", key=f"k-{matter}", about=about
        )
        assert answer.status_code == 303, answer.text
        again = visitor.post(f"/my/write/{matter}", "/my/home", text="请看一下合同第3条", key=f"k-{matter}")
        assert again.status_code == 303
    with served.database.transaction("demo") as tx:
        landed = tx.value(
            "SELECT count(*) FROM inbound WHERE person_id = %s AND channel = 'portal'", (one.desk.person,)
        )
        kinds = {each.kind for each in holds.of_person(tx, one.desk.person) if each.to_at is None}
        opened = [(each.kind, each.category) for each in matters.listed(tx, case_id=one.desk.case)]
    assert landed == len(Matter)
    assert {"dispute", "complaint", "hardship"} <= kinds
    assert sorted(opened) == [
        ("complaint", "other"), ("credit_correction", "goodwill"), ("dispute", "paid"), ("hardship", "other"),
    ]  # fmt: skip
    refused = visitor.post("/my/write/complaint", "/my/home", text="x", about="nonsense", key="g")
    assert refused.status_code == 422
    assert visitor.post("/my/write/complaint", "/my/home", text=" ", key="e").status_code == 422
    assert visitor.post("/my/write/complaint", "/my/home", text="x" * 4_001, key="f").status_code == 422
    assert visitor.get("/my/write/anything").status_code == 404


def test_papers_and_proofs_are_ones_own(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, visitor = served.people[0], both[0]
    where = app.settings({"DUECOURSE_HOME": str(served.home)})
    sequencer_of(app.Desk(where, served.database), clock=served.clock).run()
    page = visitor.get("/my/records").text
    entry = re.search(r'href="/my/records/(\d+)"', page)
    assert entry
    with zipfile.ZipFile(io.BytesIO(visitor.get(f"/my/records/{entry.group(1)}").content)) as opened:
        names = opened.namelist()
    assert {f"records/{entry.group(1)}.json", f"records/{entry.group(1)}.tlog-proof", "checkpoint", "key"} <= set(names)
    with served.database.transaction("demo") as tx:
        (taken,) = [each for each in log.of_person(tx, one.desk.person) if each.kind == "evidence.taken"]
    assert json.loads(taken.content)["stated"]["entry"] == entry.group(1)
    with served.database.transaction("demo") as tx:
        record_note(
            tx, vault=one.desk.vault, case_id=one.desk.case, text="邻居说他搬走了", actor=COLLECTOR, now=served.clock()
        )
        note = next(each for each in log.of_person(tx, one.desk.person) if each.kind == "note.recorded")
    with zipfile.ZipFile(io.BytesIO(visitor.get(f"/my/records/{note.entry_id}").content)) as opened:
        facts = json.loads(opened.read(f"records/{note.entry_id}.facts.json"))
    assert "text" in json.loads(note.content)["commitments"]
    assert "text" not in {fact["field"] for fact in facts}, "staff's free text may speak of others"
    assert visitor.get(f"/my/notices/{one.notice}").content.startswith(b"%PDF")
    bundle = visitor.post("/my/bundle", "/my/records")
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as opened:
        assert {"bundle.json", "verify_duecourse.py", "checkpoint"} <= set(opened.namelist())
    mine = json.loads(visitor.post("/my/data/export", "/my/data").content)
    assert mine["values"]["name"] == "张三"
    assert "X" not in mine["values"]["identity number"] or "*" in mine["values"]["identity number"]
    looks = visitor.get("/my/looks").text
    assert "you, in this portal" in looks
    assert COLLECTOR.ref in looks


def test_a_plan_is_chosen_signed_by_both_and_stands_on_the_ledger(
    served: Portal, both: tuple[Visitor, Visitor]
) -> None:
    one, visitor = served.people[1], both[1]
    address = offered(visitor)
    page = visitor.get(address).text
    assert "Sign this plan" in page
    assert visitor.post(f"{address}/sign", address).status_code == 303
    assert "Sign this plan" not in visitor.get(address).text
    signed = json.loads(visitor.get(f"{address}/file").content)
    assert signed["borrower_signature"]
    assert signed["lender_signature"]
    with served.database.transaction("demo") as tx:
        found = plans.get(tx, int(address.rpartition("/")[2]))
        assert signatures_fit(one.desk.vault, "demo", found)
        assert (found.signed_by, found.state(served.clock())) == (one.desk.person, "signed")
        assert desk_events.after(tx, [found.loan_key], 1)
    assert visitor.post(f"{address}/sign", address).status_code == 422
    loan = re.search(r'href="(/my/loans/-?[0-9]+)/plans"', visitor.get("/my/home").text)
    assert loan
    for kind, months in (("gift", "3"), ("instalments", "0"), ("instalments", "x")):
        odd = {"kind": kind, "months": months, "deferred": "0"}
        assert visitor.post(f"{loan.group(1)}/plans", "/my/home", **odd).status_code == 422, odd


def test_a_chinese_page_is_chinese(both: tuple[Visitor, Visitor]) -> None:
    visitor = both[1]
    visitor.client.cookies.set("language", "zh-CN")
    home = visitor.get("/my/home").text
    paths = [one.path for one in MINE if one.method == "GET" and "{" not in one.path]
    paths += [*re.findall(r'href="(/my/loans/-?[0-9]+(?:/plans)?)"', home), offered(visitor), "/my/write/dispute"]

    def shown(path: str) -> str:
        return visitor.client.get(path, follow_redirects=True).text.replace("本行 App", "")  # a line of the lender's

    wrong = {path: words for path in paths if (words := left(shown(path)))}
    visitor.client.cookies.delete("language")
    assert not wrong, wrong


@contextmanager
def provider() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A payment provider on its page of documentation: it makes links for signed orders, and keeps them."""
    orders: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            at = datetime.fromtimestamp(int(self.headers["Webhook-Timestamp"]), UTC)
            signed = Webhook(PROVIDER_SECRET).sign(self.headers["Webhook-Id"], at, body)
            good = signed == self.headers["Webhook-Signature"]
            if good:
                orders.append(json.loads(body))
            self.send_response(201 if good else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"url": "http://127.0.0.1:9/pay/1", "id": "P-1"}).encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", orders
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_one_pays_what_is_owed_by_a_link_and_sees_that_it_came(served: Portal, both: tuple[Visitor, Visitor]) -> None:
    one, (visitor, other) = served.people[0], both
    assert "not offered" in visitor.get("/my/pay").text
    assert visitor.post("/my/pay", "/my/home", what="due").status_code == 404
    with provider() as (url, orders):
        given = {"url": url, "callback": f"{served.url}/pay/demo/http", "secret": PROVIDER_SECRET}
        with served.database.transaction("demo") as tx:
            set_provider(tx, vault=one.desk.vault, name="http", given=given, actor=OPERATOR, now=served.clock())
        for typed in ("", "0", "-5", "1e3", "99999999999", "12.345", "abc"):
            assert visitor.post("/my/pay", "/my/pay", what="other", amount=typed).status_code == 422, typed
        assert orders == []
        made = visitor.post("/my/pay", "/my/pay", what="other", amount="12.34")
        assert made.status_code == 303, made.text
        place = made.headers["location"]
    assert [(order["amount_minor"], order["currency"]) for order in orders] == [(1_234, "CNY")]
    page = visitor.get(place).text
    assert 'href="http://127.0.0.1:9/pay/1"' in page
    assert other.get(place).status_code == 404, "nobody sees another's link"
    reference = orders[0]["reference"]
    paid = {"reference": reference, "amount_minor": 1_234, "currency": "CNY", "paid_at": served.clock().isoformat()}
    body = json.dumps({"type": "payment.succeeded", "data": paid})
    at = datetime.now(UTC)
    headers = {
        "Webhook-Id": "evt-1", "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(PROVIDER_SECRET).sign("evt-1", at, body),
    }  # fmt: skip
    answer = httpx.post(f"{served.url}/pay/demo/http", content=body, headers=headers)
    assert answer.status_code == 204, answer.text
    page = visitor.get(place).text
    assert "http://127.0.0.1:9" not in page
    assert "The money has come in" in page
    with served.database.transaction("demo") as tx:
        assert [each.amount_minor for each in payments.of_person(tx, one.desk.person)] == [1_234]
