-- A foreign key locks the row referred to, which writes its page again. A permit touches the rows of a person and of a contact
-- point that nothing else has touched for days, so each act would write two whole pages for nothing. Persons and contact
-- points are never deleted and their keys never change; so it is enough to see that they are there.

CREATE TRIGGER contact_point_stays BEFORE DELETE ON contact_point
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- After the check of its person (contact_point_to_person_changed, by the order of names), which says more.
CREATE TRIGGER contact_point_under_its_key AFTER UPDATE OF lender_id, person_id, contact_point_id ON contact_point
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_unknown(who text, what text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'row of table % refused: it refers to a % that is not there', who, what
        USING ERRCODE = 'foreign_key_violation';
END
$$;

CREATE FUNCTION check_contact() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM person WHERE lender_id = NEW.lender_id AND person_id = NEW.person_id) THEN
        PERFORM refuse_unknown(TG_TABLE_NAME, 'person');
    END IF;
    IF NEW.debtor_id <> NEW.person_id
       AND NOT EXISTS (SELECT FROM person WHERE lender_id = NEW.lender_id AND person_id = NEW.debtor_id) THEN
        PERFORM refuse_unknown(TG_TABLE_NAME, 'debtor');
    END IF;
    IF NEW.contact_point_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM contact_point WHERE lender_id = NEW.lender_id AND person_id = NEW.person_id
        AND contact_point_id = NEW.contact_point_id) THEN
        PERFORM refuse_unknown(TG_TABLE_NAME, 'contact point of the person');
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION check_person() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.person_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM person WHERE lender_id = NEW.lender_id AND person_id = NEW.person_id) THEN
        PERFORM refuse_unknown(TG_TABLE_NAME, 'person');
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER contact_of_persons BEFORE INSERT OR UPDATE OF lender_id, person_id, debtor_id, contact_point_id ON contact
    FOR EACH ROW EXECUTE FUNCTION check_contact();
CREATE TRIGGER permit_request_of_a_person BEFORE INSERT ON permit_request
    FOR EACH ROW EXECUTE FUNCTION check_person();
CREATE TRIGGER log_entry_of_a_person BEFORE INSERT ON log_entry
    FOR EACH ROW EXECUTE FUNCTION check_person();

GRANT EXECUTE ON FUNCTION refuse_unknown(text, text) TO duecourse_app;

ALTER TABLE contact
    DROP CONSTRAINT contact_lender_id_person_id_fkey,
    DROP CONSTRAINT contact_lender_id_debtor_id_fkey,
    DROP CONSTRAINT contact_lender_id_person_id_contact_point_id_fkey;
ALTER TABLE permit_request DROP CONSTRAINT permit_request_lender_id_person_id_fkey;
ALTER TABLE log_entry DROP CONSTRAINT log_entry_lender_id_person_id_fkey;
