-- References checked once per statement instead of once per row. A foreign key asks for, and locks, the row referred to for
-- each row written; where an import or a day run writes hundreds of thousands, that is half of its time in the database.
-- These triggers refuse the same rows with the same error. What a foreign key does on the other side, they need not: rows
-- referred to are never deleted, nor are their keys changed, and a trigger there says so.

CREATE FUNCTION check_reference() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    referred text := TG_ARGV[0];
    keys text[] := TG_ARGV[1]::text[];
    pairs text;
    given text;
    missing bigint;
BEGIN
    SELECT string_agg(format('r.%1$I = w.%1$I', key), ' AND '), string_agg(format('w.%I IS NOT NULL', key), ' AND ')
        INTO pairs, given FROM unnest(keys) AS key;
    EXECUTE format(
        'SELECT count(*) FROM written w WHERE %s AND NOT EXISTS (SELECT FROM %I r WHERE %s)', given, referred, pairs)
        INTO missing;
    IF missing > 0 THEN
        RAISE EXCEPTION '% of table % refused: % rows refer by (%) to rows that are not in table %',
            TG_OP, TG_TABLE_NAME, missing, array_to_string(keys, ', '), referred
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE PROCEDURE refer(from_table regclass, to_table text, keys text[], old_key text)
    LANGUAGE plpgsql AS $$
DECLARE
    name text := from_table::text || '_to_' || to_table;
BEGIN
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', from_table, old_key);
    EXECUTE format(
        'CREATE TRIGGER %I AFTER INSERT ON %s REFERENCING NEW TABLE AS written '
        'FOR EACH STATEMENT EXECUTE FUNCTION check_reference(%L, %L)', name || '_new', from_table, to_table, keys);
    EXECUTE format(
        'CREATE TRIGGER %I AFTER UPDATE ON %s REFERENCING NEW TABLE AS written '
        'FOR EACH STATEMENT EXECUTE FUNCTION check_reference(%L, %L)', name || '_changed', from_table, to_table, keys);
END
$$;

REVOKE EXECUTE ON PROCEDURE refer(regclass, text, text[], text) FROM PUBLIC;

CALL refer('person', 'lender', '{lender_id}', 'person_lender_id_fkey');
CALL refer('party', 'person', '{lender_id, person_id}', 'party_lender_id_person_id_fkey');
CALL refer('contact_point', 'person', '{lender_id, person_id}', 'contact_point_lender_id_person_id_fkey');
CALL refer('cases', 'person', '{lender_id, person_id}', 'cases_lender_id_person_id_fkey');
CALL refer('cases', 'collector', '{lender_id, collector_id}', 'cases_lender_id_collector_id_fkey');
CALL refer('case_loan', 'cases', '{lender_id, person_id, case_id}', 'case_loan_lender_id_person_id_case_id_fkey');

CREATE TRIGGER lender_stays BEFORE DELETE OR UPDATE OF lender_id ON lender
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER person_stays BEFORE DELETE OR UPDATE OF lender_id, person_id ON person
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER collector_stays BEFORE DELETE OR UPDATE OF lender_id, collector_id ON collector
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cases_stay BEFORE DELETE OR UPDATE OF lender_id, person_id, case_id ON cases
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
