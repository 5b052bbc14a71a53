"""Stories: dated cases about loans in plain text that a domain expert writes and reads, and their verdict.

A file holds many cases. ``==`` begins a case with its title; every other line is a day, a verb, a loan and words; a
line that begins with a blank continues the one before; ``#`` begins a comment::

    == A first instalment paid in part
    2026-01-05  loan    L1  12,000.00 CNY  12 monthly  9.0%  equal_instalment
    2026-02-20  pay     L1     500.00
    2026-03-01  expect  L1  dpd 24  stage M1  due 549.42

An expectation knows the lines above it, as far as they were known on its day (``as-known DAY``: on another day). An
event is learnt on its own day unless it ends with ``known DAY``.

`words` reads the words of a line, `lines` the lines, `case` holds what was read and compares it with the loan's
figures. Nothing here knows a convention of its own: every option names a field of `contract.Terms`.
"""

from duecourse.core.story.case import Case, Check, Fault, Sharing, mismatches
from duecourse.core.story.lines import parse_stories

__all__ = ["Case", "Check", "Fault", "Sharing", "mismatches", "parse_stories"]
