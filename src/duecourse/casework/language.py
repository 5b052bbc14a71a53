"""Noting in which language a person wants to be spoken to, so that a case can go to who speaks it."""

from __future__ import annotations

import re
from datetime import datetime

from duecourse.casework.actor import Actor
from duecourse.storage import changes, languages, log, persons
from duecourse.storage.connection import Tx
from duecourse.storage.vault import Vault
from duecourse.trouble import N_, BadInput

_CODE = re.compile(r"[a-z]{2,3}")


class NotALanguage(BadInput):
    """A code that is no language's."""

    def __init__(self) -> None:
        super().__init__(N_("a language is written as collectors' languages are: zh, yue, en (two or three letters)"))


def note_language(tx: Tx, *, vault: Vault, person_id: int, language: str, actor: Actor, now: datetime) -> None:
    """Note a person's language, in place of the one noted before. Raises `NotALanguage`, `persons.NoSuchPerson`."""
    if not _CODE.fullmatch(language):
        raise NotALanguage
    key = vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    languages.put(tx, person_id, language, actor=str(actor), now=now)
    log.append(
        tx, vault=vault, kind="person.language", at=now, actor=str(actor), subject=key, facts={"language": language}
    )
    changes.tell(tx, person_id, by=str(actor))
