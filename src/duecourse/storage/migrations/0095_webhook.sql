-- Telling other systems what was done (Standard Webhooks): who is told of which kinds of act, and what became of each telling.
-- An event is written by the entry of the log that it tells of, so in the act's own transaction.

CREATE TABLE webhook_endpoint (
    lender_id lender_code NOT NULL REFERENCES lender,
    endpoint_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    url text NOT NULL CHECK (url ~ '^https?://[^ ]{1,2000}$'),
    kinds text[] NOT NULL CHECK (cardinality(kinds) BETWEEN 1 AND 64),
    key_id text NOT NULL,
    secret_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (lender_id, endpoint_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

COMMENT ON COLUMN webhook_endpoint.secret_sealed IS 'The key of its signatures, wrapped by a key of the ring; shown once.';
COMMENT ON COLUMN webhook_endpoint.kinds IS 'Kinds of entry of the log that it is told of.';

CALL protect('webhook_endpoint', 'SELECT, INSERT, UPDATE (key_id, secret_sealed, ended_at, ended_by)');

CREATE TABLE webhook_event (
    lender_id lender_code NOT NULL,
    endpoint_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_at timestamptz NOT NULL,
    last_status integer,
    last_trouble text,
    delivered_at timestamptz,
    PRIMARY KEY (lender_id, endpoint_id, entry_id),
    FOREIGN KEY (lender_id, endpoint_id) REFERENCES webhook_endpoint,
    CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))
);

CREATE INDEX webhook_event_due ON webhook_event (lender_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_event_latest ON webhook_event (lender_id, entry_id DESC);

COMMENT ON COLUMN webhook_event.entry_id IS 'The entry that it tells of; with the lender its message id, the same however often it is sent.';
COMMENT ON COLUMN webhook_event.state IS 'failed: given up after the last attempt; sent anew when somebody asks for it.';

CALL protect('webhook_event', 'SELECT, INSERT, UPDATE (state, attempts, next_at, last_status, last_trouble, delivered_at)');

CREATE FUNCTION tell_endpoints() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO webhook_event (lender_id, endpoint_id, entry_id, kind, at, next_at)
        SELECT NEW.lender_id, e.endpoint_id, NEW.entry_id, NEW.kind, NEW.at, NEW.at FROM webhook_endpoint e
        WHERE e.lender_id = NEW.lender_id AND e.ended_at IS NULL AND NEW.kind = ANY (e.kinds);
    RETURN NULL;
END
$$;

CREATE TRIGGER log_entry_is_told AFTER INSERT ON log_entry FOR EACH ROW EXECUTE FUNCTION tell_endpoints();
