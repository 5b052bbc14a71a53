-- A number that was stopped and turned out to be somebody else's is still stopped for whoever gets it later.

ALTER TABLE contact_point ADD COLUMN stopped_at timestamptz;

COMMENT ON COLUMN contact_point.stopped_at IS 'Since when its number is not to be used for anybody, also where the state is wrong; null: not asked, or asked before this column.';
