-- What people who work a case write down. The text is sealed under the key of the case's person and never changes: what turns
-- out to be wrong is corrected by another note.

CREATE TABLE note (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    note_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    case_id bigint NOT NULL,
    contact_id bigint,
    text_sealed bytea NOT NULL,
    characters integer NOT NULL CHECK (characters BETWEEN 1 AND 4000),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, note_id),
    FOREIGN KEY (lender_id, person_id, case_id) REFERENCES cases
);

COMMENT ON TABLE note IS 'Free text on a case, sealed; rows never change.';
COMMENT ON COLUMN note.contact_id IS 'The contact that it was written after, if any.';

CALL protect('note', 'SELECT, INSERT');

CREATE TRIGGER note_stays BEFORE UPDATE OR DELETE ON note FOR EACH ROW EXECUTE FUNCTION refuse_change();
