-- transactional: false
-- What a sender owes word of: few rows, so that a sender with many is found at once.

CREATE INDEX CONCURRENTLY IF NOT EXISTS contact_unreported ON contact (lender_id, sender) WHERE state = 'redeemed';
