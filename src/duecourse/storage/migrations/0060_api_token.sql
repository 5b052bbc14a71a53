-- Who may ask over the API: tokens, of which only a digest is kept. A token is made once, may be revoked once, and never
-- changes otherwise: another scope or another end is another token.

CREATE TABLE api_token (
    lender_id lender_code NOT NULL REFERENCES lender,
    token_id text NOT NULL CHECK (token_id ~ '^[a-z0-9]{12}$'),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    name text NOT NULL CHECK (name ~ '^[A-Za-z0-9._@-]{1,64}$'),
    sender_type text NOT NULL CHECK (sender_type IN ('lender', 'agency', 'law_firm')),
    firm text CHECK (firm ~ '^[A-Za-z0-9._@-]{1,64}$'),
    scopes text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 32),
    requests_minute_max integer CHECK (requests_minute_max >= 1),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at timestamptz,
    PRIMARY KEY (lender_id, token_id),
    UNIQUE (lender_id, digest),
    CHECK ((sender_type = 'lender') = (firm IS NULL))
);

COMMENT ON TABLE api_token IS 'A key to the API: whose, for what, until when. The token itself is shown once and kept nowhere.';
COMMENT ON COLUMN api_token.digest IS 'SHA-256 of the token''s text, which holds 256 random bits.';
COMMENT ON COLUMN api_token.firm IS 'The agency or law firm whose token it is; null: the lender''s own.';
COMMENT ON COLUMN api_token.requests_minute_max IS 'Requests a minute that one web process takes from this token; null: no limit.';

CALL protect('api_token', 'SELECT, INSERT, UPDATE (revoked_at)');

CREATE FUNCTION keep_api_token() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'token % is revoked, and stays so', OLD.token_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER api_token_stays_revoked BEFORE UPDATE ON api_token FOR EACH ROW EXECUTE FUNCTION keep_api_token();
