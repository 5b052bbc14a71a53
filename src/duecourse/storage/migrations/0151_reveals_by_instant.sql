-- transactional: false
-- Reveals of a period, for audits: the log is looked through by kind for these alone.

CREATE INDEX CONCURRENTLY IF NOT EXISTS log_entry_of_reveals ON log_entry (lender_id, at) WHERE kind = 'person.reveal';
