-- What matching found for lines that nobody has decided: why a line waits, and whose it may be. Derived, and found anew.

ALTER TABLE bank_line ADD COLUMN waits_as text
    CHECK (waits_as IN ('certain', 'nothing', 'not_enough', 'contradicted', 'several', 'more_than_owed',
        'nothing_owed', 'reversal'));
ALTER TABLE bank_line ADD COLUMN looked_at timestamptz;

COMMENT ON COLUMN bank_line.waits_as IS 'certain: a rule says whose it is, and it is about to be applied.';

GRANT UPDATE (waits_as, looked_at) ON bank_line TO duecourse_app;

CREATE TABLE bank_line_proposal (
    lender_id lender_code NOT NULL,
    line_id bigint NOT NULL,
    place smallint NOT NULL CHECK (place BETWEEN 1 AND 5),
    person_id bigint NOT NULL,
    score integer NOT NULL CHECK (score BETWEEN 0 AND 1000),
    signs text[] NOT NULL,
    loan_keys bigint[] NOT NULL,
    certain_by text CHECK (certain_by IN ('named', 'named_agrees', 'known_payer', 'three_agree')),
    PRIMARY KEY (lender_id, line_id, place),
    FOREIGN KEY (lender_id, line_id) REFERENCES bank_line,
    CHECK (certain_by IS NULL OR place = 1)
);

COMMENT ON COLUMN bank_line_proposal.person_id IS 'The debtor.';
COMMENT ON COLUMN bank_line_proposal.certain_by IS 'The rule by which it is this debtor''s for certain.';

CALL protect('bank_line_proposal', 'SELECT, INSERT, DELETE');

-- Accounts of ours that were given to one debtor each: what comes in on them is that debtor's payment.
CREATE TABLE virtual_account (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    account_index bytea NOT NULL CHECK (octet_length(account_index) = 16),
    account_sealed bytea NOT NULL,
    account_masked text NOT NULL,
    given_at timestamptz NOT NULL,
    given_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (lender_id, person_id, account_index),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

-- An account is never given twice: what still comes in for the one before is not the next one's.
CREATE UNIQUE INDEX virtual_account_given_once ON virtual_account (lender_id, account_index);

CALL protect('virtual_account', 'SELECT, INSERT, UPDATE (ended_at, ended_by)');
