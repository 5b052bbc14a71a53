"""Moving secrets to the newest key of the ring, in batches that each commit: stop it and start it again.

They are those of every person, of users' authenticators, of webhooks, of channels, of kept files, of audits, of the
log, and texts and lines of bank statements of which nobody knows whose they are. Only the wrapping changes. Sealed
values stay as they are, and can be read during and after, however it was ended.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from duecourse.storage import audits, checkpoints, frames, inbound, pay_links, statements, transports, uploads, webhooks
from duecourse.storage.connection import Database, Tx
from duecourse.storage.vault import Vault, Wrapped

BATCH = 5_000


def rotate(
    database: Database, lender_id: str, vault: Vault, *, batch: int = BATCH, told: Callable[[int], None] | None = None
) -> int:
    """Rewrap all secrets of a lender that an older key wraps; returns how many.

    ``told`` hears the total after each batch. Raises `UnknownKey` or `Tampered` for the first secret that does not
    open; what was committed stays good.
    """
    done = 0
    while True:
        with database.transaction(lender_id) as tx:
            moved = _rewrap(tx, vault, batch) + _reseal(tx, vault)
            moved += _reseal_inbound(tx, vault, batch) + _reseal_lines(tx, vault, batch)
        if moved == 0:
            return done
        done += moved
        if told:
            told(done)


def count_by_key(tx: Tx) -> dict[str, int]:
    """How many secrets each key wraps."""
    found = tx.execute(
        "SELECT key_id, count(*) FROM (SELECT key_id FROM person WHERE lender_id = %s AND secret_wrapped IS NOT NULL "
        "UNION ALL SELECT totp_key_id FROM app_user WHERE lender_id = %s AND totp_key_id IS NOT NULL "
        "UNION ALL SELECT key_id FROM webhook_endpoint WHERE lender_id = %s "
        "UNION ALL SELECT key_id FROM transport WHERE lender_id = %s "
        "UNION ALL SELECT key_id FROM log_origin WHERE lender_id = %s UNION ALL SELECT key_id FROM audit "
        "WHERE lender_id = %s "
        "UNION ALL SELECT key_id FROM inbound WHERE lender_id = %s AND key_id IS NOT NULL "
        "UNION ALL SELECT key_id FROM payment_provider WHERE lender_id = %s "
        "UNION ALL SELECT key_id FROM bank_line WHERE lender_id = %s AND key_id IS NOT NULL "
        "UNION ALL SELECT key_id FROM upload WHERE lender_id = %s AND gone_at IS NULL) AS wrapped "
        "GROUP BY key_id ORDER BY key_id",
        (tx.lender_id,) * 10,
    )
    return {str(key_id): int(count) for key_id, count in found}


def _rewrap(tx: Tx, vault: Vault, batch: int) -> int:
    old = tx.execute(
        "SELECT person_id, key_id, secret_wrapped FROM person WHERE lender_id = %s AND key_id <> %s "
        "AND secret_wrapped IS NOT NULL ORDER BY person_id LIMIT %s FOR UPDATE",
        (tx.lender_id, vault.ring.newest, batch),
    ).fetchall()
    if not old:
        return 0
    rewrapped = [
        vault.rewrap(tx.lender_id, person, Wrapped(key_id, bytes(secret))).sealed for person, key_id, secret in old
    ]
    frames.stage(
        tx,
        pl.DataFrame(
            {"person_id": [row[0] for row in old], "secret": rewrapped},
            schema={"person_id": pl.Int64, "secret": pl.Binary},
        ),
        "rewrapped",
    )
    return tx.execute(
        "UPDATE person p SET secret_wrapped = s.secret, key_id = %s FROM pg_temp.stage_rewrapped s "
        "WHERE p.lender_id = %s AND p.person_id = s.person_id",
        (vault.ring.newest, tx.lender_id),
    ).rowcount


def _reseal(tx: Tx, vault: Vault) -> int:
    """Seal the authenticators' secrets that an older key seals under the newest; users are few, so all at once."""
    old = tx.execute(
        "SELECT user_id, totp_key_id, totp_sealed FROM app_user WHERE lender_id = %s AND totp_key_id <> %s FOR UPDATE",
        (tx.lender_id, vault.ring.newest),
    ).fetchall()
    for user_id, key_id, sealed in old:
        owner = f"user:{user_id}"
        anew = vault.seal_secret(
            tx.lender_id, owner, vault.open_secret(tx.lender_id, owner, Wrapped(key_id, bytes(sealed)))
        )
        tx.execute(
            "UPDATE app_user SET totp_key_id = %s, totp_sealed = %s WHERE lender_id = %s AND user_id = %s",
            (anew.key_id, anew.sealed, tx.lender_id, user_id),
        )
    others = (_reseal_providers, _reseal_hooks, _reseal_channels, _reseal_log, _reseal_uploads, _reseal_audits)
    return len(old) + sum(reseal(tx, vault) for reseal in others)


def _reseal_hooks(tx: Tx, vault: Vault) -> int:
    """The same for the secrets of webhooks, which are fewer still."""
    old = [one for one in webhooks.every(tx) if one.key_id != vault.ring.newest]
    for one in old:
        owner = f"webhook:{one.endpoint_id}"
        webhooks.reseal(
            tx,
            one.endpoint_id,
            vault.seal_secret(tx.lender_id, owner, vault.open_secret(tx.lender_id, owner, one.secret)),
        )
    return len(old)


def _reseal_channels(tx: Tx, vault: Vault) -> int:
    """The same for the passwords and keys that a lender sends with."""
    old = [one for one in transports.every(tx) if one.key_id != vault.ring.newest]
    for one in old:
        opened = vault.open_secret(tx.lender_id, one.owner, one.secret)
        transports.reseal(tx, one.channel, vault.seal_secret(tx.lender_id, one.owner, opened))
    return len(old)


def _reseal_providers(tx: Tx, vault: Vault) -> int:
    """The same for what a lender and its payment providers sign with."""
    old = [one for one in pay_links.providers(tx) if one.key_id != vault.ring.newest]
    for one in old:
        owner = pay_links.owner(one.name)
        pay_links.reseal(
            tx, one.name, vault.seal_secret(tx.lender_id, owner, vault.open_secret(tx.lender_id, owner, one.secret))
        )
    return len(old)


def _reseal_log(tx: Tx, vault: Vault) -> int:
    """The same for the key that signs the log's checkpoints, which stays what it is."""
    log = checkpoints.origin(tx)
    if log is None or log.key_id == vault.ring.newest:
        return 0
    seed = vault.open_secret(tx.lender_id, checkpoints.OWNER, Wrapped(log.key_id, log.key_sealed))
    checkpoints.reseal(tx, vault.seal_secret(tx.lender_id, checkpoints.OWNER, seed))
    return 1


def _reseal_uploads(tx: Tx, vault: Vault) -> int:
    """The same for the keys of kept files."""
    old = [one for one in uploads.kept(tx) if one.key_id != vault.ring.newest]
    for one in old:
        owner = f"upload:{one.upload_id}"
        opened = vault.open_secret(tx.lender_id, owner, one.key)
        uploads.reseal(tx, one.upload_id, vault.seal_secret(tx.lender_id, owner, opened))
    return len(old)


def _reseal_audits(tx: Tx, vault: Vault) -> int:
    """The same for the secrets that findings are sealed under."""
    old = [one for one in audits.every(tx) if one.key_id != vault.ring.newest]
    for one in old:
        opened = vault.open_secret(tx.lender_id, one.owner, one.key)
        audits.reseal(tx, one.audit_id, vault.seal_secret(tx.lender_id, one.owner, opened))
    return len(old)


def _reseal_inbound(tx: Tx, vault: Vault, batch: int) -> int:
    """The same for texts that came in from nobody knows whom, some at a time."""
    old = inbound.ring_sealed(tx, vault.ring.newest, batch)
    for number, wrapped in old:
        owner = inbound.owner(number)
        opened = vault.open_secret(tx.lender_id, owner, wrapped)
        inbound.reseal(tx, number, vault.seal_secret(tx.lender_id, owner, opened))
    return len(old)


def _reseal_lines(tx: Tx, vault: Vault, batch: int) -> int:
    """The same for lines of bank statements that are nobody's, some at a time."""
    old = statements.ring_sealed(tx, vault.ring.newest, batch)
    for number, wrapped in old:
        owner = statements.owner(number)
        opened = vault.open_secret(tx.lender_id, owner, wrapped)
        statements.reseal(tx, number, vault.seal_secret(tx.lender_id, owner, opened))
    return len(old)
