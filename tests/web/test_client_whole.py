"""The client has a method for every operation of the API, and each of them asks a real server."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from duecourse import client as package
from duecourse.client import ApiTrouble, Client, Conflict, Invalid, NotFound, new_key
from duecourse.client.places import Places
from duecourse.client.shapes import KeyedContact
from duecourse.storage.tokens import Scope
from duecourse.web.api.application import description
from duecourse.web.api.client_text import modules
from tests.desk import loan, person
from tests.permit_desk import MORNING, point
from tests.web.conftest import Site
from tests.web.test_permits import NUMBERS

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 2)
FILES = {"figure_as_csv", "export_figure"}
NOBODY = "4611686018427387904"
"""An id that nothing has."""


def operations() -> set[str]:
    """The names of the API's operations."""
    return {one["operationId"] for place in description()["paths"].values() for one in place.values()}


def test_what_is_written_from_the_description_is_current(tmp_path: Path) -> None:
    kept = Path(inspect.getfile(package)).parent
    for place, text in modules(description()).items():
        file = tmp_path / place
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "format", "--quiet", "--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
    subprocess.run(ruff, check=True)
    for place in modules(description()):
        assert (kept / place).read_text(encoding="utf-8") == (tmp_path / place).read_text(encoding="utf-8"), (
            "write it anew: .venv/bin/duecourse docs client src/duecourse/client && .venv/bin/ruff format src"
        )


def test_every_operation_has_its_method() -> None:
    methods = {name for name, _one in inspect.getmembers(Places, inspect.isfunction) if not name.startswith("_")}
    assert methods - {"close"} == operations()


def contact(site: Site) -> dict[str, Any]:
    number = next(NUMBERS)
    return {
        "person": str(person(number)), "loans": [str(loan(number))], "contact_point": str(point(site.database, number)),
        "channel": "call", "at": site.now(), "template": "m1.call", "content_sha256": "0" * 64, "staff": "E01",
    }  # fmt: skip


def asked(  # noqa: PLR0915 - one line for each operation
    site: Site, desk: Client
) -> Iterator[tuple[str, Callable[[], object], type[Exception] | None]]:
    """Each operation with a question, and the trouble that this desk, on which no day was run, answers it with."""
    who = contact(site)
    permit = desk.request_permit(**who)
    strategy = {"strategy": "first"}
    draft = desk.begin_draft(**strategy)
    hook = desk.add_endpoint(url="https://example.com/told", kinds=["hold.placed"])
    hold = desk.place_hold(person=who["person"], kind="dispute", source="letter", reason="not mine")
    text = draft.content.replace("m1.call", "m1.cal")
    yield "request_permit", lambda: desk.request_permit(**contact(site)), None
    batch = [KeyedContact(**contact(site), idempotency_key=new_key())]
    yield "request_permits", lambda: desk.request_permits(requests=batch), None
    yield "check_contact", lambda: desk.check_contact(**contact(site)), None
    yield "read_permit", lambda: desk.read_permit(permit.permit), None
    yield (
        "redeem_permit",
        lambda: desk.redeem_permit(permit.permit, content_sha256="0" * 64, staff="E01"),
        package.Refused,
    )
    yield "report_outcome", lambda: desk.report_outcome(permit.permit, outcome="not_sent"), None
    inbound = {key: who[key] for key in ("person", "loans", "channel", "at")}
    yield "record_inbound", lambda: desk.record_inbound(**inbound, outcome="connected"), None
    yield (
        "place_hold",
        lambda: desk.place_hold(person=str(person(next(NUMBERS))), kind="complaint", source="mail"),
        None,
    )
    site.set_clock(MORNING + timedelta(seconds=1))
    yield "end_hold", lambda: desk.end_hold(str(hold.hold), person=who["person"], reason="settled"), None
    yield (
        "state_fact",
        lambda: desk.state_fact(person=who["person"], fact="time_consent_recorded", value=True, source="recording"),
        None,
    )
    yield "override", lambda: desk.override(person=who["person"], idempotency_key=new_key(), reason="asked for"), None
    yield "list_entries", desk.list_entries, Conflict
    yield "skip_entry", lambda: desk.skip_entry(NOBODY, reason="other"), Conflict
    yield "return_entry", lambda: desk.return_entry(NOBODY), Conflict
    yield "search", lambda: desk.search(text="L1"), None
    yield "list_views", desk.list_views, None
    yield "save_view", lambda: desk.save_view("mine", query="stage=M1"), None
    yield "forget_view", lambda: desk.forget_view("mine"), None
    yield "show_case", lambda: desk.show_case(NOBODY), NotFound
    yield "list_happenings", lambda: desk.list_happenings(NOBODY), NotFound
    yield "list_openings", lambda: desk.list_openings(NOBODY), NotFound
    yield "record_note", lambda: desk.record_note(NOBODY, text="said"), NotFound
    yield "read_notes", lambda: desk.read_notes(NOBODY, purpose="contact"), NotFound
    yield "list_documents", lambda: desk.list_documents(NOBODY), NotFound
    yield "keep_document", lambda: desk.keep_document(NOBODY, file=("a.txt", b"a"), kind="other"), NotFound
    yield "open_document", lambda: desk.open_document(NOBODY, NOBODY, purpose="dispute"), NotFound
    yield "record_promise", lambda: desk.record_promise(NOBODY, amount_minor=100, currency="CNY", due=DAY), NotFound
    yield "list_promises", lambda: desk.list_promises(first=DAY), None
    yield "withdraw_promise", lambda: desk.withdraw_promise(NOBODY), NotFound
    yield "assign_case", lambda: desk.assign_case(NOBODY, collector=None, reason="handed_back"), NotFound
    yield "set_language", lambda: desk.set_language(who["person"], language="en"), None
    yield "list_rules", lambda: desk.list_rules(jurisdiction="CN"), None
    yield "read_rule", lambda: desk.read_rule("cn.contact.window"), None
    yield "list_facts", desk.list_facts, None
    yield "list_lender_facts", desk.list_lender_facts, None
    yield "state_lender", lambda: desk.state_lender(fact="autodialled", value=False, source="line list"), None
    yield "end_lender", lambda: desk.end_lender(NOBODY), NotFound
    yield "list_templates", desk.list_templates, None
    yield "explain", lambda: desk.explain(channel="call", at=MORNING, template="m1.call", assume="ordinary"), None
    yield "show_coverage", lambda: desk.show_coverage("cn.contact.window"), None
    yield "show_calendar", lambda: desk.show_calendar(channel="call", at=MORNING, template="m1.call"), None
    yield "show_persons_calendar", lambda: desk.show_persons_calendar(who["person"]), None
    yield "compare_laws", desk.compare_laws, Invalid
    yield "replay", lambda: desk.replay(first=DAY, last=DAY), None
    yield "list_packs", desk.list_packs, None
    yield "keep_pack", lambda: desk.keep_pack(file=("mine.zip", b"PK")), Invalid
    yield "ask_pack", lambda: desk.ask_pack("mine", 9, reason="ours"), Invalid
    yield "check_law", lambda: desk.check_law(packs=["hk-policy"]), None
    yield "show_sums", lambda: desk.show_sums(pack=["cn"]), None
    yield "list_figures", desk.list_figures, None
    yield "show_figure", lambda: desk.show_figure("case.open"), Invalid
    yield "figure_as_csv", lambda: desk.figure_as_csv("case.open", by=["stage"]), Invalid
    yield "figure_rows", lambda: desk.figure_rows("case.open", most=1), Invalid
    yield "export_figure", lambda: desk.export_figure("case.open", format_="parquet"), Invalid
    yield "list_strategies", desk.list_strategies, None
    yield "list_drafts", lambda: desk.list_drafts(most=1), None
    yield "begin_draft", lambda: desk.begin_draft(**strategy), None
    yield "show_draft", lambda: desk.show_draft(draft.draft), None
    yield "write_draft", lambda: desk.write_draft(draft.draft, content=text, after=1), None
    yield "try_draft", lambda: desk.try_draft(draft.draft), Invalid
    yield "list_changes", lambda: desk.list_changes(NOBODY), NotFound
    yield "ask_activation", lambda: desk.ask_activation(draft.draft, first=DAY, reason="fewer calls"), Invalid
    yield "ask_rollback", lambda: desk.ask_rollback("first", 1, first=DAY, reason="as before"), Invalid
    yield "list_endpoints", desk.list_endpoints, None
    yield "add_endpoint", lambda: desk.add_endpoint(url="https://example.com/b", kinds=["hold.ended"]), None
    yield "list_events", lambda: desk.list_events(state="failed"), None
    yield "tell_again", lambda: desk.tell_again(hook.endpoint, first=MORNING, last=MORNING + timedelta(hours=1)), None
    yield "end_endpoint", lambda: desk.end_endpoint(hook.endpoint), None
    job = desk.ask_day_run(day=DAY).job
    yield "ask_day_run", lambda: desk.ask_day_run(day=DAY), None
    yield "list_jobs", lambda: desk.list_jobs(most=1), None
    yield "show_job", lambda: desk.show_job(job), None
    yield "ask_import", lambda: desk.ask_import(job), Conflict
    yield "send_tape", lambda: desk.send_tape(file=[("loans.csv", b"loan_ref\n")]), None
    yield "list_versions", lambda: desk.list_versions(most=1), None
    yield "list_breaks", lambda: desk.list_breaks(most=1), None
    yield "list_quarantine", lambda: desk.list_quarantine(most=1), None
    yield "retry_job", lambda: desk.retry_job(job), Conflict
    yield "list_approvals", lambda: desk.list_approvals(decided=True), None
    yield "show_approval", lambda: desk.show_approval(NOBODY), NotFound
    yield "list_users", desk.list_users, None
    yield "live", desk.live, None
    yield "ready", desk.ready, None


def test_every_operation_is_asked_and_its_answer_read(site: Site) -> None:
    found, unlike = [], []
    with Client(site.url.removesuffix("/api/v1"), site.token(*Scope, name="whole")) as desk:
        for name, ask, trouble in asked(site, desk):
            found.append(name)
            expected = trouble.__name__ if trouble else ("bytes" if name in FILES else "shape")
            try:
                answer = ask()
            except ApiTrouble as error:
                told = type(error).__name__
                why = str(error)
            else:
                told, why = type(answer).__name__, ""
                if type(answer).__module__.startswith("duecourse.client.shapes."):
                    told = "shape"
            if told != expected:
                unlike.append((name, expected, told, why))
    assert not unlike, "\n".join(map(str, unlike))
    assert set(found) == operations(), "ask each operation of the API here once"


def test_pages_are_followed_to_their_end(site: Site) -> None:
    with Client(site.url.removesuffix("/api/v1"), site.token(*Scope, name="pages")) as desk:
        made = [desk.begin_draft(strategy="first").draft for _ in range(3)]
        found = [one.draft for page in desk.pages(desk.list_drafts, most=2) for one in page.drafts]
        assert [one for one in found if one in made] == made[::-1]
        key = new_key()
        assert desk.begin_draft(strategy="first", key=key) == desk.begin_draft(strategy="first", key=key)
