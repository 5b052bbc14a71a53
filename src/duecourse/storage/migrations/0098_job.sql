-- Work that takes longer than a request: who asked for what, how far it is, what came of it. Files that are worked on lie
-- sealed in the data folder, each under a key of its own; rows hold no personal data.

CREATE TABLE upload (
    lender_id lender_code NOT NULL REFERENCES lender,
    upload_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    key_id text NOT NULL,
    key_sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (lender_id, upload_id)
);

COMMENT ON COLUMN upload.key_sealed IS 'The key of the file, wrapped by a key of the ring.';
COMMENT ON COLUMN upload.gone_at IS 'When the file was deleted: its work is done, or nobody came back for it.';

CALL protect('upload', 'SELECT, INSERT, UPDATE (key_id, key_sealed, gone_at)');

GRANT USAGE ON SEQUENCE upload_upload_id_seq TO duecourse_app;

CREATE TABLE job (
    lender_id lender_code NOT NULL REFERENCES lender,
    job_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind IN ('tape_check', 'tape_import', 'day_run')),
    asked jsonb NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'finished', 'aborted')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    began_at timestamptz,
    ended_at timestamptz,
    step text,
    step_done bigint NOT NULL DEFAULT 0,
    step_of bigint NOT NULL DEFAULT 0,
    found jsonb,
    trouble jsonb,
    PRIMARY KEY (lender_id, job_id),
    CHECK ((state IN ('finished', 'aborted')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'aborted') = (trouble IS NOT NULL))
);

CREATE INDEX job_due ON job (lender_id, due_at) WHERE state IN ('queued', 'running');

COMMENT ON COLUMN job.asked IS 'What is to be done: uploads by number, mapping, day. No personal data.';
COMMENT ON COLUMN job.trouble IS 'The sentence of what went wrong and its values; shown in the reader''s language.';

CALL protect('job', 'SELECT, INSERT, UPDATE (state, attempts, due_at, began_at, ended_at, step, step_done, step_of, found, trouble)');

CREATE INDEX log_entry_exported ON log_entry (lender_id, entry_id DESC) WHERE kind = 'figure.exported';
