-- Drafts of strategies as people write them, and which version was in use from when. A draft is its revisions: none changes.

CREATE TABLE strategy_draft (
    lender_id lender_code NOT NULL REFERENCES lender,
    draft_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    strategy_id text NOT NULL CHECK (strategy_id ~ '^[a-z0-9_.-]{1,64}$'),
    based_on integer,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    closed_at timestamptz,
    closed_by text,
    closed_as text CHECK (closed_as IN ('activated', 'discarded')),
    PRIMARY KEY (lender_id, draft_id),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (closed_as IS NULL))
);

COMMENT ON COLUMN strategy_draft.based_on IS 'The version that it was begun from; null: from nothing.';

CALL protect('strategy_draft', 'SELECT, INSERT, UPDATE (closed_at, closed_by, closed_as)');

CREATE TABLE strategy_revision (
    lender_id lender_code NOT NULL,
    draft_id bigint NOT NULL,
    revision integer NOT NULL CHECK (revision >= 1),
    content text NOT NULL CHECK (octet_length(content) <= 262144),
    content_hash bytea NOT NULL CHECK (content_hash = sha256(convert_to(content, 'UTF8'))),
    fault text,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, draft_id, revision),
    FOREIGN KEY (lender_id, draft_id) REFERENCES strategy_draft
);

COMMENT ON COLUMN strategy_revision.fault IS 'Why it cannot run as it stands; null: it can.';

CALL protect('strategy_revision', 'SELECT, INSERT');

CREATE TRIGGER strategy_revision_stays BEFORE UPDATE OR DELETE ON strategy_revision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a revision would change on a published day, as it was tried out.
CREATE TABLE strategy_trial (
    lender_id lender_code NOT NULL,
    trial_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    day date NOT NULL,
    run_id bigint NOT NULL,
    sums jsonb NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, trial_id),
    FOREIGN KEY (lender_id, run_id) REFERENCES day_run
);

CREATE INDEX strategy_trial_of ON strategy_trial (lender_id, content_hash, trial_id DESC);

CALL protect('strategy_trial', 'SELECT, INSERT, DELETE');

CREATE TABLE strategy_change (
    lender_id lender_code NOT NULL,
    trial_id bigint NOT NULL,
    place integer NOT NULL CHECK (place >= 1),
    person_id bigint NOT NULL,
    change text NOT NULL CHECK (change IN ('added', 'removed', 'changed')),
    treatment text NOT NULL,
    before jsonb,
    after jsonb,
    PRIMARY KEY (lender_id, trial_id, place),
    FOREIGN KEY (lender_id, trial_id) REFERENCES strategy_trial ON DELETE CASCADE
);

COMMENT ON TABLE strategy_change IS 'The proposals that a trial would add, remove or change, as far as they were kept.';

CALL protect('strategy_change', 'SELECT, INSERT, DELETE');

-- Which version of which strategy the day run takes, from a day on. The latest said of those that hold on a day counts.
CREATE TABLE strategy_use (
    lender_id lender_code NOT NULL,
    use_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    strategy_id text NOT NULL,
    version integer NOT NULL,
    from_day date NOT NULL,
    reason text NOT NULL CHECK (reason IN ('loaded', 'activated', 'rolled_back')),
    approval_id bigint,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, use_id),
    FOREIGN KEY (lender_id, strategy_id, version) REFERENCES strategy_version,
    CHECK ((reason = 'loaded') = (approval_id IS NULL))
);

CREATE INDEX strategy_use_by_day ON strategy_use (lender_id, from_day DESC, use_id DESC);

COMMENT ON COLUMN strategy_use.approval_id IS 'The request that two people decided; null where the operator loaded it at the command line.';

CALL protect('strategy_use', 'SELECT, INSERT');

CREATE TRIGGER strategy_use_stays BEFORE UPDATE OR DELETE ON strategy_use
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
