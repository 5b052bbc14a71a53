-- Calls that somebody of the house makes from the screen: his own telephone rings first, then the law is asked and the number dialled.

CREATE TABLE desk_call (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    call_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    debtor_id bigint NOT NULL,
    case_id bigint NOT NULL,
    contact_point_id bigint NOT NULL,
    loan_keys bigint[] NOT NULL CHECK (cardinality(loan_keys) BETWEEN 1 AND 100),
    template_id text NOT NULL,
    user_id text NOT NULL,
    actor text NOT NULL,
    lang text NOT NULL CHECK (lang ~ '^[a-z]{2}$'),
    state text NOT NULL CHECK (state IN (
        'asked', 'ringing', 'dialling', 'talking', 'ended', 'not_taken', 'refused', 'failed', 'unknown'
    )),
    permit_id bigint,
    outcome text,
    why jsonb,
    worker text,
    asked_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, call_id),
    UNIQUE (lender_id, call_id)
);

-- A user has one telephone.
CREATE UNIQUE INDEX desk_call_one ON desk_call (lender_id, user_id) WHERE state IN ('asked', 'ringing', 'dialling', 'talking');
CREATE INDEX desk_call_asked ON desk_call (lender_id, call_id) WHERE state IN ('asked', 'ringing', 'dialling', 'talking');

CREATE TRIGGER desk_call_of_a_person BEFORE INSERT ON desk_call FOR EACH ROW EXECUTE FUNCTION check_person();

COMMENT ON TABLE desk_call IS 'Calls asked for on a case page; what came of each contact stands with its permit.';
COMMENT ON COLUMN desk_call.state IS 'not_taken: his own telephone was not taken; refused: by the law or a pause, nobody was dialled; unknown: whoever held it died.';
COMMENT ON COLUMN desk_call.worker IS 'The session lock of whoever holds the call; free: it died.';

CALL protect('desk_call', 'SELECT, INSERT, UPDATE (state, permit_id, outcome, why, worker, changed_at)');
