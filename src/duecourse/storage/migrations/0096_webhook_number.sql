-- The secret of an endpoint is sealed under its number, so the number is drawn before the row is written. And an address is held
-- to its length apart from its form: a regular expression counts to 255 at the most.

GRANT USAGE ON SEQUENCE webhook_endpoint_endpoint_id_seq TO duecourse_app;

ALTER TABLE webhook_endpoint
    DROP CONSTRAINT webhook_endpoint_url_check,
    ADD CONSTRAINT webhook_endpoint_url_check CHECK (url ~ '^https?://[^ ]+$' AND char_length(url) <= 2048);
