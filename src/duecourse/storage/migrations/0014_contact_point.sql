-- A number, mailbox, address or account at which a person may be reached.
-- value_index is equal for equal values of one lender whoever holds them: frequency counters of law attach to it.

CREATE TABLE contact_point (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    contact_point_id bigint NOT NULL CHECK (contact_point_id >= 0),
    ordinal smallint NOT NULL CHECK (ordinal >= 1),
    kind text NOT NULL CHECK (kind IN ('phone', 'email', 'address', 'app', 'im')),
    label text NOT NULL CHECK (label ~ '^[a-z0-9_]{1,32}$'),
    value_sealed bytea NOT NULL,
    value_masked text NOT NULL,
    value_index bytea NOT NULL CHECK (octet_length(value_index) = 16),
    zone text,
    source text NOT NULL,
    consent text,
    state text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'wrong', 'unreachable', 'stopped')),
    state_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    to_at timestamptz,
    PRIMARY KEY (lender_id, person_id, contact_point_id),
    UNIQUE (lender_id, person_id, ordinal),
    FOREIGN KEY (lender_id, person_id) REFERENCES person
);

CREATE UNIQUE INDEX contact_point_one_per_label ON contact_point (lender_id, person_id, label) WHERE to_at IS NULL;
CREATE INDEX contact_point_by_value ON contact_point (lender_id, value_index, person_id);

COMMENT ON TABLE contact_point IS 'A way to reach a person; sealed, with masked form and keyed blind index.';
COMMENT ON COLUMN contact_point.label IS 'Which of the person''s points this is (mobile, home, work); a new value under the same label replaces the old.';
COMMENT ON COLUMN contact_point.state IS 'ok; wrong: somebody else''s; unreachable: out of service; stopped: asked not to use it.';
COMMENT ON COLUMN contact_point.to_at IS 'When a newer value under the same label became known; null: current.';
COMMENT ON COLUMN contact_point.zone IS 'IANA zone of the place it rings at; null: not known, the lender''s zone is assumed by whoever asks.';

CALL protect('contact_point', 'SELECT, INSERT, UPDATE');
