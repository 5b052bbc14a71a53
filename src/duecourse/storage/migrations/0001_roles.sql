-- The application works as a role of its own, which owns nothing, so that row-level security binds it.
-- A role belongs to the whole server and may exist already, or be made at this moment by the migration of a neighbour.
-- Where the owner may not create roles, the server's administrator creates it once:
--   CREATE ROLE duecourse_app NOLOGIN NOBYPASSRLS; GRANT duecourse_app TO <owner of this database>;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'duecourse_app') THEN
        CREATE ROLE duecourse_app NOLOGIN NOBYPASSRLS;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'duecourse_app', 'MEMBER') THEN
        EXECUTE format('GRANT duecourse_app TO %I', current_user);
    END IF;
END
$$;

DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO duecourse_app', current_schema());
END
$$;
