"""Law as data, and the one engine that asks it whether a contact may be made and what the rules give.

    book = rulebook(jurisdiction="CN")                        the packs that apply together
    decide(book, facts), decide_at(book, facts, instant)      one contact, with every reason
    decide_columns(book, frame)                               millions, reasons as bits; decode(book, row) spells them
    out next_open(book, facts, instant)                           when it would be allowed
    classify(book, facts), classify_columns(book, frame)      five-tier class and stage; measure(book, quantity, facts)
    load_register()                                           approved templates, from which the gate reads the purpose

Everything is computed from arguments alone; the only thing read is the packs. What does not belong here: databases, the
clock, counters and permits (casework), loan arithmetic (core).
"""

from duecourse.law.columns import Reason, decide_columns, decode, dtype_of
from duecourse.law.decide import Decision, decide, decide_at, next_open
from duecourse.law.document import Flaw, Flaws
from duecourse.law.facts import FACTS, Fact
from duecourse.law.judge import Finding, Outcome
from duecourse.law.measure import Measure, classify, classify_columns, measure, measure_columns
from duecourse.law.pack import Pack, load_packs
from duecourse.law.rule import Rule
from duecourse.law.rulebook import Rulebook, rulebook
from duecourse.law.templates import Register, Template, load_register
from duecourse.law.terms import Channel, LenderType, Purpose, Relation, SenderType

__all__ = [
    "FACTS",
    "Channel",
    "Decision",
    "Fact",
    "Finding",
    "Flaw",
    "Flaws",
    "LenderType",
    "Measure",
    "Outcome",
    "Pack",
    "Purpose",
    "Reason",
    "Register",
    "Relation",
    "Rule",
    "Rulebook",
    "SenderType",
    "Template",
    "classify",
    "classify_columns",
    "decide",
    "decide_at",
    "decide_columns",
    "decode",
    "dtype_of",
    "load_packs",
    "load_register",
    "measure",
    "measure_columns",
    "next_open",
    "rulebook",
]
