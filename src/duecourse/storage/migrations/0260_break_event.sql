-- An event that is no payment (a drawdown, a fee, an acceleration) may differ from the lender's row as well.

ALTER TABLE break DROP CONSTRAINT break_kind_check;
ALTER TABLE break ADD CONSTRAINT break_kind_check CHECK (
    kind IN ('balance', 'dpd', 'schedule', 'payment_unmatched', 'payment_differs', 'event_differs')
) NOT VALID;
