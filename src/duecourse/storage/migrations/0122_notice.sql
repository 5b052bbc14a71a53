-- Notices as they were issued: whose, of which case, by which template, in which words (sealed), and the keyed hash of their code.

CREATE TABLE notice (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    notice_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    debtor_id bigint NOT NULL,
    case_id bigint NOT NULL,
    loan_keys bigint[] NOT NULL CHECK (cardinality(loan_keys) >= 1),
    template_id text NOT NULL,
    template_version integer NOT NULL,
    template_hash bytea NOT NULL CHECK (length(template_hash) = 32),
    document text,
    lang text NOT NULL CHECK (lang ~ '^[a-z]{2}$'),
    sender text NOT NULL,
    shown jsonb NOT NULL CHECK (jsonb_typeof(shown) = 'object'),
    code_index bytea NOT NULL CHECK (length(code_index) BETWEEN 16 AND 32),
    content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
    key_sealed bytea NOT NULL,
    content_sealed bytea NOT NULL,
    entry_id bigint NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    ended_as text CHECK (ended_as IN ('withdrawn', 'superseded')),
    replaced_by bigint,
    PRIMARY KEY (lender_id, person_id, notice_id),
    UNIQUE (lender_id, notice_id),
    UNIQUE (lender_id, code_index),
    FOREIGN KEY (lender_id, debtor_id, case_id) REFERENCES cases,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (ended_as IS NULL)),
    CHECK ((ended_as = 'superseded') = (replaced_by IS NOT NULL))
);

GRANT USAGE ON SEQUENCE notice_notice_id_seq TO duecourse_app;

CREATE INDEX notice_of_case ON notice (lender_id, debtor_id, case_id, notice_id DESC);

COMMENT ON TABLE notice IS 'A notice as issued. Nothing is sent by that: sending needs a permit.';
COMMENT ON COLUMN notice.shown IS 'What the verify page says to whoever has the code: masked at write, names nobody.';
COMMENT ON COLUMN notice.code_index IS 'Keyed hash of the code; the code itself stands in the sealed content alone.';
COMMENT ON COLUMN notice.content_hash IS 'Of the canonical content; the record of its issue commits to it.';

CALL protect('notice', 'SELECT, INSERT, UPDATE (ended_at, ended_by, ended_as, replaced_by)');

-- Codes that were asked about and that no notice has, by the minute, by the address that asked; forgotten after a day.
CREATE TABLE notice_miss (
    lender_id lender_code NOT NULL,
    address bytea NOT NULL,
    minute timestamptz NOT NULL,
    misses integer NOT NULL CHECK (misses >= 1),
    PRIMARY KEY (lender_id, address, minute)
);

CREATE INDEX notice_miss_by_minute ON notice_miss (lender_id, minute);

COMMENT ON COLUMN notice_miss.address IS 'Keyed hash of the address, never the address.';

CALL protect('notice_miss', 'SELECT, INSERT, UPDATE, DELETE');
