-- The locks of counters without waiting: what is free is taken, what somebody holds is left out. Whoever answers several
-- requests in one transaction must not wait for one of them while it holds the locks of the others.

CREATE FUNCTION counters_of(the_lender text, the_persons bigint[], the_points bigint[], the_loans bigint[]) RETURNS text[]
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT array_agg(DISTINCT name) FROM (
        SELECT 'person ' || person_root(the_lender, id) FROM unnest(the_persons) id
        UNION ALL
        SELECT 'person ' || person_root(the_lender, person_id) FROM party
            WHERE lender_id = the_lender AND loan_key = ANY (the_loans) AND relation = 'borrower' AND to_day IS NULL
        UNION ALL
        SELECT 'point ' || encode(value_index, 'hex') FROM contact_point
            WHERE lender_id = the_lender AND person_id = ANY (the_persons) AND contact_point_id = ANY (the_points)
        UNION ALL
        SELECT 'debt ' || key FROM unnest(the_loans) key
    ) names (name));
END
$$;

COMMENT ON FUNCTION counters_of IS 'The counter keys that contacts with these persons, points and loans touch.';

CREATE OR REPLACE FUNCTION lock_counters(the_lender text, the_persons bigint[], the_points bigint[], the_loans bigint[])
    RETURNS text[]
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    wanted text[] := counters_of(the_lender, the_persons, the_points, the_loans);
    one bigint;
BEGIN
    FOR one IN SELECT DISTINCT hashtextextended(the_lender || E'\n' || name, 3) AS key FROM unnest(wanted) name ORDER BY key LOOP
        PERFORM pg_advisory_xact_lock(one);
    END LOOP;
    RETURN wanted;
END
$$;

CREATE FUNCTION try_counters(the_lender text, the_persons bigint[], the_points bigint[], the_loans bigint[])
    RETURNS text[]
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    name text;
    got text[] := '{}';
BEGIN
    FOREACH name IN ARRAY coalesce(counters_of(the_lender, the_persons, the_points, the_loans), '{}') LOOP
        IF pg_try_advisory_xact_lock(hashtextextended(the_lender || E'\n' || name, 3)) THEN
            got := got || name;
        END IF;
    END LOOP;
    RETURN got;
END
$$;

COMMENT ON FUNCTION try_counters IS 'Takes those locks of the counter keys that nobody holds until the transaction ends, and returns their keys.';

REVOKE EXECUTE ON FUNCTION counters_of(text, bigint[], bigint[], bigint[]), try_counters(text, bigint[], bigint[], bigint[])
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION counters_of(text, bigint[], bigint[], bigint[]), try_counters(text, bigint[], bigint[], bigint[])
    TO duecourse_app;
