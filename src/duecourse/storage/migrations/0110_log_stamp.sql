-- Time stamps (RFC 3161) of the log's heads: what an authority outside says of when a head was there. Each is kept with the
-- certificates that it was checked by, so that it can be checked for as long as it is kept.

CREATE TABLE log_authority (
    lender_id lender_code NOT NULL REFERENCES lender,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    url text NOT NULL CHECK (url <> ''),
    policy text CHECK (policy ~ '^[0-9]+([.][0-9]+)+$'),
    certificates text NOT NULL CHECK (certificates <> ''),
    PRIMARY KEY (lender_id, digest)
);

COMMENT ON TABLE log_authority IS 'A time-stamping authority as it was configured when it was asked.';
COMMENT ON COLUMN log_authority.digest IS 'SHA-256 over address, policy and certificates.';
COMMENT ON COLUMN log_authority.policy IS 'The policy that a stamp must be of; null for any.';
COMMENT ON COLUMN log_authority.certificates IS 'PEM: the roots that are trusted, and what lies between them and the authority.';

CALL protect('log_authority', 'SELECT, INSERT');

CREATE TRIGGER log_authority_stays BEFORE UPDATE OR DELETE ON log_authority
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE log_stamp (
    lender_id lender_code NOT NULL,
    size bigint NOT NULL,
    authority bytea NOT NULL,
    at timestamptz NOT NULL,
    response bytea NOT NULL CHECK (octet_length(response) BETWEEN 1 AND 100000),
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, size, authority),
    FOREIGN KEY (lender_id, size) REFERENCES log_head,
    FOREIGN KEY (lender_id, authority) REFERENCES log_authority
);

COMMENT ON TABLE log_stamp IS 'A time stamp over the three lines of a checkpoint.';
COMMENT ON COLUMN log_stamp.at IS 'The time that the authority states.';
COMMENT ON COLUMN log_stamp.response IS 'The authority''s answer (TimeStampResp, DER), byte by byte.';
COMMENT ON COLUMN log_stamp.kept_at IS 'When it came, by our clock.';

CALL protect('log_stamp', 'SELECT, INSERT');

CREATE TRIGGER log_stamp_stays BEFORE UPDATE OR DELETE ON log_stamp
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
