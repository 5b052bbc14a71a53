-- How a borrower comes in: a code asked for by whoever has the code of a notice, and the session that begins with it.

CREATE TABLE portal_challenge (
    lender_id lender_code NOT NULL REFERENCES lender,
    challenge_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    person_id bigint,
    notice_id bigint,
    channel text NOT NULL CHECK (channel IN ('sms', 'email')),
    lang text NOT NULL CHECK (lang ~ '^[a-z]{2}$'),
    code_index bytea CHECK (octet_length(code_index) BETWEEN 16 AND 32),
    at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    ended_at timestamptz,
    ended_as text CHECK (ended_as IN ('used', 'tries')),
    PRIMARY KEY (lender_id, challenge_id),
    UNIQUE (lender_id, digest),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    CHECK ((person_id IS NULL) = (notice_id IS NULL) AND (person_id IS NULL) = (code_index IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
    CHECK (expires_at > at)
);

GRANT USAGE ON SEQUENCE portal_challenge_challenge_id_seq TO duecourse_app;

CREATE INDEX portal_challenge_of_person ON portal_challenge (lender_id, person_id, at) WHERE person_id IS NOT NULL;
CREATE INDEX portal_challenge_by_instant ON portal_challenge (lender_id, at);

COMMENT ON TABLE portal_challenge IS 'A one-time code that was asked for. Without a person nobody gets one: what was typed is the code of no notice, and whoever typed it does not learn that.';
COMMENT ON COLUMN portal_challenge.digest IS 'SHA-256 of what the cookie of whoever asked holds.';
COMMENT ON COLUMN portal_challenge.code_index IS 'Keyed hash of the one-time code; the code itself stands in the sealed message alone.';

CALL protect('portal_challenge', 'SELECT, INSERT, UPDATE (tries, ended_at, ended_as), DELETE');

-- How often a code was asked for, or tried, from an address: by the minute, forgotten after a day.
CREATE TABLE portal_try (
    lender_id lender_code NOT NULL REFERENCES lender,
    address bytea NOT NULL CHECK (octet_length(address) BETWEEN 16 AND 32),
    minute timestamptz NOT NULL,
    tries integer NOT NULL CHECK (tries >= 1),
    PRIMARY KEY (lender_id, address, minute)
);

CREATE INDEX portal_try_by_minute ON portal_try (lender_id, minute);

COMMENT ON COLUMN portal_try.address IS 'Keyed hash of the address, never the address.';

CALL protect('portal_try', 'SELECT, INSERT, UPDATE (tries), DELETE');

CREATE TABLE portal_session (
    lender_id lender_code NOT NULL,
    session_id text NOT NULL CHECK (session_id ~ '^[a-z0-9]{12,32}$'),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    person_id bigint NOT NULL,
    notice_id bigint NOT NULL,
    channel text NOT NULL,
    agent text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (lender_id, session_id),
    UNIQUE (lender_id, digest),
    FOREIGN KEY (lender_id, person_id, notice_id) REFERENCES notice,
    CHECK (expires_at > created_at),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

CREATE INDEX portal_session_of_person ON portal_session (lender_id, person_id, created_at);

COMMENT ON TABLE portal_session IS 'Who is in the portal: one person of one lender. The cookie holds 256 random bits of which only the digest is kept.';
COMMENT ON COLUMN portal_session.notice_id IS 'The notice whose code opened it; where that is withdrawn the session opens nothing any more.';

CALL protect('portal_session', 'SELECT, INSERT, UPDATE (seen_at, ended_at, ended_by)');
