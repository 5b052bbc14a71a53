"""Figures whose rows stand in the desk's tables. The SQL of each is its definition."""

from __future__ import annotations

from typing import LiteralString

from duecourse.casework.figures.figure import Column, Figure, Measure, Over, Share, Shows, Text, Unit
from duecourse.casework.figures.words import (
    AT,
    BORROWER,
    CHANNEL,
    CLASS,
    COLLECTOR,
    CONTACT,
    CURRENCY,
    DAY,
    FIRM,
    RULE,
    STAGE,
    TEAM,
    TREATMENT,
)
from duecourse.storage.worklists import CAUSES

_OPEN: LiteralString = """
SELECT s.day, s.currency::text AS currency, s.stage, s.class, coalesce(k.team, '') AS team,
       coalesce(s.collector_id, '') AS collector, 1::bigint AS cases, s.principal_minor::bigint AS owed_minor,
       s.overdue_minor::bigint AS overdue_minor, s.person_id, s.dpd::bigint AS dpd
FROM case_snapshot s
JOIN day_run r USING (lender_id, day, run_id)
LEFT JOIN collector k ON k.lender_id = s.lender_id AND k.collector_id = s.collector_id
WHERE r.state = 'published' AND s.lender_id = %(lender)s AND s.day BETWEEN %(first)s AND %(last)s
"""

CASES = Figure(
    name="case.open",
    says=Text("在办案件", "Open cases"),
    defines=Text(
        "当日日终跑批发布的案件快照：一名借款人一件。金额为案件全部借据之和。",
        "Cases in the published snapshot of the day, one for each borrower. Amounts are over all loans of the case.",
    ),
    over=Over.STATE,
    dimensions=(DAY, CURRENCY, STAGE, CLASS, TEAM, COLLECTOR),
    measures=(
        Measure("cases", Text("案件数", "Cases"), Unit.CASES),
        Measure("owed_minor", Text("所欠本金", "Principal owed"), Unit.MINOR),
        Measure("overdue_minor", Text("逾期金额", "Overdue"), Unit.MINOR),
    ),
    keys=(BORROWER,),
    details=(Column("dpd", Text("逾期天数", "Days past due"), Shows.NUMBER),),
    person="person_id",
    by_run=True,
    rows=_OPEN,
)

_ASKED: LiteralString = """
SELECT p.day, p.treatment, coalesce(p.channel::text, '') AS channel, coalesce(k.team, '') AS team,
       coalesce(s.collector_id, '') AS collector, 1::bigint AS proposals,
       (p.answer = 'allowed')::int::bigint AS allowed, (p.answer = 'refused')::int::bigint AS refused,
       p.person_id, p.ordinal::bigint AS ordinal, p.answer
FROM proposal p
JOIN day_run r USING (lender_id, day, run_id)
LEFT JOIN case_snapshot s USING (lender_id, person_id, day, run_id)
LEFT JOIN collector k ON k.lender_id = p.lender_id AND k.collector_id = s.collector_id
WHERE r.state = 'published' AND p.lender_id = %(lender)s AND p.day BETWEEN %(first)s AND %(last)s
"""

_PROPOSAL_KEYS = (
    BORROWER,
    Column("ordinal", Text("第几项", "Number"), Shows.NUMBER),
)

PROPOSALS = Figure(
    name="proposal.asked",
    says=Text("拟处置与规则的答复", "Proposals and the law's answer"),
    defines=Text(
        "当日日终跑批为案件拟定的处置，及规则在计划时刻的答复；策略不处置的案件计入“不处置”。",
        "Treatments that the day run proposed for the day, with the law's answer at the planned instant; a case "
        "that the strategy leaves alone counts as left alone.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, TREATMENT, CHANNEL, TEAM, COLLECTOR),
    measures=(
        Measure("proposals", Text("拟处置数", "Proposals"), Unit.PROPOSALS),
        Measure("allowed", Text("准许", "Allowed"), Unit.PROPOSALS),
        Measure("refused", Text("拒绝", "Refused"), Unit.PROPOSALS),
    ),
    shares=(Share("refused_share", Text("拒绝占比", "Share refused"), "refused", "proposals"),),
    keys=_PROPOSAL_KEYS,
    details=(Column("answer", Text("答复", "Answer")),),
    person="person_id",
    by_run=True,
    rows=_ASKED,
)

_DONE: LiteralString = """
SELECT p.day, p.treatment, coalesce(p.channel::text, '') AS channel, coalesce(k.team, '') AS team,
       coalesce(s.collector_id, '') AS collector, 1::bigint AS done, p.person_id, p.ordinal::bigint AS ordinal,
       made.contacts
FROM (
    SELECT r.day, r.run_id, c.debtor_id, c.channel, count(*) AS contacts
    FROM (SELECT day, run_id, lead(day) OVER (ORDER BY day) AS until FROM day_run
          WHERE lender_id = %(lender)s AND state = 'published') r
    JOIN contact c ON c.lender_id = %(lender)s AND c.local_day >= r.day AND (r.until IS NULL OR c.local_day < r.until)
    WHERE r.day BETWEEN %(first)s AND %(last)s AND c.direction = 'out'
      AND (c.state = 'redeemed' OR (c.state = 'reported' AND c.outcome <> 'not_sent'))
    GROUP BY r.day, r.run_id, c.debtor_id, c.channel
) made
JOIN proposal p ON p.lender_id = %(lender)s AND p.day = made.day AND p.run_id = made.run_id
    AND p.person_id = made.debtor_id AND p.channel = made.channel AND p.answer = 'allowed'
LEFT JOIN case_snapshot s ON s.lender_id = p.lender_id AND s.person_id = p.person_id AND s.day = p.day
    AND s.run_id = p.run_id
LEFT JOIN collector k ON k.lender_id = p.lender_id AND k.collector_id = s.collector_id
"""

DONE = Figure(
    name="proposal.done",
    says=Text("已执行的拟处置", "Proposals done"),
    defines=Text(
        "获准的拟处置中，自当日起、至下一次日终跑批之日前，已就同一借款人按同一渠道实际触达（使用许可或已报结果）者。",
        "Allowed proposals of the day of whose borrower's debt somebody was in fact contacted by the same channel, "
        "on the day or after it until the day of the next run: the permit was redeemed, or an outcome reported.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, TREATMENT, CHANNEL, TEAM, COLLECTOR),
    measures=(Measure("done", Text("已执行", "Done"), Unit.PROPOSALS),),
    keys=_PROPOSAL_KEYS,
    details=(Column("contacts", Text("触达次数", "Contacts"), Shows.NUMBER),),
    person="person_id",
    rows=_DONE,
)

_REFUSED: LiteralString = f"""
SELECT p.day, cause.rule, p.treatment, coalesce(p.channel::text, '') AS channel, 1::bigint AS refusals,
       p.person_id, p.ordinal::bigint AS ordinal
FROM proposal p
JOIN day_run r USING (lender_id, day, run_id)
CROSS JOIN LATERAL (SELECT DISTINCT {CAUSES}) AS cause (rule)
WHERE r.state = 'published' AND p.answer = 'refused' AND p.lender_id = %(lender)s
  AND p.day BETWEEN %(first)s AND %(last)s
"""  # noqa: S608 - a text of ours

REFUSED = Figure(
    name="refusal.proposal",
    says=Text("被拒绝的拟处置（按规则）", "Refused proposals, by rule"),
    defines=Text(
        "每项被拒绝的拟处置，就决定答复的每条规则或缺失的每项事实各计一次；没有联系方式的，仅就此计一次；"
        "按规则相加会多于被拒绝的项数。",
        "Each refused proposal once for every rule, or missing fact, that determined the answer; once alone where "
        "there is no contact point. So the rules add up to more than the proposals refused.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, RULE, TREATMENT, CHANNEL),
    measures=(Measure("refusals", Text("次数", "Refusals"), Unit.PROPOSALS),),
    keys=_PROPOSAL_KEYS,
    person="person_id",
    by_run=True,
    rows=_REFUSED,
)

_DENIED: LiteralString = """
SELECT (p.answered_at AT TIME ZONE l.zone)::date AS day, cause.rule, p.channel::text AS channel, p.firm,
       1::bigint AS refusals, p.permit_id, p.debtor_id AS person_id, p.answered_at, p.staff
FROM permit_request p
JOIN lender l USING (lender_id)
CROSS JOIN LATERAL (
    SELECT reason ->> 'rule' FROM jsonb_array_elements(p.said -> 'reasons') AS reason
    UNION SELECT 'gate.' || p.why WHERE p.why <> 'law') AS cause (rule)
WHERE p.answer = 'refused' AND p.lender_id = %(lender)s
  AND p.answered_at >= (%(first)s::date)::timestamp AT TIME ZONE l.zone
  AND p.answered_at < (%(last)s::date + 1)::timestamp AT TIME ZONE l.zone
"""

DENIED = Figure(
    name="refusal.request",
    says=Text("被拒绝的许可申请（按规则）", "Refused requests, by rule"),
    defines=Text(
        "向闸口提出并被拒绝的申请，就决定答复的每条规则各计一次；gate. 开头者为闸口自身的理由（过早、未报结果过多）。",
        "Requests that the gate refused, each once for every rule that determined the answer; what begins with "
        "gate. is the gate's own reason (too early, too many outcomes owed).",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, RULE, CHANNEL, FIRM),
    measures=(Measure("refusals", Text("次数", "Refusals"), Unit.REQUESTS),),
    keys=(Column("permit_id", Text("申请号", "Request"), Shows.PERMIT),),
    details=(
        BORROWER,
        Column("answered_at", Text("答复时刻", "Answered"), Shows.INSTANT),
        Column("staff", Text("员工", "Staff"), Shows.COLLECTOR),
    ),
    person="person_id",
    rows=_DENIED,
)

_NEAR: LiteralString = """
SELECT n.day, n.rule, n.kind, n.channel::text AS channel, n.firm, 1::bigint AS near_misses, n.permit_id,
       n.debtor_id AS person_id, n.fact, n.staff, n.at
FROM near_miss n
WHERE n.lender_id = %(lender)s AND n.day BETWEEN %(first)s AND %(last)s
"""

NEAR = Figure(
    name="gate.near_miss",
    says=Text("贴线申请", "Near misses"),
    defines=Text(
        "准许、但离拒绝只差一步的许可：某项计数再加一，或再晚15分钟，闸口即会拒绝；按会拒绝的规则计。",
        "Permits given one step before a refusal: with one more on a counter, or 15 minutes later, the gate would have "
        "refused. Counted for each rule that would.",
    ),
    over=Over.EVENTS,
    dimensions=(
        DAY, RULE, Column("kind", Text("界限", "Limit")), CHANNEL, FIRM,
    ),
    measures=(Measure("near_misses", Text("次数", "Near misses"), Unit.REQUESTS),),
    keys=(Column("permit_id", Text("许可号", "Permit"), Shows.PERMIT),),
    details=(
        BORROWER,
        Column("fact", Text("所计事实", "What is counted"), Shows.TEXT),
        Column("staff", Text("员工", "Staff"), Shows.COLLECTOR),
        Column("at", Text("计划时刻", "Planned for"), Shows.INSTANT),
    ),
    person="person_id",
    rows=_NEAR,
)  # fmt: skip

_COST: LiteralString = """
SELECT c.local_day AS day, c.channel::text AS channel, coalesce(rate.currency::text, l.currency::text) AS currency,
       coalesce(k.team, '') AS team, 1::bigint AS contacts, coalesce(rate.cost_minor, 0)::bigint AS cost_minor,
       c.contact_id, c.debtor_id AS person_id, c.at
FROM contact c
JOIN lender l USING (lender_id)
LEFT JOIN collector k ON k.lender_id = c.lender_id AND k.collector_id = split_part(c.sender, '/', 2)
LEFT JOIN LATERAL (
    SELECT h.currency, h.cost_minor FROM channel_cost h
    WHERE h.lender_id = c.lender_id AND h.channel = c.channel AND h.from_day <= c.local_day
    ORDER BY h.from_day DESC LIMIT 1) rate ON true
WHERE c.lender_id = %(lender)s AND c.local_day BETWEEN %(first)s AND %(last)s AND c.direction = 'out'
  AND (c.state = 'redeemed' OR (c.state = 'reported' AND c.outcome <> 'not_sent'))
"""

COST = Figure(
    name="cost.contact",
    says=Text("触达成本", "Cost of contacts"),
    defines=Text(
        "已实际发生的触达次数乘以该渠道当日的单位成本；未设定成本的渠道按零计。",
        "Contacts in fact made, times the cost of one contact by the channel on that day. A channel whose cost was "
        "never set counts as zero.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, CHANNEL, CURRENCY, TEAM),
    measures=(
        Measure("contacts", Text("触达次数", "Contacts"), Unit.CONTACTS),
        Measure("cost_minor", Text("成本", "Cost"), Unit.MINOR),
    ),
    keys=(CONTACT,),
    details=(
        BORROWER,
        AT,
    ),
    person="person_id",
    rows=_COST,
)

_HOLDS: LiteralString = """
SELECT d.day, h.kind,
       CASE WHEN d.age <= 7 THEN '0-7' WHEN d.age <= 30 THEN '8-30' WHEN d.age <= 90 THEN '31-90' ELSE '91+' END AS age,
       1::bigint AS holds, d.age::bigint AS days, h.hold_id, h.person_id, h.from_at
FROM hold h
JOIN lender l USING (lender_id)
CROSS JOIN LATERAL (
    SELECT g::date AS day, g::date - (h.from_at AT TIME ZONE l.zone)::date AS age
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS g) d
WHERE h.lender_id = %(lender)s AND h.from_at < (d.day + 1)::timestamp AT TIME ZONE l.zone
  AND (h.to_at IS NULL OR h.to_at >= (d.day + 1)::timestamp AT TIME ZONE l.zone)
"""

HOLDS = Figure(
    name="hold.age",
    says=Text("冻结与投诉的时长", "Age of holds and complaints"),
    defines=Text(
        "当日结束时仍有效的冻结（含投诉、异议），按自起始日起的天数分档。",
        "Holds, complaints and disputes among them, that stand at the end of the day, by the days since they began.",
    ),
    over=Over.STATE,
    dimensions=(
        DAY,
        Column("kind", Text("种类", "Kind")),
        Column("age", Text("时长（天）", "Age in days"), Shows.TEXT),
    ),
    measures=(
        Measure("holds", Text("冻结数", "Holds"), Unit.HOLDS),
        Measure("days", Text("天数之和", "Days together"), Unit.DAYS),
    ),
    shares=(Share("average_days", Text("平均天数", "Average days"), "days", "holds"),),
    keys=(Column("hold_id", Text("冻结号", "Hold"), Shows.NUMBER),),
    details=(
        BORROWER,
        Column("from_at", Text("起始", "Since"), Shows.INSTANT),
    ),
    person="person_id",
    rows=_HOLDS,
)

_BREAKS: LiteralString = """
SELECT d.day, b.kind,
       CASE WHEN d.age <= 7 THEN '0-7' WHEN d.age <= 30 THEN '8-30' WHEN d.age <= 90 THEN '31-90' ELSE '91+' END AS age,
       1::bigint AS breaks, b.break_id, b.loan_key, b.subject, coalesce(b.currency::text, '') AS currency,
       b.theirs_minor::bigint AS theirs_minor, b.ours_minor::bigint AS ours_minor
FROM break b
CROSS JOIN LATERAL (
    SELECT g::date AS day, g::date - b.opened_day AS age
    FROM generate_series(greatest(b.opened_day, %(first)s::date),
        least(coalesce(b.closed_day - 1, %(last)s::date), %(last)s::date), interval '1 day') AS g) d
WHERE b.lender_id = %(lender)s
"""

BREAKS = Figure(
    name="break.open",
    says=Text("未了结的差异", "Open breaks"),
    defines=Text(
        "当日结束时放款机构数据与我方数据仍不一致之处，按自发现之日起的天数分档。",
        "Where the lender's figure and ours still differ at the end of the day, by the days since it was found.",
    ),
    over=Over.STATE,
    dimensions=(
        DAY,
        Column("kind", Text("种类", "Kind")),
        Column("age", Text("时长（天）", "Age in days"), Shows.TEXT),
    ),
    measures=(Measure("breaks", Text("差异数", "Breaks"), Unit.BREAKS),),
    keys=(Column("break_id", Text("差异号", "Break"), Shows.NUMBER),),
    details=(
        Column("loan_key", Text("借据", "Loan"), Shows.LOAN),
        Column("subject", Text("项目", "What differs"), Shows.TEXT),
        Column("currency", Text("币种", "Currency"), Shows.TEXT),
        Column("theirs_minor", Text("机构数据", "Theirs"), Shows.MINOR),
        Column("ours_minor", Text("我方数据", "Ours"), Shows.MINOR),
    ),
    rows=_BREAKS,
)

_TAPES: LiteralString = """
SELECT (f.known_at AT TIME ZONE l.zone)::date AS day, f.kind, f.rows_in::bigint AS rows_in,
       f.rows_accepted::bigint AS accepted, f.rows_quarantined::bigint AS quarantined,
       encode(f.source_hash, 'hex') AS source, f.version, f.known_at
FROM source_file f
JOIN lender l USING (lender_id)
WHERE f.lender_id = %(lender)s AND f.known_at >= (%(first)s::date)::timestamp AT TIME ZONE l.zone
  AND f.known_at < (%(last)s::date + 1)::timestamp AT TIME ZONE l.zone
"""

TAPES = Figure(
    name="tape.rows",
    says=Text("导入的行", "Rows of tapes"),
    defines=Text(
        "当日读入的文件的行数：接受者与隔离者。隔离的行不进入台账，须补正后重新导入。",
        "Rows of the files read on the day: accepted, and quarantined. A quarantined row is not in the book until "
        "it is mended and the file read again.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, Column("kind", Text("内容", "Content"), Shows.WORD)),
    measures=(
        Measure("rows_in", Text("读入", "Read"), Unit.ROWS),
        Measure("accepted", Text("接受", "Accepted"), Unit.ROWS),
        Measure("quarantined", Text("隔离", "Quarantined"), Unit.ROWS),
    ),
    shares=(Share("quarantined_share", Text("隔离占比", "Share quarantined"), "quarantined", "rows_in"),),
    keys=(
        Column("version", Text("台账版本", "Book version"), Shows.NUMBER),
        Column("source", Text("文件摘要", "Hash of the file"), Shows.TEXT),
    ),
    details=(Column("known_at", Text("读入时刻", "Read at"), Shows.INSTANT),),
    rows=_TAPES,
)

FIGURES = (CASES, PROPOSALS, DONE, REFUSED, DENIED, NEAR, COST, HOLDS, BREAKS, TAPES)
"""In the order in which they are listed."""
