-- A contact that was redeemed and then reported as not sent counts as placed: the sender's word alone gives no room back.

CREATE OR REPLACE VIEW counted_contact WITH (security_invoker = true) AS
    SELECT lender_id, person_id, contact_id, debtor_id, loan_keys, point_index, local_day, state, expires_at, agency,
           channel, purpose, relation, direction,
           coalesce(connected, TRUE) AS answered,
           NOT coalesce(connected, FALSE) AS unanswered,
           coalesce(connected, TRUE) AND coalesce(outcome, '') <> 'voicemail' AS talked,
           coalesce(outcome, '') NOT IN ('busy', 'not_in_service') AS placed,
           coalesce(point_label, '') = 'work' AS at_work
    FROM contact;
