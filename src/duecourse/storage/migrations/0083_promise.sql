-- What a person promised to pay by a day. Whether it was kept is never typed: it is reckoned from the book's payments, and
-- the reckoning of a version of the book is kept beside it, so that lists need not read the book.

CREATE TABLE promise (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    promise_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    case_id bigint NOT NULL,
    promised_by bigint NOT NULL,
    contact_id bigint,
    amount_minor minor NOT NULL CHECK (amount_minor > 0),
    currency currency_code NOT NULL,
    made_day date NOT NULL,
    due_day date NOT NULL CHECK (due_day >= made_day),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    end_kind text CHECK (end_kind IN ('replaced', 'withdrawn')),
    PRIMARY KEY (lender_id, person_id, promise_id),
    FOREIGN KEY (lender_id, person_id, case_id) REFERENCES cases,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_kind IS NULL))
);

CREATE UNIQUE INDEX promise_one_stands ON promise (lender_id, case_id) WHERE ended_at IS NULL;
CREATE INDEX promise_by_due_day ON promise (lender_id, due_day) WHERE ended_at IS NULL;

COMMENT ON TABLE promise IS 'The word of a person to pay an amount by a day. One stands for a case; a newer one replaces it.';
COMMENT ON COLUMN promise.promised_by IS 'Who gave it: the borrower, or a party who answers for the debt.';

CALL protect('promise', 'SELECT, INSERT, UPDATE (ended_at, ended_by, end_kind)');

CREATE TABLE promise_reckoning (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    promise_id bigint NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'kept', 'broken')),
    paid_minor minor NOT NULL CHECK (paid_minor >= 0),
    kept_day date,
    through_day date NOT NULL,
    PRIMARY KEY (lender_id, person_id, promise_id),
    FOREIGN KEY (lender_id, person_id, promise_id) REFERENCES promise,
    CHECK ((state = 'kept') = (kept_day IS NOT NULL))
);

COMMENT ON TABLE promise_reckoning IS 'What the payments of a version of the book make of a promise; derived, and reckoned anew with each version.';
COMMENT ON COLUMN promise_reckoning.paid_minor IS 'Paid on the loans of the case from the day of the promise until its due day.';
COMMENT ON COLUMN promise_reckoning.through_day IS 'The last day whose payments the version knows.';

CALL protect('promise_reckoning', 'SELECT, INSERT, UPDATE');
