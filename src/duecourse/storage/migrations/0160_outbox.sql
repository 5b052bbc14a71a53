-- The outbox: messages with their permits on their way to a channel. A row says `sending`, committed, before anybody outside is
-- called; so whoever finds it so after a crash knows that the person may have been reached, and nobody sends it again.

CREATE TABLE transport (
    lender_id lender_code NOT NULL REFERENCES lender,
    channel channel_word NOT NULL,
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_-]{0,31}$'),
    settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
    key_id text NOT NULL,
    secrets_sealed bytea NOT NULL,
    minute_max integer NOT NULL CHECK (minute_max BETWEEN 1 AND 1000000),
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    next_at timestamptz NOT NULL,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    shut_until timestamptz,
    PRIMARY KEY (lender_id, channel)
);

COMMENT ON TABLE transport IS 'By what a lender sends on a channel: its name among those installed, its settings, its secrets.';
COMMENT ON COLUMN transport.secrets_sealed IS 'Passwords and keys as one JSON object, wrapped by a key of the ring.';
COMMENT ON COLUMN transport.next_at IS 'When the next message may go, so that no minute has more than minute_max, whoever sends.';
COMMENT ON COLUMN transport.failures IS 'Failures of the provider one after the other; shut_until: nobody calls it before.';

CALL protect('transport', 'SELECT, INSERT, UPDATE');

CREATE TABLE outbox_pause (
    lender_id lender_code NOT NULL REFERENCES lender,
    pause_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    channel channel_word,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    at timestamptz NOT NULL,
    by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (lender_id, pause_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

CREATE UNIQUE INDEX outbox_pause_one ON outbox_pause (lender_id, coalesce(channel, '')) WHERE ended_at IS NULL;

COMMENT ON COLUMN outbox_pause.channel IS 'Null: nothing is sent at all.';

CALL protect('outbox_pause', 'SELECT, INSERT, UPDATE (ended_at, ended_by)');

CREATE TABLE message (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    message_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    permit_id bigint NOT NULL,
    channel channel_word NOT NULL,
    contact_point_id bigint NOT NULL,
    template_id text NOT NULL,
    template_version integer NOT NULL,
    lang text NOT NULL CHECK (lang ~ '^[a-z]{2}$'),
    notice_id bigint,
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    key_sealed bytea NOT NULL,
    content_sealed bytea NOT NULL,
    priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 9),
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'withheld', 'withdrawn')),
    queued_at timestamptz NOT NULL,
    queued_by text NOT NULL,
    due_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    worker text,
    sending_at timestamptz,
    ended_at timestamptz,
    provider_ref text CHECK (length(provider_ref) <= 500),
    permanent boolean,
    why jsonb CHECK (jsonb_typeof(why) = 'object'),
    settled_at timestamptz,
    settled_by text,
    PRIMARY KEY (lender_id, person_id, message_id),
    UNIQUE (lender_id, message_id),
    UNIQUE (lender_id, permit_id),
    CHECK ((worker IS NULL) = (sending_at IS NULL)),
    CHECK ((state IN ('queued', 'sending')) = (ended_at IS NULL)),
    CHECK (state NOT IN ('sending', 'sent', 'failed', 'unknown') OR sending_at IS NOT NULL),
    CHECK ((settled_at IS NULL) = (settled_by IS NULL))
);

GRANT USAGE ON SEQUENCE message_message_id_seq TO duecourse_app;

CREATE INDEX message_waiting ON message (lender_id, channel, priority, message_id) WHERE state = 'queued';
CREATE INDEX message_open ON message (lender_id, state, message_id) WHERE state IN ('sending', 'unknown');
CREATE INDEX message_by_person ON message (lender_id, person_id, message_id DESC);

CREATE TRIGGER message_of_a_person BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION check_person();

COMMENT ON TABLE message IS 'A message that a permit was given for, and what became of it.';
COMMENT ON COLUMN message.content_hash IS 'Of what is sent; the permit binds it.';
COMMENT ON COLUMN message.priority IS '0 goes first.';
COMMENT ON COLUMN message.state IS 'sent: the provider took it; failed: it certainly did not; unknown: nobody knows, so it counts as sent and is never sent again by itself; withheld: the law or an end of its permit stood against it at the instant of sending; withdrawn: taken back by a person.';
COMMENT ON COLUMN message.until IS 'When its permit ends.';
COMMENT ON COLUMN message.worker IS 'Who sends it or did; holds a lock of this name while it lives.';
COMMENT ON COLUMN message.settled_by IS 'The person who found out what became of an unknown one.';

CALL protect('message', 'SELECT, INSERT, UPDATE (state, due_at, worker, sending_at, ended_at, provider_ref, permanent, why, settled_at, settled_by)');

-- No row is ever sent twice, whoever writes: what was handed over, or taken back, is never queued or sending again.
CREATE FUNCTION message_moves_on() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.state = OLD.state
        OR (OLD.state = 'queued' AND NEW.state IN ('sending', 'withheld', 'withdrawn'))
        OR (OLD.state = 'sending' AND NEW.state IN ('sent', 'failed', 'unknown'))
        OR (OLD.state = 'unknown' AND NEW.state IN ('sent', 'failed'))
        OR (OLD.state = 'sent' AND NEW.state = 'failed')) THEN
        RAISE EXCEPTION 'message % of lender % is % and does not become %', OLD.message_id, OLD.lender_id, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER message_moves_on BEFORE UPDATE OF state ON message FOR EACH ROW EXECUTE FUNCTION message_moves_on();
