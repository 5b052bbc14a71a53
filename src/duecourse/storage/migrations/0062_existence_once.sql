-- What a row refers to is looked for once: a contact point is somebody's, a contact is with somebody, and a person is of a
-- lender, so whoever sees the first need not look for the second.

CREATE OR REPLACE FUNCTION check_contact() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.contact_point_id IS NULL THEN
        IF NOT EXISTS (SELECT FROM person WHERE lender_id = NEW.lender_id AND person_id = NEW.person_id) THEN
            PERFORM refuse_unknown(TG_TABLE_NAME, 'person');
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM contact_point WHERE lender_id = NEW.lender_id AND person_id = NEW.person_id
        AND contact_point_id = NEW.contact_point_id) THEN
        PERFORM refuse_unknown(TG_TABLE_NAME, 'contact point of the person');
    END IF;
    IF NEW.debtor_id <> NEW.person_id
       AND NOT EXISTS (SELECT FROM person WHERE lender_id = NEW.lender_id AND person_id = NEW.debtor_id) THEN
        PERFORM refuse_unknown(TG_TABLE_NAME, 'debtor');
    END IF;
    RETURN NEW;
END
$$;

DROP TRIGGER permit_request_of_a_person ON permit_request;
CREATE TRIGGER permit_request_of_a_person BEFORE INSERT ON permit_request
    FOR EACH ROW WHEN (NEW.contact_id IS NULL) EXECUTE FUNCTION check_person();

DROP TRIGGER log_entry_of_a_lender ON log_entry;
CREATE TRIGGER log_entry_of_a_lender BEFORE INSERT ON log_entry
    FOR EACH ROW WHEN (NEW.person_id IS NULL) EXECUTE FUNCTION check_lender();

DROP TRIGGER log_entry_of_a_person ON log_entry;
CREATE TRIGGER log_entry_of_a_person BEFORE INSERT ON log_entry
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION check_person();
