-- Who signs in. A user is known by the staff number, as everywhere here; no name is kept. A user of one lender (the home) may
-- hold roles at others, so roles name both.

CREATE TABLE app_user (
    lender_id lender_code NOT NULL REFERENCES lender,
    user_id text NOT NULL CHECK (user_id ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'),
    team text CHECK (team ~ '^[A-Za-z0-9._-]{1,64}$'),
    password_hash text,
    password_at timestamptz,
    password_must_change boolean NOT NULL DEFAULT false,
    totp_key_id text,
    totp_sealed bytea,
    totp_at timestamptz,
    totp_step bigint,
    sso_subject text CHECK (sso_subject <> ''),
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failed_at timestamptz,
    locked_until timestamptz,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    disabled_at timestamptz,
    disabled_by text,
    PRIMARY KEY (lender_id, user_id),
    CHECK ((password_hash IS NULL) = (password_at IS NULL)),
    CHECK ((totp_sealed IS NULL) = (totp_key_id IS NULL)),
    CHECK ((disabled_at IS NULL) = (disabled_by IS NULL))
);

-- E01 and e01 are one person at the keyboard.
CREATE UNIQUE INDEX app_user_by_sign_in ON app_user (lender_id, lower(user_id));
CREATE UNIQUE INDEX app_user_by_subject ON app_user (lender_id, sso_subject) WHERE sso_subject IS NOT NULL;

COMMENT ON TABLE app_user IS 'Who signs in, by staff number; never deleted, only disabled.';
COMMENT ON COLUMN app_user.password_hash IS 'Argon2id, encoded with its parameters.';
COMMENT ON COLUMN app_user.totp_sealed IS 'Secret of the authenticator, wrapped by a key of the ring; null: none enrolled.';
COMMENT ON COLUMN app_user.totp_at IS 'When the first code proved that the authenticator works; null: not yet in force.';
COMMENT ON COLUMN app_user.totp_step IS 'Time step of the last code taken: each code opens once.';
COMMENT ON COLUMN app_user.sso_subject IS 'Subject at the single sign-on of the installation.';

CALL protect('app_user', 'SELECT, INSERT, UPDATE');

CREATE TABLE user_recovery_code (
    lender_id lender_code NOT NULL,
    user_id text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (lender_id, user_id, digest),
    FOREIGN KEY (lender_id, user_id) REFERENCES app_user
);

COMMENT ON TABLE user_recovery_code IS 'Codes for when the authenticator is lost; each opens once. Only digests: they are random, and few may be tried.';

CALL protect('user_recovery_code', 'SELECT, INSERT, UPDATE (used_at), DELETE');
