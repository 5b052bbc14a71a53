"""Readers of the pages for tests: the site served by this process on a real database; signed in as people do."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from duecourse.casework import authenticator, password
from duecourse.casework.actor import Role
from duecourse.casework.sign_in import owner
from duecourse.casework.user import add_user
from duecourse.storage import users
from duecourse.storage.connection import Database
from duecourse.storage.vault import Vault
from duecourse.web.csrf import FIELD
from tests.permit_desk import MORNING, OPERATOR, Clock

WORD = "seven loud mules sing"
CERTIFICATES = httpx.create_ssl_context()
"""Read once: each client would read them anew, for longer than a page takes."""


@dataclass
class Ground:
    """The site on its desk."""

    database: Database
    vault: Vault
    home: Path
    url: str
    clock: Clock
    readers: dict[Role, Reader] = field(default_factory=dict)

    def user(self, name: str, *roles: Role, team: str | None = None, lender: str = "demo") -> bytes:
        """Enter a user with the password `WORD` and, where a role asks for it, an authenticator; gives its secret."""
        secret = os.urandom(authenticator.SECRET_BYTES)
        with self.database.transaction(lender) as tx:
            add_user(tx, vault=self.vault, user_id=name, team=team, actor=OPERATOR, now=MORNING)
            for role in roles:
                users.grant(tx, lender, name, role.value, by="test", now=MORNING)
            users.set_password(tx, name, password.hashed(WORD), must_change=False, now=MORNING)
            if set(roles) - {Role.COLLECTOR}:
                users.set_totp(tx, name, self.vault.seal_secret(lender, owner(name), secret))
                users.take_step(tx, name, 0, now=MORNING)
        return secret

    def reader(self, role: Role) -> Reader:
        """Somebody signed in who has this role and no other; made once."""
        if role not in self.readers:
            name = f"one-{role.value}"
            secret = self.user(name, role)
            reader = Reader(self)
            reader.sign_in(name, secret=secret if role is not Role.COLLECTOR else None)
            self.readers[role] = reader
        return self.readers[role]


class Reader:
    """A browser without a screen: keeps cookies, sends the page's token."""

    def __init__(self, ground: Ground, **headers: str) -> None:
        self.ground = ground
        self.client = httpx.Client(base_url=ground.url, headers=headers, timeout=30, verify=CERTIFICATES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_how: object) -> None:
        self.client.close()

    def get(self, path: str) -> httpx.Response:
        """A page."""
        return self.client.get(path)

    def token(self, path: str = "/sign-in") -> str:
        """The token of a page."""
        page = self.client.get(path, follow_redirects=True)
        found = re.search(r'<meta name="csrf-token" content="([^"]+)">', page.text)
        assert found, page.text
        return found.group(1)

    def post(self, path: str, _from: str = "/sign-in", **fields: str) -> httpx.Response:
        """A form, with the token of a page."""
        return self.client.post(path, data={FIELD: self.token(_from), **fields})

    def send(self, method: str, path: str) -> httpx.Response:
        """A page, or a form with nothing in it but the token."""
        return self.get(path) if method == "GET" else self.post(path)

    def sign_in(self, name: str, *, secret: bytes | None = None, word: str = WORD) -> httpx.Response:
        """Sign in, with the authenticator's next code where there is one."""
        answer = self.post("/sign-in", name=name, password=word)
        if secret is None:
            assert answer.status_code == 303, answer.text
            return answer
        assert answer.status_code == 200, answer.text
        half = re.search(r'name="half" value="([^"]+)"', answer.text)
        assert half, answer.text
        code = authenticator.code_at(secret, self.ground.clock())
        answer = self.post("/sign-in/code", half=half.group(1), code=code)
        assert answer.status_code == 303, answer.text
        return answer
