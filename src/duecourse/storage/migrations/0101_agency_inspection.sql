-- An outside firm is inspected every year after it was listed: a kind of record of its own.

ALTER TABLE sender_record DROP CONSTRAINT sender_record_kind_check;
ALTER TABLE sender_record ADD CONSTRAINT sender_record_kind_check CHECK (kind IN (
    'post', 'exam', 'training', 'undertaking', 'breach', 'certificate', 'degree',
    'admission', 'listing', 'publication', 'contract', 'evaluation', 'inspection', 'violence', 'subdelegation',
    'subdelegation_consent', 'impact_assessment', 'private_accounts', 'registration')) NOT VALID;
