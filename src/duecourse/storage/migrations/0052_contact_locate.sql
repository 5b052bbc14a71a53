-- transactional: false
-- Some law counts for ever how often a third person was asked where a debtor is: few rows, found at once.

CREATE INDEX CONCURRENTLY IF NOT EXISTS contact_locate ON contact (lender_id, person_id) WHERE purpose = 'locate';
