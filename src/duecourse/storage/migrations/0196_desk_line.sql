-- At which telephone somebody of the house is rung: an extension at the lender's provider, or a SIP address. Never a public number.

CREATE TABLE desk_line (
    lender_id lender_code NOT NULL,
    user_id text NOT NULL,
    address text NOT NULL CHECK (address ~ '^[A-Za-z0-9._-]{1,64}(@[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?)?$'),
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    PRIMARY KEY (lender_id, user_id),
    FOREIGN KEY (lender_id, user_id) REFERENCES app_user
);

COMMENT ON TABLE desk_line IS 'Telephones of users, by staff number; a call is put through to one at work, and rings there first when he calls.';

CALL protect('desk_line', 'SELECT, INSERT, UPDATE, DELETE');
