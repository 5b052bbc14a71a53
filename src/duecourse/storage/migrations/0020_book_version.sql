-- The commit point of the book: a version exists when its row is here, and not before. Rows never change; the chain never forks.

CREATE TABLE book_version (
    lender_id lender_code NOT NULL REFERENCES lender,
    version bigint NOT NULL CHECK (version >= 1),
    parent bigint,
    known_at timestamptz NOT NULL,
    written_by text NOT NULL,
    tables jsonb NOT NULL CHECK (jsonb_typeof(tables) = 'object'),
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    log_entries bigint NOT NULL DEFAULT 0 CHECK (log_entries >= 0),
    PRIMARY KEY (lender_id, version),
    UNIQUE (lender_id, parent),
    FOREIGN KEY (lender_id, parent) REFERENCES book_version,
    CHECK (version = coalesce(parent, 0) + 1)
);

COMMENT ON TABLE book_version IS 'Versions of the book, committed last; readers ask for a version, never for the latest files.';
COMMENT ON COLUMN book_version.tables IS 'Per table the Delta version and the hash of its content: {"payment": {"version": 7, "hash": "..."}}.';
COMMENT ON COLUMN book_version.log_entries IS 'Desk entries up to this one are in the book.';

CALL protect('book_version', 'SELECT, INSERT');

CREATE TRIGGER book_version_stays BEFORE UPDATE OR DELETE ON book_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
