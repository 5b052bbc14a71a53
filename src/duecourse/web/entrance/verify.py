"""The public page to which the code and the QR of a notice lead: genuine or not, and what to do; for everybody.

Nobody signs in, nothing needs a script, and the address holds the code alone. Of a genuine notice it says what was kept
for this page when it was issued, which names nobody.
"""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from duecourse.casework.notice_code import normal, shown
from duecourse.casework.verify_notice import PRINTED, Genuine, TooManyMisses, verify_notice
from duecourse.web.page import Open, Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("entrance")

PATH = "/v"
_TEXT_MAX = 64
_BARE = re.compile(r"[^A-Za-z0-9-]")
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


@pages.get(PATH, right=Open.EVERYBODY)
def ask(visit: Visit) -> Response:
    """The form; a code that was typed leads to its own address."""
    typed = visit.query.get("code", "")[:_TEXT_MAX].strip()
    if typed:
        return _closed(RedirectResponse(f"{PATH}/{normal(typed) or _BARE.sub('', typed) or '0'}", 303))
    return _page(visit, None, code="", asked=False)


@pages.get(PATH + "/{code}", right=Open.EVERYBODY)
def told(visit: Visit) -> Response:
    """What is known of a code."""
    typed = str(visit.path["code"])[:_TEXT_MAX]
    try:
        found = verify_notice(
            visit.parts.database, vault=visit.parts.vault, usual=visit.door.lender_id, text=typed,
            address=visit.address, now=visit.now,
        )  # fmt: skip
    except TooManyMisses as tired:
        return _page(visit, None, code=typed, asked=False, tired=sentence(tired, visit.choice.language), status=429)
    code = normal(typed)
    return _page(visit, found, code=shown(code) if code and found else typed, asked=True, status=200 if found else 404)


def _page(
    visit: Visit, found: Genuine | None, *, code: str, asked: bool, tired: str = "", status: int = 200
) -> Response:
    said = dict.fromkeys(PRINTED, "") | dict(found.shown) if found else {}
    days = {name: date.fromisoformat(said[name]) for name in ("as_of", "issued_on") if name in said}
    ended = found.ended_at.astimezone(ZoneInfo(found.lender.zone)).date() if found and found.ended_at else None
    answer = visit.page(
        "entrance/verify.html", status=status, found=found, said=said | days, code=code, asked=asked, tired=tired,
        ended=ended,
        title=(said.get("title") or {}).get(visit.lang, ""),
    )  # fmt: skip
    return _closed(answer)


def _closed(given: Response) -> Response:
    for name, value in _HEADERS.items():
        given.headers[name] = value
    return given
