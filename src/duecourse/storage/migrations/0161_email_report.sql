-- What mail servers and mailbox providers reported back of our e-mails, each report once; no address and no text of it is kept.

CREATE TABLE email_report (
    lender_id lender_code NOT NULL,
    report_hash bytea NOT NULL CHECK (length(report_hash) = 32),
    person_id bigint NOT NULL,
    message_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('bounced', 'delayed', 'delivered', 'complaint')),
    status text CHECK (status ~ '^[245]\.[0-9]{1,3}\.[0-9]{1,3}$'),
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, report_hash),
    FOREIGN KEY (lender_id, person_id, message_id) REFERENCES message
);

CREATE INDEX email_report_of_message ON email_report (lender_id, message_id);

COMMENT ON COLUMN email_report.report_hash IS 'Of its bytes: the same report read again changes nothing.';
COMMENT ON COLUMN email_report.status IS 'The enhanced status code (RFC 3463) that it states.';

CALL protect('email_report', 'SELECT, INSERT');
