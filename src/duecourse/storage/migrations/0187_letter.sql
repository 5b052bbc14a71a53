-- Letters in print-ready batches: which notices go in which batch, what the gate said of each, and what came back.

CREATE TABLE letter_batch (
    lender_id lender_code NOT NULL REFERENCES lender,
    batch_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'handed_over', 'withdrawn')),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    file_hash bytea CHECK (length(file_hash) = 32),
    pages integer CHECK (pages >= 1),
    PRIMARY KEY (lender_id, batch_id),
    CHECK ((state = 'open') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (state = 'handed_over' OR file_hash IS NULL)
);

COMMENT ON COLUMN letter_batch.file_hash IS 'Of the hand-over file; none where no letter of the batch was permitted.';

CALL protect('letter_batch', 'SELECT, INSERT, UPDATE (state, ended_at, ended_by, file_hash, pages)');

CREATE TABLE letter (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    letter_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    batch_id bigint NOT NULL,
    notice_id bigint NOT NULL,
    message_id bigint,
    left_out jsonb CHECK (jsonb_typeof(left_out) = 'object'),
    returned_at timestamptz,
    returned_by text,
    returned_as text CHECK (returned_as IN ('unknown_address', 'moved', 'deceased', 'refused', 'unclaimed', 'unstated')),
    PRIMARY KEY (lender_id, person_id, letter_id),
    UNIQUE (lender_id, letter_id),
    FOREIGN KEY (lender_id, batch_id) REFERENCES letter_batch,
    FOREIGN KEY (lender_id, person_id, notice_id) REFERENCES notice,
    CHECK ((returned_at IS NULL) = (returned_by IS NULL) AND (returned_at IS NULL) = (returned_as IS NULL)),
    CHECK (returned_at IS NULL OR message_id IS NOT NULL)
);

CREATE UNIQUE INDEX letter_of_notice ON letter (lender_id, notice_id) WHERE left_out IS NULL;
CREATE UNIQUE INDEX letter_of_message ON letter (lender_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX letter_of_batch ON letter (lender_id, batch_id, letter_id);

COMMENT ON TABLE letter IS 'A notice that goes by letter. Its permit and what became of it stand in the message that it became.';
COMMENT ON COLUMN letter.left_out IS 'Why it does not go: what the gate said, by language, and the rules; another batch may take the notice up.';

CALL protect('letter', 'SELECT, INSERT, UPDATE (message_id, left_out, returned_at, returned_by, returned_as)');
