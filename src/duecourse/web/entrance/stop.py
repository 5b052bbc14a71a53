"""The public address under which e-mails bring a way to stop them (RFC 8058): a POST acts at once, a GET only asks.

The address is signed, and that is all the leave there is: mail programs send the POST without cookie or token, and
whoever has the message may stop it. A GET does nothing, since programs follow addresses before people read them.
"""

from __future__ import annotations

from starlette.responses import Response

from duecourse.casework.stop_link import PATH, message_of
from duecourse.casework.stopping import READER, Why, end_use
from duecourse.storage import lenders, messages
from duecourse.trouble import N_, BadInput
from duecourse.web.page import Open, Pages
from duecourse.web.visit import Visit

pages = Pages("entrance")

_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"}
_TEXT_MAX = 128


class NoSuchAddress(BadInput):
    """An address that stops nothing."""

    def __init__(self) -> None:
        super().__init__(
            N_("this address stops nothing: it was cut short or changed. Open it from the e-mail, or call the lender")
        )


@pages.get(PATH + "/{token}", right=Open.EVERYBODY)
def ask(visit: Visit) -> Response:
    """What the address stops, and a button."""
    return _page(visit, done=False)


@pages.post(PATH + "/{token}", right=Open.EVERYBODY, by_address=True)
def stop(visit: Visit) -> Response:
    """Stop e-mails to the contact point."""
    lender_id, number = _meant(visit)
    with visit.parts.database.transaction(lender_id) as tx:
        end_use(tx, vault=visit.parts.vault, message_id=number, why=Why.ASKED, actor=READER, clock=visit.parts.clock)
    return _page(visit, done=True)


def _meant(visit: Visit) -> tuple[str, int]:
    found = message_of(visit.parts.vault, str(visit.path["token"])[:_TEXT_MAX])
    if found is None:
        raise NoSuchAddress
    return found


def _page(visit: Visit, *, done: bool) -> Response:
    lender_id, number = _meant(visit)
    with visit.parts.database.transaction(lender_id) as tx:
        messages.get(tx, number)
        lender = lenders.get(tx)
    answer = visit.page("entrance/stop.html", lender=lender, done=done, token=str(visit.path["token"]))
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer
