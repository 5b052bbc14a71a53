-- Looks through the tokens without stopping anybody.

ALTER TABLE api_token VALIDATE CONSTRAINT api_token_scopes_check;
