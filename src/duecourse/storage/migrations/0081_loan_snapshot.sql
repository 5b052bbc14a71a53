-- The loans of cases as people name them, and what the day run found for each, so that a case is shown without the book.

CREATE TABLE case_loan_name (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    loan_key bigint NOT NULL CHECK (loan_key >= 0),
    loan_ref text NOT NULL,
    product text,
    currency currency_code NOT NULL,
    PRIMARY KEY (lender_id, person_id, loan_key)
);

CREATE INDEX case_loan_name_by_product ON case_loan_name (lender_id, product);

COMMENT ON TABLE case_loan_name IS 'Number, product and currency of every loan that is or was in a case; from the book.';

CALL protect('case_loan_name', 'SELECT, INSERT, UPDATE');

CREATE TABLE loan_snapshot (
    lender_id lender_code NOT NULL,
    day date NOT NULL,
    person_id bigint NOT NULL,
    loan_key bigint NOT NULL,
    run_id bigint NOT NULL,
    status text NOT NULL,
    dpd integer NOT NULL CHECK (dpd >= 0),
    oldest_due_day date,
    next_due_day date,
    overdue_minor minor NOT NULL,
    due_in_week_minor minor NOT NULL,
    not_due_minor minor NOT NULL,
    paid_total_minor minor NOT NULL,
    last_payment_day date,
    PRIMARY KEY (lender_id, person_id, day, run_id, loan_key)
) PARTITION BY RANGE (day);

COMMENT ON TABLE loan_snapshot IS 'The day run''s findings per loan of a case, partitioned by day, kept 35 days.';
COMMENT ON COLUMN loan_snapshot.overdue_minor IS 'To be current today.';
COMMENT ON COLUMN loan_snapshot.not_due_minor IS 'Principal that has not fallen due.';

CALL protect('loan_snapshot', 'SELECT, INSERT, DELETE');
