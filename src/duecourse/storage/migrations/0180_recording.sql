-- Recordings of calls: both legs as one WAV, sealed under a key of the recording's own, which is sealed under the key of the person
-- called: without the person's secret nothing opens. Whoever hears one says why first, and is on record with it.

CREATE TABLE recording (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    recording_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    debtor_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    media_type text NOT NULL CHECK (media_type = 'audio/wav'),
    millis integer NOT NULL CHECK (millis >= 0),
    size integer NOT NULL CHECK (size BETWEEN 1 AND 100000000),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    key_sealed bytea NOT NULL,
    content_sealed bytea NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, recording_id),
    UNIQUE (lender_id, recording_id)
);

CREATE INDEX recording_by_debtor ON recording (lender_id, debtor_id, recording_id DESC);
CREATE INDEX recording_by_contact ON recording (lender_id, contact_id);

CREATE TRIGGER recording_of_a_person BEFORE INSERT ON recording FOR EACH ROW EXECUTE FUNCTION check_person();
CREATE TRIGGER recording_stays BEFORE UPDATE OR DELETE ON recording FOR EACH ROW EXECUTE FUNCTION refuse_change();

COMMENT ON TABLE recording IS 'What was said in a call, on both legs.';
COMMENT ON COLUMN recording.debtor_id IS 'Whose debts the call was about.';
COMMENT ON COLUMN recording.contact_id IS 'The contact, and permit, that it is of.';
COMMENT ON COLUMN recording.sha256 IS 'Of the WAV as it was recorded; the record of its keeping commits to it.';

CALL protect('recording', 'SELECT, INSERT');

CREATE TABLE recording_hearing (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    hearing_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    recording_id bigint NOT NULL,
    purpose text NOT NULL,
    actor text NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL CHECK (until_at > from_at),
    PRIMARY KEY (lender_id, person_id, hearing_id),
    FOREIGN KEY (lender_id, person_id, recording_id) REFERENCES recording
);

CREATE INDEX recording_hearing_now ON recording_hearing (lender_id, recording_id, actor, until_at);

COMMENT ON TABLE recording_hearing IS 'Who may hear a recording for a while, and for which purpose; a player asks for it in pieces.';

CALL protect('recording_hearing', 'SELECT, INSERT');

CREATE TRIGGER recording_hearing_stays BEFORE UPDATE OR DELETE ON recording_hearing FOR EACH ROW EXECUTE FUNCTION refuse_change();
