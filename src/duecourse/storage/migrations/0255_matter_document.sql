-- What is brought in evidence of a matter: documents of its case, such as a doctor's letter for hardship, a receipt for a dispute.

CREATE TABLE matter_document (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    matter_id bigint NOT NULL,
    document_id bigint NOT NULL,
    PRIMARY KEY (lender_id, person_id, matter_id, document_id),
    FOREIGN KEY (lender_id, person_id, matter_id) REFERENCES matter,
    FOREIGN KEY (lender_id, person_id, document_id) REFERENCES document
);

CALL protect('matter_document', 'SELECT, INSERT');
