-- One borrower's overdue loans being worked. CASE is a word of SQL, so the table is named in the plural.

CREATE TABLE cases (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    case_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    opened_day date NOT NULL,
    opened_by text NOT NULL,
    closed_day date,
    closed_by text,
    collector_id text,
    collector_since date,
    PRIMARY KEY (lender_id, person_id, case_id),
    UNIQUE (lender_id, case_id),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    FOREIGN KEY (lender_id, collector_id) REFERENCES collector,
    CHECK (closed_day >= opened_day),
    CHECK ((closed_day IS NULL) = (closed_by IS NULL)),
    CHECK ((collector_id IS NULL) = (collector_since IS NULL))
);

CREATE UNIQUE INDEX cases_one_open ON cases (lender_id, person_id) WHERE closed_day IS NULL;
CREATE INDEX cases_by_collector ON cases (lender_id, collector_id) WHERE closed_day IS NULL;

COMMENT ON COLUMN cases.opened_by IS 'The rule that opened it, and its version.';
COMMENT ON COLUMN cases.closed_by IS 'The rule or act that closed it: cured, settled, sold, ...';

CALL protect('cases', 'SELECT, INSERT, UPDATE');

CREATE TABLE case_loan (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    case_id bigint NOT NULL,
    loan_key bigint NOT NULL CHECK (loan_key >= 0),
    from_day date NOT NULL,
    to_day date,
    PRIMARY KEY (lender_id, person_id, case_id, loan_key, from_day),
    FOREIGN KEY (lender_id, person_id, case_id) REFERENCES cases,
    CHECK (to_day >= from_day)
);

CREATE UNIQUE INDEX case_loan_in_one_case ON case_loan (lender_id, loan_key) WHERE to_day IS NULL;

COMMENT ON TABLE case_loan IS 'Loans of a case, from from_day until to_day (excluded); to_day null: still in it.';

CALL protect('case_loan', 'SELECT, INSERT, UPDATE');
