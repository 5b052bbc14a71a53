-- Confirmations of a stop: whether the law lets one go out to the address that was stopped, and what became of it.

CREATE TABLE stop_confirmation (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    confirmation_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    contact_point_id bigint NOT NULL,
    point_index bytea NOT NULL CHECK (length(point_index) = 16),
    channel channel_word NOT NULL,
    inbound_id bigint,
    answers bigint,
    at timestamptz NOT NULL,
    lang text NOT NULL CHECK (lang ~ '^(zh|en)$'),
    state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'queued', 'spoken', 'refused', 'late', 'none')),
    until timestamptz,
    why text CHECK (why ~ '^[a-z_]{1,32}$'),
    permit_id bigint,
    message_id bigint,
    settled_at timestamptz,
    PRIMARY KEY (lender_id, person_id, confirmation_id),
    UNIQUE (lender_id, confirmation_id),
    FOREIGN KEY (lender_id, person_id, contact_point_id) REFERENCES contact_point,
    CHECK ((state = 'due') = (settled_at IS NULL)),
    CHECK ((state IN ('refused', 'late', 'none')) = (why IS NOT NULL)),
    CHECK (state <> 'queued' OR (permit_id IS NOT NULL AND message_id IS NOT NULL))
);

-- One address, one confirmation: whoever stops again, or in two places at once, has it already.
CREATE UNIQUE INDEX stop_confirmation_once ON stop_confirmation (lender_id, point_index)
    WHERE state IN ('due', 'queued', 'spoken');
CREATE INDEX stop_confirmation_due ON stop_confirmation (lender_id, confirmation_id) WHERE state = 'due';
CREATE INDEX stop_confirmation_of ON stop_confirmation (lender_id, inbound_id);

COMMENT ON COLUMN stop_confirmation.answers IS 'The contact of ours that was answered by the stop: whoever sent that confirms.';
COMMENT ON COLUMN stop_confirmation.until IS 'It goes before this instant or not at all; set once the law has allowed it.';
COMMENT ON COLUMN stop_confirmation.why IS 'Why there is none.';

CALL protect('stop_confirmation', 'SELECT, INSERT, UPDATE (state, until, why, permit_id, message_id, settled_at)');
