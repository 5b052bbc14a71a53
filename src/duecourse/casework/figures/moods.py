"""The figure of how borrowers sound, turn by turn, with how sure the estimates are."""

from __future__ import annotations

from typing import LiteralString

from duecourse.casework.figures.figure import Column, Figure, Measure, Over, Share, Shows, Text, Unit
from duecourse.casework.figures.words import AT, BORROWER, CHANNEL, COLLECTOR, DAY, TEAM

_TURNS: LiteralString = """
SELECT (q.at AT TIME ZONE l.zone)::date AS day, q.channel, coalesce(k.team, '') AS team, q.collector,
       1::bigint AS turns, (q.mood = 'calm')::int::bigint AS calm, (q.mood = 'worried')::int::bigint AS worried,
       (q.mood = 'angry')::int::bigint AS angry, (q.mood = 'distressed')::int::bigint AS distressed,
       q.mood_ppm::bigint AS sure_ppm, 1000000::bigint AS whole_ppm, q.turn, q.person_id, q.mood, q.rule, q.at
FROM (
    SELECT i.lender_id, i.at, i.channel::text AS channel,
           coalesce(nullif(split_part(c.sender, '/', 2), ''), s.collector_id, '') AS collector, r.mood, r.mood_ppm,
           coalesce(r.mood_rule, '') AS rule, 'inbound ' || i.inbound_id AS turn, i.debtor_id AS person_id
    FROM inbound i
    JOIN reading r USING (lender_id, inbound_id)
    LEFT JOIN contact c ON c.lender_id = i.lender_id AND c.person_id = i.person_id AND c.contact_id = i.answers
    LEFT JOIN cases s ON s.lender_id = i.lender_id AND s.person_id = i.debtor_id AND s.case_id = i.case_id
    WHERE i.debtor_id IS NOT NULL AND r.mood IS NOT NULL
    UNION ALL
    SELECT o.lender_id, o.at + m.start_ms * interval '1 millisecond', c.channel::text,
           split_part(c.sender, '/', 2), m.mood, m.mood_ppm, m.mood_rule,
           'recording ' || o.recording_id || ' turn ' || m.turn, o.debtor_id
    FROM recording o
    JOIN LATERAL (SELECT t.transcript_id, t.person_id FROM transcript t WHERE t.lender_id = o.lender_id
        AND t.recording_id = o.recording_id ORDER BY t.transcript_id DESC LIMIT 1) w ON true
    JOIN turn_mood m ON m.lender_id = o.lender_id AND m.person_id = w.person_id AND m.transcript_id = w.transcript_id
    JOIN contact c ON c.lender_id = o.lender_id AND c.person_id = o.person_id AND c.contact_id = o.contact_id) q
JOIN lender l USING (lender_id)
LEFT JOIN collector k ON k.lender_id = q.lender_id AND k.collector_id = q.collector
WHERE q.lender_id = %(lender)s AND q.at >= (%(first)s::date)::timestamp AT TIME ZONE l.zone
  AND q.at < (%(last)s::date + 1)::timestamp AT TIME ZONE l.zone
"""

MOODS = Figure(
    name="mood.turn",
    says=Text("借款人情绪（按轮次）", "How borrowers sound, turn by turn"),
    defines=Text(
        "借款人的每条来文及每段通话转写轮次，按估计的情绪各计一次；归于其所答触达的发送人，无则归于案件的催收员。情绪由规则或小模型"
        "估计，把握程度为各次估计之均值；仅供了解，不作任何决定或考核的依据。",
        "Each text of a borrower, and each turn of his in a transcribed call, once, by the mood that was estimated; "
        "with whoever made the contact that it answers, else with the collector of the case. Rules or a small model "
        "estimate it; how sure is the mean over the estimates. It tells how things stand and is no ground for any "
        "decision or for judging anybody.",
    ),
    over=Over.EVENTS,
    dimensions=(DAY, CHANNEL, TEAM, COLLECTOR),
    measures=(
        Measure("turns", Text("轮次", "Turns"), Unit.TURNS),
        Measure("calm", Text("平静", "Calm"), Unit.TURNS),
        Measure("worried", Text("焦虑", "Worried"), Unit.TURNS),
        Measure("angry", Text("愤怒", "Angry"), Unit.TURNS),
        Measure("distressed", Text("痛苦", "Distressed"), Unit.TURNS),
        Measure("sure_ppm", Text("把握之和（百万分之一）", "Sureness together (millionths)"), Unit.PPM),
        Measure("whole_ppm", Text("满分之和（百万分之一）", "Full sureness (millionths)"), Unit.PPM),
    ),
    shares=(
        Share("worried_share", Text("焦虑占比", "Share worried"), "worried", "turns"),
        Share("angry_share", Text("愤怒占比", "Share angry"), "angry", "turns"),
        Share("distressed_share", Text("痛苦占比", "Share distressed"), "distressed", "turns"),
        Share("sure_share", Text("估计的把握", "How sure the estimates are"), "sure_ppm", "whole_ppm"),
    ),
    keys=(Column("turn", Text("轮次", "Turn"), Shows.TEXT),),
    details=(
        BORROWER,
        Column("mood", Text("情绪", "Mood")),
        Column("rule", Text("依据", "By"), Shows.TEXT),
        AT,
    ),
    person="person_id",
    rows=_TURNS,
)

FIGURES = (MOODS,)
