-- The evidence log: the bytes as they were built, and their leaf hash (RFC 6962). Entries are inserted by the act they are
-- evidence of, unsequenced; the sequencer gives each its place later, once. Nothing else of an entry ever changes.

CREATE TABLE log_entry (
    lender_id lender_code NOT NULL REFERENCES lender,
    entry_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    person_id bigint,
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 2 AND 65536),
    leaf_hash bytea NOT NULL CHECK (leaf_hash = sha256('\x00'::bytea || bytes)),
    seq bigint CHECK (seq >= 0),
    PRIMARY KEY (lender_id, entry_id),
    UNIQUE (lender_id, seq),
    FOREIGN KEY (lender_id, person_id) REFERENCES person
);

CREATE SEQUENCE log_entry_id AS bigint;

CREATE INDEX log_entry_by_person ON log_entry (lender_id, person_id, entry_id) WHERE person_id IS NOT NULL;
CREATE INDEX log_entry_unsequenced ON log_entry (lender_id, entry_id) WHERE seq IS NULL;

COMMENT ON TABLE log_entry IS 'Evidence records; append-only.';
COMMENT ON COLUMN log_entry.bytes IS 'RFC 8785 canonical JSON, hashed as stored and never built again.';
COMMENT ON COLUMN log_entry.person_id IS 'Whom the record is about, for the desk; the bytes hold a pseudonym only.';
COMMENT ON COLUMN log_entry.seq IS 'Place in the log, given once by the sequencer; null: not yet.';

CALL protect('log_entry', 'SELECT, INSERT, UPDATE (seq)');
GRANT USAGE ON SEQUENCE log_entry_id TO duecourse_app;

CREATE FUNCTION keep_log_entry() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
       AND (NEW.lender_id, NEW.entry_id, NEW.kind, NEW.at, NEW.actor, NEW.bytes, NEW.leaf_hash)
           = (OLD.lender_id, OLD.entry_id, OLD.kind, OLD.at, OLD.actor, OLD.bytes, OLD.leaf_hash)
       AND NEW.person_id IS NOT DISTINCT FROM OLD.person_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of log entry % refused: the log is append-only', TG_OP, OLD.entry_id
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER log_entry_is_append_only BEFORE UPDATE OR DELETE ON log_entry
    FOR EACH ROW EXECUTE FUNCTION keep_log_entry();

CREATE TRIGGER log_entry_is_never_emptied BEFORE TRUNCATE ON log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
