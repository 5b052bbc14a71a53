-- What is on record says whose it is: a consent of the borrower is not one of the guarantor. What is owed in outcomes is counted
-- for whoever speaks, if the register of staff knows him; a name that nobody knows owes what its house owes.

CREATE OR REPLACE FUNCTION contact_standing(
    the_lender text, the_person bigint, the_point bigint, the_loans bigint[], the_sender text, the_sender_type text,
    the_firm text, the_staff text, the_key text, the_since date,
    OUT jurisdiction text, OUT zone text, OUT lender_type text, OUT demo boolean, OUT index_check bytea, OUT root_id bigint,
    OUT key_id text, OUT secret_wrapped bytea, OUT point jsonb, OUT zones text[], OUT ties jsonb, OUT refused boolean,
    OUT borrowers jsonb, OUT numbers text[], OUT holds jsonb, OUT stated jsonb, OUT records jsonb, OUT snapshot jsonb,
    OUT made jsonb, OUT unreported integer, OUT earlier jsonb, OUT entry_id bigint, OUT permit_id bigint)
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    me bigint[];
    us bigint[];
    both_of bigint[];
    roots bigint[];
    number bytea;
    the_day date;
BEGIN
    SELECT l.jurisdiction, l.zone, l.lender_type, l.demo, l.index_check, p.key_id, p.secret_wrapped
        INTO jurisdiction, zone, lender_type, demo, index_check, key_id, secret_wrapped
        FROM lender l JOIN person p ON p.lender_id = l.lender_id
        WHERE l.lender_id = the_lender AND p.person_id = the_person;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    root_id := person_root(the_lender, the_person);
    SELECT coalesce(jsonb_agg(jsonb_build_array(o.loan_key, o.person_id, o.root)), '[]'), array_agg(DISTINCT o.root)
        INTO borrowers, roots
        FROM (SELECT t.loan_key, t.person_id,
                     CASE WHEN t.person_id = the_person THEN root_id ELSE person_root(the_lender, t.person_id) END AS root
              FROM party t WHERE t.lender_id = the_lender AND t.loan_key = ANY (the_loans) AND t.relation = 'borrower'
              AND t.to_day IS NULL) o;
    me := same_persons(the_lender, ARRAY[root_id]);
    IF roots = ARRAY[root_id] THEN
        us := me;
    ELSE
        us := coalesce(same_persons(the_lender, roots), '{}');
    END IF;
    both_of := CASE WHEN me = us THEN me ELSE me || us END;

    SELECT c.value_index,
           jsonb_build_array(c.kind, encode(c.value_index, 'hex'), c.zone, c.state, c.line IS DISTINCT FROM 'fixed',
                             c.to_at IS NOT NULL, c.label, c.line)
        INTO number, point
        FROM contact_point c
        WHERE c.lender_id = the_lender AND c.person_id = the_person AND c.contact_point_id = the_point;
    SELECT array_agg(DISTINCT c.zone) FILTER (WHERE c.person_id = ANY (me) AND c.state <> 'wrong' AND c.zone IS NOT NULL),
           array_agg(encode(c.value_index, 'hex'))
               FILTER (WHERE c.person_id = ANY (us) AND c.kind = 'phone' AND c.state = 'ok')
        INTO zones, numbers
        FROM contact_point c
        WHERE c.lender_id = the_lender AND c.person_id = ANY (both_of) AND c.to_at IS NULL;
    zones := coalesce(zones, '{}');
    numbers := coalesce(numbers, '{}');

    SELECT coalesce(jsonb_agg(jsonb_build_array(
               t.loan_key, t.relation, t.from_day, t.to_day, t.proof_kind, t.proof_until, t.named_by_debtor,
               t.renounced_day, t.estate_left_minor) ORDER BY t.loan_key, t.relation, t.from_day)
               FILTER (WHERE t.loan_key = ANY (the_loans)), '[]'),
           coalesce(bool_or(t.refused_at IS NOT NULL), FALSE)
        INTO ties, refused
        FROM party t WHERE t.lender_id = the_lender AND t.person_id = ANY (me);

    SELECT coalesce(jsonb_agg(jsonb_build_array(
               h.person_id = ANY (us), h.kind, h.loan_key, (extract(epoch FROM h.from_at) * 1000000)::bigint,
               (extract(epoch FROM h.to_at) * 1000000)::bigint)), '[]')
        INTO holds
        FROM hold h
        WHERE h.lender_id = the_lender AND h.person_id = ANY (both_of) AND (h.to_at IS NULL OR h.to_at > the_since);

    SELECT coalesce(jsonb_agg(jsonb_build_array(
               s.fact, s.value, s.loan_key, (extract(epoch FROM s.from_at) * 1000000)::bigint,
               (extract(epoch FROM s.to_at) * 1000000)::bigint, s.second_from, s.second_to, s.bound_to, s.person_id = ANY (me))
               ORDER BY s.known_at, s.stated_id), '[]')
        INTO stated
        FROM stated_fact s
        WHERE s.lender_id = the_lender AND s.person_id = ANY (both_of) AND (s.to_at IS NULL OR s.to_at > the_since);

    SELECT coalesce(jsonb_agg(jsonb_build_array(r.staff <> '', r.kind, r.from_day, r.to_day)), '[]')
        INTO records
        FROM sender_record r
        WHERE r.lender_id = the_lender AND r.firm = the_firm AND r.staff IN ('', the_staff);

    SELECT d.day INTO the_day FROM day_run d
        WHERE d.lender_id = the_lender AND d.state = 'published' ORDER BY d.day DESC LIMIT 1;
    IF FOUND THEN
        SELECT jsonb_build_array(c.dpd, c.overdue_minor) INTO snapshot FROM case_snapshot c
            WHERE c.lender_id = the_lender AND c.person_id = ANY (us) AND c.day = the_day LIMIT 1;
    END IF;

    SELECT coalesce(jsonb_agg(jsonb_build_array(
               c.contact_id, c.person_id, c.person_id = ANY (me), c.debtor_id = ANY (us), c.person_id = ANY (us),
               encode(c.point_index, 'hex'), c.loan_keys, c.agency, c.local_day, c.state,
               (extract(epoch FROM c.expires_at) * 1000000)::bigint, c.channel, c.purpose, c.relation, c.direction,
               c.answered, c.unanswered, c.talked, c.placed, c.at_work)), '[]')
        INTO made
        FROM (
            SELECT a.* FROM unnest(me) AS i (id) CROSS JOIN LATERAL (SELECT * FROM counted_contact o
                WHERE o.lender_id = the_lender AND o.person_id = i.id AND o.local_day >= the_since) a
            UNION ALL
            SELECT b.* FROM unnest(us) AS i (id) CROSS JOIN LATERAL (SELECT * FROM counted_contact o
                WHERE o.lender_id = the_lender AND o.debtor_id = i.id AND o.local_day >= the_since) b
                WHERE b.person_id <> ALL (me)
            UNION ALL
            SELECT * FROM counted_contact n
                WHERE n.lender_id = the_lender AND n.point_index = number AND n.local_day >= the_since
                AND n.person_id <> ALL (me) AND n.debtor_id <> ALL (us)
            UNION ALL
            SELECT f.* FROM unnest(me) AS i (id) CROSS JOIN LATERAL (SELECT * FROM counted_contact o
                WHERE o.lender_id = the_lender AND o.person_id = i.id AND o.purpose = 'locate'
                AND o.local_day < the_since) f
        ) c WHERE c.state <> 'released';

    SELECT count(*) INTO unreported FROM contact c
        WHERE c.lender_id = the_lender AND c.state = 'redeemed' AND c.sender = CASE
            WHEN the_staff = '' OR EXISTS (SELECT FROM sender_record r WHERE r.lender_id = the_lender
                AND r.firm = the_firm AND r.staff = the_staff AND r.kind = 'post') THEN the_sender
            ELSE the_sender_type || CASE WHEN the_firm = '' THEN '' ELSE ':' || the_firm END END;
    SELECT jsonb_build_array(q.permit_id, encode(q.request_hash, 'hex')) INTO earlier FROM permit_request q
        WHERE q.lender_id = the_lender AND q.sender_type = the_sender_type AND q.firm = the_firm
        AND q.idempotency_key = the_key;
    entry_id := nextval('log_entry_id');
    permit_id := nextval('contact_contact_id_seq');
END
$$;
