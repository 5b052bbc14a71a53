-- What people write or say to the lender on any channel, each once by the provider's own name for it. Landed: it is known whose
-- it is, and the text is sealed under that person's key. Not landed: nobody may guess whose it is, so a key of the ring seals it
-- until a person says whose it is, or that it is nobody's.

CREATE TABLE inbound (
    lender_id lender_code NOT NULL REFERENCES lender,
    inbound_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    channel channel_word NOT NULL,
    provider_ref text NOT NULL CHECK (length(provider_ref) BETWEEN 1 AND 500),
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    received_by text NOT NULL,
    sender_index bytea CHECK (octet_length(sender_index) = 16),
    sender_masked text NOT NULL,
    receiver text CHECK (length(receiver) <= 200),
    characters integer NOT NULL CHECK (characters >= 1),
    key_id text,
    text_sealed bytea,
    unplaced text CHECK (unplaced IN ('unknown', 'several', 'several_debts')),
    person_id bigint,
    debtor_id bigint,
    case_id bigint,
    contact_point_id bigint,
    contact_id bigint,
    answers bigint,
    other_sender boolean NOT NULL DEFAULT FALSE,
    placed_at timestamptz,
    placed_by text,
    dismissed_at timestamptz,
    dismissed_by text,
    PRIMARY KEY (lender_id, inbound_id),
    UNIQUE (lender_id, channel, provider_ref),
    FOREIGN KEY (lender_id, person_id, contact_point_id) REFERENCES contact_point,
    CHECK ((person_id IS NULL) = (debtor_id IS NULL)),
    CHECK (person_id IS NOT NULL OR unplaced IS NOT NULL),
    CHECK (person_id IS NOT NULL OR contact_id IS NULL),
    CHECK ((key_id IS NOT NULL) = (person_id IS NULL AND dismissed_at IS NULL)),
    CHECK ((text_sealed IS NULL) = (dismissed_at IS NOT NULL)),
    CHECK ((dismissed_at IS NULL) = (dismissed_by IS NULL)),
    CHECK ((placed_at IS NULL) = (placed_by IS NULL))
);

GRANT USAGE ON SEQUENCE inbound_inbound_id_seq TO duecourse_app;

CREATE INDEX inbound_by_debtor ON inbound (lender_id, debtor_id, at DESC) WHERE debtor_id IS NOT NULL;
CREATE INDEX inbound_by_contact ON inbound (lender_id, person_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX inbound_unplaced ON inbound (lender_id, inbound_id) WHERE person_id IS NULL AND dismissed_at IS NULL;

COMMENT ON TABLE inbound IS 'What came in from people; sealed, each once by the name that its provider gave it.';
COMMENT ON COLUMN inbound.at IS 'When its provider took it; never after received_at.';
COMMENT ON COLUMN inbound.sender_index IS 'Blind index of the sender''s address; null where it cannot be read as one.';
COMMENT ON COLUMN inbound.receiver IS 'To which number or mailbox of ours it came.';
COMMENT ON COLUMN inbound.key_id IS 'The key of the ring that seals it while nobody knows whose it is.';
COMMENT ON COLUMN inbound.unplaced IS 'Why it did not land by itself: unknown sender, a sender of several people, or of several people''s debts.';
COMMENT ON COLUMN inbound.contact_id IS 'The contact that it is counted as.';
COMMENT ON COLUMN inbound.answers IS 'The contact of ours that it answers.';
COMMENT ON COLUMN inbound.other_sender IS 'It bears the name of a message of ours but came from another address than that went to.';
COMMENT ON COLUMN inbound.placed_by IS 'The person who said whose it is.';
COMMENT ON COLUMN inbound.dismissed_by IS 'The person who said that it is nobody''s; its text was erased with that.';

CALL protect('inbound', 'SELECT, INSERT, UPDATE (key_id, text_sealed, person_id, debtor_id, case_id, contact_point_id, contact_id, answers, placed_at, placed_by, dismissed_at, dismissed_by)');
