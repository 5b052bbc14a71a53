"""The demo lender's users: two collectors and one of each other role, with passwords that every start can print again.

A password is derived from the installation's own key ring, so it differs from machine to machine and is kept nowhere.
"""

from __future__ import annotations

import os
from base64 import b32encode
from datetime import datetime
from typing import Final

from duecourse.casework import authenticator, password
from duecourse.casework.actor import Actor, Role
from duecourse.casework.rights import OF_POWER
from duecourse.casework.sign_in import owner
from duecourse.casework.user import add_user
from duecourse.sim.lender import LENDER_ID
from duecourse.storage import users
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault

USERS: Final[tuple[tuple[str, Role, str | None], ...]] = (
    ("E01", Role.COLLECTOR, "early"),
    ("L01", Role.COLLECTOR, "late"),
    ("supervisor", Role.SUPERVISOR, "late"),
    ("compliance", Role.COMPLIANCE, None),
    ("strategist", Role.STRATEGIST, None),
    ("admin", Role.ADMIN, None),
    ("auditor", Role.AUDITOR, None),
)
"""Sign-in name, role, team. Collectors are those of the demo's desk, so their worklists are not empty."""


def password_of(vault: Vault, user_id: str) -> str:
    """The password with which a demo user begins."""
    raw = b32encode(vault.index_normal(LENDER_ID, "demo password", user_id)).decode().lower()
    return "-".join(raw[at : at + 4] for at in range(0, 16, 4))


def enter(tx: Tx, *, vault: Vault, actor: Actor, now: datetime) -> None:
    """Enter those who are missing, with role, password and, for roles of power, an authenticator in force."""
    for user_id, role, team in USERS:
        if users.find(tx, user_id) is not None:
            continue
        add_user(tx, vault=vault, user_id=user_id, team=team, actor=actor, now=now)
        users.grant(tx, LENDER_ID, user_id, role.value, by=str(actor), now=now)
        users.set_password(tx, user_id, password.hashed(password_of(vault, user_id)), must_change=False, now=now)
        if role in OF_POWER:
            secret = os.urandom(authenticator.SECRET_BYTES)
            users.set_totp(tx, user_id, vault.seal_secret(LENDER_ID, owner(user_id), secret))
            users.take_step(tx, user_id, 0, now=now)
