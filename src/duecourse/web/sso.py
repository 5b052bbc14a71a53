"""Single sign-on: the identity provider of the installation, by the code flow of OpenID Connect with PKCE."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider as the settings name it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
