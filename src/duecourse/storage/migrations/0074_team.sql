-- Teams that users and collectors belong to, with who leads them.

CREATE TABLE team (
    lender_id lender_code NOT NULL REFERENCES lender,
    team_id text NOT NULL CHECK (team_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    led_by text,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (lender_id, team_id),
    FOREIGN KEY (lender_id, led_by) REFERENCES app_user (lender_id, user_id)
);

COMMENT ON TABLE team IS 'Teams with a leader of their own; the word in collector.team names one, entered here or not.';

CALL protect('team', 'SELECT, INSERT, UPDATE');
