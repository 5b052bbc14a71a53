-- What kind of line a phone is: a text to a fixed line reaches nobody. Null: a row from before this column; the next tape
-- that names the number fills it in, and until then it is taken as a number that does not tell.

ALTER TABLE contact_point ADD COLUMN line text;
ALTER TABLE contact_point ADD CONSTRAINT contact_point_line_check
    CHECK (line IN ('mobile', 'fixed', 'unknown')) NOT VALID;

COMMENT ON COLUMN contact_point.line IS 'Of phones: mobile, fixed (or an extension), unknown; by the number alone. Null: not looked at.';
