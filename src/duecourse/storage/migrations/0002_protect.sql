-- What every table gets: row-level security that binds its owner too, the one policy, and the rights of the application.
-- The lender of a session stands in the setting duecourse.lender_id; where it is missing, no row is visible.

CREATE PROCEDURE protect(what regclass, rights text)
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', what);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', what);
    EXECUTE format(
        'CREATE POLICY one_lender ON %s USING (lender_id = (SELECT current_setting(''duecourse.lender_id'', true)))', what);
    EXECUTE format('GRANT %s ON %s TO duecourse_app', rights, what);
END
$$;

REVOKE EXECUTE ON PROCEDURE protect(regclass, text) FROM PUBLIC;

-- For tables whose rows never change: what was written stays as it was written.
CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of table % refused: its rows never change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
