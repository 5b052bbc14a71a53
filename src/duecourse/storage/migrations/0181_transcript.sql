-- What was said in a recorded call, in words: turns of who spoke from when to when, sealed under a key of the transcript's own, which is
-- sealed under the key of the person called. A recording may have several; the latest is shown, none is changed.

CREATE TABLE transcript (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    transcript_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    recording_id bigint NOT NULL,
    source text NOT NULL CHECK (source IN ('vtt', 'json', 'recogniser')),
    lang text NOT NULL CHECK (lang ~ '^[a-z]{2}$'),
    turns integer NOT NULL CHECK (turns BETWEEN 1 AND 5000),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    findings jsonb NOT NULL CHECK (jsonb_typeof(findings) = 'array'),
    key_sealed bytea NOT NULL,
    content_sealed bytea NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, transcript_id),
    UNIQUE (lender_id, transcript_id),
    FOREIGN KEY (lender_id, person_id, recording_id) REFERENCES recording
);

CREATE INDEX transcript_by_recording ON transcript (lender_id, recording_id, transcript_id DESC);

CREATE TRIGGER transcript_stays BEFORE UPDATE OR DELETE ON transcript FOR EACH ROW EXECUTE FUNCTION refuse_change();

COMMENT ON TABLE transcript IS 'What was said in a recorded call, in turns; sealed.';
COMMENT ON COLUMN transcript.sha256 IS 'Of the turns as canonical JSON.';
COMMENT ON COLUMN transcript.findings IS 'What the speech guard found in our own turns: turn, from, to, rule, category; no words.';

CALL protect('transcript', 'SELECT, INSERT');
