"""The signed form of a permit, which its holder shows and anybody with the lender's public key can verify.

    dcp1.<key id>.<document>.<signature>

Both long parts are base64url without padding. The document is canonical JSON (RFC 8785): texts, whole numbers, instants
in UTC with microseconds; ids are texts, since JSON numbers do not hold 63 bits. The signature is Ed25519 over the bytes
``duecourse permit 1``, a zero byte, and the document. Nothing in it is personal: ids are pseudonymous.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime

from duecourse.casework.permit import Permit, Sender
from duecourse.evidence.record import canonical, instant_text
from duecourse.law.terms import Channel, Purpose, Relation, SenderType
from duecourse.storage.vault.signing import Signer, verifies
from duecourse.trouble import N_, BadInput, Said

FORM = "dcp1"
_SIGNED = b"duecourse permit 1\0"


class NotAPermit(BadInput):
    """A token that is no permit, or one whose signature does not fit."""

    def __init__(self, why: str) -> None:
        super().__init__(
            N_("this is no valid permit: {why}; ask for a new one with `duecourse permit request`"), why=why
        )


def sign(signer: Signer, permit: Permit) -> str:
    """The token of a permit."""
    content = canonical(
        {
            "format": 1,
            "permit": str(permit.permit_id),
            "lender": permit.lender_id,
            "person": str(permit.person_id),
            "debtor": str(permit.debtor_id),
            "loans": [str(loan) for loan in permit.loan_keys],
            "relation": permit.relation.value,
            "contact_point": str(permit.contact_point_id),
            "channel": permit.channel.value,
            "purpose": permit.purpose.value,
            "template": permit.template_id,
            "template_version": permit.template_version,
            "content": permit.content_hash,
            "sender": {"type": permit.sender.type.value, "firm": permit.sender.firm, "staff": permit.sender.staff},
            "at": instant_text(permit.at),
            "issued": instant_text(permit.issued_at),
            "expires": instant_text(permit.expires_at),
        }
    )
    key_id, signature = signer.sign(permit.lender_id, _SIGNED + content)
    return ".".join((FORM, key_id, _wrap(content), _wrap(signature)))


def verify(signer: Signer, token: str) -> Permit:
    """The permit that a token says, if the lender's key signed it; raises `NotAPermit` or `ring.UnknownKey`."""
    return _read(token, signer.verifies)


def verify_with(public: bytes, token: str) -> Permit:
    """The same with nothing but the lender's public key of 32 bytes: how a channel elsewhere verifies."""
    return _read(token, lambda _lender, _key, signature, content: verifies(public, signature, content))


def _read(token: str, fits: Callable[[str, str, bytes, bytes], bool]) -> Permit:
    try:
        form, key_id, wrapped, sealed = token.split(".")
        content, signature = _unwrap(wrapped), _unwrap(sealed)
        said = json.loads(content)
        lender = str(said["lender"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise NotAPermit(N_("it cannot be read")) from None
    if form != FORM or said.get("format") != 1:
        raise NotAPermit(Said(N_("its form is not {form}"), form=FORM))
    if not fits(lender, key_id, signature, _SIGNED + content):
        raise NotAPermit(N_("its signature does not fit: it was altered, or signed by another key"))
    return _permit(said, token)


def _permit(said: Mapping[str, object], token: str) -> Permit:
    sender, loans = said["sender"], said["loans"]
    if not isinstance(sender, dict) or not isinstance(loans, list):
        raise NotAPermit(N_("it cannot be read"))
    return Permit(
        permit_id=int(str(said["permit"])),
        lender_id=str(said["lender"]),
        person_id=int(str(said["person"])),
        debtor_id=int(str(said["debtor"])),
        loan_keys=tuple(int(loan) for loan in loans),
        relation=Relation(str(said["relation"])),
        contact_point_id=int(str(said["contact_point"])),
        channel=Channel(str(said["channel"])),
        purpose=Purpose(str(said["purpose"])),
        template_id=str(said["template"]),
        template_version=int(str(said["template_version"])),
        content_hash=str(said["content"]),
        sender=Sender(SenderType(sender["type"]), sender["firm"], sender["staff"]),
        at=datetime.fromisoformat(str(said["at"])),
        issued_at=datetime.fromisoformat(str(said["issued"])),
        expires_at=datetime.fromisoformat(str(said["expires"])),
        token=token,
    )


def _wrap(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _unwrap(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
