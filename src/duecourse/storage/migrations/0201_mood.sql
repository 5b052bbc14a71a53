-- How the person called sounded, turn by turn, as estimated from transcripts; of texts it stands with their reading. An estimate,
-- never a ground for anything: a person looks at calls in which somebody may be in distress, and says so.

CREATE TABLE turn_mood (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    transcript_id bigint NOT NULL,
    turn smallint NOT NULL CHECK (turn BETWEEN 0 AND 5000),
    start_ms integer NOT NULL CHECK (start_ms >= 0),
    mood text NOT NULL CHECK (mood IN ('calm', 'worried', 'angry', 'distressed')),
    mood_ppm integer NOT NULL CHECK (mood_ppm BETWEEN 0 AND 1000000),
    mood_rule text NOT NULL CHECK (mood_rule ~ '^[a-z_.]{1,32}$'),
    PRIMARY KEY (lender_id, person_id, transcript_id, turn),
    FOREIGN KEY (lender_id, person_id, transcript_id) REFERENCES transcript
);

COMMENT ON COLUMN turn_mood.turn IS 'Which turn of the transcript; only those of whoever was called.';
COMMENT ON COLUMN turn_mood.mood_ppm IS 'How sure the estimate is.';
COMMENT ON COLUMN turn_mood.mood_rule IS 'The rule that found words of it, or the model.';

CALL protect('turn_mood', 'SELECT, INSERT');

CREATE TABLE distress_look (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    recording_id bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    seen_at timestamptz,
    seen_by text,
    PRIMARY KEY (lender_id, person_id, recording_id),
    FOREIGN KEY (lender_id, person_id, recording_id) REFERENCES recording,
    CHECK ((seen_at IS NULL) = (seen_by IS NULL))
);

CREATE INDEX distress_look_waits ON distress_look (lender_id, asked_at) WHERE seen_at IS NULL;

COMMENT ON TABLE distress_look IS 'Calls in which a turn was estimated as distressed: a person looks, and puts that on record.';

CALL protect('distress_look', 'SELECT, INSERT, UPDATE (seen_at, seen_by)');

ALTER TABLE reading ADD COLUMN mood_rule text CHECK (mood_rule ~ '^[a-z_.]{1,32}$');
COMMENT ON COLUMN reading.mood_rule IS 'The rule that found words of the mood, or the model.';
