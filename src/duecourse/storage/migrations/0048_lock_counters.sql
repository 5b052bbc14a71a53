-- The advisory locks of every counter that contacts with these persons, points and loans touch, taken in sorted order. It is
-- a statement of its own: what counts is read by the next statement, whose snapshot is taken when all locks are held.

CREATE FUNCTION person_root(the_lender text, the_person bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    here bigint := the_person;
    above bigint;
BEGIN
    LOOP
        SELECT alias_of INTO above FROM person WHERE lender_id = the_lender AND person_id = here;
        EXIT WHEN above IS NULL;
        here := above;
    END LOOP;
    RETURN here;
END
$$;

COMMENT ON FUNCTION person_root IS 'The person that a merged person turned out to be, through any number of steps; else the person.';

CREATE FUNCTION lock_counters(the_lender text, the_persons bigint[], the_points bigint[], the_loans bigint[])
    RETURNS text[]
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    wanted text[];
    one bigint;
BEGIN
    SELECT array_agg(DISTINCT name) INTO wanted
    FROM (
        SELECT 'person ' || person_root(the_lender, id) FROM unnest(the_persons) id
        UNION ALL
        SELECT 'person ' || person_root(the_lender, person_id) FROM party
            WHERE lender_id = the_lender AND loan_key = ANY (the_loans) AND relation = 'borrower' AND to_day IS NULL
        UNION ALL
        SELECT 'point ' || encode(value_index, 'hex') FROM contact_point
            WHERE lender_id = the_lender AND person_id = ANY (the_persons) AND contact_point_id = ANY (the_points)
        UNION ALL
        SELECT 'debt ' || key FROM unnest(the_loans) key
    ) names (name);
    FOR one IN SELECT DISTINCT hashtextextended(the_lender || E'\n' || name, 3) AS key FROM unnest(wanted) name ORDER BY key LOOP
        PERFORM pg_advisory_xact_lock(one);
    END LOOP;
    RETURN wanted;
END
$$;

COMMENT ON FUNCTION lock_counters IS 'Takes the locks of all counter keys until the transaction ends, and returns the keys.';

REVOKE EXECUTE ON FUNCTION lock_counters(text, bigint[], bigint[], bigint[]), person_root(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_counters(text, bigint[], bigint[], bigint[]), person_root(text, bigint) TO duecourse_app;
