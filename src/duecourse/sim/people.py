"""Invented people: borrowers and those around them, as nobody could take them for real ones.

- Names: a family name that is a word for "invented" (演示, 示例, 样例, 虚构, 拟名) before a given name.
- Telephones: ``154`` and eight digits; no operator in China was given 154.
- Identity numbers: division codes ``99xxxx``, which GB/T 2260 does not have; birth day, serial number and the check
  character are made as GB 11643-1999 asks (ISO 7064 MOD 11-2), so that whoever checks numbers has something to check.
- Firms: credit codes with the division ``99xxxx`` and the check character of GB 32100-2015 (MOD 31).
- Mailboxes: example.com (RFC 2606). Addresses begin with 演示省, accounts in the app with ``demo-``.

The importer takes such people for a demo lender only (`casework.invented`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

FAMILY_NAMES: Final = ("演示", "示例", "样例", "虚构", "拟名")
GIVEN_FIRST: Final = "安宝晨德东恩芳歌光国海和鸿佳建静君可兰乐丽林明宁平清荣若山诗思天文希小欣雅玉远云泽志竹"
GIVEN_SECOND: Final = "安彬波才成春丹峰刚华辉慧杰娟康兰雷亮玲龙梅敏鸣娜鹏萍琴然瑞思涛婷伟霞翔秀燕洋怡英勇远云哲珍"
FIRM_TRADES: Final = ("机械制造", "餐饮管理", "建材贸易", "信息技术", "服装", "物流", "农产品", "装饰工程")
REGIONS: Final = tuple(f"990{n}00" for n in range(1, 9))
CITIES: Final = ("东", "南", "西", "北", "中", "海", "山", "河")

PHONE_PREFIX: Final = "154"
PHONE_STEP: Final = 73_687_877
"""Odd and no multiple of five, so that serial numbers times it visit all eight digits before one returns."""

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_FIRM_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A way to reach somebody; ``zone`` empty: not known."""

    kind: str
    label: str
    value: str
    zone: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Human:
    """One invented person or firm."""

    ref: str
    kind: str
    name: str
    id_kind: str
    id_number: str
    birth: date | None
    region: str
    points: tuple[Point, ...]


def id_check(seventeen: str) -> str:
    """The check character of an identity number (GB 11643-1999).

    >>> id_check("99010119900101123")
    '0'
    """
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True)) % 11]


def firm_check(seventeen: str) -> str:
    """The check character of a firm's credit code (GB 32100-2015): weights are powers of three, modulo 31.

    >>> firm_check("91990101MA0000001")
    'Y'
    """
    total = sum(_FIRM_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(seventeen))
    return _FIRM_SIGNS[(31 - total % 31) % 31]


def phone(serial: int) -> str:
    """The telephone number of a serial number; distinct for the first hundred million.

    >>> phone(0), phone(1)
    ('15400000000', '15473687877')
    """
    return f"{PHONE_PREFIX}{serial * PHONE_STEP % 10**8:08d}"


def natural(rng: Random, serial: int, *, ref: str, region: str, kinds: str = "phone email address app") -> Human:
    """A person; ``kinds`` says which contact points are drawn at all."""
    birth = date(1962, 1, 1) + timedelta(days=rng.randrange(15_500))
    stem = f"{int(region) + rng.randint(1, 9)}{birth:%Y%m%d}{(serial // 32 * 7 + serial % 32 * 131) % 1000:03d}"
    return Human(
        ref=ref,
        kind="natural",
        name=rng.choice(FAMILY_NAMES) + rng.choice(GIVEN_FIRST) + rng.choice(GIVEN_SECOND),
        id_kind="resident_id",
        id_number=stem + id_check(stem),
        birth=birth,
        region=region,
        points=tuple(_points(rng, serial, region, kinds)),
    )


def firm(rng: Random, serial: int, *, ref: str, region: str) -> Human:
    """A small firm."""
    stem = f"91{int(region) + 1}MA{serial % 10**7:07d}"
    return Human(
        ref=ref,
        kind="firm",
        name=f"演示{rng.choice(CITIES)}{rng.choice(GIVEN_FIRST)}{rng.choice(FIRM_TRADES)}有限公司",
        id_kind="credit_code",
        id_number=stem + firm_check(stem),
        birth=None,
        region=region,
        points=tuple(_points(rng, serial, region, "phone email address")),
    )


def _points(rng: Random, serial: int, region: str, kinds: str) -> list[Point]:
    zone = "Asia/Shanghai"
    if rng.random() < 0.004:
        zone = rng.choice(("Europe/London", "Asia/Tokyo", "America/New_York"))
    elif rng.random() < 0.004:
        zone = ""  # nobody wrote it down
    points = [Point(kind="phone", label="mobile", value=phone(2 * serial), zone=zone, consent="contract")]
    if "email" not in kinds:
        return points
    if rng.random() < 0.08:
        points.append(Point(kind="phone", label="work", value=phone(2 * serial + 1), zone=zone, consent="contract"))
    if rng.random() < 0.4:
        points.append(Point(kind="email", label="email", value=f"demo-{serial}@example.com", consent="app_terms"))
    if "app" in kinds and rng.random() < 0.7:
        points.append(Point(kind="app", label="app", value=f"demo-{serial}", zone=zone, consent="app_terms"))
    city = CITIES[int(region[3]) % len(CITIES)]
    street = f"{rng.choice(GIVEN_FIRST)}{rng.choice(GIVEN_SECOND)}路{rng.randint(1, 300)}号{rng.randint(101, 2604)}室"
    place = f"演示省{city}演示市示例区{street}"
    points.append(Point(kind="address", label="home", value=place, zone=zone, consent="contract"))
    return points
