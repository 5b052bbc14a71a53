-- The rows of a day belong to the run that found them, so a run may load its own while those of an earlier run still show.
-- Only the published run's are read.

ALTER TABLE case_snapshot DROP CONSTRAINT case_snapshot_pkey;
ALTER TABLE case_snapshot ADD PRIMARY KEY (lender_id, person_id, day, run_id);

ALTER TABLE proposal DROP CONSTRAINT proposal_pkey;
ALTER TABLE proposal ADD PRIMARY KEY (lender_id, person_id, day, run_id, ordinal);

ALTER TABLE worklist DROP CONSTRAINT worklist_pkey;
ALTER TABLE worklist ADD PRIMARY KEY (lender_id, day, run_id, collector_id, place);
ALTER TABLE worklist DROP CONSTRAINT worklist_lender_id_day_person_id_key;
ALTER TABLE worklist ADD UNIQUE (lender_id, day, run_id, person_id);
