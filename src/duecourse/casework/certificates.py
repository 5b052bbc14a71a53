"""Certificates that are no longer so: a payment that paid a loan in full went back, and the certificate is withdrawn.

Whoever asks for it by its code is told so. Only loans of which a reversal was learnt are looked at: what is paid in
full stays so by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import polars as pl

from duecourse.book.store import Store, version_from
from duecourse.casework.actor import Actor
from duecourse.casework.issue_notice import withdraw_notice
from duecourse.casework.notice_figures import figures
from duecourse.core.events import Kind
from duecourse.storage import books, desk_events, notices, runs
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault

MARGIN = timedelta(days=1)
"""How far before the last run began reversals are looked at again: one may have been entered while it ran."""


def withdraw_untrue(
    tx: Tx, store: Store, *, vault: Vault, loan_keys: Collection[int], actor: Actor, now: datetime
) -> list[int]:
    """Withdraw the certificates about these loans that are no longer so; returns their numbers."""
    withdrawn = []
    for one in notices.certificates(tx, sorted(loan_keys)):
        if not figures(tx, store, person_id=one.debtor_id, loan_keys=one.loan_keys).settled:
            withdraw_notice(tx, vault=vault, notice_id=one.notice_id, actor=actor, now=now)
            withdrawn.append(one.notice_id)
    return withdrawn


def review_certificates(tx: Tx, store: Store, *, vault: Vault, actor: Actor, now: datetime) -> list[int]:
    """Withdraw what the reversals that were learnt since the last day run made untrue; returns the numbers."""
    row, last = books.newest(tx), runs.last_start(tx)
    if row is None or not notices.any_certificate(tx):
        return []
    since = None if last is None else last - MARGIN
    found = store.scan(version_from(row.version, row.tables), "events").filter(pl.col("kind") == Kind.REVERSAL)
    if since is not None:
        found = found.filter(pl.col("known") > since)
    keys = set(found.select(pl.col("loan_key").unique()).collect()["loan_key"])
    keys |= {one.loan_key for one in desk_events.waiting(tx, known=now) if one.event.kind is Kind.REVERSAL}
    return withdraw_untrue(tx, store, vault=vault, loan_keys=keys, actor=actor, now=now)
