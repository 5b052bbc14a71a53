"""A method for each operation of the API; written from its description (`duecourse docs client places`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from duecourse.client import shapes
from duecourse.client.asking import Asking


class Places(Asking):
    """Every operation by its name; what is left None is not sent."""

    def request_permit(
        self,
        *,
        person: str,
        loans: Sequence[str],
        contact_point: str,
        channel: shapes.Channel,
        at: datetime,
        template: str,
        content_sha256: str,
        staff: str | None = None,
        sender: shapes.Sender | None = None,
        visit: shapes.Visit | None = None,
        key: str | None = None,
    ) -> shapes.Permit:
        """Ask for a permit."""
        return self._asked(
            shapes.Permit,
            "POST",
            self._at("/permits"),
            must={
                "person": person,
                "loans": loans,
                "contact_point": contact_point,
                "channel": channel,
                "at": at,
                "template": template,
                "content_sha256": content_sha256,
            },
            may={"staff": staff, "sender": sender, "visit": visit},
            key=key,
            keyed=True,
        )

    def request_permits(self, *, requests: Sequence[shapes.KeyedContact]) -> shapes.BatchAnswers:
        """Ask for several permits at once; all are answered or, where one cannot be asked, none."""
        return self._asked(
            shapes.BatchAnswers, "POST", self._at("/permits/batch"), must={"requests": requests}, may={}, again=True
        )

    def check_contact(
        self,
        *,
        person: str,
        loans: Sequence[str],
        contact_point: str,
        channel: shapes.Channel,
        at: datetime,
        template: str,
        content_sha256: str,
        staff: str | None = None,
        sender: shapes.Sender | None = None,
        visit: shapes.Visit | None = None,
    ) -> shapes.Checked:
        """Ask what the gate would answer now."""
        return self._asked(
            shapes.Checked,
            "POST",
            self._at("/permits/check"),
            must={
                "person": person,
                "loans": loans,
                "contact_point": contact_point,
                "channel": channel,
                "at": at,
                "template": template,
                "content_sha256": content_sha256,
            },
            may={"staff": staff, "sender": sender, "visit": visit},
            again=True,
        )

    def read_permit(self, permit: str) -> shapes.PermitKept:
        """Show what was answered under a number and what became of it; an outside firm sees its own."""
        return self._asked(shapes.PermitKept, "GET", self._at("/permits/{permit}", permit), again=True)

    def redeem_permit(
        self, permit: str, *, content_sha256: str, staff: str | None = None, sender: shapes.Sender | None = None
    ) -> shapes.Redeemed:
        """Use a permit at the instant of dialling or sending."""
        return self._asked(
            shapes.Redeemed,
            "POST",
            self._at("/permits/{permit}/redemption", permit),
            must={"content_sha256": content_sha256},
            may={"staff": staff, "sender": sender},
            again=False,
        )

    def report_outcome(
        self, permit: str, *, outcome: shapes.Outcome, sender: shapes.Sender | None = None
    ) -> shapes.Settled:
        """Report what came of a contact; the same again changes nothing."""
        return self._asked(
            shapes.Settled,
            "POST",
            self._at("/permits/{permit}/outcome", permit),
            must={"outcome": outcome},
            may={"sender": sender},
            again=True,
        )

    def record_inbound(
        self,
        *,
        person: str,
        loans: Sequence[str],
        channel: shapes.Channel,
        outcome: shapes.Outcome,
        at: datetime,
        contact_point: str | None = None,
        purpose: shapes.Purpose | None = None,
    ) -> shapes.Noted:
        """Note a contact that the person started; it uses up none of the contacts that we may start."""
        return self._asked(
            shapes.Noted,
            "POST",
            self._at("/contacts"),
            must={"person": person, "loans": loans, "channel": channel, "outcome": outcome, "at": at},
            may={"contact_point": contact_point, "purpose": purpose},
            again=False,
        )

    def place_hold(
        self,
        *,
        person: str,
        kind: shapes.HoldKind,
        source: str,
        loan: str | None = None,
        contact_point: str | None = None,
        until: datetime | None = None,
        reason: str | None = None,
    ) -> shapes.Placed:
        """Place a hold."""
        return self._asked(
            shapes.Placed,
            "POST",
            self._at("/holds"),
            must={"person": person, "kind": kind, "source": source},
            may={"loan": loan, "contact_point": contact_point, "until": until, "reason": reason},
            again=False,
        )

    def end_hold(self, hold: str, *, person: str, reason: str | None = None) -> shapes.Ended:
        """End a hold."""
        return self._asked(
            shapes.Ended,
            "POST",
            self._at("/holds/{hold}/ending", hold),
            must={"person": person},
            may={"reason": reason},
            again=True,
        )

    def state_fact(
        self,
        *,
        person: str,
        fact: str,
        value: bool | int | str | None,
        source: str,
        loan: str | None = None,
        begins: datetime | None = None,
        until: datetime | None = None,
        reason: str | None = None,
    ) -> shapes.Fact:
        """Put a fact on record, with its proof; what the gate reckons itself takes nobody's word."""
        return self._asked(
            shapes.Fact,
            "POST",
            self._at("/facts"),
            must={"person": person, "fact": fact, "value": value, "source": source},
            may={"loan": loan, "begins": begins, "until": until, "reason": reason},
            again=False,
        )

    def override(
        self,
        *,
        person: str,
        idempotency_key: str,
        reason: str,
        sender: shapes.Sender | None = None,
        staff: str | None = None,
    ) -> shapes.Fact:
        """Let one request pass what only recommends (should, should not)."""
        return self._asked(
            shapes.Fact,
            "POST",
            self._at("/overrides"),
            must={"person": person, "idempotency_key": idempotency_key, "reason": reason},
            may={"sender": sender, "staff": staff},
            again=False,
        )

    def list_entries(
        self,
        *,
        collector: str | None = None,
        scope: shapes.Scope | None = None,
        stage: Sequence[str] | None = None,
        amount_min: int | None = None,
        amount_max: int | None = None,
        product: str | None = None,
        channel: shapes.Channel | None = None,
        language: str | None = None,
        state: shapes.EntryState | None = None,
        new: bool | None = None,
        promise_due: bool | None = None,
        lost_days: int | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> shapes.Entries:
        """List the entries of a collector's worklist, or of everybody's, as of the latest published day."""
        return self._asked(
            shapes.Entries,
            "GET",
            self._at("/worklist"),
            params={
                "collector": collector,
                "scope": scope,
                "stage": stage,
                "amount_min": amount_min,
                "amount_max": amount_max,
                "product": product,
                "channel": channel,
                "language": language,
                "state": state,
                "new": new,
                "promise_due": promise_due,
                "lost_days": lost_days,
                "cursor": cursor,
                "most": most,
            },
            again=True,
        )

    def skip_entry(self, case: str, *, reason: shapes.SkipReason) -> shapes.Skip:
        """Pass an entry of the latest day's worklist over, with the reason."""
        return self._asked(
            shapes.Skip, "POST", self._at("/worklist/{case}/skip", case), must={"reason": reason}, may={}, again=False
        )

    def return_entry(self, case: str) -> shapes.Returned:
        """Bring a skipped entry back to its place."""
        return self._asked(shapes.Returned, "DELETE", self._at("/worklist/{case}/skip", case), again=True)

    def search(self, *, text: str, most: int | None = None) -> shapes.FoundPeople:
        """Find people by a whole value."""
        return self._asked(
            shapes.FoundPeople, "POST", self._at("/search"), must={"text": text}, may={"most": most}, again=True
        )

    def list_views(self) -> shapes.Views:
        """List the caller's saved views of the worklist."""
        return self._asked(shapes.Views, "GET", self._at("/views"), again=True)

    def save_view(self, name: str, *, query: str) -> shapes.View:
        """Keep a filter under a name, in place of the one of that name."""
        return self._asked(
            shapes.View, "PUT", self._at("/views/{name}", name), must={"query": query}, may={}, again=True
        )

    def forget_view(self, name: str) -> shapes.Forgotten:
        """Forget a saved view."""
        return self._asked(shapes.Forgotten, "DELETE", self._at("/views/{name}", name), again=True)

    def show_case(self, case: str) -> shapes.Case:
        """Lay a case open."""
        return self._asked(shapes.Case, "GET", self._at("/cases/{case}", case), again=True)

    def list_happenings(self, case: str, *, cursor: str | None = None, most: int | None = None) -> shapes.Happenings:
        """List what happened to a case, the latest first."""
        return self._asked(
            shapes.Happenings,
            "GET",
            self._at("/cases/{case}/happenings", case),
            params={"cursor": cursor, "most": most},
            again=True,
        )

    def list_openings(self, case: str, *, staff: str | None = None) -> shapes.Ways:
        """Ask what may be done now, for each person of a case by each channel, and until when it may not."""
        return self._asked(
            shapes.Ways, "GET", self._at("/cases/{case}/openings", case), params={"staff": staff}, again=True
        )

    def record_note(self, case: str, *, text: str, contact: str | None = None) -> shapes.Note:
        """Write a note on a case; its text is sealed."""
        return self._asked(
            shapes.Note,
            "POST",
            self._at("/cases/{case}/notes", case),
            must={"text": text},
            may={"contact": contact},
            again=False,
        )

    def read_notes(self, case: str, *, purpose: shapes.RevealPurpose) -> shapes.ReadNotes:
        """Open the notes on the cases of a person, for a purpose; the reading is on record."""
        return self._asked(
            shapes.ReadNotes,
            "POST",
            self._at("/cases/{case}/notes/reading", case),
            must={"purpose": purpose},
            may={},
            again=False,
        )

    def record_promise(
        self,
        case: str,
        *,
        amount_minor: int,
        currency: Literal[
            "AUD",
            "BRL",
            "CAD",
            "CHF",
            "CNY",
            "EUR",
            "GBP",
            "HKD",
            "IDR",
            "INR",
            "JPY",
            "KRW",
            "KWD",
            "MOP",
            "MXN",
            "NGN",
            "PHP",
            "SGD",
            "TWD",
            "USD",
            "VND",
            "ZAR",
        ],
        due: date,
        person: str | None = None,
        contact: str | None = None,
    ) -> shapes.PromiseMade:
        """Record a promise to pay."""
        return self._asked(
            shapes.PromiseMade,
            "POST",
            self._at("/cases/{case}/promises", case),
            must={"amount_minor": amount_minor, "currency": currency, "due": due},
            may={"person": person, "contact": contact},
            again=False,
        )

    def list_promises(
        self, *, first: date | None = None, last: date | None = None, most: int | None = None
    ) -> shapes.Promises:
        """List the promises that stand, by due day, with what the payments make of each."""
        return self._asked(
            shapes.Promises,
            "GET",
            self._at("/promises"),
            params={"first": first, "last": last, "most": most},
            again=True,
        )

    def withdraw_promise(self, promise: str) -> shapes.PromiseMade:
        """Note that a promise was withdrawn by who gave it."""
        return self._asked(shapes.PromiseMade, "POST", self._at("/promises/{promise}/withdrawal", promise), again=False)

    def assign_case(self, case: str, *, collector: str | None, reason: shapes.Handover) -> shapes.Assignment:
        """Give a case to a collector, or to nobody, with the reason."""
        return self._asked(
            shapes.Assignment,
            "PUT",
            self._at("/cases/{case}/collector", case),
            must={"collector": collector, "reason": reason},
            may={},
            again=True,
        )

    def set_language(self, person: str, *, language: str) -> shapes.Language:
        """Note in which language a person wants to be spoken to."""
        return self._asked(
            shapes.Language,
            "PUT",
            self._at("/persons/{person}/language", person),
            must={"language": language},
            may={},
            again=True,
        )

    def list_rules(self, *, jurisdiction: str | None = None, without: Sequence[str] | None = None) -> shapes.Rules:
        """List the rules that bind in a jurisdiction, in the order in which answers name them."""
        return self._asked(
            shapes.Rules,
            "GET",
            self._at("/law/rules"),
            params={"jurisdiction": jurisdiction, "without": without},
            again=True,
        )

    def read_rule(self, rule: str) -> shapes.RuleWhole:
        """Show one rule of any jurisdiction as its file says it: source, dated values, condition, cases."""
        return self._asked(shapes.RuleWhole, "GET", self._at("/law/rules/{rule}", rule), again=True)

    def list_facts(self) -> shapes.Facts:
        """List the vocabulary: every fact a condition may ask, with type, unit, meaning and source."""
        return self._asked(shapes.Facts, "GET", self._at("/law/facts"), again=True)

    def list_templates(self) -> shapes.Templates:
        """List the approved templates and scripts, from which the gate reads the purpose."""
        return self._asked(shapes.Templates, "GET", self._at("/law/templates"), again=True)

    def explain(
        self,
        *,
        channel: shapes.Channel,
        at: datetime,
        template: str | None = None,
        purpose: shapes.Purpose | None = None,
        relation: shapes.Relation | None = None,
        zones: Sequence[str] | None = None,
        facts: Mapping[str, Any] | None = None,
        assume: str | None = None,
        jurisdiction: str | None = None,
        without: Sequence[str] | None = None,
    ) -> shapes.Explanation:
        """Explain one contact at any instant."""
        return self._asked(
            shapes.Explanation,
            "POST",
            self._at("/law/explain"),
            must={"channel": channel, "at": at},
            may={
                "template": template,
                "purpose": purpose,
                "relation": relation,
                "zones": zones,
                "facts": facts,
                "assume": assume,
                "jurisdiction": jurisdiction,
                "without": without,
            },
            again=True,
        )

    def show_coverage(self, rule: str) -> shapes.Coverage:
        """Show which cases of a rule exercise each of its branches and limits, and which nobody exercises."""
        return self._asked(shapes.Coverage, "GET", self._at("/law/rules/{rule}/coverage", rule), again=True)

    def show_calendar(
        self,
        *,
        channel: shapes.Channel,
        at: datetime,
        template: str | None = None,
        purpose: shapes.Purpose | None = None,
        relation: shapes.Relation | None = None,
        zones: Sequence[str] | None = None,
        facts: Mapping[str, Any] | None = None,
        assume: str | None = None,
        jurisdiction: str | None = None,
        without: Sequence[str] | None = None,
        days: int | None = None,
    ) -> shapes.Calendar:
        """Give the open windows of a described contact over the next days, and which rules close the rest."""
        return self._asked(
            shapes.Calendar,
            "POST",
            self._at("/law/calendar"),
            must={"channel": channel, "at": at},
            may={
                "template": template,
                "purpose": purpose,
                "relation": relation,
                "zones": zones,
                "facts": facts,
                "assume": assume,
                "jurisdiction": jurisdiction,
                "without": without,
            },
            params={"days": days},
            again=True,
        )

    def show_persons_calendar(
        self, person: str, *, template: str | None = None, days: int | None = None
    ) -> shapes.Calendar:
        """Give a person's open windows by channel as things stand now."""
        return self._asked(
            shapes.Calendar,
            "GET",
            self._at("/law/calendar/{person}", person),
            params={"template": template, "days": days},
            again=True,
        )

    def compare_laws(
        self,
        *,
        before: shapes.LawVersion | None = None,
        after: shapes.LawVersion | None = None,
        first: date | None = None,
        last: date | None = None,
        most: int | None = None,
    ) -> shapes.Difference:
        """Say what another law would change over the contacts that day runs have planned."""
        return self._asked(
            shapes.Difference,
            "POST",
            self._at("/law/diff"),
            may={"before": before, "after": after, "first": first, "last": last, "most": most},
            again=True,
        )

    def replay(
        self, *, first: date, last: date, law: shapes.LawVersion | None = None, most: int | None = None
    ) -> shapes.Difference:
        """Say which permits of past days a law would have refused, and which refusals it would have granted."""
        return self._asked(
            shapes.Difference,
            "POST",
            self._at("/law/replay"),
            must={"first": first, "last": last},
            may={"law": law, "most": most},
            again=True,
        )

    def show_sums(self, *, pack: Sequence[str]) -> shapes.CoverageSums:
        """Give what the cases of these packs exercise; of one rule, GET /law/rules/{rule}/coverage gives all."""
        return self._asked(shapes.CoverageSums, "GET", self._at("/law/coverage"), params={"pack": pack}, again=True)

    def list_figures(self) -> shapes.Figures:
        """List the figures with their definitions in both languages."""
        return self._asked(shapes.Figures, "GET", self._at("/figures"), again=True)

    def show_figure(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        by: Sequence[str] | None = None,
    ) -> shapes.Cells:
        """Give a figure's cells."""
        return self._asked(
            shapes.Cells,
            "GET",
            self._at("/figures/{name}", name),
            params={"from": from_, "to": to, "where": where, "by": by},
            again=True,
        )

    def figure_as_csv(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        by: Sequence[str] | None = None,
    ) -> bytes:
        """Give the same cells as CSV (RFC 4180): UTF-8, the first line names the columns."""
        return self._file(
            "GET",
            self._at("/figures/{name}/csv", name),
            params={"from": from_, "to": to, "where": where, "by": by},
            again=True,
        )

    def figure_rows(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> shapes.Rows:
        """Give the rows behind a figure in a fixed order; what makes the number is what is listed."""
        return self._asked(
            shapes.Rows,
            "GET",
            self._at("/figures/{name}/rows", name),
            params={"from": from_, "to": to, "where": where, "cursor": cursor, "most": most},
            again=True,
        )

    def export_figure(
        self,
        name: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        where: Sequence[str] | None = None,
        format_: shapes.Format | None = None,
    ) -> bytes:
        """Take all rows behind a figure out as a file, names masked."""
        return self._file(
            "POST",
            self._at("/figures/{name}/export", name),
            may={"from": from_, "to": to, "where": where, "format": format_},
            again=False,
        )

    def list_strategies(self) -> shapes.Strategies:
        """List the versions that are kept, and which is in use from when."""
        return self._asked(shapes.Strategies, "GET", self._at("/strategies"), again=True)

    def list_drafts(self, *, cursor: str | None = None, most: int | None = None) -> shapes.Drafts:
        """List drafts, the latest first."""
        return self._asked(
            shapes.Drafts, "GET", self._at("/strategies/drafts"), params={"cursor": cursor, "most": most}, again=True
        )

    def begin_draft(self, *, strategy: str | None = None, key: str | None = None) -> shapes.Draft:
        """Begin a draft from the version in use."""
        return self._asked(
            shapes.Draft, "POST", self._at("/strategies/drafts"), may={"strategy": strategy}, key=key, keyed=True
        )

    def show_draft(self, draft: str) -> shapes.Draft:
        """Give a draft with its latest revision."""
        return self._asked(shapes.Draft, "GET", self._at("/strategies/drafts/{draft}", draft), again=True)

    def write_draft(self, draft: str, *, content: str, after: int, key: str | None = None) -> shapes.Draft:
        """Write the next revision of a draft, faulty or not; what is wrong with it is said in ``fault``."""
        return self._asked(
            shapes.Draft,
            "POST",
            self._at("/strategies/drafts/{draft}/revisions", draft),
            must={"content": content, "after": after},
            may={},
            key=key,
            keyed=True,
        )

    def try_draft(self, draft: str, *, day: date | None = None) -> shapes.Trial:
        """Say what a draft would change on a published day."""
        return self._asked(
            shapes.Trial, "POST", self._at("/strategies/drafts/{draft}/trials", draft), may={"day": day}, again=False
        )

    def list_changes(self, trial: str, *, cursor: str | None = None, most: int | None = None) -> shapes.Changes:
        """List the proposals that a trial would add, remove or change."""
        return self._asked(
            shapes.Changes,
            "GET",
            self._at("/strategies/trials/{trial}/changes", trial),
            params={"cursor": cursor, "most": most},
            again=True,
        )

    def ask_activation(self, draft: str, *, first: date, reason: str, key: str | None = None) -> shapes.Asked:
        """Ask that a draft be the strategy of the day run from a day on; somebody else decides."""
        return self._asked(
            shapes.Asked,
            "POST",
            self._at("/strategies/drafts/{draft}/activation", draft),
            must={"first": first, "reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def ask_rollback(
        self, strategy: str, version: int, *, first: date, reason: str, key: str | None = None
    ) -> shapes.Asked:
        """Ask that an earlier version be the strategy of the day run again; somebody else decides."""
        return self._asked(
            shapes.Asked,
            "POST",
            self._at("/strategies/versions/{strategy}/{version}/activation", strategy, version),
            must={"first": first, "reason": reason},
            may={},
            key=key,
            keyed=True,
        )

    def list_endpoints(self) -> shapes.Endpoints:
        """List the endpoints; never their secrets."""
        return self._asked(shapes.Endpoints, "GET", self._at("/webhooks"), again=True)

    def add_endpoint(self, *, url: str, kinds: Sequence[str], key: str | None = None) -> shapes.Made:
        """Let an address be told of acts from now on."""
        return self._asked(
            shapes.Made, "POST", self._at("/webhooks"), must={"url": url, "kinds": kinds}, may={}, key=key, keyed=True
        )

    def end_endpoint(self, endpoint: str) -> shapes.EndpointEnded:
        """Tell an endpoint nothing more."""
        return self._asked(shapes.EndpointEnded, "POST", self._at("/webhooks/{endpoint}/ending", endpoint), again=True)

    def tell_again(self, endpoint: str, *, first: datetime, last: datetime) -> shapes.Replayed:
        """Tell an endpoint again of acts between two instants, delivered or not."""
        return self._asked(
            shapes.Replayed,
            "POST",
            self._at("/webhooks/{endpoint}/replay", endpoint),
            must={"first": first, "last": last},
            may={},
            again=False,
        )

    def list_events(
        self,
        *,
        endpoint: str | None = None,
        state: str | None = None,
        cursor: str | None = None,
        most: int | None = None,
    ) -> shapes.Tellings:
        """List what endpoints were told of, and what became of it; pages end between two acts."""
        return self._asked(
            shapes.Tellings,
            "GET",
            self._at("/webhooks/events"),
            params={"endpoint": endpoint, "state": state, "cursor": cursor, "most": most},
            again=True,
        )

    def list_approvals(self, *, decided: bool | None = None, most: int | None = None) -> shapes.Approvals:
        """List what waits for a second person, the one that lapses next first."""
        return self._asked(
            shapes.Approvals, "GET", self._at("/approvals"), params={"decided": decided, "most": most}, again=True
        )

    def show_approval(self, approval: str) -> shapes.Approval:
        """One request in full."""
        return self._asked(shapes.Approval, "GET", self._at("/approvals/{approval}", approval), again=True)

    def list_users(self) -> shapes.Users:
        """List who may sign in, with roles and team; no secret is in it."""
        return self._asked(shapes.Users, "GET", self._at("/users"), again=True)

    def live(self) -> shapes.Health:
        """The process answers; says nothing of the database."""
        return self._asked(shapes.Health, "GET", self._at("/health/live"), again=True)

    def ready(self) -> shapes.Health:
        """The database answers in the application's role; 503 where it does not."""
        return self._asked(shapes.Health, "GET", self._at("/health/ready"), again=True)
