"""How a borrower sounds, turn by turn: calm, worried, angry, distressed, each estimate with how sure it is.

Rules (``rules.yaml``) come first; a small model of character n-grams, which `mood.training` makes from public sets of
an open licence, estimates the rest. What does not belong here: any decision. A person looks at who may be in distress.
"""

from duecourse.insight.mood.estimate import Estimate, Mood, estimate

__all__ = ["Estimate", "Mood", "estimate"]
