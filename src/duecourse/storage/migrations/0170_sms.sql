-- What providers say afterwards of texts: receipts, kept as they come and taken over when the message that they speak of is known to
-- be sent; by which names they will speak of a message.

CREATE TABLE message_part (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    message_id bigint NOT NULL,
    part smallint NOT NULL CHECK (part BETWEEN 1 AND 255),
    channel channel_word NOT NULL,
    provider_ref text NOT NULL CHECK (length(provider_ref) BETWEEN 1 AND 500),
    arrived text CHECK (arrived IN ('delivered', 'failed')),
    PRIMARY KEY (lender_id, message_id, part),
    FOREIGN KEY (lender_id, person_id, message_id) REFERENCES message
);

CREATE INDEX message_part_named ON message_part (lender_id, channel, provider_ref);

COMMENT ON TABLE message_part IS 'The parts that a message was handed over in, by the provider''s names for them.';
COMMENT ON COLUMN message_part.arrived IS 'What a receipt said of it; null: none yet.';

CALL protect('message_part', 'SELECT, INSERT, UPDATE (arrived)');

CREATE TABLE provider_receipt (
    lender_id lender_code NOT NULL REFERENCES lender,
    receipt_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    channel channel_word NOT NULL,
    provider_ref text NOT NULL CHECK (length(provider_ref) BETWEEN 1 AND 500),
    arrived text NOT NULL CHECK (arrived IN ('delivered', 'failed', 'underway')),
    status text NOT NULL CHECK (length(status) <= 100),
    nobody_there boolean NOT NULL,
    at timestamptz NOT NULL,
    person_id bigint,
    message_id bigint,
    taken_at timestamptz,
    PRIMARY KEY (lender_id, receipt_id),
    UNIQUE (lender_id, channel, provider_ref, arrived, status),
    CHECK (message_id IS NULL OR taken_at IS NOT NULL)
);

CREATE INDEX provider_receipt_waiting ON provider_receipt (lender_id, receipt_id) WHERE taken_at IS NULL;

COMMENT ON TABLE provider_receipt IS 'What a provider said of what it took, each saying once; no number and no text of it is kept.';
COMMENT ON COLUMN provider_receipt.taken_at IS 'When it was acted on, or given up since no message of this name was ever sent.';

CALL protect('provider_receipt', 'SELECT, INSERT, UPDATE (person_id, message_id, taken_at)');
