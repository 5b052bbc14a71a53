-- Which policy packs a lender has switched off, and the history of that. The packs of the law bind whatever stands here.

ALTER TABLE lender ADD COLUMN packs_off text[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN lender.packs_off IS 'Policy packs that do not bind this lender; every other pack of its jurisdiction does.';

CREATE TABLE pack_change (
    lender_id lender_code NOT NULL REFERENCES lender,
    change_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    pack_id text NOT NULL CHECK (pack_id ~ '^[a-z0-9_-]{1,64}$'),
    pack_hash bytea NOT NULL CHECK (octet_length(pack_hash) = 32),
    state text NOT NULL CHECK (state IN ('on', 'off')),
    approval_id bigint NOT NULL,
    asked_by text NOT NULL,
    decided_by text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, change_id),
    CHECK (split_part(asked_by, ':', 2) <> split_part(decided_by, ':', 2))
);

COMMENT ON TABLE pack_change IS 'What two people decided about a pack in a version: that it binds, or that it does not. Rows never change.';
COMMENT ON COLUMN pack_change.pack_hash IS 'SHA-256 of the pack''s content as it was decided on; an update of the software brings another.';

CALL protect('pack_change', 'SELECT, INSERT');

CREATE TRIGGER pack_change_stays BEFORE UPDATE OR DELETE ON pack_change
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
