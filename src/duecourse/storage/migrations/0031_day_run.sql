-- One pass over the book for one day. At most one run of a day is published; a rerun supersedes it in the same transaction.

CREATE TABLE day_run (
    lender_id lender_code NOT NULL REFERENCES lender,
    run_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    day date NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'published', 'superseded', 'abandoned')),
    version bigint NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    inputs_hash bytea CHECK (octet_length(inputs_hash) = 32),
    manifest jsonb,
    manifest_hash bytea CHECK (octet_length(manifest_hash) = 32),
    PRIMARY KEY (lender_id, run_id),
    FOREIGN KEY (lender_id, version) REFERENCES book_version,
    CHECK ((state = 'running') = (ended_at IS NULL)),
    CHECK (state NOT IN ('published', 'superseded')
           OR (inputs_hash IS NOT NULL AND manifest IS NOT NULL AND manifest_hash IS NOT NULL))
);

CREATE UNIQUE INDEX day_run_published_once ON day_run (lender_id, day) WHERE state = 'published';
CREATE UNIQUE INDEX day_run_one_running ON day_run (lender_id) WHERE state = 'running';

COMMENT ON COLUMN day_run.state IS 'running; published; superseded by a later run of the day; abandoned: died and left nothing visible.';

CALL protect('day_run', 'SELECT, INSERT, UPDATE');
