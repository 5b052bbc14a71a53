-- How far a lender lets promises go. A lender without a row has the defaults of the house.

CREATE TABLE promise_limits (
    lender_id lender_code NOT NULL PRIMARY KEY,
    renegotiations_max smallint NOT NULL CHECK (renegotiations_max BETWEEN 0 AND 3),
    days_max smallint NOT NULL CHECK (days_max BETWEEN 1 AND 62),
    actor text NOT NULL,
    at timestamptz NOT NULL
);

COMMENT ON COLUMN promise_limits.renegotiations_max IS 'How many times in a row a promise may be renegotiated before its day.';
COMMENT ON COLUMN promise_limits.days_max IS 'How many days ahead a promise may lie; what is paid later is a plan.';

CALL protect('promise_limits', 'SELECT, INSERT, UPDATE (renegotiations_max, days_max, actor, at)');
