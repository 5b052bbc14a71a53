"""What an audit draws from: everything of one kind that was done in a period, each with who did it and by what.

``key`` names an item within its population for good. The columns that a plan may filter or divide by never change once
the thing was done; flags are known in full once the near misses were looked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from duecourse.storage.connection import Tx

ATTRIBUTES = ("channel", "purpose", "collector", "firm", "what")
"""Columns that a plan may filter or divide by; empty where an item has none."""


@dataclass(frozen=True, slots=True)
class Member:
    """One item of a population. ``acted`` are the staff numbers of those who did it."""

    key: str
    person_id: int | None
    at: datetime
    channel: str
    purpose: str
    collector: str
    firm: str
    what: str
    flags: list[str]
    acted: list[str]


_GRANTED: LiteralString = (
    "p.lender_id = %(lender)s AND p.answer = 'granted' AND p.answered_at >= %(from)s AND p.answered_at < %(until)s"
)
_NEAR: LiteralString = (
    "CASE WHEN EXISTS (SELECT FROM near_miss n WHERE n.lender_id = p.lender_id AND n.permit_id = p.permit_id) "
    "THEN 'near_miss' END"
)
_OVERRIDDEN: LiteralString = "CASE WHEN p.said -> 'facts' ->> 'officer_override' = 'true' THEN 'override' END"
_LIFTED: LiteralString = (
    "EXISTS (SELECT FROM log_entry e WHERE e.lender_id = p.lender_id AND e.person_id = p.person_id "
    "AND e.kind = 'permit.granted' AND e.at = p.answered_at "
    "AND convert_from(e.bytes, 'UTF8')::jsonb @? '$.rules[0]' "
    "AND convert_from(e.bytes, 'UTF8')::jsonb -> 'stated' ->> 'permit' = p.permit_id::text)"
)
_FLAGS: LiteralString = (
    "array_remove(ARRAY[" + _NEAR + ", " + _OVERRIDDEN + ", CASE WHEN " + _LIFTED + " THEN 'lift' END], NULL)"
)
_OF_PERMIT: LiteralString = (
    "p.permit_id::text, p.person_id, p.answered_at, p.channel::text, coalesce(p.purpose::text, ''), p.staff, p.firm, "
    "p.template_id, "
)
_BY: LiteralString = "split_part(x.actor, ':', 2)"

_SOURCES: Mapping[str, LiteralString] = {
    "contact": (
        "SELECT c.contact_id::text, c.person_id, c.at, c.channel::text, c.purpose::text, w.who, "
        "coalesce(c.agency, ''), coalesce(c.template_id, ''), array_remove(" + _FLAGS + " || CASE WHEN "
        "c.direction = 'in' THEN 'inbound' END, NULL), array_remove(ARRAY[nullif(w.who, '')], NULL) FROM contact c "
        "LEFT JOIN permit_request p ON p.lender_id = c.lender_id AND p.permit_id = c.contact_id "
        "CROSS JOIN LATERAL (SELECT coalesce(nullif(p.staff, ''), split_part(coalesce(c.sender, ''), '/', 2)) "
        "AS who) w WHERE c.lender_id = %(lender)s AND c.local_day BETWEEN %(from)s::date - 1 AND %(until)s::date + 1 "
        "AND c.at >= %(from)s AND c.at < %(until)s AND (c.state = 'redeemed' OR c.state = 'reported' "
        "AND c.outcome <> 'not_sent')"
    ),
    "permit": (
        "SELECT " + _OF_PERMIT + _FLAGS + ", array_remove(ARRAY[nullif(p.staff, '')], NULL) FROM permit_request p "
        "WHERE " + _GRANTED
    ),
    "lift": (
        "SELECT " + _OF_PERMIT + _FLAGS + ", array_remove(ARRAY[nullif(p.staff, '')], NULL) FROM permit_request p "
        "WHERE " + _GRANTED + " AND " + _LIFTED
    ),
    "refusal": (
        "SELECT " + _OF_PERMIT + "ARRAY[p.why], array_remove(ARRAY[nullif(p.staff, '')], NULL) "
        "FROM permit_request p WHERE p.lender_id = %(lender)s AND p.answer = 'refused' "
        "AND p.answered_at >= %(from)s AND p.answered_at < %(until)s"
    ),
    "near_miss": (
        "SELECT concat_ws('/', n.permit_id, n.rule, n.fact), p.person_id, p.answered_at, n.channel::text, "
        "coalesce(p.purpose::text, ''), n.staff, n.firm, n.rule, ARRAY[n.kind], "
        "array_remove(ARRAY[nullif(n.staff, '')], NULL) FROM permit_request p "
        "JOIN near_miss n USING (lender_id, permit_id) WHERE " + _GRANTED
    ),
    "override": (
        "SELECT x.stated_id::text, x.person_id, x.known_at, '', '', " + _BY + ", '', '', ARRAY[]::text[], "
        "ARRAY[" + _BY + "] FROM stated_fact x WHERE x.lender_id = %(lender)s AND x.fact = 'officer_override' "
        "AND x.known_at >= %(from)s AND x.known_at < %(until)s"
    ),
    "hold": (
        "SELECT h.hold_id::text, h.person_id, h.known_at, '', '', coalesce(x.who[1], ''), '', h.kind, ARRAY[]::text[], "
        "coalesce(x.who, '{}') || array_remove(ARRAY[nullif(split_part(coalesce(h.ended_by, ''), ':', 2), '')], NULL) "
        "FROM hold h LEFT JOIN LATERAL (SELECT array_agg(DISTINCT split_part(e.actor, ':', 2)) AS who "
        "FROM log_entry e WHERE e.lender_id = h.lender_id AND e.person_id = h.person_id AND e.kind = 'hold.placed' "
        "AND e.at = h.known_at) x ON TRUE "
        "WHERE h.lender_id = %(lender)s AND h.known_at >= %(from)s AND h.known_at < %(until)s"
    ),
    "notice": (
        "SELECT x.notice_id::text, x.person_id, x.at, '', '', " + _BY + ", '', x.template_id, ARRAY[]::text[], "
        "ARRAY[" + _BY + "] FROM notice x WHERE x.lender_id = %(lender)s AND x.at >= %(from)s AND x.at < %(until)s"
    ),
    "reveal": (
        "SELECT x.entry_id::text, x.person_id, x.at, '', '', " + _BY + ", '', concat_ws(' ', "
        "convert_from(x.bytes, 'UTF8')::jsonb #>> '{stated,field}', convert_from(x.bytes, 'UTF8')::jsonb "
        "#>> '{stated,purpose}'), ARRAY[]::text[], ARRAY[" + _BY + "] FROM log_entry x "
        "WHERE x.lender_id = %(lender)s AND x.kind = 'person.reveal' AND x.at >= %(from)s AND x.at < %(until)s"
    ),
    "destruction": (
        "SELECT d.destruction_id::text, NULL::bigint, d.done_at, '', '', split_part(d.asked_by, ':', 2), '', '', "
        "ARRAY[]::text[], array_remove(ARRAY[split_part(d.asked_by, ':', 2), split_part(d.approved_by, ':', 2)], "
        "NULL) FROM destruction d WHERE d.lender_id = %(lender)s AND d.done_at >= %(from)s AND d.done_at < %(until)s"
    ),
    "staff_record": (
        "SELECT x.record_id::text, NULL::bigint, x.known_at, '', '', x.staff, x.firm, x.kind, ARRAY[]::text[], "
        "array_remove(ARRAY[" + _BY + ", nullif(x.staff, '')], NULL) FROM sender_record x "
        "WHERE x.lender_id = %(lender)s AND x.known_at >= %(from)s AND x.known_at < %(until)s"
    ),
}  # fmt: skip

POPULATIONS = tuple(_SOURCES)
"""What there is to draw from."""

HAS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("contact", "permit", "lift", "refusal", "near_miss"), ("channel", "purpose", "collector", "firm", "what")
    ),
    **dict.fromkeys(("override", "destruction"), ("collector",)),
    **dict.fromkeys(("hold", "notice", "reveal"), ("collector", "what")),
    "staff_record": ("collector", "firm", "what"),
}
"""The attributes that items of each population have."""

FLAGS: Mapping[str, tuple[str, ...]] = {
    "contact": ("near_miss", "override", "lift", "inbound"),
    "permit": ("near_miss", "override", "lift"),
    "lift": ("near_miss", "override"),
}
"""The flags by which a plan may always look at an item."""


def members(
    tx: Tx, population: str, *, since: datetime, until: datetime, where: Mapping[str, Sequence[str]], most: int
) -> list[Member]:
    """The items of a population from an instant until another (excluded), by key; one more than ``most`` at the most.

    ``where`` names attributes, and of each the values that count.
    """
    narrowed: LiteralString = " AND ".join(
        ("TRUE", *(_NARROWED[name] for name in ATTRIBUTES if name in where)),
    )
    return tx.rows(
        Member,
        "SELECT * FROM (" + _SOURCES[population] + ") AS m (key, person_id, at, channel, purpose, collector, firm, "
        "what, flags, acted) WHERE " + narrowed + ' ORDER BY key COLLATE "C" LIMIT %(most)s',
        {
            "lender": tx.lender_id, "from": since, "until": until, "most": most + 1,
            **{name: list(where.get(name, ())) for name in ATTRIBUTES},
        },
    )  # fmt: skip


_NARROWED: Mapping[str, LiteralString] = {
    "channel": "channel = ANY (%(channel)s)",
    "purpose": "purpose = ANY (%(purpose)s)",
    "collector": "collector = ANY (%(collector)s)",
    "firm": "firm = ANY (%(firm)s)",
    "what": "what = ANY (%(what)s)",
}
