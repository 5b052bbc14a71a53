-- transactional: false
-- What the counters over one person read.

CREATE INDEX CONCURRENTLY IF NOT EXISTS contact_by_person_day ON contact (lender_id, person_id, local_day);
