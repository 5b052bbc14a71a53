-- Templates of a lender's own: every draft as it was sent, which was approved from which day by which two people, and which binds.
-- A draft never changes; an approved one is superseded by a higher version, withdrawn, or gone back to.

CREATE TABLE own_template (
    lender_id lender_code NOT NULL REFERENCES lender,
    draft_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    template_id text NOT NULL CHECK (template_id ~ '^own\.[a-z0-9][a-z0-9_.-]{0,59}$'),
    version integer NOT NULL CHECK (version >= 1),
    content text NOT NULL CHECK (octet_length(content) <= 65536),
    content_hash bytea NOT NULL CHECK (content_hash = sha256(convert_to(content, 'UTF8'))),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, draft_id),
    UNIQUE (lender_id, content_hash)
);

CREATE INDEX own_template_by_id ON own_template (lender_id, template_id, version DESC, draft_id DESC);

COMMENT ON TABLE own_template IS 'Texts of the lender''s own in the form of the register, as they were sent; none changes.';

CALL protect('own_template', 'SELECT, INSERT');

CREATE TRIGGER own_template_stays BEFORE UPDATE OR DELETE ON own_template FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE own_template_use (
    lender_id lender_code NOT NULL,
    use_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    draft_id bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('approved', 'withdrawn')),
    from_day date NOT NULL,
    approval_id bigint,
    asked_by text NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, use_id),
    FOREIGN KEY (lender_id, draft_id) REFERENCES own_template,
    CHECK ((state = 'approved') = (approval_id IS NOT NULL)),
    CHECK (state = 'withdrawn' OR asked_by <> decided_by)
);

COMMENT ON TABLE own_template_use IS 'From which day a draft was approved, or no longer to be used; the latest said of a template counts.';

CALL protect('own_template_use', 'SELECT, INSERT');

CREATE TRIGGER own_template_use_stays BEFORE UPDATE OR DELETE ON own_template_use
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE lender ADD COLUMN own_templates text[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN lender.own_templates IS
    'Its own templates in its register: code, hash of the content, day of approval, day of withdrawal (or nothing), parted by colons.';
