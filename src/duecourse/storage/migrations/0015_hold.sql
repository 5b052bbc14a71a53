-- A state of a person or of one debt that stops contact or steps at once.

CREATE TABLE hold (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    hold_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    loan_key bigint CHECK (loan_key >= 0),
    kind text NOT NULL CHECK (kind IN (
        'dispute', 'cease', 'bereavement', 'breathing_space', 'insolvency', 'hardship', 'identity_theft',
        'deceased', 'incapable', 'court_stay', 'represented', 'complaint', 'vulnerable', 'other')),
    from_at timestamptz NOT NULL,
    to_at timestamptz,
    source text NOT NULL,
    reason_sealed bytea,
    known_at timestamptz NOT NULL,
    ended_by text,
    PRIMARY KEY (lender_id, person_id, hold_id),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    CHECK (to_at > from_at)
);

CREATE UNIQUE INDEX hold_open_once ON hold (lender_id, person_id, kind, coalesce(loan_key, -1)) WHERE to_at IS NULL;

COMMENT ON TABLE hold IS 'Stops contact or steps, from from_at until to_at (excluded); loan_key null: for all of the person''s debts.';

CALL protect('hold', 'SELECT, INSERT, UPDATE');
