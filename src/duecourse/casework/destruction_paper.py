"""The certificate of a destruction as a PDF, with its proof in it: what whoever audits or asks is handed.

It says in words what the certificate says, and carries the certificate itself as canonical JSON, whose SHA-256 the
record of the destruction states. It names nobody whose data are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import rfc8785

from duecourse.casework import destruction, paper_proof
from duecourse.casework.dossier import LANGUAGES, Part
from duecourse.casework.dossier_pdf import paper
from duecourse.casework.lender_law import rules_named
from duecourse.channels.render import printer
from duecourse.law import wording
from duecourse.law.rule import Rule
from duecourse.locale import catalogue
from duecourse.storage import checkpoints, lenders
from duecourse.storage.connection import Tx
from duecourse.storage.lenders import Lender
from duecourse.trouble import N_

if TYPE_CHECKING:
    from duecourse.channels.render.signing import Certificate

Say = Callable[[str], str]

PROOF = "duecourse destruction proof 1"

ROWS = {
    "log_entry": N_("Records of the log (they stay; what they commit to opens no more)"),
    "contact": N_("Contacts"),
    "promise": N_("Promises"),
    "note": N_("Notes"),
    "document": N_("Documents"),
    "recording": N_("Recordings"),
    "transcript": N_("Transcripts"),
    "contact_point": N_("Contact points"),
    "hold": N_("Holds"),
    "stated_fact": N_("Stated facts"),
    "party": N_("Ties to loans"),
}
"""What a certificate counts, by the tables of `retention.KINDS`."""

LEFT = {
    "in_use": N_("a loan runs, or a case is open"),
    "period_runs": N_("a period still runs"),
    "unknown": N_("no rule gives a period, or a fact is missing"),
    "held": N_("a legal hold stands"),
}
"""Why somebody was left out, by the phase that was found."""


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate with all that its paper says: whose it is, the rules it names, record, log's key and proof."""

    certificate: Mapping[str, Any]
    entry: int
    lender: Lender
    rules: Mapping[str, Rule] = field(repr=False)
    key: str
    proof: bytes | None = field(repr=False)


def certified(tx: Tx, destruction_id: int) -> Certified:
    """The certificate of a destruction and its proof. Raises `NotDone`, `NoSuchDestruction`."""
    found, entry = destruction.certificate_of(tx, destruction_id)
    proof = paper_proof.carried(tx, entry, called=PROOF, words=rfc8785.dumps(dict(found)).decode())
    origin, known = checkpoints.origin(tx), rules_named(tx)
    named = {one: known[one] for one in found["rules"] if one in known}
    return Certified(found, entry, lenders.get(tx), named, str(origin.key) if origin else "", proof)


def pdf(found: Certified, lang: str, *, certificate: Certificate | None, now: datetime) -> bytes:
    """The certificate as a tagged PDF with its proof in it, signed where a certificate of the lender is given.

    Raises `NoCertificate`.
    """
    title = catalogue(LANGUAGES[lang]).gettext(N_("Certificate of destruction {number}"))
    made = paper(
        title.format(number=found.certificate["destruction"]), _parts(found, lang), lang,
        date.fromisoformat(found.certificate["day"]), printer=printer(), sender=found.lender.name,
        attachments={} if found.proof is None else {paper_proof.NAME: found.proof},
    )  # fmt: skip
    return made if certificate is None else certificate.signed(made, now=now)


def _parts(found: Certified, lang: str) -> Iterator[Part]:
    say, one = catalogue(LANGUAGES[lang]).gettext, found.certificate
    at = datetime.fromisoformat(one["at"]).astimezone(ZoneInfo(found.lender.zone))
    particulars = [
        [say(N_("Particular")), say(N_("As certified"))],
        [say(N_("Lender")), f"{found.lender.name} ({one['lender']})"],
        [say(N_("Asked by")), _actor(one["asked_by"], lang)],
        [say(N_("Approved by")), _actor(one["approved_by"], lang)],
        [say(N_("Carried out by")), _actor(one["carried_out_by"], lang)],
        [say(N_("Carried out at")), f"{at:%Y-%m-%d %H:%M:%S} ({found.lender.zone})"],
    ]
    yield Part("", tuple(_done(one, say)), (), (("", particulars),))
    yield _destroyed(one, say, lang)
    yield Part(say(N_("By which rules")), (), tuple(_ruled(rule, found.rules.get(rule), lang) for rule in one["rules"]))
    yield _left_out(one, say)
    yield Part(say(N_("How this is checked")), tuple(_checked(found, say)))


def _done(one: Mapping[str, Any], say: Say) -> Iterator[str]:
    yield say(
        N_(
            "On {day} the data of {people} people were destroyed for good: every period for which they had to be kept "
            "was over."
        )
    ).format(day=one["day"], people=one["people"])
    yield say(
        N_(
            "The secret of each person was destroyed. What was sealed with it opens for nobody any more, masked forms "
            "are blank, and what records commit to about them can no longer be shown. The records themselves and their "
            "proofs stay valid. A backup from before that day holds the wrapped secrets until the key that wraps them "
            "is rotated out."
        )
    )


def _destroyed(one: Mapping[str, Any], say: Say, lang: str) -> Part:
    """What there was of each kind; kinds of which there was nothing in a sentence."""
    rows = [[say(means), str(one["rows"][kind])] for kind, means in ROWS.items() if one["rows"].get(kind)]
    none = ("、" if lang == "zh" else ", ").join(
        say(means) for kind, means in ROWS.items() if not one["rows"].get(kind)
    )
    said = (say(N_("Of these there were none: {kinds}.")).format(kinds=none),) if none else ()
    table = (("", [[say(N_("Data about these people")), say(N_("How many"))], *rows]),) if rows else ()
    return Part(say(N_("What was destroyed")), said, (), table)


def _left_out(one: Mapping[str, Any], say: Say) -> Part:
    """Who was asked for and left out, and why."""
    left = {LEFT.get(phase, phase): count for phase, count in one["left"].items()}
    if one["gone_before"]:
        left[N_("the data were destroyed before")] = one["gone_before"]
    said = say(N_("People asked for: {asked}. Left out when it was carried out: {left}."))
    reasons = [[say(why), str(count)] for why, count in left.items()]
    table = (("", [[say(N_("Why they were left out")), say(N_("People"))], *reasons]),) if reasons else ()
    out = sum(left.values())
    return Part(say(N_("Who was left out")), (said.format(asked=one["people"] + out, left=out),), (), table)


def _checked(found: Certified, say: Say) -> Iterator[str]:
    digest = destruction.digest(found.certificate)
    yield say(
        N_("SHA-256 of it as canonical JSON (RFC 8785): {digest}. It stands in record {entry} of the log.")
    ).format(digest=digest, entry=found.entry)
    if found.proof is None:
        yield say(
            N_(
                "No published checkpoint covers that record yet, so this file carries no proof: print it again once "
                "the log was published."
            )
        )
        return
    yield say(
        N_(
            "This file carries {file}: the certificate, the record and its place in the log. verify_duecourse.py and "
            "verify.html check it offline, from this PDF as it is, with the key of the log: {key}"
        )
    ).format(file=paper_proof.NAME, key=found.key)


def _actor(actor: str | None, lang: str) -> str:
    """Who acted, by name and role."""
    role, _, name = (actor or "").partition(":")
    said = catalogue(LANGUAGES[lang]).gettext(role) if role else "–"
    if not name:
        return said
    return f"{name}（{said}）" if lang == "zh" else f"{name} ({said})"


def _ruled(rule_id: str, rule: Rule | None, lang: str) -> str:
    """A rule by its id, with what it says and where it stands, as far as its pack is still at hand."""
    if rule is None:
        return rule_id
    return f"{rule_id}{'：' if lang == 'zh' else ': '}{rule.says[lang]} [{wording.cited(rule.source, lang)}]"
