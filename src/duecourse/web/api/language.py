"""In which language a program wants to be answered."""

from __future__ import annotations

import re


def language(header: str) -> str:
    """The language of an Accept-Language header (RFC 9110, 12.5.4) that we speak, by its weights.

    >>> language("fr, zh-CN;q=0.8, en;q=0.9"), language("zh-TW,zh"), language("")
    ('en', 'zh', 'en')
    """
    weights = {"zh": 0, "en": 0}
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";")
        found = re.fullmatch(r"\s*q=(0|1)(?:\.(\d{1,3}))?\s*", weight or "q=1")
        spoken = tag.strip().lower().partition("-")[0]
        if found and spoken in weights:
            thousandths = int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))
            weights[spoken] = max(weights[spoken], min(thousandths, 1000))
    return "zh" if weights["zh"] > weights["en"] else "en"
