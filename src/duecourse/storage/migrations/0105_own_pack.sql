-- Policy packs of a lender's own, version by version, as they were sent; and which versions bind. What a pack may do is held by
-- its loader: it may refuse more or give a stricter number, and never lift.

CREATE TABLE own_pack (
    lender_id lender_code NOT NULL REFERENCES lender,
    pack_id text NOT NULL CHECK (pack_id ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
    version integer NOT NULL CHECK (version >= 1),
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    files jsonb NOT NULL,
    rules integer NOT NULL CHECK (rules >= 1),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, pack_id, version),
    UNIQUE (lender_id, content_hash)
);

CALL protect('own_pack', 'SELECT, INSERT');

CREATE TRIGGER own_pack_stays BEFORE UPDATE OR DELETE ON own_pack FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE lender ADD COLUMN own_packs text[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN lender.own_packs IS 'Versions of its own packs that bind it: the lender''s code, a colon, the hash of the content.';
