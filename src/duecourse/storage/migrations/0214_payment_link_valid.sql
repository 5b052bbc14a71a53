-- What stands is as the new rule says.

ALTER TABLE payment VALIDATE CONSTRAINT payment_of_line_or_link;
