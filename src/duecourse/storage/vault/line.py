"""What kind of line a phone number is: a text sent to a fixed line reaches nobody, and costs all the same.

The answer comes from libphonenumber's metadata, by country. It says nothing of a person, so it is stored in the clear
beside the sealed number. Only what is known to be a fixed line is kept from texts. In countries where mobile and fixed
numbers share their ranges (North America) most numbers are of unknown kind, and so are numbers of ranges newer than the
metadata; taking these for fixed lines would keep texts from people who can read them, and a text that does not arrive
harms nobody. Calls may go to any kind.
"""

from __future__ import annotations

import re
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType, timezone

_CN_MOBILE = re.compile(r"\+861[3-9]\d{9}")


class Line(StrEnum):
    """Kinds of line, as far as they decide whether a text arrives."""

    MOBILE = "mobile"
    FIXED = "fixed"  # a fixed line, or an extension behind any line
    UNKNOWN = "unknown"  # the number does not tell


def line_of(normal_form: str) -> Line:
    """The kind of line of a number in its normal form (`vault.blind.normal_phone`).

    >>> line_of("+8613912345678").value, line_of("+861012345678").value, line_of("+12125551234").value
    ('mobile', 'fixed', 'unknown')
    """
    number, _, extension = normal_form.partition(";")
    if extension:
        return Line.FIXED
    if _CN_MOBILE.fullmatch(number):  # most of a Chinese tape, told without the metadata
        return Line.MOBILE
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    if kind == PhoneNumberType.FIXED_LINE:
        return Line.FIXED
    return Line.MOBILE if kind == PhoneNumberType.MOBILE else Line.UNKNOWN


def zone_of(normal_form: str) -> str | None:
    """The one zone that a number's own area code names, None where it names several or none.

    Numbers of China name none: its law has one clock.

    >>> zone_of("+12125551234"), zone_of("+18005551234"), zone_of("+8613912345678")
    ('America/New_York', None, None)
    """
    number = normal_form.partition(";")[0]
    if number.startswith("+86"):
        return None
    found = timezone.time_zones_for_number(phonenumbers.parse(number))
    return found[0] if len(found) == 1 and found[0] != timezone.UNKNOWN_TIMEZONE else None
