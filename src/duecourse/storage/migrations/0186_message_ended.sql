-- transactional: false
-- What became of messages of late.

CREATE INDEX CONCURRENTLY IF NOT EXISTS message_ended ON message (lender_id, ended_at) WHERE ended_at IS NOT NULL;
