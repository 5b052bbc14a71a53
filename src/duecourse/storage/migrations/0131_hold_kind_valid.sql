-- What the check of hold kinds did not look at when it was widened.
ALTER TABLE hold VALIDATE CONSTRAINT hold_kind_check;
