-- Which records cover the decisions of a run, found without reading the log through.

CREATE INDEX log_entry_of_slices ON log_entry (lender_id, at) WHERE kind = 'day_run.slice';
