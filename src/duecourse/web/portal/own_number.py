"""Numbers in addresses of the portal: one that cannot be read is nobody's, like every number of somebody else's."""

from __future__ import annotations

from duecourse.casework.portal.own import NoSuchOwnThing
from duecourse.web.fields import NotAFieldValue
from duecourse.web.visit import Visit


def number(visit: Visit, name: str) -> int:
    """A number of the path. Raises `NoSuchOwnThing`."""
    try:
        return visit.number(name, visit.path)
    except NotAFieldValue:
        raise NoSuchOwnThing from None
