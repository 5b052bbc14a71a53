-- Terms of instalments that were fixed in a contract on a chain, which holds their commitment alone; and the reminders that it told
-- to be due. A reminder is at most a proposal: whoever contacts somebody asks for a permit.

CREATE TABLE fixed_term (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    loan_key bigint NOT NULL CHECK (loan_key >= 0),
    instalment integer NOT NULL CHECK (instalment >= 1),
    chain bigint NOT NULL CHECK (chain >= 0),
    contract bytea NOT NULL CHECK (octet_length(contract) = 20),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    remind_at timestamptz NOT NULL,
    fixed_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, chain, contract, commitment),
    FOREIGN KEY (lender_id, person_id) REFERENCES person
);

CREATE INDEX fixed_term_by_commitment ON fixed_term (lender_id, chain, contract, commitment);

COMMENT ON COLUMN fixed_term.commitment IS 'What stands on the chain: a hash of the terms with a salt that is made of the person''s secret.';
COMMENT ON COLUMN fixed_term.remind_at IS 'When a reminder falls due; stands on the chain too.';

CALL protect('fixed_term', 'SELECT, INSERT');

CREATE TRIGGER fixed_term_stays BEFORE UPDATE OR DELETE ON fixed_term
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE reminder (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    reminder_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    chain bigint NOT NULL,
    contract bytea NOT NULL,
    commitment bytea NOT NULL,
    transaction bytea NOT NULL CHECK (octet_length(transaction) = 32),
    block bigint NOT NULL CHECK (block >= 0),
    at timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, reminder_id),
    UNIQUE (lender_id, person_id, chain, contract, commitment),
    FOREIGN KEY (lender_id, person_id, chain, contract, commitment) REFERENCES fixed_term
);

COMMENT ON COLUMN reminder.at IS 'The time that the block states.';
COMMENT ON COLUMN reminder.read_at IS 'When it was read from a node.';

CALL protect('reminder', 'SELECT, INSERT');

CREATE TRIGGER reminder_stays BEFORE UPDATE OR DELETE ON reminder
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
