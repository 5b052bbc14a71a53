-- What is kept for how long, and its end. Legal holds stand before everything; that the data of a person are only stored is a hold of
-- the kind storage_only; a destruction is asked for by one, approved by another and carried out by the run of retention.

ALTER TABLE hold DROP CONSTRAINT hold_kind_check;
ALTER TABLE hold ADD CONSTRAINT hold_kind_check CHECK (kind IN (
    'dispute', 'cease', 'bereavement', 'breathing_space', 'insolvency', 'hardship', 'identity_theft',
    'deceased', 'incapable', 'court_stay', 'represented', 'complaint', 'vulnerable', 'other', 'storage_only')) NOT VALID;

CREATE TABLE legal_hold (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    legal_hold_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
    reason_sealed bytea NOT NULL,
    until_day date,
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL,
    released_by text,
    released_at timestamptz CHECK (released_at >= placed_at),
    approval_id bigint,
    PRIMARY KEY (lender_id, person_id, legal_hold_id),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    CHECK ((released_at IS NULL) = (approval_id IS NULL) AND (released_at IS NULL) = (released_by IS NULL))
);

COMMENT ON TABLE legal_hold IS 'What somebody has to keep for a court, a regulator or a dispute: nothing of the person is destroyed while one stands.';
COMMENT ON COLUMN legal_hold.until_day IS 'The first day on which it stands no more; null: until it is released by two people.';

CALL protect('legal_hold', 'SELECT, INSERT, UPDATE');

CREATE TABLE storage_reading (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    approval_id bigint NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('claim', 'supervision')),
    asked_by text NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL CHECK (until_at > from_at),
    PRIMARY KEY (lender_id, person_id, approval_id),
    FOREIGN KEY (lender_id, person_id) REFERENCES person
);

COMMENT ON TABLE storage_reading IS 'For so long what is only stored may be read, for a court or a regulator, as two people decided.';

CALL protect('storage_reading', 'SELECT, INSERT');

CREATE TRIGGER storage_reading_stays BEFORE UPDATE OR DELETE ON storage_reading
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE destruction (
    lender_id lender_code NOT NULL REFERENCES lender,
    destruction_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    person_ids bigint[] NOT NULL CHECK (cardinality(person_ids) BETWEEN 1 AND 1000),
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    approval_id bigint,
    approved_by text,
    approved_at timestamptz,
    done_at timestamptz CHECK (done_at >= approved_at),
    certificate jsonb,
    entry_id bigint,
    PRIMARY KEY (lender_id, destruction_id),
    CHECK ((done_at IS NULL) = (certificate IS NULL) AND (done_at IS NULL) = (entry_id IS NULL))
);

COMMENT ON COLUMN destruction.certificate IS 'What was destroyed, by kind and number, by which rules, who asked and who approved; the record entry_id commits to its hash.';

CALL protect('destruction', 'SELECT, INSERT, UPDATE');
