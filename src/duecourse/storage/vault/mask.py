"""Masked forms: enough for a colleague to tell two people apart, too little to reach or name one.

They are made once, when a value is written, and stored beside the sealed value, so that lists decrypt nothing.
"""

from __future__ import annotations

import re

from duecourse.core.money import BrokenInvariant

_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_DISTRICT = re.compile(
    r"^\s*((?:[^\s\d]{2,12}?(?:省|自治区|特别行政区))?(?:[^\s\d]{1,12}?(?:自治州|地区|市|盟))?"
    r"(?:[^\s\d]{1,10}?(?:自治县|新区|区|县|旗|市))?)"
)
_ID_PLAIN_MIN = 12
_PHONE_PLAIN_MIN = 10
_FIRM_PLAIN_MIN = 6


def mask_name(name: str) -> str:
    """First character of a Chinese name, initials of others.

    >>> mask_name("张三"), mask_name("欧阳小明"), mask_name("Maria da Silva")
    ('张*', '欧***', 'M*** d*** S***')
    """
    if _CJK.search(name):
        bare = "".join(name.split())
        return bare[:1] + "*" * max(1, len(bare) - 1)
    return " ".join(word[:1] + "***" for word in name.split())


def mask_firm(name: str) -> str:
    """First two and last two characters of a firm's name.

    >>> mask_firm("演示机械制造有限公司"), mask_firm("李记面馆")
    ('演示******公司', '李***')
    """
    bare = name.strip()
    if len(bare) < _FIRM_PLAIN_MIN:
        return bare[:1] + "*" * max(1, len(bare) - 1)
    return bare[:2] + "*" * (len(bare) - 4) + bare[-2:]


def mask_id(number: str) -> str:
    """First three and last four characters; short numbers show their last two at most.

    >>> mask_id("990101199001011234"), mask_id("A123456"), mask_id("12")
    ('990***********1234', '*****56', '**')
    """
    bare = "".join(number.split())
    if len(bare) >= _ID_PLAIN_MIN:
        return bare[:3] + "*" * (len(bare) - 7) + bare[-4:]
    shown = 2 if len(bare) > 4 else 0  # of four characters, two would be half
    return "*" * (len(bare) - shown) + bare[len(bare) - shown :]


def mask_phone(number: str) -> str:
    """A Chinese mobile as people write it; others with their country code and last digits (E.164 in, ``;`` extension).

    >>> mask_phone("+8615412345678"), mask_phone("+12025550143"), mask_phone("+85221234567"), mask_phone("95588")
    ('154****5678', '+120****43', '+852****67', '****88')
    """
    main = number.partition(";")[0]
    digits = main.removeprefix("+86") if re.fullmatch(r"\+861\d{10}", main) else main
    if re.fullmatch(r"1\d{10}", digits):
        return f"{digits[:3]}****{digits[-4:]}"
    if main.startswith("+") and len(main) > _PHONE_PLAIN_MIN:
        return f"{main[:4]}****{main[-2:]}"
    return "****" + main[-2:]


def mask_email(address: str) -> str:
    """First character and the domain.

    >>> mask_email("zhang.san@example.com"), mask_email("nonsense")
    ('z***@example.com', '***')
    """
    user, at, domain = address.rpartition("@")
    return f"{user[:1]}***@{domain}" if at and user else "***"


def mask_address(address: str) -> str:
    """Down to the district; an address that is not Chinese keeps its last part if that holds no digit.

    >>> mask_address("演示省演示市东区幸福路1号301"), mask_address("12 Some Road, Lagos"), mask_address("幸福路1号")
    ('演示省演示市东区****', '****, Lagos', '****')
    """
    if _CJK.search(address):
        found = _DISTRICT.match(address)
        return (found.group(1).strip() if found else "") + "****"
    head, comma, last = address.rpartition(",")
    return f"****, {last.strip()}" if comma and head and last.strip() and not re.search(r"\d", last) else "****"


def mask_birth(day: str) -> str:
    """The year of an ISO day.

    >>> mask_birth("1990-05-17")
    '1990-**-**'
    """
    return f"{day[:4]}-**-**"


def mask_account(name: str) -> str:
    """First character of an app or messenger account, or of a customer number.

    >>> mask_account("wx_zhangsan")
    'w***'
    """
    return name[:1] + "***"


_POINTS = {"phone": mask_phone, "email": mask_email, "address": mask_address, "app": mask_account, "im": mask_account}


def mask_point(kind: str, value: str) -> str:
    """The masked form of a contact point of a kind: phone, email, address, app or im."""
    if kind not in _POINTS:
        raise BrokenInvariant(f"contact point kind {kind!r} has no masked form; known: {', '.join(_POINTS)}")
    return _POINTS[kind](value)
