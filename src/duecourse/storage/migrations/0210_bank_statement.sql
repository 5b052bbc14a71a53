-- Bank statements as they were read, and their lines. A line is kept once, by a keyed hash of what tells it from others.
-- Who paid and what was written is sealed: by the key ring while nobody knows whose payment it is, by the debtor's key after.

CREATE TABLE bank_statement (
    lender_id lender_code NOT NULL REFERENCES lender,
    statement_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    source_hash bytea NOT NULL CHECK (octet_length(source_hash) = 32),
    place integer NOT NULL CHECK (place >= 1),
    format text NOT NULL CHECK (format IN ('csv', 'camt053', 'mt940')),
    name text NOT NULL CHECK (length(name) <= 128),
    account_index bytea NOT NULL CHECK (octet_length(account_index) = 16),
    account_masked text NOT NULL,
    currency currency_code NOT NULL,
    from_day date,
    to_day date,
    opening_minor bigint,
    closing_minor bigint,
    lines integer NOT NULL CHECK (lines >= 0),
    lines_new integer NOT NULL CHECK (lines_new BETWEEN 0 AND lines),
    quarantined integer NOT NULL CHECK (quarantined >= 0),
    difference_minor bigint,
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    PRIMARY KEY (lender_id, statement_id),
    CHECK (difference_minor IS NULL OR difference_minor = 0 OR quarantined > 0)
);

CREATE INDEX bank_statement_by_source ON bank_statement (lender_id, source_hash);

COMMENT ON COLUMN bank_statement.place IS 'Which of the statements in its file.';
COMMENT ON COLUMN bank_statement.quarantined IS 'Rows of its file that could not be read.';
COMMENT ON COLUMN bank_statement.difference_minor IS 'What the closing balance says beyond opening balance and lines; null: the bank gave no balances.';

CALL protect('bank_statement', 'SELECT, INSERT');

CREATE TABLE bank_line (
    lender_id lender_code NOT NULL,
    line_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    statement_id bigint NOT NULL,
    row_number integer NOT NULL CHECK (row_number >= 1),
    line_key bytea NOT NULL CHECK (octet_length(line_key) = 16),
    incoming boolean NOT NULL,
    amount_minor minor NOT NULL CHECK (amount_minor > 0),
    currency currency_code NOT NULL,
    value_day date NOT NULL,
    reversal boolean NOT NULL,
    reason text NOT NULL CHECK (length(reason) <= 35),
    name_masked text,
    name_index bytea CHECK (octet_length(name_index) = 16),
    account_masked text,
    account_index bytea CHECK (octet_length(account_index) = 16),
    reference_index bytea CHECK (octet_length(reference_index) = 16),
    text_masked text,
    key_id text,
    sealed bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'applied', 'outgoing', 'returned', 'dismissed')),
    person_id bigint,
    decided_at timestamptz,
    decided_by text,
    why text,
    PRIMARY KEY (lender_id, line_id),
    UNIQUE (lender_id, line_key),
    FOREIGN KEY (lender_id, statement_id) REFERENCES bank_statement,
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    CHECK ((key_id IS NULL) = (person_id IS NOT NULL)),
    CHECK ((state = 'applied') = (person_id IS NOT NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (state NOT IN ('applied', 'returned', 'dismissed') OR decided_at IS NOT NULL)
);

GRANT USAGE ON SEQUENCE bank_line_line_id_seq TO duecourse_app;

CREATE INDEX bank_line_waiting ON bank_line (lender_id, line_id) WHERE state = 'waiting';
CREATE INDEX bank_line_of_statement ON bank_line (lender_id, statement_id, row_number);
CREATE INDEX bank_line_of_person ON bank_line (lender_id, person_id) WHERE person_id IS NOT NULL;
CREATE INDEX bank_line_by_account ON bank_line (lender_id, account_index) WHERE person_id IS NOT NULL;
CREATE INDEX bank_line_by_reference ON bank_line (lender_id, reference_index) WHERE reference_index IS NOT NULL;

COMMENT ON COLUMN bank_line.reversal IS 'It takes an earlier line back: a debit that bounced, a payment recalled.';
COMMENT ON COLUMN bank_line.reason IS 'The bank''s code for that.';
COMMENT ON COLUMN bank_line.reference_index IS 'Keyed hash of the name that the payer gave it, by which what is taken back is found.';
COMMENT ON COLUMN bank_line.sealed IS 'Name and account of the other side, text, references.';
COMMENT ON COLUMN bank_line.key_id IS 'The key of the ring that seals it while it is nobody''s.';
COMMENT ON COLUMN bank_line.person_id IS 'The debtor whose payment it is.';

CALL protect('bank_line', 'SELECT, INSERT, UPDATE (key_id, sealed, state, person_id, decided_at, decided_by, why)');
