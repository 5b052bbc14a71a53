-- Where heads of the log stand on a chain (EVM): receipts of what a contract holds for ever. A block that the chain dropped leaves
-- a receipt that does not hold; the same head may have a second one.

CREATE TABLE log_anchor (
    lender_id lender_code NOT NULL,
    size bigint NOT NULL,
    chain bigint NOT NULL CHECK (chain >= 0),
    contract bytea NOT NULL CHECK (octet_length(contract) = 20),
    transaction bytea NOT NULL CHECK (octet_length(transaction) = 32),
    block bigint NOT NULL CHECK (block >= 0),
    block_hash bytea NOT NULL CHECK (octet_length(block_hash) = 32),
    at timestamptz NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (lender_id, size, chain, contract, block_hash),
    FOREIGN KEY (lender_id, size) REFERENCES log_head
);

COMMENT ON TABLE log_anchor IS 'A receipt: the contract on this chain holds size and root of this head since this block.';
COMMENT ON COLUMN log_anchor.chain IS 'The chain''s number (EIP-155).';
COMMENT ON COLUMN log_anchor.at IS 'The time that the block states.';
COMMENT ON COLUMN log_anchor.kept_at IS 'When it was deep enough to count, by our clock.';

CALL protect('log_anchor', 'SELECT, INSERT');

CREATE TRIGGER log_anchor_stays BEFORE UPDATE OR DELETE ON log_anchor
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
