-- Whose case it is, since when and by whom; and entries of a worklist that were passed over for the day, with the reason.

CREATE TABLE case_assignment (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    case_id bigint NOT NULL,
    assignment_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    from_collector text,
    to_collector text,
    reason text NOT NULL CHECK (reason ~ '^[a-z_]{1,32}$'),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, assignment_id),
    FOREIGN KEY (lender_id, person_id, case_id) REFERENCES cases,
    FOREIGN KEY (lender_id, to_collector) REFERENCES collector,
    CHECK (from_collector IS DISTINCT FROM to_collector)
);

COMMENT ON TABLE case_assignment IS 'A case taken, handed back or given to somebody by hand; what the day run assigns stands in its snapshot.';

CALL protect('case_assignment', 'SELECT, INSERT');

CREATE TRIGGER case_assignment_stays BEFORE UPDATE OR DELETE ON case_assignment
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE worklist_skip (
    lender_id lender_code NOT NULL,
    day date NOT NULL,
    person_id bigint NOT NULL,
    skip_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    case_id bigint NOT NULL,
    reason text NOT NULL CHECK (reason IN (
        'no_contact_point', 'wait_for_callback', 'wait_for_payment', 'wait_for_document', 'needs_supervisor',
        'language', 'later_today', 'other')),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    taken_back_at timestamptz,
    taken_back_by text,
    PRIMARY KEY (lender_id, person_id, day, skip_id),
    FOREIGN KEY (lender_id, person_id, case_id) REFERENCES cases,
    CHECK ((taken_back_at IS NULL) = (taken_back_by IS NULL))
);

CREATE UNIQUE INDEX worklist_skip_once ON worklist_skip (lender_id, person_id, day) WHERE taken_back_at IS NULL;

COMMENT ON TABLE worklist_skip IS 'An entry of a day''s worklist passed over, with the reason, until it is taken back or the day ends.';

CALL protect('worklist_skip', 'SELECT, INSERT, UPDATE (taken_back_at, taken_back_by)');
