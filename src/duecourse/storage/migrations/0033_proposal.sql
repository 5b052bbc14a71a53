-- What the strategy wants for a case, or for a loan not yet in a case, with the law's answer at the start of the slot.

CREATE TABLE proposal (
    lender_id lender_code NOT NULL,
    day date NOT NULL,
    person_id bigint NOT NULL,
    ordinal smallint NOT NULL CHECK (ordinal >= 1),
    run_id bigint NOT NULL,
    loan_key bigint CHECK (loan_key >= 0),
    recipient_id bigint,
    relation relation_word,
    contact_point_id bigint,
    treatment text NOT NULL,
    channel channel_word,
    purpose purpose_word,
    template_id text,
    template_version integer,
    slot_at timestamptz,
    slot_second integer CHECK (slot_second BETWEEN 0 AND 86399),
    slot_zone text,
    answer text NOT NULL CHECK (answer IN ('allowed', 'refused')),
    rules text[] NOT NULL,
    missing text[] NOT NULL,
    reasons jsonb NOT NULL,
    score integer,
    PRIMARY KEY (lender_id, person_id, day, ordinal),
    CHECK ((slot_at IS NULL) = (slot_second IS NULL) AND (slot_at IS NULL) = (slot_zone IS NULL)),
    CHECK ((template_id IS NULL) = (template_version IS NULL)),
    CHECK (answer = 'allowed' OR cardinality(rules) > 0 OR cardinality(missing) > 0)
) PARTITION BY RANGE (day);

COMMENT ON COLUMN proposal.loan_key IS 'Set where the proposal is about one loan (a reminder before the due day needs no case).';
COMMENT ON COLUMN proposal.recipient_id IS 'The party to be contacted; person_id is the borrower of the case.';
COMMENT ON COLUMN proposal.channel IS 'Null where the treatment contacts nobody (a referral or legal candidate).';
COMMENT ON COLUMN proposal.slot_second IS 'Second of the local day in slot_zone at which the law was asked.';
COMMENT ON COLUMN proposal.rules IS 'Every rule that determined the answer, with the version of its pack.';
COMMENT ON COLUMN proposal.missing IS 'Facts that were needed and missing.';

CALL protect('proposal', 'SELECT, INSERT, DELETE');
