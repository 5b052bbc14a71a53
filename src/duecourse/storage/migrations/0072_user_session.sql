-- Sessions of signed-in users: any web process finds them, they expire when idle and at last, and can be ended at once.

CREATE TABLE user_session (
    lender_id lender_code NOT NULL,
    session_id text NOT NULL CHECK (session_id ~ '^[a-z0-9]{12,32}$'),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    user_id text NOT NULL,
    works_for lender_code NOT NULL,
    proof text NOT NULL CHECK (proof IN ('password', 'password_totp', 'password_recovery', 'sso')),
    agent text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (lender_id, session_id),
    UNIQUE (lender_id, digest),
    FOREIGN KEY (lender_id, user_id) REFERENCES app_user,
    CHECK (expires_at > created_at),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

CREATE INDEX user_session_open ON user_session (lender_id, user_id) WHERE ended_at IS NULL;

COMMENT ON TABLE user_session IS 'Who is signed in. The cookie holds 256 random bits of which only the digest is kept.';
COMMENT ON COLUMN user_session.works_for IS 'The lender whose desk the user works at in this session.';
COMMENT ON COLUMN user_session.proof IS 'How the user proved who it is.';
COMMENT ON COLUMN user_session.agent IS 'Browser and system in a word or two, so that the user recognises the session.';

CALL protect('user_session', 'SELECT, INSERT, UPDATE (seen_at, works_for, proof, ended_at, ended_by)');

-- The minute's failures by address, whoever was tried: one row per address (as a keyed digest) and minute.
CREATE TABLE sign_in_failure (
    lender_id lender_code NOT NULL REFERENCES lender,
    address bytea NOT NULL CHECK (octet_length(address) = 16),
    minute timestamptz NOT NULL,
    failures integer NOT NULL CHECK (failures > 0),
    PRIMARY KEY (lender_id, address, minute)
);

COMMENT ON TABLE sign_in_failure IS 'How often signing in failed from an address, which is kept as a keyed digest only.';

CALL protect('sign_in_failure', 'SELECT, INSERT, UPDATE (failures), DELETE');

-- Single sign-on under way: what must come back, kept until it does.
CREATE TABLE sso_attempt (
    lender_id lender_code NOT NULL REFERENCES lender,
    state_digest bytea NOT NULL CHECK (octet_length(state_digest) = 32),
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, state_digest)
);

COMMENT ON TABLE sso_attempt IS 'A sign-in at the identity provider under way; sealed are nonce and code verifier. Taken once.';

CALL protect('sso_attempt', 'SELECT, INSERT, DELETE');
