-- Parts of longer replies that wait for their others: a centre brings each for itself, to whichever worker is there. What waits is
-- sealed by the key ring, since nobody knows yet whose it is, and goes when the whole is received.

CREATE TABLE heard_part (
    lender_id lender_code NOT NULL REFERENCES lender,
    channel channel_word NOT NULL,
    whole text NOT NULL CHECK (length(whole) BETWEEN 1 AND 100),
    place smallint NOT NULL CHECK (place BETWEEN 1 AND 255),
    parts smallint NOT NULL CHECK (parts BETWEEN 2 AND 255),
    key_id text NOT NULL,
    part_sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, channel, whole, place)
);

COMMENT ON COLUMN heard_part.whole IS 'What is the same in all parts of one reply, as a pseudonym.';

CALL protect('heard_part', 'SELECT, INSERT, DELETE');
