-- The registers of staff and of outside firms: what is on record about who makes contacts, each from a day, until a day.

CREATE TABLE sender_record (
    lender_id lender_code NOT NULL REFERENCES lender,
    firm text NOT NULL CHECK (firm ~ '^[A-Za-z0-9._@-]{0,64}$'),
    staff text NOT NULL CHECK (staff ~ '^[A-Za-z0-9._@-]{0,64}$'),
    record_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL CHECK (kind IN (
        'post', 'exam', 'training', 'undertaking', 'breach', 'certificate', 'degree',
        'admission', 'listing', 'publication', 'contract', 'evaluation', 'violence', 'subdelegation',
        'subdelegation_consent', 'impact_assessment', 'private_accounts', 'registration')),
    from_day date NOT NULL,
    to_day date,
    source text NOT NULL CHECK (source <> ''),
    actor text NOT NULL,
    known_at timestamptz NOT NULL,
    ended_by text,
    PRIMARY KEY (lender_id, firm, staff, record_id),
    CHECK (to_day >= from_day),
    CHECK (firm <> '' OR staff <> ''),
    CHECK ((staff <> '') = (kind IN ('post', 'exam', 'training', 'undertaking', 'breach', 'certificate', 'degree')))
);

CREATE UNIQUE INDEX sender_record_one_post ON sender_record (lender_id, firm, staff)
    WHERE to_day IS NULL AND kind IN ('post', 'admission');

COMMENT ON TABLE sender_record IS 'What is on record about a member of staff, or (staff empty) an outside firm, from from_day until to_day (excluded).';
COMMENT ON COLUMN sender_record.firm IS 'Code of the agency or law firm; empty for the lender''s own staff.';
COMMENT ON COLUMN sender_record.staff IS 'Staff number, never a name.';
COMMENT ON COLUMN sender_record.kind IS 'post and admission: is in the register at all; breach: a serious one, open until to_day.';

CALL protect('sender_record', 'SELECT, INSERT, UPDATE (to_day, ended_by)');
