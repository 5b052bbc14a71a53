-- Where the lender's figure and ours differ, and payments of the desk that no tape has confirmed.

CREATE TABLE break (
    lender_id lender_code NOT NULL,
    break_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind IN ('balance', 'dpd', 'schedule', 'payment_unmatched', 'payment_differs')),
    loan_key bigint NOT NULL CHECK (loan_key >= 0),
    subject text NOT NULL,
    currency currency_code,
    theirs_minor minor,
    ours_minor minor,
    theirs_days integer,
    ours_days integer,
    opened_version bigint NOT NULL,
    opened_day date NOT NULL,
    closed_version bigint,
    closed_day date,
    closed_by text,
    PRIMARY KEY (lender_id, break_id),
    FOREIGN KEY (lender_id, opened_version) REFERENCES book_version,
    FOREIGN KEY (lender_id, closed_version) REFERENCES book_version,
    CHECK ((theirs_minor IS NULL AND ours_minor IS NULL) OR currency IS NOT NULL),
    CHECK ((closed_day IS NULL) = (closed_by IS NULL))
);

CREATE UNIQUE INDEX break_open_once ON break (lender_id, kind, loan_key, subject) WHERE closed_day IS NULL;
CREATE INDEX break_open_by_loan ON break (lender_id, loan_key) WHERE closed_day IS NULL;

COMMENT ON COLUMN break.subject IS 'What differs: the name of the balance, or the reference of the payment.';

CALL protect('break', 'SELECT, INSERT, UPDATE');
