-- Everybody's worklist in the order of places, so that its first page does not sort all of it. Partitions made later get it
-- with the table's other indexes.

CREATE INDEX worklist_by_place ON worklist (lender_id, day, run_id, place, person_id);
