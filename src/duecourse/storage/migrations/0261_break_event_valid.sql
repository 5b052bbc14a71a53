-- Every break kept is of a kind that is known; checked without locking the table.
ALTER TABLE break VALIDATE CONSTRAINT break_kind_check;
