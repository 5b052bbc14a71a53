-- What became of the reminder of a promise that a day proposed: queued with its permit, or refused and by what.

CREATE TABLE promise_reminder (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    promise_id bigint NOT NULL,
    day date NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'refused')),
    message_id bigint,
    permit_id bigint,
    channel text NOT NULL,
    template_id text NOT NULL,
    rules text[] NOT NULL DEFAULT '{}',
    missing text[] NOT NULL DEFAULT '{}',
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, promise_id, day),
    FOREIGN KEY (lender_id, person_id, promise_id) REFERENCES promise,
    CHECK ((state = 'queued') = (message_id IS NOT NULL)),
    CHECK (state = 'refused' OR permit_id IS NOT NULL)
);

COMMENT ON TABLE promise_reminder IS 'One row for the reminder of a promise that a day proposed; nothing is sent without the permit of its row.';
COMMENT ON COLUMN promise_reminder.rules IS 'Rules that refused it, of the strategy or of the law; house.no_contact_point where there is none to write to.';

CALL protect('promise_reminder', 'SELECT, INSERT');
