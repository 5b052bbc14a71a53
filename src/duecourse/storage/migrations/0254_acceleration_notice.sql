-- By which notice an acceleration was told; its days run from when that arrived, so they are known later than it is.

ALTER TABLE matter
    ADD COLUMN notice_id bigint,
    ADD FOREIGN KEY (lender_id, person_id, notice_id) REFERENCES notice;

COMMENT ON COLUMN matter.notice_id IS 'By which an acceleration was told. Without one none is carried out.';

GRANT UPDATE (due_day, due_rule) ON matter TO duecourse_app;
