-- Every act writes an entry of the log, and a foreign key to the lender locks the one row of the lender each time: acts that
-- run side by side would queue up at that row. Lenders are never deleted and their codes never change (lender_stays), so it is
-- enough to see that the row is there.

CREATE FUNCTION check_lender() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM lender WHERE lender_id = NEW.lender_id) THEN
        RAISE EXCEPTION '% of table % refused: there is no lender %', TG_OP, TG_TABLE_NAME, NEW.lender_id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER log_entry_of_a_lender BEFORE INSERT ON log_entry
    FOR EACH ROW EXECUTE FUNCTION check_lender();

ALTER TABLE log_entry DROP CONSTRAINT log_entry_lender_id_fkey;
