-- What the day run found for each case, by day. Derived: rebuilt by running the day again, so no foreign keys are paid for.

CREATE TABLE case_snapshot (
    lender_id lender_code NOT NULL,
    day date NOT NULL,
    person_id bigint NOT NULL,
    run_id bigint NOT NULL,
    loans smallint NOT NULL CHECK (loans >= 1),
    dpd integer NOT NULL CHECK (dpd >= 0),
    dpd_plan integer NOT NULL CHECK (dpd_plan >= 0),
    stage text NOT NULL CHECK (stage IN ('M0', 'M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M6+')),
    class text NOT NULL CHECK (class IN ('normal', 'special_mention', 'substandard', 'doubtful', 'loss')),
    oldest_due_day date,
    currency currency_code NOT NULL,
    principal_minor minor NOT NULL CHECK (principal_minor >= 0),
    interest_minor minor NOT NULL CHECK (interest_minor >= 0),
    penalty_minor minor NOT NULL CHECK (penalty_minor >= 0),
    fee_minor minor NOT NULL CHECK (fee_minor >= 0),
    overdue_minor minor NOT NULL CHECK (overdue_minor >= 0),
    settle_minor minor NOT NULL CHECK (settle_minor >= 0),
    collector_id text,
    PRIMARY KEY (lender_id, person_id, day)
) PARTITION BY RANGE (day);

COMMENT ON TABLE case_snapshot IS 'The day run''s findings per case, partitioned by day, kept 35 days.';
COMMENT ON COLUMN case_snapshot.overdue_minor IS 'To be current today.';
COMMENT ON COLUMN case_snapshot.settle_minor IS 'To settle all loans of the case today.';

CALL protect('case_snapshot', 'SELECT, INSERT, DELETE');
