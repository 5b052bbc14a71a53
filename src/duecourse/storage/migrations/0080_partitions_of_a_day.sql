-- Which tables are partitioned by day is read from the catalogue, so that another one needs no new functions: every table
-- beside `cases` that is partitioned by ranges of its column `day`. Otherwise as in 0035.

CREATE FUNCTION partitioned_by_day() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT c.relname::text
    FROM pg_partitioned_table t
    JOIN pg_class c ON c.oid = t.partrelid
    JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
    WHERE t.partstrat = 'r' AND t.partnatts = 1 AND a.attname = 'day'
      AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'cases'::regclass)
    ORDER BY c.relname
$$;

CREATE OR REPLACE FUNCTION make_day_partitions(the_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    parent text;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('duecourse.day_partitions', 0));
    FOR parent IN SELECT partitioned_by_day() LOOP
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

CREATE OR REPLACE FUNCTION drop_day_partitions(before_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    part regclass;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('duecourse.day_partitions', 0));
    FOR part IN
        WITH parts AS MATERIALIZED ( -- so that no other table's name is read as a day
            SELECT c.oid, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent IN (SELECT parent::regclass FROM partitioned_by_day() AS parent))
        SELECT oid FROM parts WHERE to_date(right(relname, 8), 'YYYYMMDD') < before_day ORDER BY relname
    LOOP
        EXECUTE format('DROP TABLE %s', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

REVOKE EXECUTE ON FUNCTION partitioned_by_day() FROM PUBLIC;
