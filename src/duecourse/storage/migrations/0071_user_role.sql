-- What a user may do at a lender, from when, by whom. A row ends; it is never changed otherwise and never deleted.

CREATE TABLE user_role (
    lender_id lender_code NOT NULL REFERENCES lender,
    grant_id bigint GENERATED ALWAYS AS IDENTITY,
    user_home lender_code NOT NULL,
    user_id text NOT NULL,
    role text NOT NULL CHECK (role IN ('collector', 'supervisor', 'compliance', 'strategist', 'admin', 'auditor')),
    granted_at timestamptz NOT NULL,
    granted_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    PRIMARY KEY (lender_id, grant_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (ended_at >= granted_at)
);

CREATE UNIQUE INDEX user_role_open ON user_role (lender_id, user_home, user_id, role) WHERE ended_at IS NULL;

COMMENT ON TABLE user_role IS 'Roles of users at this lender; user_home is the lender whose user it is.';

CALL protect('user_role', 'SELECT, INSERT, UPDATE (ended_at, ended_by)');

-- At which other lenders a user may work: kept at home, so that the choice can be offered there.
CREATE TABLE user_elsewhere (
    lender_id lender_code NOT NULL,
    user_id text NOT NULL,
    works_for lender_code NOT NULL,
    PRIMARY KEY (lender_id, user_id, works_for),
    FOREIGN KEY (lender_id, user_id) REFERENCES app_user,
    CHECK (works_for <> lender_id)
);

COMMENT ON TABLE user_elsewhere IS 'Other lenders that gave the user a role; theirs is the word, here stands only where to ask.';

CALL protect('user_elsewhere', 'SELECT, INSERT, DELETE');
