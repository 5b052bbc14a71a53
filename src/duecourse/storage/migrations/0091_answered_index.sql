-- transactional: false
-- What was answered on a day, for the figures of refusals.

CREATE INDEX CONCURRENTLY IF NOT EXISTS permit_request_answered ON permit_request (lender_id, answered_at);
