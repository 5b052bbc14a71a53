"""Single sign-on: the identity provider of the installation, by the code flow of OpenID Connect with PKCE.

Nobody is entered by it: it proves who somebody is, and the subject must be known of a user. What is asked of the
provider is asked anew each time: its addresses and keys change when it wants.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from duecourse.trouble import N_, BadInput, Refused, Unavailable

SCOPE = "openid"
TIMEOUT_S = 10
LEEWAY_S = 60
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519", "EdDSA")
"""Signatures by a key pair only: a shared secret would let the client sign for the provider."""


class NotByTls(BadInput):
    """The provider would be asked in clear over a network: told where the pages are set up, before anybody signs in."""

    def __init__(self, issuer: str) -> None:
        super().__init__(
            N_("DUECOURSE_OIDC_ISSUER {issuer!r} is neither https nor on this machine; nobody is sent there"),
            issuer=issuer,
        )


class ProviderSilent(Unavailable):
    """The provider does not answer, or not as one does."""

    def __init__(self, issuer: str, reason: str) -> None:
        super().__init__(
            N_("the identity provider {issuer} cannot be asked: {reason}. Sign in with a password meanwhile."),
            issuer=issuer,
            reason=reason,
        )


class NotProved(Refused):
    """The provider did not say, in a way that holds, who it is."""

    def __init__(self) -> None:
        super().__init__(N_("the single sign-on did not let you in. Begin again, or sign in with a password."))


class NotKnown(Refused):
    """The provider knows somebody whom nobody entered here."""

    def __init__(self) -> None:
        super().__init__(N_("the single sign-on knows you, but no user here bears your subject: ask an administrator."))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in under way: what must come back with whoever comes back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider as the settings name it. Raises `NotByTls`."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        where = urlsplit(self.issuer)
        if where.scheme != "https" and not _on_this_machine(where.hostname or ""):
            raise NotByTls(self.issuer)

    def begin(self, attempt: Attempt, *, back: str) -> str:
        """The address at the provider to which somebody is sent. Raises `ProviderSilent`."""
        with self._client(back) as client:
            said = self._about(client)
            address, _state = client.create_authorization_url(
                said["authorization_endpoint"], state=attempt.state, nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )  # fmt: skip
        return str(address)

    def subject(self, attempt: Attempt, *, came: str, back: str, now: datetime) -> str:
        """Who came back, by the signed word of the provider. Raises `NotProved`, `ProviderSilent`.

        The provider is asked only where it sent a code for this very attempt: without one, the client would ask it for
        a token of its own and take that for somebody's.
        """
        import httpx2  # noqa: PLC0415 - only those who use single sign-on load it
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415
        from joserfc import jwt  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415
        from joserfc.jws import JWSRegistry  # noqa: PLC0415

        code = self._code(attempt, came)
        with self._client(back) as client:
            said = self._about(client)
            try:
                given = client.fetch_token(
                    said["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=attempt.verifier
                )
                keys = KeySet.import_key_set(client.request("GET", said["jwks_uri"], withhold_token=True).json())
                signed = jwt.decode(
                    given["id_token"],
                    keys,
                    registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False),
                )
                claims = CodeIDToken(
                    signed.claims,
                    signed.header,
                    {
                        "iss": {"essential": True, "values": [said["issuer"]]},
                        "aud": {"essential": True, "values": [self.client_id]},
                    },
                    {"nonce": attempt.nonce, "client_id": self.client_id, "access_token": given.get("access_token")},
                )
                claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
            except httpx2.HTTPError as error:
                raise ProviderSilent(self.issuer, type(error).__name__) from error
            except (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError):
                raise NotProved from None
        return str(claims["sub"])

    def _code(self, attempt: Attempt, came: str) -> str:
        """The code that came back; raises `NotProved` for an error, no code or two, another state or issuer."""
        came_with = parse_qsl(urlsplit(came).query, keep_blank_values=True)
        answer = dict(came_with)
        if (
            len(answer) < len(came_with)
            or "error" in answer
            or not answer.get("code")
            or answer.get("state") != attempt.state
            or answer.get("iss", self.issuer) != self.issuer
        ):
            raise NotProved
        return answer["code"]

    def _client(self, back: str) -> Any:  # noqa: ANN401 - authlib ships no types
        from authlib.integrations.httpx_client import OAuth2Client  # noqa: PLC0415

        return OAuth2Client(
            client_id=self.client_id, client_secret=self.client_secret, scope=SCOPE, redirect_uri=back,
            code_challenge_method="S256", timeout=TIMEOUT_S,
        )  # fmt: skip

    def _about(self, client: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """What the provider says of itself; it must say that it is who we think."""
        import httpx2  # noqa: PLC0415

        try:
            answer = client.request(
                "GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration", withhold_token=True
            )
            answer.raise_for_status()
            said = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderSilent(self.issuer, type(error).__name__) from error
        if (
            not isinstance(said, dict)
            or said.get("issuer") != self.issuer
            or not all(isinstance(said.get(name), str) for name in _ADDRESSES)
        ):
            raise ProviderSilent(self.issuer, N_("it says it is another, or says too little"))
        return said


def new_attempt(lender_id: str, chance: Callable[[int], bytes]) -> Attempt:
    """A sign-in that begins now; its state also says at which lender it is looked for."""
    return Attempt(f"{lender_id}.{chance(24).hex()}", chance(24).hex(), chance(32).hex())


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
