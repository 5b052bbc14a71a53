-- Four eyes: what one asks and another decides. What was asked never changes; it is decided once.

CREATE TABLE approval (
    lender_id lender_code NOT NULL REFERENCES lender,
    approval_id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+\.[a-z_]+$'),
    subject text NOT NULL CHECK (subject <> ''),
    asked jsonb NOT NULL CHECK (jsonb_typeof(asked) = 'object'),
    reason text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL CHECK (lapses_at > asked_at),
    decision text CHECK (decision IN ('approved', 'refused', 'withdrawn', 'lapsed')),
    decided_by text,
    decided_at timestamptz,
    decision_reason text,
    PRIMARY KEY (lender_id, approval_id),
    CHECK ((decision IS NULL) = (decided_at IS NULL)),
    CHECK ((decision IS NULL) = (decided_by IS NULL)),
    CHECK (decision NOT IN ('approved', 'refused') OR split_part(decided_by, ':', 2) <> split_part(asked_by, ':', 2)),
    CHECK (decision <> 'approved' OR decided_at < lapses_at)
);

-- One open request for one thing.
CREATE UNIQUE INDEX approval_open ON approval (lender_id, kind, subject) WHERE decision IS NULL;
CREATE INDEX approval_latest ON approval (lender_id, asked_at DESC);

COMMENT ON TABLE approval IS 'What needs two people: asked by one, decided by another.';
COMMENT ON COLUMN approval.subject IS 'What it is about, as its kind names it: strategy:second@3, user:E01.';
COMMENT ON COLUMN approval.asked IS 'What shall be done, in full: what is carried out is what was asked.';

CALL protect('approval', 'SELECT, INSERT, UPDATE (decision, decided_by, decided_at, decision_reason)');

CREATE FUNCTION keep_approval() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.decision IS NOT NULL THEN
        RAISE EXCEPTION 'request % is decided, and stays so', OLD.approval_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER approval_is_decided_once BEFORE UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION keep_approval();
