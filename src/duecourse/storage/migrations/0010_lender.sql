-- Who owns the claims: the deployment's operator, or one of several.

CREATE TABLE lender (
    lender_id lender_code PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    jurisdiction text NOT NULL CHECK (jurisdiction ~ '^[A-Z]{2}$'),
    zone text NOT NULL,
    currency currency_code NOT NULL,
    lender_type text NOT NULL CHECK (lender_type IN (
        'bank', 'consumer_finance', 'microloan', 'auto_finance', 'trust', 'transferee', 'private', 'other')),
    demo boolean NOT NULL,
    masters jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(masters) = 'object'),
    created_at timestamptz NOT NULL
);

COMMENT ON TABLE lender IS 'Owner of claims; its code stands in every key.';
COMMENT ON COLUMN lender.zone IS 'IANA zone of the lender''s own day.';
COMMENT ON COLUMN lender.demo IS 'Invented people only; no real transport sends for such a lender.';
COMMENT ON COLUMN lender.masters IS 'Who is master per kind of fact: {"payment": "tape", "plan": "desk", ...}.';

CALL protect('lender', 'SELECT, INSERT, UPDATE');

-- The register of lenders may be listed by the operator: codes and settings, nothing about people.
CREATE POLICY register ON lender FOR SELECT
    USING ((SELECT current_setting('duecourse.lender_id', true)) = '*');

-- What is a demo lender stays one: its people are invented, and those of a real lender are not.
CREATE FUNCTION keep_demo_flag() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.demo IS DISTINCT FROM OLD.demo THEN
        RAISE EXCEPTION 'lender %: the demo flag is set at creation and never changes', OLD.lender_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER lender_keeps_demo_flag BEFORE UPDATE ON lender
    FOR EACH ROW EXECUTE FUNCTION keep_demo_flag();
