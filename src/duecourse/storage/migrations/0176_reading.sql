-- How a text that came in was read, what was done by that at once, and what a person made of it. Places in the text, never words.

CREATE TABLE reading (
    lender_id lender_code NOT NULL,
    inbound_id bigint NOT NULL,
    meaning text NOT NULL CHECK (meaning ~ '^[a-z_]{1,32}$'),
    signs jsonb NOT NULL CHECK (jsonb_typeof(signs) = 'array'),
    currency text,
    amount_minor bigint CHECK (amount_minor > 0),
    whole boolean NOT NULL DEFAULT FALSE,
    due_day date,
    rest_day boolean NOT NULL DEFAULT FALSE,
    acted text[] NOT NULL DEFAULT '{}',
    mood text CHECK (mood IN ('calm', 'worried', 'angry', 'distressed')),
    mood_ppm integer CHECK (mood_ppm BETWEEN 0 AND 1000000),
    urgent boolean NOT NULL,
    at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    decided_as text CHECK (decided_as ~ '^[a-z_]{1,32}$'),
    promise_id bigint,
    PRIMARY KEY (lender_id, inbound_id),
    FOREIGN KEY (lender_id, inbound_id) REFERENCES inbound,
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_as IS NULL)),
    CHECK ((mood IS NULL) = (mood_ppm IS NULL))
);

CREATE INDEX reading_waiting ON reading (lender_id, urgent DESC, inbound_id) WHERE decided_at IS NULL;

COMMENT ON TABLE reading IS 'What rules, or a model, read in a text that came in; what acted at once; what a person decided.';
COMMENT ON COLUMN reading.signs IS 'Each sign: meaning, rule, place in the text, whether it acts, whether a model suspects it.';
COMMENT ON COLUMN reading.whole IS 'All that is owed was promised.';
COMMENT ON COLUMN reading.acted IS 'What was done at once, such as stop:17 (a contact point) or dispute:4 (a hold).';
COMMENT ON COLUMN reading.mood_ppm IS 'How sure the estimate of the mood is.';
COMMENT ON COLUMN reading.decided_as IS 'What a person says that it means: as read, or otherwise.';

CALL protect('reading', 'SELECT, INSERT, UPDATE (acted, decided_at, decided_by, decided_as, promise_id)');
