-- Strategies as they were loaded: text, hash and the day they take effect. Rows never change.

CREATE TABLE strategy_version (
    lender_id lender_code NOT NULL REFERENCES lender,
    strategy_id text NOT NULL CHECK (strategy_id ~ '^[a-z0-9_.-]{1,64}$'),
    version integer NOT NULL CHECK (version >= 1),
    content text NOT NULL,
    content_hash bytea NOT NULL CHECK (content_hash = sha256(convert_to(content, 'UTF8'))),
    from_day date NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, strategy_id, version),
    UNIQUE (lender_id, strategy_id, content_hash)
);

CALL protect('strategy_version', 'SELECT, INSERT');

CREATE TRIGGER strategy_version_stays BEFORE UPDATE OR DELETE ON strategy_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
