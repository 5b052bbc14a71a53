"""Law as data, and the one engine that asks it whether a contact may be made and what the rules give.

    rulebook(jurisdiction="CN")                         rulebook: the packs that apply together
    decide(book, facts), decide_at(book, facts, at)     decide: one contact, with every reason
    next_open(book, facts, at)                          decide: when it would be allowed
    decide_columns(book, frame), decode(book, row)      columns: millions, reasons as bits, and those spelt
    classify(book, facts), measure(book, name, facts)   measure: five-tier class and stage; quantities
    load_register()                                     templates: approved ones, from which the gate reads the purpose

Each name is imported from its module: the engine over columns is slow to load, and most commands need none of it.
Everything is computed from arguments alone; the only thing read is the packs. What does not belong here: databases, the
clock, counters and permits (casework), loan arithmetic (core).
"""
