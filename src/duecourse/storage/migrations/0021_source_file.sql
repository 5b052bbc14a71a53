-- Files that were read into the book, by the hash of their bytes: the same file again changes nothing.

CREATE TABLE source_file (
    lender_id lender_code NOT NULL,
    source_hash bytea NOT NULL CHECK (octet_length(source_hash) = 32),
    kind text NOT NULL,
    mapping_hash bytea NOT NULL CHECK (octet_length(mapping_hash) = 32),
    patch_hash bytea CHECK (octet_length(patch_hash) = 32),
    rows_in bigint NOT NULL CHECK (rows_in >= 0),
    rows_accepted bigint NOT NULL CHECK (rows_accepted >= 0),
    rows_quarantined bigint NOT NULL CHECK (rows_quarantined >= 0),
    sums jsonb NOT NULL DEFAULT '{}',
    version bigint NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, source_hash, kind, version),
    FOREIGN KEY (lender_id, version) REFERENCES book_version,
    CHECK (rows_in = rows_accepted + rows_quarantined)
);

COMMENT ON COLUMN source_file.version IS 'The book version that the file went into.';
COMMENT ON COLUMN source_file.patch_hash IS 'The patch file that mended quarantined rows; a new patch lets the same file be read again.';
COMMENT ON COLUMN source_file.sums IS 'Control sums in minor units by currency: {"principal": {"CNY": 123}}.';

CALL protect('source_file', 'SELECT, INSERT');

CREATE TRIGGER source_file_stays BEFORE UPDATE OR DELETE ON source_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
