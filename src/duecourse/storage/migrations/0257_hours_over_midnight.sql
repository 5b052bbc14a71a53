-- Hours of a fact on record may go over midnight: from 22:00 to 08:00 is what somebody agrees to at night.

ALTER TABLE stated_fact DROP CONSTRAINT stated_fact_check2;
ALTER TABLE stated_fact ADD CONSTRAINT stated_fact_hours CHECK (second_from <> second_to);

COMMENT ON COLUMN stated_fact.second_from IS
    'Where it holds at certain times of the local day only: first second; second_to is excluded, and where it is smaller it is that of the next day.';
