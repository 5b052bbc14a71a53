-- Field visits: where addresses lie, rounds of two collectors, and each visit from its plan to what came of it.

CREATE TABLE visit_place (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    contact_point_id bigint NOT NULL,
    place_sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    PRIMARY KEY (lender_id, person_id, contact_point_id),
    FOREIGN KEY (lender_id, person_id, contact_point_id) REFERENCES contact_point
);

COMMENT ON TABLE visit_place IS 'Where an address lies, sealed like the address itself: whole millionths of a degree, north and east.';

CALL protect('visit_place', 'SELECT, INSERT, UPDATE');

CREATE TABLE visit_round (
    lender_id lender_code NOT NULL REFERENCES lender,
    round_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    leaves timestamptz NOT NULL,
    first_staff text NOT NULL,
    second_staff text NOT NULL,
    start_north integer NOT NULL CHECK (start_north BETWEEN -90000000 AND 90000000),
    start_east integer NOT NULL CHECK (start_east BETWEEN -180000000 AND 180000000),
    length_m integer NOT NULL CHECK (length_m >= 0),
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'out', 'ended')),
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    out_at timestamptz,
    out_by text,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (lender_id, round_id),
    CHECK (first_staff <> second_staff),
    CHECK ((out_at IS NULL) = (out_by IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL) AND (state <> 'out' OR out_at IS NOT NULL))
);

COMMENT ON COLUMN visit_round.start_north IS 'Where the round begins and ends, an office: millionths of a degree.';

CALL protect('visit_round', 'SELECT, INSERT, UPDATE (state, out_at, out_by, ended_at, ended_by)');

CREATE TABLE visit (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    visit_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    round_id bigint NOT NULL,
    case_id bigint NOT NULL,
    contact_point_id bigint NOT NULL,
    position smallint NOT NULL CHECK (position >= 1),
    planned_at timestamptz NOT NULL,
    permit_id bigint,
    until timestamptz,
    left_out jsonb CHECK (jsonb_typeof(left_out) = 'object'),
    outcome text,
    made_at timestamptz,
    entered boolean,
    report_sealed bytea,
    report_hash bytea CHECK (length(report_hash) = 32),
    handed_in_at timestamptz,
    handed_in_by text,
    PRIMARY KEY (lender_id, person_id, visit_id),
    UNIQUE (lender_id, visit_id),
    FOREIGN KEY (lender_id, round_id) REFERENCES visit_round,
    FOREIGN KEY (lender_id, person_id, case_id) REFERENCES cases,
    CHECK ((permit_id IS NULL) = (until IS NULL)),
    CHECK (permit_id IS NULL OR left_out IS NULL),
    CHECK (handed_in_at IS NULL OR (permit_id IS NOT NULL AND outcome IS NOT NULL AND report_hash IS NOT NULL))
);

CREATE UNIQUE INDEX visit_of_permit ON visit (lender_id, permit_id) WHERE permit_id IS NOT NULL;
CREATE INDEX visit_of_round ON visit (lender_id, round_id, position);

COMMENT ON COLUMN visit.until IS 'The phone opens the visit no later: the law was asked for every instant up to then.';
COMMENT ON COLUMN visit.report_sealed IS 'What was found, said and seen, under the person''s key; pictures and signature are documents of the case.';

CALL protect('visit', 'SELECT, INSERT, UPDATE (permit_id, until, left_out, outcome, made_at, entered, report_sealed, report_hash, handed_in_at, handed_in_by)');
