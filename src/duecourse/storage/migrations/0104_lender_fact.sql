-- Facts of law that a lender says once of all its claims, or of the lines of one house: each from an instant, until an instant.

CREATE TABLE lender_fact (
    lender_id lender_code NOT NULL REFERENCES lender,
    stated_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    firm text NOT NULL CHECK (firm ~ '^[A-Za-z0-9._@-]{0,64}$'),
    fact text NOT NULL CHECK (fact ~ '^[a-z0-9_]{1,64}$'),
    value jsonb NOT NULL CHECK (jsonb_typeof(value) IN ('boolean', 'number', 'string')),
    from_at timestamptz NOT NULL,
    to_at timestamptz,
    source text NOT NULL CHECK (source <> ''),
    actor text NOT NULL,
    known_at timestamptz NOT NULL,
    ended_by text,
    PRIMARY KEY (lender_id, stated_id),
    CHECK (to_at > from_at)
);

COMMENT ON TABLE lender_fact IS 'A fact that the lender answers for, from from_at until to_at (excluded); of several that hold the latest known counts.';
COMMENT ON COLUMN lender_fact.firm IS 'Of whose lines and systems it is: code of the outside firm; empty for the lender itself, and for what is of no line.';
COMMENT ON COLUMN lender_fact.source IS 'The document that proves it.';

CALL protect('lender_fact', 'SELECT, INSERT, UPDATE (to_at, ended_by)');
