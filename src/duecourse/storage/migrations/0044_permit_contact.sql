-- A contact that was permitted: until when its reservation holds, who makes it, when it was made and settled.

ALTER TABLE contact
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN redeemed_at timestamptz,
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN sender text;

COMMENT ON COLUMN contact.expires_at IS 'A reservation not redeemed by then has lapsed and counts no more, whoever looks.';
COMMENT ON COLUMN contact.redeemed_at IS 'When the permit was redeemed: from then on the contact was made, as far as the law counts.';
COMMENT ON COLUMN contact.settled_at IS 'When its outcome was reported, or the reservation released.';
COMMENT ON COLUMN contact.sender IS 'Who makes it: lender/E01, agency:acme/a017; null where a file told of it.';
