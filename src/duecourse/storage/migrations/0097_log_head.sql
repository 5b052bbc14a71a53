-- The log's order: its name and signing key, its tree in tiles, and every size that it ever had with the root over it. A size
-- has one root, and one size follows it, so that a fork cannot be committed, let alone signed.

CREATE TABLE log_origin (
    lender_id lender_code PRIMARY KEY REFERENCES lender,
    origin text NOT NULL CHECK (origin ~ '^[^[:space:]+]{1,200}$'),
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
    key_id text NOT NULL,
    key_sealed bytea NOT NULL,
    begun_at timestamptz NOT NULL
);

COMMENT ON TABLE log_origin IS 'The log of a lender: the name in its checkpoints and the key that signs them.';
COMMENT ON COLUMN log_origin.key_sealed IS 'The Ed25519 seed, sealed by a key of the ring.';

CALL protect('log_origin', 'SELECT, INSERT, UPDATE (key_id, key_sealed)');

CREATE TABLE log_tile (
    lender_id lender_code NOT NULL REFERENCES lender,
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    number bigint NOT NULL CHECK (number >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (lender_id, level, number)
);

COMMENT ON TABLE log_tile IS 'The tree in tiles of up to 256 hashes (C2SP tlog-tiles); level 0 holds the leaf hashes.';

CALL protect('log_tile', 'SELECT, INSERT, UPDATE (hashes)');

CREATE FUNCTION keep_log_tile() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.lender_id, NEW.level, NEW.number) = (OLD.lender_id, OLD.level, OLD.number)
       AND substring(NEW.hashes FOR octet_length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of tile %/% of the log refused: a tile only grows', TG_OP, OLD.level, OLD.number
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER log_tile_only_grows BEFORE UPDATE OR DELETE ON log_tile
    FOR EACH ROW EXECUTE FUNCTION keep_log_tile();
CREATE TRIGGER log_tile_is_never_emptied BEFORE TRUNCATE ON log_tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE log_head (
    lender_id lender_code NOT NULL REFERENCES lender,
    size bigint NOT NULL CHECK (size >= 1),
    parent bigint,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    at timestamptz NOT NULL,
    checkpoint text,
    published_at timestamptz,
    PRIMARY KEY (lender_id, size),
    UNIQUE NULLS NOT DISTINCT (lender_id, parent),
    FOREIGN KEY (lender_id, parent) REFERENCES log_head,
    CHECK (size > coalesce(parent, 0)),
    CHECK ((checkpoint IS NULL) = (published_at IS NULL))
);

CREATE INDEX log_head_published ON log_head (lender_id, size) WHERE published_at IS NOT NULL;

COMMENT ON TABLE log_head IS 'Every size of the log and the root over it, committed before it is signed.';
COMMENT ON COLUMN log_head.parent IS 'The size before; null for the first.';
COMMENT ON COLUMN log_head.checkpoint IS 'The signed note of this size, once it was published; witnesses'' signatures are added to it.';

CALL protect('log_head', 'SELECT, INSERT, UPDATE (checkpoint, published_at)');

CREATE FUNCTION keep_log_head() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.lender_id, NEW.size, NEW.root, NEW.at) = (OLD.lender_id, OLD.size, OLD.root, OLD.at)
       AND NEW.parent IS NOT DISTINCT FROM OLD.parent AND NEW.checkpoint IS NOT NULL
       AND (OLD.published_at IS NULL OR NEW.published_at = OLD.published_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of the head of size % of the log refused: it stands as it was committed', TG_OP, OLD.size
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER log_head_stands BEFORE UPDATE OR DELETE ON log_head
    FOR EACH ROW EXECUTE FUNCTION keep_log_head();
CREATE TRIGGER log_head_is_never_emptied BEFORE TRUNCATE ON log_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
