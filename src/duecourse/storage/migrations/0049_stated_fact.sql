-- Facts of law that somebody stated and answers for: a time agreed, a question asked, a consent, an officer's override.

CREATE TABLE stated_fact (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    stated_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    fact text NOT NULL CHECK (fact ~ '^[a-z0-9_]{1,64}$'),
    value jsonb NOT NULL CHECK (jsonb_typeof(value) IN ('boolean', 'number', 'string')),
    loan_key bigint CHECK (loan_key >= 0),
    from_at timestamptz NOT NULL,
    to_at timestamptz,
    second_from integer CHECK (second_from BETWEEN 0 AND 86399),
    second_to integer CHECK (second_to BETWEEN 1 AND 86400),
    bound_to text,
    source text NOT NULL CHECK (source <> ''),
    reason_sealed bytea,
    actor text NOT NULL,
    known_at timestamptz NOT NULL,
    ended_by text,
    PRIMARY KEY (lender_id, person_id, stated_id),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    CHECK (to_at > from_at),
    CHECK ((second_from IS NULL) = (second_to IS NULL)),
    CHECK (second_from < second_to)
);

COMMENT ON TABLE stated_fact IS 'A fact of law on record, from from_at until to_at (excluded); of several that hold the latest known counts.';
COMMENT ON COLUMN stated_fact.second_from IS 'Where it holds at certain times of the local day only: first second; second_to is excluded.';
COMMENT ON COLUMN stated_fact.bound_to IS 'The one permit request, by its idempotency key, that it holds for.';
COMMENT ON COLUMN stated_fact.source IS 'The document, recording or message that proves it.';

CALL protect('stated_fact', 'SELECT, INSERT, UPDATE (to_at, ended_by)');
