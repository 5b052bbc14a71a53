"""What a text that somebody typed into the search may mean, and who it belongs to; masked, with nothing decrypted.

A personal value finds somebody only when it is whole: it is compared by its keyed index (`storage.vault.blind`), and an
index of parts of names or numbers would give those parts away by how often each occurs.
"""

from __future__ import annotations

import re
from contextlib import suppress

from duecourse.core.ids import loan_key, person_id
from duecourse.storage import entries, finding, lenders
from duecourse.storage.connection import Tx
from duecourse.storage.finding import Found, Wanted
from duecourse.storage.vault import Vault
from duecourse.storage.vault.blind import BadPhone
from duecourse.trouble import N_, BadInput

TEXT_MAX = 200
_CASE = re.compile(r"(?:[Cc]-?|#)?([1-9]\d{0,17})")
_DIGITS_OF_A_PHONE = 7


class NotASearch(BadInput):
    """A text that nothing can be looked for with."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "write a whole name, phone number, mailbox, identity number, or a customer, loan or case number, at "
                "most {most} characters"
            ),
            most=TEXT_MAX,
        )


def search(tx: Tx, *, vault: Vault, text: str, most: int = 20) -> list[Found]:
    """Everybody to whom the text, as a whole value of any kind, belongs; raises `NotASearch`."""
    said = text.strip()
    if not 1 <= len(said) <= TEXT_MAX or not said.isprintable():
        raise NotASearch
    shown = entries.published(tx)
    return finding.find(
        tx, _meant(tx, vault, said), day=shown.day if shown else None, run_id=shown.run_id if shown else None,
        most=most,
    )  # fmt: skip


def _meant(tx: Tx, vault: Vault, text: str) -> Wanted:
    lender = lenders.get(tx)
    case = _CASE.fullmatch(text)
    points = []
    if sum(letter.isdigit() for letter in text) >= _DIGITS_OF_A_PHONE:
        with suppress(BadPhone):
            points.append(vault.index(tx.lender_id, "phone", text, lender.jurisdiction))
    if "@" in text:
        points.append(vault.index(tx.lender_id, "email", text, lender.jurisdiction))
    lettered = any(letter.isalpha() for letter in text)
    return Wanted(
        case_id=int(case.group(1)) if case else None,
        loan_key=loan_key(tx.lender_id, text),
        person_id=person_id(tx.lender_id, text),
        name_index=vault.index(tx.lender_id, "name", text, lender.jurisdiction) if lettered else None,
        id_index=vault.index(tx.lender_id, "id", text, lender.jurisdiction),
        point_indexes=tuple(points),
    )
