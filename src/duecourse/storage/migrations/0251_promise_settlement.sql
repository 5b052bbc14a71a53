-- What became of a promise once its day had ended, with every payment looked at and why it counts or not. Nothing changes: where
-- something is learnt later, a payment or one taken back, the promise is settled anew, and the latest row holds.

CREATE TABLE promise_settlement (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    promise_id bigint NOT NULL,
    ordinal smallint NOT NULL CHECK (ordinal >= 1),
    state text NOT NULL CHECK (state IN ('kept', 'partly_kept', 'broken')),
    amount_minor minor NOT NULL CHECK (amount_minor > 0),
    paid_minor minor NOT NULL CHECK (paid_minor >= 0),
    kept_day date,
    version bigint NOT NULL,
    through_day date NOT NULL,
    looked_at jsonb NOT NULL CHECK (jsonb_typeof(looked_at) = 'array'),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, promise_id, ordinal),
    FOREIGN KEY (lender_id, person_id, promise_id) REFERENCES promise,
    CHECK ((state = 'kept') = (kept_day IS NOT NULL)),
    CHECK ((state = 'kept') = (paid_minor >= amount_minor)),
    CHECK ((state = 'broken') = (paid_minor = 0))
);

COMMENT ON TABLE promise_settlement IS 'What became of a promise when its day had ended; the latest ordinal holds.';
COMMENT ON COLUMN promise_settlement.looked_at IS 'Each payment of the loans: loan, day, minor, ref, and why: counted, before, late or taken_back.';
COMMENT ON COLUMN promise_settlement.version IS 'The version of the book that it was reckoned by, with what the desk entered after it.';

CALL protect('promise_settlement', 'SELECT, INSERT');
