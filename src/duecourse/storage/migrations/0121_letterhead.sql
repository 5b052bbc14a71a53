-- What letters say of who writes them: the lender's ways to pay, to ask and to complain; of a law firm its name, lawyer and mandate.

CREATE TABLE letterhead (
    lender_id lender_code NOT NULL REFERENCES lender,
    line_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    firm text NOT NULL CHECK (firm ~ '^[A-Za-z0-9._@-]{0,64}$'),
    name text NOT NULL CHECK (name ~ '^[a-z_]{1,40}$'),
    value text NOT NULL CHECK (length(value) BETWEEN 1 AND 500),
    from_day date NOT NULL,
    to_day date,
    source text NOT NULL CHECK (source <> ''),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    ended_by text,
    PRIMARY KEY (lender_id, line_id),
    CHECK (to_day >= from_day)
);

CREATE INDEX letterhead_by_name ON letterhead (lender_id, firm, name, line_id DESC);

COMMENT ON TABLE letterhead IS 'Lines of letters from a day, until a day (excluded); of several that hold the latest entered counts.';
COMMENT ON COLUMN letterhead.firm IS 'Code of the outside firm; empty for the lender itself.';
COMMENT ON COLUMN letterhead.source IS 'The document that proves it: a contract, a mandate, a notice of the lender.';

CALL protect('letterhead', 'SELECT, INSERT, UPDATE (to_day, ended_by)');
