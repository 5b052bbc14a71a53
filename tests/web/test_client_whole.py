"""The client has a method for every operation of the API, and each of them asks a real server."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from duecourse import client as package
from duecourse.client import ApiTrouble, Client, Conflict, Invalid, NotFound, new_key
from duecourse.client.places import Places
from duecourse.client.shapes import KeyedContact, Move, Place, Turn
from duecourse.storage.tokens import Scope
from duecourse.web.api.application import description
from duecourse.web.api.client_text import modules
from tests.desk import loan, person
from tests.notice_desk import draft as notice_draft
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
    wrote: dict[str, Any] = {"channel": "sms", "sender": "10086", "text": "hello", "at": MORNING, "provider_ref": "w1"}
    yield "receive_inbound", lambda: desk.receive_inbound(**wrote), None
    yield "list_inbound", lambda: desk.list_inbound(state="unplaced"), None
    yield "decide_inbound", lambda: desk.decide_inbound(NOBODY, meaning="none"), NotFound
    yield "show_inbound", lambda: desk.show_inbound(NOBODY), NotFound
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
    letter: dict[str, Any] = {"template": "own.dunning_letter", "said": {"next_step": "we call"}}
    yield "list_notices", lambda: desk.list_notices(NOBODY), NotFound
    yield "preview_notice", lambda: desk.preview_notice(NOBODY, **letter), NotFound
    yield "issue", lambda: desk.issue(NOBODY, **letter), NotFound
    yield "read_notice", lambda: desk.read_notice(NOBODY, NOBODY, purpose="document"), NotFound
    yield "notice_as_pdf", lambda: desk.notice_as_pdf(NOBODY, NOBODY, purpose="document"), NotFound
    yield "withdraw", lambda: desk.withdraw(NOBODY, NOBODY), NotFound
    wanted: dict[str, Any] = {"loan": NOBODY, "kind": "instalments", "months": 6}
    signed: dict[str, Any] = {"person": NOBODY, "proof": "code", "public_key": "0" * 64, "signature": "0" * 128}
    yield "compare_plans", lambda: desk.compare_plans(NOBODY, months=[6]), NotFound
    yield "draft_plan", lambda: desk.draft_plan(NOBODY, **wanted), NotFound
    yield "offer_plan", lambda: desk.offer_plan(NOBODY, **wanted), NotFound
    yield "list_plans", lambda: desk.list_plans(state="signed", most=1), None
    yield "show_plan", lambda: desk.show_plan(NOBODY), NotFound
    yield "sign_plan", lambda: desk.sign_plan(NOBODY, **signed), NotFound
    yield "withdraw_plan", lambda: desk.withdraw_plan(NOBODY), NotFound
    raised: dict[str, Any] = {"kind": "dispute", "category": "paid", "words": "I paid in March"}
    yield "open_matter", lambda: desk.open_matter(NOBODY, **raised), NotFound
    yield "list_evidence", lambda: desk.list_evidence(NOBODY), NotFound
    yield "bring_evidence", lambda: desk.bring_evidence(NOBODY, file=("a.txt", b"a"), kind="other"), NotFound
    yield "tell_acceleration", lambda: desk.tell_acceleration(NOBODY, loan=NOBODY), NotFound
    yield "list_matters", lambda: desk.list_matters(state="late", due_until=DAY, most=1), None
    yield "show_matter", lambda: desk.show_matter(NOBODY), NotFound
    yield "answer_matter", lambda: desk.answer_matter(NOBODY, answer="upheld", cause="data"), NotFound
    yield "escalate_matter", lambda: desk.escalate_matter(NOBODY), NotFound
    yield "offer_waiver", lambda: desk.offer_waiver(NOBODY, loan=NOBODY, give={"penalty": 100}), NotFound
    yield "offer_settlement", lambda: desk.offer_settlement(NOBODY, loan=NOBODY, pay_minor=1, pay_by=DAY), NotFound
    yield "list_waivers", lambda: desk.list_waivers(state="asked", most=1), None
    yield "show_waiver", lambda: desk.show_waiver(NOBODY), NotFound
    yield "notify_waiver", lambda: desk.notify_waiver(NOBODY), NotFound
    yield "withdraw_waiver", lambda: desk.withdraw_waiver(NOBODY), NotFound
    yield "open_payment_link", lambda: desk.open_payment_link(NOBODY, amount_minor=100), NotFound
    yield "list_payment_links", lambda: desk.list_payment_links(NOBODY), NotFound
    yield "list_suspense", lambda: desk.list_suspense(most=1), None
    yield "match_suspense", desk.match_suspense, None
    yield "place_line", lambda: desk.place_line(NOBODY, person=NOBODY), NotFound
    yield "dismiss_line", lambda: desk.dismiss_line(NOBODY, reason="interest"), NotFound
    yield "ask_refund", lambda: desk.ask_refund(NOBODY, reason="sent in error"), NotFound
    yield "list_payments", lambda: desk.list_payments(over=True, most=1), None
    yield "show_payment", lambda: desk.show_payment(NOBODY), NotFound
    yield "send_statement", lambda: desk.send_statement(file=("a.txt", b"no statement")), Invalid
    yield "list_statements", lambda: desk.list_statements(most=1), None
    yield "apply_certain", lambda: desk.apply_certain(statement=NOBODY), NotFound
    yield "list_refunds", lambda: desk.list_refunds(most=1), None
    yield "file_refunds", desk.file_refunds, None
    yield "refund_file_as_csv", lambda: desk.refund_file_as_csv("0" * 64), NotFound
    yield "take_payment_back", lambda: desk.take_payment_back(NOBODY, reason="bounced"), NotFound
    yield "record_promise", lambda: desk.record_promise(NOBODY, amount_minor=100, currency="CNY", due=DAY), NotFound
    yield "list_promises", lambda: desk.list_promises(first=DAY), None
    yield "get_promise", lambda: desk.get_promise(NOBODY), NotFound
    yield (
        "renegotiate_promise",
        lambda: desk.renegotiate_promise(NOBODY, amount_minor=100, currency="CNY", due=DAY, why="bank"),
        NotFound,
    )
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
    own = desk.keep_template(content=notice_draft("dunning_letter"))
    yield "list_own_templates", desk.list_own_templates, None
    yield "keep_template", lambda: desk.keep_template(content="- template: own.x\n"), Invalid
    yield "read_own_template", lambda: desk.read_own_template(own.draft), None
    yield "ask_template", lambda: desk.ask_template(NOBODY, reason="ours"), NotFound  # or it waits for all tests
    yield "withdraw_template", lambda: desk.withdraw_template(own.draft, reason="not ours"), Invalid
    yield "list_kept", lambda: desk.list_kept(most=1), None
    yield "show_kept", lambda: desk.show_kept(who["person"]), None
    yield "list_legal_holds", desk.list_legal_holds, None
    yield "place_legal_hold", lambda: desk.place_legal_hold(person=NOBODY, matter="", reason="sued"), Invalid
    yield "ask_release", lambda: desk.ask_release(NOBODY, reason="settled"), NotFound
    yield "list_destructions", desk.list_destructions, None
    yield "certificate_as_pdf", lambda: desk.certificate_as_pdf(NOBODY, lang="en"), NotFound
    yield "list_audits", desk.list_audits, None
    yield "list_audit_findings", lambda: desk.list_audit_findings(overdue=True), None
    yield "show_audit", lambda: desk.show_audit(NOBODY), NotFound
    yield "list_audit_items", lambda: desk.list_audit_items(NOBODY), NotFound
    yield "show_audit_report", lambda: desk.show_audit_report(NOBODY), NotFound
    yield "replay_audit", lambda: desk.replay_audit(NOBODY), NotFound
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
    yield (
        "tell_again",
        lambda: desk.tell_again(hook.endpoint, first=MORNING, last=MORNING + timedelta(hours=1), reason="lost"),
        None,
    )
    yield "tell_some_again", lambda: desk.tell_some_again(hook.endpoint, entries=[NOBODY], reason="lost"), Invalid
    yield "end_endpoint", lambda: desk.end_endpoint(hook.endpoint), None
    yield "read_outbox", desk.read_outbox, None
    yield "list_messages", lambda: desk.list_messages(state="unknown", most=1), None
    yield "read_message", lambda: desk.read_message(NOBODY), NotFound
    yield "settle_message", lambda: desk.settle_message(NOBODY, found="failed"), NotFound
    yield "withdraw_message", lambda: desk.withdraw_message(NOBODY), NotFound
    yield "pause_sending", lambda: desk.pause_sending(reason="a test", channel="im"), None
    yield "resume_sending", lambda: desk.resume_sending(channel="im"), None
    yield "list_letter_batches", lambda: desk.list_letter_batches(most=1), None
    yield "put_letters_together", desk.put_letters_together, Invalid
    yield "take_returned_letters", lambda: desk.take_returned_letters(codes=["x"], why="moved"), None
    yield "read_letter_batch", lambda: desk.read_letter_batch(NOBODY), NotFound
    yield "hand_letters_over", lambda: desk.hand_letters_over(NOBODY), NotFound
    yield "read_letter_file", lambda: desk.read_letter_file(NOBODY), NotFound
    yield "make_call", lambda: desk.make_call(NOBODY, staff="E01"), NotFound
    yield "list_calls", lambda: desk.list_calls(NOBODY), NotFound
    yield "show_call", lambda: desk.show_call(NOBODY, NOBODY), NotFound
    yield "list_recordings", lambda: desk.list_recordings(NOBODY), NotFound
    yield "hear_recording", lambda: desk.hear_recording(NOBODY, NOBODY, purpose="dispute"), NotFound
    turn = Turn(speaker="us", start_ms=0, end_ms=1, text="…")
    yield "keep_transcript", lambda: desk.keep_transcript(NOBODY, NOBODY, lang="zh", turns=[turn]), NotFound
    yield "read_transcript", lambda: desk.read_transcript(NOBODY, NOBODY, purpose="dispute"), NotFound
    yield "locate_address", lambda: desk.locate_address(north=1, east=1, person=who["person"]), Invalid
    yield "list_rounds", lambda: desk.list_rounds(most=1), None
    there = Place(north=31_230_000, east=121_470_000)
    yield (
        "plan_visits",
        lambda: desk.plan_visits(
            cases=[NOBODY], leaves=MORNING + timedelta(days=1), first="E01", second="E02", start=there
        ),
        NotFound,
    )
    yield "read_round", lambda: desk.read_round(NOBODY), NotFound
    yield "set_round_out", lambda: desk.set_round_out(NOBODY), NotFound
    yield (
        "hand_visit_in",
        lambda: desk.hand_visit_in(NOBODY, at=MORNING, outcome="unanswered", passes_shown=True),
        NotFound,
    )
    yield "withdraw_letters", lambda: desk.withdraw_letters(NOBODY), NotFound
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
    yield "list_users", lambda: desk.list_users(most=1), None
    yield "add_user", lambda: desk.add_user(user="c99"), None
    yield "set_team", lambda: desk.set_team("c99", team="phone"), None
    yield "give_role", lambda: desk.give_role("c99", role="collector"), None
    yield "end_role", lambda: desk.end_role("c99", role="collector"), None
    yield "end_sessions", lambda: desk.end_sessions("c99"), None
    yield "disable_user", lambda: desk.disable_user("c99"), None
    yield "reveal_value", lambda: desk.reveal_value(who["person"], what="name", purpose="identify"), None
    yield "list_staff", lambda: desk.list_staff(staff="E01", most=1), None
    yield "record_staff", lambda: desk.record_staff(kind="post", staff="E77", begins=DAY, source="contract"), None
    yield "end_staff_record", lambda: desk.end_staff_record(kind="post", staff="E77", on=DAY), None
    yield "list_collectors", lambda: desk.list_collectors(most=1), None
    worker: dict[str, Any] = {"team": "early", "skills": [], "languages": ["zh"], "capacity": 10}
    yield "add_collector", lambda: desk.add_collector(collector="c98", **worker), None
    yield "set_leaving", lambda: desk.set_leaving("E99", until=None), NotFound
    yield "change_collector", lambda: desk.change_collector("E99", **worker), NotFound
    yield "enter_absence", lambda: desk.enter_absence("E99", kind="leave", first=DAY, back=DAY), NotFound
    yield "remove_absence", lambda: desk.remove_absence("E99", DAY), NotFound
    yield "list_teams", desk.list_teams, None
    yield "set_leader", lambda: desk.set_leader("early", leader=None), None
    yield "preview_reassignment", lambda: desk.preview_reassignment(from_collector="E99"), Invalid
    moves = [Move(case=NOBODY, to="E99")]
    yield "reassign", lambda: desk.reassign(moves=moves, seen="0" * 64), Conflict
    yield "list_moods", lambda: desk.list_moods(NOBODY), NotFound
    yield "live", desk.live, None
    yield "ready", desk.ready, None


@pytest.mark.both_servers
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
