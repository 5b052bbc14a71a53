-- Documents of a case: what a borrower sent, what a court wrote. Content and name are sealed under a key of the document's own,
-- which is sealed under the key of the case's person: without the person's secret nothing opens.

CREATE TABLE document (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    document_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    case_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('identity', 'income', 'receipt', 'agreement', 'medical', 'court', 'correspondence', 'other')),
    media_type text NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg', 'text/plain', 'application/octet-stream')),
    size integer NOT NULL CHECK (size BETWEEN 1 AND 10000000),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    name_sealed bytea NOT NULL,
    key_sealed bytea NOT NULL,
    content_sealed bytea NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, document_id),
    FOREIGN KEY (lender_id, person_id, case_id) REFERENCES cases
);

COMMENT ON COLUMN document.sha256 IS 'Of the content as it was sent; the record of its keeping commits to it.';

CALL protect('document', 'SELECT, INSERT');

CREATE TRIGGER document_stays BEFORE UPDATE OR DELETE ON document FOR EACH ROW EXECUTE FUNCTION refuse_change();
