"""Where a reader lands after signing in: on a page of this site that only shows something, never elsewhere."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.routing import Match

SIGN_IN = "/sign-in"


def local(path: str) -> str:
    r"""A path on this site, ``/`` for anything else: nobody is sent elsewhere by an address that somebody made up.

    >>> local("/cases/3?x=1"), local("//evil.example"), local("https://evil.example"), local("/\\evil.example")
    ('/cases/3?x=1', '/', '/', '/')
    """
    fine = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if fine else "/"


def landing(request: Request, path: str) -> str:
    """A path on this site at which a page is shown; ``/`` for anything else, and for the sign-in itself."""
    found = local(path)
    try:
        asked = unquote(urlsplit(found).path)
    except ValueError:  # what looks like an address with a broken host
        return "/"
    if asked == SIGN_IN or asked.startswith((f"{SIGN_IN}/", "/live/")):
        return "/"
    scope = {"type": "http", "method": "GET", "path": asked, "root_path": "", "headers": []}
    return found if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes) else "/"


def wanted(request: Request) -> str:
    """The page that a reader has in front when a request comes: what it asks for, else the one that sent it."""
    url = request.url
    if request.method == "GET" and "hx-request" not in request.headers:
        return landing(request, url.path + (f"?{url.query}" if url.query else ""))
    came = request.headers.get("hx-current-url") or request.headers.get("referer", "")
    try:
        page = urlsplit(came)
    except ValueError:
        return "/"
    if page.netloc != request.headers.get("host"):
        return "/"
    return landing(request, page.path + (f"?{page.query}" if page.query else ""))


def with_next(path: str, after: str) -> str:
    """An address that carries where one goes from there.

    >>> with_next("/sign-in", "/search?q=5"), with_next("/sign-in", "/")
    ('/sign-in?next=/search%3Fq%3D5', '/sign-in')
    """
    return f"{path}?next={quote(after)}" if after != "/" else path
