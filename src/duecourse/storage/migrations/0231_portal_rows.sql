-- Whoever is in the portal reads by a role of its own, to which the database shows no row of anybody else: beside the lender,
-- the persons of the transaction stand in the setting duecourse.persons. A query that forgets whose it is finds nothing.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'duecourse_portal') THEN
        CREATE ROLE duecourse_portal NOLOGIN NOBYPASSRLS;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'duecourse_portal', 'MEMBER') THEN
        EXECUTE format('GRANT duecourse_portal TO %I', current_user);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO duecourse_portal', current_schema());
END
$$;

CREATE FUNCTION portal_persons() RETURNS bigint[]
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_to_array(nullif(current_setting('duecourse.persons', true), ''), ',')::bigint[], '{}')
$$;

-- Rows that name a person: his own alone.
DO $$
DECLARE
    what text;
BEGIN
    FOREACH what IN ARRAY ARRAY[
        'person', 'party', 'contact_point', 'hold', 'cases', 'case_loan', 'case_loan_name', 'case_snapshot',
        'loan_snapshot', 'promise', 'promise_reckoning', 'log_entry', 'notice', 'stated_fact', 'portal_session', 'message',
        'document', 'person_language']
    LOOP
        EXECUTE format('GRANT SELECT ON %I TO duecourse_portal', what);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I AS RESTRICTIVE TO duecourse_portal '
            'USING (person_id = ANY ((SELECT portal_persons())::bigint[]))', what);
    END LOOP;
    -- A contact, or something that came in, is also the debtor's whose debt it is about.
    FOREACH what IN ARRAY ARRAY['contact', 'inbound', 'recording']
    LOOP
        EXECUTE format('GRANT SELECT ON %I TO duecourse_portal', what);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I AS RESTRICTIVE TO duecourse_portal '
            'USING (person_id = ANY ((SELECT portal_persons())::bigint[]) OR debtor_id = ANY ((SELECT portal_persons())::bigint[]))', what);
    END LOOP;
END
$$;

-- What names nobody: the lender, its letterhead, the days and versions that were published, the heads of the log, the desk's
-- events of loans (which are asked for by loans of one's own alone).
GRANT SELECT ON lender, letterhead, day_run, book_version TO duecourse_portal;

COMMENT ON FUNCTION portal_persons IS 'The persons of whoever is in the portal: one human with everybody who turned out to be the same.';
