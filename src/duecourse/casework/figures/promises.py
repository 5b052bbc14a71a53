"""Figures of promises and of the way to them: attempt, connection, right party, promise, kept."""

from __future__ import annotations

from typing import LiteralString

from duecourse.casework.figures.figure import Column, Figure, Measure, Over, Share, Shows, Text, Unit
from duecourse.casework.figures.words import AT, BORROWER, CHANNEL, COLLECTOR, CONTACT, CURRENCY, DAY, FIRM, GIVEN, TEAM

# A contact from a file of the desk says 'spoke' where one reported here says 'connected': the person meant answered.
_FUNNEL: LiteralString = """
SELECT c.local_day AS day, c.channel::text AS channel, coalesce(k.team, '') AS team, coalesce(c.agency, '') AS firm,
       1::bigint AS attempts, coalesce(c.connected, false)::int::bigint AS connected,
       (coalesce(c.outcome, '') IN ('connected', 'promised', 'spoke'))::int::bigint AS right_party,
       (w.promise_id IS NOT NULL OR coalesce(c.outcome, '') = 'promised')::int::bigint AS promised,
       (coalesce(w.state, '') = 'kept')::int::bigint AS kept,
       c.contact_id, c.debtor_id AS person_id, c.outcome, c.at
FROM contact c
LEFT JOIN collector k ON k.lender_id = c.lender_id AND k.collector_id = split_part(c.sender, '/', 2)
LEFT JOIN LATERAL (
    SELECT p.promise_id, g.state FROM promise p
    LEFT JOIN promise_reckoning g USING (lender_id, person_id, promise_id)
    WHERE p.lender_id = c.lender_id AND p.person_id = c.debtor_id AND p.contact_id = c.contact_id
    ORDER BY p.promise_id DESC LIMIT 1) w ON true
WHERE c.lender_id = %(lender)s AND c.local_day BETWEEN %(first)s AND %(last)s AND c.direction = 'out'
  AND (c.state = 'redeemed'
       OR (c.state = 'reported' AND c.outcome NOT IN ('not_sent', 'busy', 'not_in_service')))
"""

FUNNEL = Figure(
    name="contact.funnel",
    says=Text("触达漏斗", "Contact funnel"),
    defines=Text(
        "我方发起且到达号码的触达；接通：有人或机器应答；本人：所找之人应答；承诺：其间作出还款承诺；兑现：该承诺已按期足额"
        "履行。已使用许可而未报结果者计为触达，不计接通。",
        "Contacts that we started and that reached the number; connected: somebody or something answered; right "
        "party: the "
        "person meant answered; promised: a promise to pay was given in it; kept: that promise was paid in full by its "
        "day. A redeemed permit whose outcome is not reported counts as an attempt, not as connected.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, CHANNEL, TEAM, FIRM),
    measures=(
        Measure("attempts", Text("触达", "Attempts"), Unit.CONTACTS),
        Measure("connected", Text("接通", "Connected"), Unit.CONTACTS),
        Measure("right_party", Text("本人", "Right party"), Unit.CONTACTS),
        Measure("promised", Text("承诺", "Promised"), Unit.CONTACTS),
        Measure("kept", Text("兑现", "Kept"), Unit.CONTACTS),
    ),
    shares=(
        Share("connected_share", Text("接通率", "Connected"), "connected", "attempts"),
        Share("right_party_share", Text("本人率", "Right party of connected"), "right_party", "connected"),
        Share("promised_share", Text("承诺率", "Promised of right party"), "promised", "right_party"),
        Share("kept_share", Text("兑现率", "Kept of promised"), "kept", "promised"),
    ),
    keys=(CONTACT,),
    details=(
        BORROWER,
        Column("outcome", Text("结果", "Outcome")),
        AT,
    ),
    person="person_id",
    rows=_FUNNEL,
)

_PROMISES: LiteralString = """
SELECT w.day, w.currency, w.team, w.collector, w.kind,
       (w.became NOT IN ('renegotiated', 'withdrawn'))::int::bigint AS promises,
       (w.became IN ('kept', 'partly_kept', 'broken') AND w.over)::int::bigint AS ended,
       (w.became = 'kept' AND w.over)::int::bigint AS kept, (w.became = 'partly_kept')::int::bigint AS partly_kept,
       (w.became = 'broken')::int::bigint AS broken, (w.became = 'renegotiated')::int::bigint AS renegotiated,
       (w.became = 'withdrawn')::int::bigint AS withdrawn,
       CASE WHEN w.became IN ('renegotiated', 'withdrawn') OR NOT w.over THEN 0 ELSE w.amount_minor END::bigint
           AS promised_minor,
       CASE WHEN w.became IN ('renegotiated', 'withdrawn') OR NOT w.over THEN 0
            ELSE least(w.paid_minor, w.amount_minor) END::bigint AS paid_minor,
       w.promise_id, w.person_id, w.became AS state, w.made_day
FROM (
    SELECT p.due_day AS day, p.currency::text AS currency, coalesce(k.team, '') AS team,
           coalesce(k.collector_id, '') AS collector, coalesce(p.given, c.channel::text, 'desk') AS kind,
           CASE WHEN p.end_kind IN ('renegotiated', 'replaced') THEN 'renegotiated' WHEN p.end_kind = 'withdrawn'
                THEN 'withdrawn' ELSE coalesce(g.state, 'open') END AS became,
           coalesce(g.through_day >= p.due_day, false) AS over, p.amount_minor, coalesce(g.paid_minor, 0) AS paid_minor,
           p.promise_id, p.person_id, p.made_day
    FROM promise p
    LEFT JOIN promise_reckoning g USING (lender_id, person_id, promise_id)
    LEFT JOIN collector k ON k.lender_id = p.lender_id AND k.collector_id = split_part(p.actor, ':', 2)
    LEFT JOIN contact c ON c.lender_id = p.lender_id AND c.person_id = p.promised_by AND c.contact_id = p.contact_id
    WHERE p.lender_id = %(lender)s AND p.due_day BETWEEN %(first)s AND %(last)s
) w
"""

PROMISES = Figure(
    name="promise.kept",
    says=Text("承诺还款的兑现", "Promises kept"),
    defines=Text(
        "按承诺日计的承诺还款。承诺日已过且当日还款均已知悉者为到期：到账足额为兑现，不足为部分兑现，分文未付为未兑现；其余待定。"
        "承诺日前重新约定或撤回者单列，既不计兑现也不计未兑现。兑现率为兑现占到期之比，按作出承诺的催收员与场合（电话、上门、门户、"
        "回信等）分列；金额只计到期者，多付不计。还款按台账与业务台推算。",
        "Promises by the day they fall due. One has ended once its day is over and the payments of that day are known: "
        "kept if the amount came in full, partly kept if some came, broken if nothing did; others are open. One "
        "renegotiated or withdrawn before its day stands apart, neither kept nor broken. The kept rate is kept of "
        "ended, by the collector who took the promise and by where it was given (call, visit, portal, reply ...). "
        "Amounts are of ended promises, without what came beyond them. Payments are those of book and desk.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, CURRENCY, TEAM, COLLECTOR, GIVEN),
    measures=(
        Measure("promises", Text("承诺数", "Promises"), Unit.PROMISES),
        Measure("ended", Text("到期", "Ended"), Unit.PROMISES),
        Measure("kept", Text("兑现", "Kept"), Unit.PROMISES),
        Measure("partly_kept", Text("部分兑现", "Partly kept"), Unit.PROMISES),
        Measure("broken", Text("未兑现", "Broken"), Unit.PROMISES),
        Measure("renegotiated", Text("重新约定", "Renegotiated"), Unit.PROMISES),
        Measure("withdrawn", Text("撤回", "Withdrawn"), Unit.PROMISES),
        Measure("promised_minor", Text("到期承诺金额", "Promised"), Unit.MINOR),
        Measure("paid_minor", Text("其中已付", "Paid"), Unit.MINOR),
    ),
    shares=(
        Share("kept_share", Text("兑现率", "Kept"), "kept", "ended"),
        Share("partly_kept_share", Text("部分兑现率", "Partly kept"), "partly_kept", "ended"),
        Share("paid_share", Text("金额兑现率", "Paid of promised"), "paid_minor", "promised_minor"),
    ),
    keys=(Column("promise_id", Text("承诺号", "Promise"), Shows.NUMBER),),
    details=(
        BORROWER,
        Column("state", Text("状态", "State")),
        Column("made_day", Text("作出日", "Made on"), Shows.DAY),
    ),
    person="person_id",
    rows=_PROMISES,
)

FIGURES = (FUNNEL, PROMISES)
