-- transactional: false
-- The certificates that stand, by the loans that they are about: a payment that goes back makes them untrue.

CREATE INDEX CONCURRENTLY IF NOT EXISTS notice_certificate ON notice USING gin (loan_keys)
    WHERE ended_at IS NULL AND document IN ('paid_in_full', 'credit_repair');
