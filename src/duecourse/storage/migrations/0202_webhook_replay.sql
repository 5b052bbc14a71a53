-- Tellings that somebody let go out again: which, why, by whom. Each goes under the message id that it had.

CREATE TABLE webhook_replay (
    lender_id lender_code NOT NULL,
    replay_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    endpoint_id bigint NOT NULL,
    first_at timestamptz,
    last_at timestamptz,
    entry_ids bigint[],
    events integer NOT NULL CHECK (events >= 0),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    at timestamptz NOT NULL,
    by text NOT NULL,
    PRIMARY KEY (lender_id, replay_id),
    FOREIGN KEY (lender_id, endpoint_id) REFERENCES webhook_endpoint,
    CHECK ((entry_ids IS NULL) = (first_at IS NOT NULL AND last_at IS NOT NULL))
);

COMMENT ON COLUMN webhook_replay.entry_ids IS 'Tellings by their entry; or those of acts between two instants.';

CALL protect('webhook_replay', 'SELECT, INSERT');
