-- One human or firm with one identity. Sealed columns are AES-256-GCM under the person's own key; the secret that this key
-- comes from is wrapped by the key ring. Destroying a person's data is setting secret_wrapped to null.

CREATE TABLE person (
    lender_id lender_code NOT NULL REFERENCES lender,
    person_id bigint NOT NULL CHECK (person_id >= 0),
    kind text NOT NULL CHECK (kind IN ('natural', 'firm')),
    alias_of bigint CHECK (alias_of <> person_id),
    secret_wrapped bytea CHECK (octet_length(secret_wrapped) BETWEEN 60 AND 512),
    key_id text NOT NULL,
    name_sealed bytea,
    name_masked text,
    name_index bytea CHECK (octet_length(name_index) = 16),
    id_kind text,
    id_sealed bytea,
    id_masked text,
    id_index bytea CHECK (octet_length(id_index) = 16),
    birth_sealed bytea,
    birth_masked text,
    reference_sealed bytea,
    reference_masked text,
    facts_index bytea NOT NULL CHECK (octet_length(facts_index) = 16),
    source text NOT NULL,
    known_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    PRIMARY KEY (lender_id, person_id),
    FOREIGN KEY (lender_id, alias_of) REFERENCES person,
    CHECK ((secret_wrapped IS NULL) = (destroyed_at IS NOT NULL)),
    CHECK ((name_sealed IS NULL) = (name_masked IS NULL) AND (name_sealed IS NULL) = (name_index IS NULL)),
    CHECK ((id_sealed IS NULL) = (id_masked IS NULL) AND (id_sealed IS NULL) = (id_index IS NULL)),
    CHECK ((birth_sealed IS NULL) = (birth_masked IS NULL)),
    CHECK ((reference_sealed IS NULL) = (reference_masked IS NULL))
);

CREATE INDEX person_by_name ON person (lender_id, name_index);
CREATE INDEX person_by_id ON person (lender_id, id_index);
CREATE INDEX person_by_alias ON person (lender_id, alias_of) WHERE alias_of IS NOT NULL;
CREATE INDEX person_by_key ON person (key_id, lender_id, person_id) WHERE secret_wrapped IS NOT NULL;

COMMENT ON TABLE person IS 'One human or firm; holds, keys and counters of law attach here.';
COMMENT ON COLUMN person.alias_of IS 'The person this one turned out to be; data and counters of both count together.';
COMMENT ON COLUMN person.facts_index IS 'Keyed digest over all facts of the row: the same facts again change nothing.';
COMMENT ON COLUMN person.reference_sealed IS 'The lender''s own customer number.';

CALL protect('person', 'SELECT, INSERT, UPDATE');
