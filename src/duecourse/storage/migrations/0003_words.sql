-- The closed lists of the trade, one domain each, so that no table can hold a word that the law does not know.

CREATE DOMAIN relation_word AS text CHECK (VALUE IN (
    'borrower', 'co_borrower', 'guarantor', 'spouse_liable', 'spouse', 'heir', 'representative', 'lawyer',
    'contact_person', 'employer', 'other'));

CREATE DOMAIN purpose_word AS text CHECK (VALUE IN (
    'service', 'remind', 'collect', 'relay', 'locate', 'offer', 'notify', 'answer', 'follow_up'));

CREATE DOMAIN channel_word AS text CHECK (VALUE IN (
    'call', 'robot_call', 'sms', 'email', 'push', 'im', 'mms_image', 'letter', 'lawyer_letter', 'visit', 'portal'));

CREATE DOMAIN currency_code AS text CHECK (VALUE ~ '^[A-Z]{3}$');

CREATE DOMAIN lender_code AS text CHECK (VALUE ~ '^[a-z0-9][a-z0-9_-]{0,31}$');

-- Amounts in minor units of a currency named in the same row.
CREATE DOMAIN minor AS bigint;
