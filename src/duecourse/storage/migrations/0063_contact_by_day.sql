-- transactional: false
-- Contacts are written day after day, so a few marks for each stretch of the table find those of a day, and cost a contact
-- nothing. An index over days also looked cheap to whoever asks for one person's contacts in a young table, and was not.

CREATE INDEX CONCURRENTLY IF NOT EXISTS contact_on_day ON contact USING brin (local_day) WITH (pages_per_range = 32);
DROP INDEX CONCURRENTLY IF EXISTS contact_by_day;
