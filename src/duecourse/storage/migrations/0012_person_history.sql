-- What was known of a person before it changed, sealed under the same key.

CREATE TABLE person_history (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    known_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    kind text NOT NULL,
    name_sealed bytea,
    name_masked text,
    name_index bytea,
    id_kind text,
    id_sealed bytea,
    id_masked text,
    id_index bytea,
    birth_sealed bytea,
    birth_masked text,
    reference_sealed bytea,
    reference_masked text,
    facts_index bytea NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (lender_id, person_id, until_at),
    FOREIGN KEY (lender_id, person_id) REFERENCES person
);

COMMENT ON TABLE person_history IS 'Earlier facts of a person, from known_at until until_at.';

CALL protect('person_history', 'SELECT, INSERT');

CREATE TRIGGER person_history_stays BEFORE UPDATE OR DELETE ON person_history
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
