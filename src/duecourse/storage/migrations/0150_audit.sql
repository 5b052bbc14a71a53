-- Compliance audits: plans as they were kept, samples as they were drawn, answers, findings and what became of them.

CREATE TABLE audit_plan (
    lender_id lender_code NOT NULL REFERENCES lender,
    plan text NOT NULL CHECK (plan ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    version integer NOT NULL CHECK (version >= 1),
    content text NOT NULL CHECK (length(content) BETWEEN 1 AND 100000),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    entry_id bigint NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, plan, version)
);

COMMENT ON COLUMN audit_plan.hash IS 'SHA-256 of the content; the record entry_id states it.';

CALL protect('audit_plan', 'SELECT, INSERT');

CREATE TRIGGER audit_plan_stays BEFORE UPDATE OR DELETE ON audit_plan
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE audit (
    lender_id lender_code NOT NULL,
    audit_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    plan text NOT NULL,
    version integer NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    again text CHECK (length(again) BETWEEN 1 AND 2000),
    populations jsonb NOT NULL CHECK (jsonb_typeof(populations) = 'object'),
    key_id text NOT NULL,
    key_sealed bytea NOT NULL,
    announced_entry bigint NOT NULL,
    announced_by text NOT NULL,
    announced_at timestamptz NOT NULL,
    drawn_at timestamptz,
    drawn_size bigint,
    seed bytea CHECK (octet_length(seed) = 32),
    sample_digest bytea CHECK (octet_length(sample_digest) = 32),
    closed_by text,
    closed_at timestamptz CHECK (closed_at >= drawn_at),
    PRIMARY KEY (lender_id, audit_id),
    FOREIGN KEY (lender_id, plan, version) REFERENCES audit_plan,
    CHECK ((drawn_at IS NULL) = (seed IS NULL) AND (drawn_at IS NULL) = (drawn_size IS NULL)
        AND (drawn_at IS NULL) = (sample_digest IS NULL)),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);

COMMENT ON TABLE audit IS 'Announced before its seed can be known: the seed comes from the first checkpoint that holds the announcement.';
COMMENT ON COLUMN audit.again IS 'Why the same days are drawn by the same plan once more.';
COMMENT ON COLUMN audit.populations IS 'By sample: how many there were when it was announced, and the digest of all of them.';
COMMENT ON COLUMN audit.drawn_size IS 'Size of the log at that checkpoint.';
COMMENT ON COLUMN audit.key_sealed IS 'The secret under which findings and follow-ups are sealed, itself sealed by the ring.';

CALL protect('audit', 'SELECT, INSERT, UPDATE (drawn_at, drawn_size, seed, sample_digest, closed_by, closed_at, key_id, key_sealed)');

GRANT USAGE ON SEQUENCE audit_audit_id_seq TO duecourse_app;

CREATE TABLE audit_item (
    lender_id lender_code NOT NULL,
    audit_id bigint NOT NULL,
    item integer NOT NULL CHECK (item >= 1),
    sample text NOT NULL,
    key text NOT NULL,
    person_id bigint,
    at timestamptz NOT NULL,
    stratum text NOT NULL,
    always boolean NOT NULL,
    shown jsonb NOT NULL CHECK (jsonb_typeof(shown) = 'object'),
    acted text[] NOT NULL,
    PRIMARY KEY (lender_id, audit_id, item),
    UNIQUE (lender_id, audit_id, sample, key),
    FOREIGN KEY (lender_id, audit_id) REFERENCES audit
);

COMMENT ON COLUMN audit_item.always IS 'Looked at because the plan always looks at such; no part of the random sample.';
COMMENT ON COLUMN audit_item.acted IS 'Staff numbers of those who did it: none of them answers for it.';

CALL protect('audit_item', 'SELECT, INSERT');

CREATE TRIGGER audit_item_stays BEFORE UPDATE OR DELETE ON audit_item
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_answer (
    lender_id lender_code NOT NULL,
    audit_id bigint NOT NULL,
    item integer NOT NULL,
    question text NOT NULL,
    answer_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    answer text NOT NULL CHECK (answer IN ('yes', 'no', 'not_applicable')),
    note_sealed bytea,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, audit_id, item, question, answer_id),
    FOREIGN KEY (lender_id, audit_id, item) REFERENCES audit_item
);

COMMENT ON TABLE audit_answer IS 'Every answer that was given; the latest of a question counts.';
COMMENT ON COLUMN audit_answer.note_sealed IS 'By the key of the item''s person, where it has one, else by the audit''s.';

CALL protect('audit_answer', 'SELECT, INSERT');

CREATE TRIGGER audit_answer_stays BEFORE UPDATE OR DELETE ON audit_answer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_finding (
    lender_id lender_code NOT NULL,
    finding_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    audit_id bigint NOT NULL,
    severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    rule text,
    items integer[] NOT NULL,
    text_sealed bytea NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, finding_id),
    FOREIGN KEY (lender_id, audit_id) REFERENCES audit
);

CREATE INDEX audit_finding_of_audit ON audit_finding (lender_id, audit_id);

CALL protect('audit_finding', 'SELECT, INSERT');

CREATE TRIGGER audit_finding_stays BEFORE UPDATE OR DELETE ON audit_finding
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_step (
    lender_id lender_code NOT NULL,
    finding_id bigint NOT NULL,
    step_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    step text NOT NULL CHECK (step IN ('assigned', 'measure', 'answered', 'accepted', 'sent_back', 'reopened')),
    text_sealed bytea,
    owner text,
    due_day date,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, finding_id, step_id),
    FOREIGN KEY (lender_id, finding_id) REFERENCES audit_finding,
    CHECK ((step = 'assigned') = (owner IS NOT NULL) AND (owner IS NULL) = (due_day IS NULL))
);

COMMENT ON TABLE audit_step IS 'What became of a finding, step by step; its state is the last step''s.';

CALL protect('audit_step', 'SELECT, INSERT');

CREATE TRIGGER audit_step_stays BEFORE UPDATE OR DELETE ON audit_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
