"""The speech guard: what nobody may say to a borrower, found in a text before it goes out, with the place and the rule.

`screen` (`guard.screen`) gives findings. Rules (``rules.yaml``) come first; a small model of character n-grams, which
`guard.training` makes from public sets, looks for insults that no rule knows.
"""

from duecourse.insight.guard.screen import Category, Finding, Guard

__all__ = ["Category", "Finding", "Guard"]
