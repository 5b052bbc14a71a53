"""Reading what people write back: what it says, by which rule, at which place; a promise with its amount and day.

Rules (``rules.yaml``) read; abuse is read by the speech guard. What a model alone suspects is shown as that and acts
upon nothing.
"""

from duecourse.insight.replies.read import Meaning, Offer, Reading, Sign, read

__all__ = ["Meaning", "Offer", "Reading", "Sign", "read"]
