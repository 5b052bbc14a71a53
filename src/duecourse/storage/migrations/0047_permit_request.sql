-- What was asked of the gate and what it answered: one row a request, granted or refused. What became of a permit stands in
-- the contact that it reserved, which bears the permit's number: one sequence numbers contacts, permits and refusals.

GRANT USAGE ON SEQUENCE contact_contact_id_seq TO duecourse_app;

CREATE TABLE permit_request (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    permit_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    loan_keys bigint[] NOT NULL CHECK (cardinality(loan_keys) >= 1),
    relation relation_word,
    contact_point_id bigint NOT NULL,
    channel channel_word NOT NULL,
    purpose purpose_word,
    template_id text NOT NULL,
    template_version integer,
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    sender_type text NOT NULL CHECK (sender_type IN ('lender', 'agency', 'law_firm')),
    firm text NOT NULL,
    staff text NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    at timestamptz NOT NULL,
    answered_at timestamptz NOT NULL,
    answer text NOT NULL CHECK (answer IN ('granted', 'refused')),
    rulebook text NOT NULL,
    said jsonb NOT NULL,
    why text,
    next_open timestamptz,
    contact_id bigint,
    expires_at timestamptz,
    token text,
    PRIMARY KEY (lender_id, permit_id),
    UNIQUE (lender_id, sender_type, firm, idempotency_key),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    FOREIGN KEY (lender_id, person_id, contact_id) REFERENCES contact,
    CHECK (contact_id = permit_id),
    CHECK ((sender_type = 'lender') = (firm = '')),
    CHECK ((answer = 'granted') = (contact_id IS NOT NULL AND expires_at IS NOT NULL AND token IS NOT NULL)),
    CHECK ((answer = 'refused') = (why IS NOT NULL)),
    CHECK (answer = 'refused' OR (relation IS NOT NULL AND purpose IS NOT NULL AND template_version IS NOT NULL))
);

CREATE INDEX permit_request_by_person ON permit_request (lender_id, person_id, permit_id);

COMMENT ON TABLE permit_request IS 'A question to the gate and its answer. Rows never change; the contact tells what became of a permit.';
COMMENT ON COLUMN permit_request.at IS 'The planned instant.';
COMMENT ON COLUMN permit_request.said IS 'Reasons of a refusal, advice of a permit: rules, articles, facts and values, as plain values.';
COMMENT ON COLUMN permit_request.token IS 'The signed document.';
COMMENT ON COLUMN permit_request.request_hash IS 'SHA-256 of the whole request: the same key with another request is refused.';

CALL protect('permit_request', 'SELECT, INSERT');

CREATE TRIGGER permit_request_stays BEFORE UPDATE OR DELETE ON permit_request
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
