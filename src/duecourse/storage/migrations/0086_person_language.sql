-- In which language a person wants to be spoken to, where somebody has noted it.

CREATE TABLE person_language (
    lender_id lender_code NOT NULL,
    person_id bigint NOT NULL,
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, person_id),
    FOREIGN KEY (lender_id, person_id) REFERENCES person
);

COMMENT ON COLUMN person_language.language IS 'As collectors'' languages are written: zh, yue, en.';

CALL protect('person_language', 'SELECT, INSERT, UPDATE');
