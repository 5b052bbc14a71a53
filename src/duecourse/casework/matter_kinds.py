"""What a matter can be: its kinds, what each is about, how it is answered and what was behind it."""

from __future__ import annotations

from enum import StrEnum


class MatterKind(StrEnum):
    """What is raised."""

    DISPUTE = "dispute"  # I do not owe this
    COMPLAINT = "complaint"  # you treated me badly
    CREDIT_CORRECTION = "credit_correction"  # what is reported of me is wrong
    HARDSHIP = "hardship"  # I cannot pay now
    ACCELERATION = "acceleration"  # told by us: everything will be called


CATEGORIES = {
    MatterKind.DISPUTE: ("amount", "not_mine", "paid", "fraud", "terms", "other"),
    MatterKind.COMPLAINT: ("conduct", "frequency", "third_person", "data", "amount", "other"),
    MatterKind.CREDIT_CORRECTION: ("wrong", "outdated", "not_mine", "goodwill"),
    MatterKind.HARDSHIP: ("income", "illness", "bereavement", "breathing_space", "vulnerable", "other"),
}
"""What each kind is about."""

ANSWERS = ("upheld", "partly_upheld", "rejected", "over")
CAUSES = ("staff", "agency", "system", "data", "process", "terms", "none")
"""What was found to be behind it."""
