-- Which of the person's contact points a contact went to (mobile, home, work): some law counts those at work apart.

ALTER TABLE contact ADD COLUMN point_label text;

COMMENT ON COLUMN contact.point_label IS 'Label of the contact point when the contact was reserved; null where a file told of the contact.';
