-- What holds once is reckoned from when it was said, to whom, and which contacts were made since: the house to which a
-- consent was given, and of each contact its instant and its text.

ALTER TABLE stated_fact ADD COLUMN firm text;

COMMENT ON COLUMN stated_fact.firm IS
    'Of a consent given to one house: the outside firm, empty for the lender itself; without it nobody may use the consent.';

CREATE OR REPLACE VIEW counted_contact WITH (security_invoker = true) AS
    SELECT lender_id, person_id, contact_id, debtor_id, loan_keys, point_index, local_day, state, expires_at, agency,
           channel, purpose, relation, direction,
           coalesce(connected, TRUE) AS answered,
           NOT coalesce(connected, FALSE) AS unanswered,
           coalesce(connected, TRUE) AND coalesce(outcome, '') <> 'voicemail' AS talked,
           coalesce(outcome, '') NOT IN ('busy', 'not_in_service') AS placed,
           coalesce(point_label, '') = 'work' AS at_work,
           at, template_id
    FROM contact;

CREATE OR REPLACE FUNCTION contact_standings(the_lender text, asked json, the_since date)
    RETURNS TABLE (
        jurisdiction text, zone text, lender_type text, demo boolean, index_check bytea, root_id bigint,
        key_id text, secret_wrapped bytea, point jsonb, zones text[], ties jsonb, refused boolean,
        borrowers jsonb, numbers text[], holds jsonb, stated jsonb, records jsonb, snapshot jsonb,
        made jsonb, unreported integer, earlier jsonb, entry_id bigint, permit_id bigint)
    LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH
    published AS MATERIALIZED (
        SELECT d.day FROM day_run d
            WHERE d.lender_id = the_lender AND d.state = 'published' ORDER BY d.day DESC LIMIT 1
    ),
    who AS MATERIALIZED (
        SELECT q.*, l.jurisdiction, l.zone, l.lender_type, l.demo, l.index_check, p.key_id, p.secret_wrapped,
               person_root(the_lender, p.person_id) AS root_id
            FROM (SELECT * FROM json_to_recordset(asked) a (nth integer, person bigint, point bigint, loans bigint[],
                sender text, sender_type text, firm text, staff text, key text) LIMIT json_array_length(asked)) q
            LEFT JOIN (person p JOIN lender l ON l.lender_id = p.lender_id)
                ON p.lender_id = the_lender AND p.person_id = q.person
    ),
    owing AS MATERIALIZED (
        SELECT w.*, o.borrowers, o.roots, same_persons(the_lender, ARRAY[w.root_id]) AS me
            FROM who w CROSS JOIN LATERAL (
                SELECT coalesce(jsonb_agg(jsonb_build_array(r.loan_key, r.person_id, r.root)), '[]') AS borrowers,
                       array_agg(DISTINCT r.root) AS roots
                    FROM (SELECT t.loan_key, t.person_id,
                                 CASE WHEN t.person_id = w.person THEN w.root_id ELSE person_root(the_lender, t.person_id) END
                                     AS root
                        FROM party t WHERE t.lender_id = the_lender AND t.loan_key = ANY (w.loans)
                        AND t.relation = 'borrower' AND t.to_day IS NULL) r) o
    ),
    debtor AS MATERIALIZED (
        SELECT o.*, CASE WHEN o.roots = ARRAY[o.root_id] THEN o.me
                    ELSE coalesce(same_persons(the_lender, o.roots), '{}') END AS us
            FROM owing o
    ),
    both_sides AS MATERIALIZED (
        SELECT d.*, CASE WHEN d.me = d.us THEN d.me ELSE d.me || d.us END AS both_of, c.value_index AS number, c.point_row
            FROM debtor d LEFT JOIN LATERAL (
                SELECT k.value_index,
                       jsonb_build_array(k.kind, encode(k.value_index, 'hex'), k.zone, k.state, k.line IS DISTINCT FROM 'fixed',
                                         k.to_at IS NOT NULL, k.label, k.line) AS point_row
                    FROM contact_point k
                    WHERE k.lender_id = the_lender AND k.person_id = d.person AND k.contact_point_id = d.point) c ON TRUE
    )
    SELECT
        b.jurisdiction, b.zone, b.lender_type, b.demo, b.index_check, b.root_id, b.key_id, b.secret_wrapped, b.point_row,
        reached.zones, tied.ties, tied.refused, b.borrowers, reached.numbers,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(
                h.person_id = ANY (b.us), h.kind, h.loan_key, (extract(epoch FROM h.from_at) * 1000000)::bigint,
                (extract(epoch FROM h.to_at) * 1000000)::bigint)), '[]')
            FROM hold h
            WHERE h.lender_id = the_lender AND h.person_id = ANY (b.both_of) AND (h.to_at IS NULL OR h.to_at > the_since)),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(
                s.fact, s.value, s.loan_key, (extract(epoch FROM s.from_at) * 1000000)::bigint,
                (extract(epoch FROM s.to_at) * 1000000)::bigint, s.second_from, s.second_to, s.bound_to,
                s.person_id = ANY (b.me), s.firm) ORDER BY s.known_at, s.stated_id), '[]')
            FROM stated_fact s
            WHERE s.lender_id = the_lender AND s.person_id = ANY (b.both_of) AND (s.to_at IS NULL OR s.to_at > the_since)),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(r.staff <> '', r.kind, r.from_day, r.to_day)), '[]')
            FROM sender_record r
            WHERE r.lender_id = the_lender AND r.firm = b.firm AND r.staff IN ('', b.staff)),
        (SELECT jsonb_build_array(c.dpd, c.overdue_minor) FROM case_snapshot c
            WHERE c.lender_id = the_lender AND c.person_id = ANY (b.us) AND c.day = (SELECT day FROM published) LIMIT 1),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(
                c.contact_id, c.person_id, c.person_id = ANY (b.me), c.debtor_id = ANY (b.us), c.person_id = ANY (b.us),
                encode(c.point_index, 'hex'), c.loan_keys, c.agency, c.local_day, c.state,
                (extract(epoch FROM c.expires_at) * 1000000)::bigint, c.channel, c.purpose, c.relation, c.direction,
                c.answered, c.unanswered, c.talked, c.placed, c.at_work,
                (extract(epoch FROM c.at) * 1000000)::bigint, c.template_id)), '[]')
            FROM (
                SELECT a.* FROM unnest(b.me) AS i (id) CROSS JOIN LATERAL (SELECT * FROM counted_contact o
                    WHERE o.lender_id = the_lender AND o.person_id = i.id AND o.local_day >= the_since) a
                UNION ALL
                SELECT a.* FROM unnest(b.us) AS i (id) CROSS JOIN LATERAL (SELECT * FROM counted_contact o
                    WHERE o.lender_id = the_lender AND o.debtor_id = i.id AND o.local_day >= the_since) a
                    WHERE a.person_id <> ALL (b.me)
                UNION ALL
                SELECT * FROM counted_contact n
                    WHERE n.lender_id = the_lender AND n.point_index = b.number AND n.local_day >= the_since
                    AND n.person_id <> ALL (b.me) AND n.debtor_id <> ALL (b.us)
                UNION ALL
                SELECT f.* FROM unnest(b.me) AS i (id) CROSS JOIN LATERAL (SELECT * FROM counted_contact o
                    WHERE o.lender_id = the_lender AND o.person_id = i.id AND o.purpose = 'locate'
                    AND o.local_day < the_since) f
            ) c WHERE c.state <> 'released'),
        (SELECT count(*)::integer FROM contact c
            WHERE c.lender_id = the_lender AND c.state = 'redeemed' AND NOT EXISTS (SELECT FROM message m
                WHERE m.lender_id = the_lender AND m.permit_id = c.contact_id AND m.state = 'sending') AND c.sender = CASE
                WHEN b.staff = '' OR EXISTS (SELECT FROM sender_record r WHERE r.lender_id = the_lender
                    AND r.firm = b.firm AND r.staff = b.staff AND r.kind = 'post') THEN b.sender
                ELSE b.sender_type || CASE WHEN b.firm = '' THEN '' ELSE ':' || b.firm END END),
        (SELECT jsonb_build_array(r.permit_id, encode(r.request_hash, 'hex')) FROM permit_request r
            WHERE r.lender_id = the_lender AND r.sender_type = b.sender_type AND r.firm = b.firm
            AND r.idempotency_key = b.key),
        CASE WHEN b.key_id IS NOT NULL THEN nextval('log_entry_id') END,
        CASE WHEN b.key_id IS NOT NULL THEN nextval('contact_contact_id_seq') END
    FROM both_sides b
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(DISTINCT c.zone)
                            FILTER (WHERE c.person_id = ANY (b.me) AND c.state <> 'wrong' AND c.zone IS NOT NULL), '{}') AS zones,
               coalesce(array_agg(encode(c.value_index, 'hex'))
                            FILTER (WHERE c.person_id = ANY (b.us) AND c.kind = 'phone' AND c.state = 'ok'), '{}') AS numbers
            FROM contact_point c
            WHERE c.lender_id = the_lender AND c.person_id = ANY (b.both_of) AND c.to_at IS NULL) reached
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_array(
                   t.loan_key, t.relation, t.from_day, t.to_day, t.proof_kind, t.proof_until, t.named_by_debtor,
                   t.renounced_day, t.estate_left_minor) ORDER BY t.loan_key, t.relation, t.from_day)
                   FILTER (WHERE t.loan_key = ANY (b.loans)), '[]') AS ties,
               coalesce(bool_or(t.refused_at IS NOT NULL), FALSE) AS refused
            FROM party t WHERE t.lender_id = the_lender AND t.person_id = ANY (b.me)) tied
    ORDER BY b.nth;
END
$$;
