-- What becomes of a promise, in full: partly kept where some of the money came, renegotiated where another took its place before its
-- day. Of a new one that comes after the day, or after the money, the old one is settled: what the payments made of it stands.

ALTER TABLE promise
    DROP CONSTRAINT promise_end_kind_check,
    ADD CONSTRAINT promise_end_kind_check
        CHECK (end_kind IN ('replaced', 'withdrawn', 'renegotiated', 'settled')) NOT VALID,
    ADD COLUMN given text CHECK (given ~ '^[a-z_]{1,32}$'),
    ADD COLUMN replaces bigint,
    ADD COLUMN why text CHECK (why ~ '^[a-z_]{1,32}$'),
    ADD COLUMN renegotiations smallint NOT NULL DEFAULT 0 CHECK (renegotiations BETWEEN 0 AND 9),
    ADD CONSTRAINT promise_replaces_why CHECK ((replaces IS NULL) = (why IS NULL)),
    ADD CONSTRAINT promise_replaces_counted CHECK ((replaces IS NULL) = (renegotiations = 0));

ALTER TABLE promise VALIDATE CONSTRAINT promise_end_kind_check;

CREATE UNIQUE INDEX promise_replaced_once ON promise (lender_id, replaces) WHERE replaces IS NOT NULL;

CREATE INDEX promise_by_any_due_day ON promise (lender_id, due_day);

COMMENT ON COLUMN promise.end_kind IS 'replaced: renegotiated, as it was called before reasons were kept.';
COMMENT ON COLUMN promise.given IS 'Where it was given: call, robot_call, visit, sms …, reply, portal, desk. NULL: from before it was kept.';
COMMENT ON COLUMN promise.replaces IS 'The promise that this one was agreed on in place of, before its day had passed.';
COMMENT ON COLUMN promise.renegotiations IS 'How many promises in a row were renegotiated to come to this one.';

ALTER TABLE promise_reckoning
    DROP CONSTRAINT promise_reckoning_state_check,
    ADD CONSTRAINT promise_reckoning_state_check CHECK (state IN ('open', 'kept', 'partly_kept', 'broken')) NOT VALID;

ALTER TABLE promise_reckoning VALIDATE CONSTRAINT promise_reckoning_state_check;
