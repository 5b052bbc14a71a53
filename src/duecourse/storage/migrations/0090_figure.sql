-- Sums of figures by day, prepared so that a page need not read the rows. The rows stay the truth: a cell is written from them
-- in one transaction and may be written anew at any time.

CREATE TABLE figure_day (
    lender_id lender_code NOT NULL REFERENCES lender,
    figure text NOT NULL CHECK (figure ~ '^[a-z_]+\.[a-z_]+$'),
    day date NOT NULL,
    definition bytea NOT NULL CHECK (octet_length(definition) = 32),
    prepared_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, figure, day)
);

COMMENT ON TABLE figure_day IS 'Days of a figure whose cells are prepared; a day without cells has none.';
COMMENT ON COLUMN figure_day.definition IS 'SHA-256 of what the figure meant; cells of another definition are not shown.';

CALL protect('figure_day', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE figure_cell (
    lender_id lender_code NOT NULL,
    figure text NOT NULL,
    day date NOT NULL,
    at text[] NOT NULL,
    amounts bigint[] NOT NULL,
    PRIMARY KEY (lender_id, figure, day, at),
    FOREIGN KEY (lender_id, figure, day) REFERENCES figure_day ON DELETE CASCADE
);

COMMENT ON COLUMN figure_cell.at IS 'Values of the figure''s dimensions after the day, in their order.';
COMMENT ON COLUMN figure_cell.amounts IS 'Its measures, in their order.';

CALL protect('figure_cell', 'SELECT, INSERT, DELETE');

-- Permits given one step before a refusal, found by asking the gate's rules once more. Rows never change.
CREATE TABLE near_miss (
    lender_id lender_code NOT NULL,
    permit_id bigint NOT NULL,
    rule text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('counter', 'closing_time')),
    fact text NOT NULL,
    day date NOT NULL,
    debtor_id bigint NOT NULL,
    channel channel_word NOT NULL,
    firm text NOT NULL,
    staff text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, permit_id, rule, kind, fact),
    FOREIGN KEY (lender_id, permit_id) REFERENCES permit_request
);

CREATE INDEX near_miss_by_day ON near_miss (lender_id, day);

COMMENT ON COLUMN near_miss.rule IS 'The rule that would have refused one step further.';
COMMENT ON COLUMN near_miss.fact IS 'The counter that stood one below, or second_local.';

CALL protect('near_miss', 'SELECT, INSERT');

-- Up to which permit near misses have been looked for.
CREATE TABLE near_miss_until (
    lender_id lender_code PRIMARY KEY REFERENCES lender,
    permit_id bigint NOT NULL
);

CALL protect('near_miss_until', 'SELECT, INSERT, UPDATE');

-- What one contact by a channel costs, from a day on. A channel that is not here costs nothing.
CREATE TABLE channel_cost (
    lender_id lender_code NOT NULL REFERENCES lender,
    channel channel_word NOT NULL,
    from_day date NOT NULL,
    currency currency_code NOT NULL,
    cost_minor minor NOT NULL CHECK (cost_minor >= 0),
    actor text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, channel, from_day)
);

CALL protect('channel_cost', 'SELECT, INSERT');
