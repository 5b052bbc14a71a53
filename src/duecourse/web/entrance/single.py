"""Signing in by the house's single sign-on: sent to the provider, and back with its word."""

from __future__ import annotations

import json
import re

from starlette.responses import RedirectResponse, Response

from duecourse.locale import catalogue
from duecourse.storage import sso as kept
from duecourse.storage import users
from duecourse.trouble import masked, worded
from duecourse.web.entrance.sign_in import form, let_in, usual_lender
from duecourse.web.landing import landing
from duecourse.web.page import Open, Pages
from duecourse.web.sso import Attempt, NotKnown, NotProved, ProviderSilent, new_attempt
from duecourse.web.visit import Visit

pages = Pages("entrance")

BACK = "/sign-in/sso/back"
_OWNER = "single sign-on"
_STATE = re.compile(r"([a-z0-9][a-z0-9_-]{0,31})\.[0-9a-f]{48}")


@pages.get("/sign-in/sso", right=Open.EVERYBODY)
def leave_for_provider(visit: Visit) -> Response:
    """Send the reader to the provider; what must come back is kept, sealed, and tied to this browser."""
    try:
        return RedirectResponse(_sent(visit), 303)
    except (NotProved, ProviderSilent) as error:
        return _outside(visit, error)


@pages.get(BACK, right=Open.EVERYBODY)
def come_back(visit: Visit) -> Response:
    """Take the provider's word, and let in whom it names."""
    try:
        return _let_in(visit)
    except (NotProved, NotKnown, ProviderSilent) as error:
        return _outside(visit, error)


def _sent(visit: Visit) -> str:
    """The address at the provider, with the attempt kept."""
    lender_id = usual_lender(visit, visit.query.get("lender", ""))
    if visit.door.provider is None or lender_id is None:
        raise NotProved
    attempt = new_attempt(lender_id, visit.door.chance)
    address = visit.door.provider.begin(attempt, back=_back(visit))
    after = landing(visit.request, visit.query.get("next", "/"))
    whole = json.dumps([attempt.nonce, attempt.verifier, visit.secret, after]).encode()
    with visit.parts.database.transaction(lender_id) as tx:
        kept.add(tx, attempt.state, visit.parts.vault.seal_secret(lender_id, _OWNER, whole), now=visit.now)
    return address


def _let_in(visit: Visit) -> Response:
    state = visit.query.get("state", "")
    named = _STATE.fullmatch(state)
    if visit.door.provider is None or named is None:
        raise NotProved
    lender_id = named.group(1)
    with visit.parts.database.transaction(lender_id) as tx:
        sealed = kept.take(tx, state, now=visit.now)
    if sealed is None:
        raise NotProved
    nonce, verifier, secret, after = json.loads(visit.parts.vault.open_secret(lender_id, _OWNER, sealed))
    if secret != visit.secret:
        raise NotProved
    came = f"{_back(visit)}?{visit.request.url.query}"
    subject = visit.door.provider.subject(Attempt(state, nonce, verifier), came=came, back=_back(visit), now=visit.now)
    with visit.parts.database.transaction(lender_id) as tx:
        user = users.by_subject(tx, subject)
    if user is None or user.disabled_at is not None:
        raise NotKnown
    return let_in(visit, lender_id, user.user_id, "sso", after=str(after))


def _outside(visit: Visit, error: NotProved | NotKnown | ProviderSilent) -> Response:
    """The form of signing in, with why the single sign-on let nobody in; the password remains."""
    silent = isinstance(error, ProviderSilent)
    if silent:
        visit.parts.log.warning("single sign-on", trouble=masked(str(error)))
    said = worded(error.sentence, error.values, catalogue(visit.choice.language).gettext)
    return form(visit, said=said, lender_id=_named(visit), status=503 if silent else 409)


def _named(visit: Visit) -> str:
    """The lender that was chosen before leaving; nothing where the address does not say."""
    came = _STATE.fullmatch(visit.query.get("state", ""))
    return came.group(1) if came else visit.query.get("lender", "")


def _back(visit: Visit) -> str:
    url = visit.request.url
    return f"{visit.door.public_url or f'{url.scheme}://{url.netloc}'}{BACK}"
