-- One attempt to reach a party on a channel, or one that came in: what the counters of law count.

CREATE TABLE contact (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    contact_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    debtor_id bigint NOT NULL,
    loan_keys bigint[] NOT NULL CHECK (cardinality(loan_keys) >= 1),
    relation relation_word NOT NULL,
    contact_point_id bigint,
    point_index bytea CHECK (octet_length(point_index) = 16),
    channel channel_word NOT NULL,
    purpose purpose_word NOT NULL,
    direction text NOT NULL CHECK (direction IN ('out', 'in')),
    at timestamptz NOT NULL,
    local_day date NOT NULL,
    state text NOT NULL CHECK (state IN ('reserved', 'redeemed', 'reported', 'released')),
    outcome text,
    connected boolean,
    agency text,
    template_id text,
    template_version integer CHECK (template_version >= 1),
    known_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id, contact_id),
    FOREIGN KEY (lender_id, person_id) REFERENCES person,
    FOREIGN KEY (lender_id, debtor_id) REFERENCES person,
    FOREIGN KEY (lender_id, person_id, contact_point_id) REFERENCES contact_point,
    CHECK ((template_id IS NULL) = (template_version IS NULL)),
    CHECK ((state = 'reported') = (outcome IS NOT NULL)),
    CHECK ((state = 'reported') = (connected IS NOT NULL))
);

CREATE INDEX contact_by_debtor_day ON contact (lender_id, debtor_id, local_day);
CREATE INDEX contact_by_point_day ON contact (lender_id, point_index, local_day);
CREATE INDEX contact_by_day ON contact (lender_id, local_day);

COMMENT ON TABLE contact IS 'An attempt or an incoming contact; a reservation counts as used, an unreported one as connected.';
COMMENT ON COLUMN contact.debtor_id IS 'The person whose debt it is about; the counters over all parties of a debtor attach here.';
COMMENT ON COLUMN contact.local_day IS 'The natural day in the zone that the counter''s law names.';

CALL protect('contact', 'SELECT, INSERT, UPDATE');
