-- transactional: false
-- The outbox on screen: messages of a state, the latest first, without a look at all the others.

CREATE INDEX CONCURRENTLY IF NOT EXISTS message_by_state ON message (lender_id, state, message_id DESC);
