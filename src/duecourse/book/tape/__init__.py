"""Tapes: files from a lender's system, read, mapped, checked and turned into rows of the book.

`layout` says what a record of each kind holds; `mapping` how a lender's own files say it; `readers` reads files;
`convert` makes typed values of raw ones; `checks` finds what is wrong; `quarantine` names it; `patch` mends it;
`assemble` turns what stands into rows of the book, and `change` keeps those that the book does not have yet.

What does not belong here: writing (``book.store``), the database and people (``casework.book_import``).
"""
