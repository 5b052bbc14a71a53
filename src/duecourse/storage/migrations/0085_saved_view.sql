-- Filters that somebody keeps under a name. No personal values: a filter names stages, amounts and states.

CREATE TABLE saved_view (
    lender_id lender_code NOT NULL REFERENCES lender,
    owner text NOT NULL CHECK (owner ~ '^[a-z]+:[A-Za-z0-9._@-]{1,64}$'),
    page text NOT NULL CHECK (page ~ '^[a-z_]{1,32}$'),
    name text NOT NULL CHECK (name = btrim(name) AND char_length(name) BETWEEN 1 AND 40),
    query text NOT NULL CHECK (char_length(query) <= 1000),
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, owner, page, name)
);

COMMENT ON COLUMN saved_view.owner IS 'Whose it is, as records name an actor.';
COMMENT ON COLUMN saved_view.query IS 'The filter as it stands in the address of the page.';

CALL protect('saved_view', 'SELECT, INSERT, UPDATE, DELETE');
