-- Idempotency keys of the API's writes: the same key with the same request gets the same answer, and nothing is done twice.
-- Permits have keys of their own (permit_request), which stay.

CREATE TABLE request_key (
    lender_id lender_code NOT NULL REFERENCES lender,
    asker text NOT NULL,
    key text NOT NULL CHECK (key ~ '^[!-~]{1,128}$'),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    answer jsonb,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, asker, key)
);

CREATE INDEX request_key_by_age ON request_key (at);

COMMENT ON COLUMN request_key.asker IS 'The token that asked: keys of two tokens never meet.';

CALL protect('request_key', 'SELECT, INSERT, UPDATE (answer), DELETE');
