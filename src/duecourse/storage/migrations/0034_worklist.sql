-- Which case a collector works in which place of the day.

CREATE TABLE worklist (
    lender_id lender_code NOT NULL,
    day date NOT NULL,
    collector_id text NOT NULL,
    place integer NOT NULL CHECK (place >= 1),
    person_id bigint NOT NULL,
    ordinal smallint NOT NULL,
    run_id bigint NOT NULL,
    PRIMARY KEY (lender_id, day, collector_id, place),
    UNIQUE (lender_id, day, person_id)
) PARTITION BY RANGE (day);

COMMENT ON COLUMN worklist.ordinal IS 'The proposal of that person and day which put the case here.';

CALL protect('worklist', 'SELECT, INSERT, DELETE');
