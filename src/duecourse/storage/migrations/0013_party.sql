-- Who is tied to a loan, how, since when, and by what proof.

CREATE TABLE party (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    loan_key bigint NOT NULL CHECK (loan_key >= 0),
    relation relation_word NOT NULL,
    from_day date NOT NULL,
    to_day date,
    proof_kind text,
    proof_until date,
    named_by_debtor boolean NOT NULL,
    refused_at timestamptz,
    renounced_day date,
    estate_left_minor minor CHECK (estate_left_minor >= 0),
    estate_currency currency_code,
    source text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, loan_key, relation, from_day),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    CHECK (to_day > from_day),
    CHECK (proof_kind IS NOT NULL OR proof_until IS NULL),
    CHECK ((estate_left_minor IS NULL) = (estate_currency IS NULL)),
    CHECK (relation = 'heir' OR (renounced_day IS NULL AND estate_left_minor IS NULL))
);

CREATE UNIQUE INDEX party_open_once ON party (lender_id, person_id, loan_key, relation) WHERE to_day IS NULL;
CREATE UNIQUE INDEX party_one_borrower ON party (lender_id, loan_key) WHERE relation = 'borrower' AND to_day IS NULL;
CREATE INDEX party_by_loan ON party (lender_id, loan_key);

COMMENT ON TABLE party IS 'Person x loan x relation, from from_day until to_day (excluded); to_day null: still so.';
COMMENT ON COLUMN party.refused_at IS 'When this third person refused or asked to stop; for ever.';
COMMENT ON COLUMN party.estate_left_minor IS 'What is left of the inheritance that answers for the debt (heirs).';
COMMENT ON COLUMN party.proof_until IS 'Last day on which the proof binds (a guarantee period, a power of attorney).';

CALL protect('party', 'SELECT, INSERT, UPDATE');
