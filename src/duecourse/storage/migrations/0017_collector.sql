-- Who works cases. The code is the lender's staff number; no name is kept here.

CREATE TABLE collector (
    lender_id lender_code NOT NULL REFERENCES lender,
    collector_id text NOT NULL CHECK (collector_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    team text NOT NULL,
    skills text[] NOT NULL,
    languages text[] NOT NULL,
    capacity integer NOT NULL CHECK (capacity >= 0),
    from_day date NOT NULL,
    to_day date,
    PRIMARY KEY (lender_id, collector_id),
    CHECK (to_day > from_day)
);

COMMENT ON COLUMN collector.capacity IS 'Cases a day.';

CALL protect('collector', 'SELECT, INSERT, UPDATE');

CREATE TABLE absence (
    lender_id lender_code NOT NULL,
    collector_id text NOT NULL,
    from_day date NOT NULL,
    to_day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('leave', 'sick', 'training', 'suspended', 'other')),
    PRIMARY KEY (lender_id, collector_id, from_day),
    FOREIGN KEY (lender_id, collector_id) REFERENCES collector,
    CHECK (to_day > from_day)
);

COMMENT ON COLUMN absence.to_day IS 'First day back.';

CALL protect('absence', 'SELECT, INSERT, UPDATE, DELETE');
