-- Partitions by day, made before a day is published and dropped after 35 days. The application owns no table, so both are
-- functions of the owner. A new partition is attached, not created in place: readers of other days are not blocked.

CREATE FUNCTION make_day_partitions(the_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    parent text;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('duecourse.day_partitions', 0));
    FOREACH parent IN ARRAY ARRAY['case_snapshot', 'proposal', 'worklist'] LOOP
        part := parent || '_' || to_char(the_day, 'YYYYMMDD');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', part, parent);
            EXECUTE format('ALTER TABLE %I ADD CONSTRAINT of_the_day CHECK (day >= %L AND day < %L)', part, the_day, the_day + 1);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, the_day, the_day + 1);
            EXECUTE format('ALTER TABLE %I DROP CONSTRAINT of_the_day', part);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;

CREATE FUNCTION drop_day_partitions(before_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    part regclass;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('duecourse.day_partitions', 0));
    FOR part IN
        SELECT c.oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('case_snapshot'::regclass, 'proposal'::regclass, 'worklist'::regclass)
          AND to_date(right(c.relname, 8), 'YYYYMMDD') < before_day
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE %s', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

REVOKE EXECUTE ON FUNCTION make_day_partitions(date), drop_day_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_day_partitions(date), drop_day_partitions(date) TO duecourse_app;
