-- A digest that only the right key ring makes. With another ring, equal numbers would have other indexes: counters of law
-- would begin at zero, and people would be registered twice. So every act compares it, and refuses.

ALTER TABLE lender ADD COLUMN index_check bytea CHECK (octet_length(index_check) = 16);

COMMENT ON COLUMN lender.index_check IS 'Keyed digest of the lender''s code under the ring''s index key; set by the first act.';
