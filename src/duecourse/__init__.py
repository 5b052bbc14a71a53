"""duecourse: what happens after a loan is paid out, lawfully, explainably and with proof."""

__version__ = "0.1.0"
