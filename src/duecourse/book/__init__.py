"""The book: every loan, in columns and versions; tapes in, the day run over it.

No contact data and no names come here (those are the desk's); no decision about a person is taken here without the
law's answer.
"""
