"""Documents and messages from one source: a template of the register and the values of one person.

    compose(template, values, lang, verify=Verify(code, url))   checked, or not made; the content that a hash covers
    printer().pdf(content)                                      tagged PDF, the same bytes for the same content
    printer().png(content, Form.CARD)                           a picture for chat; Form.LONG, Form.PAGE
    mail(content), html(content), text(content), push(content)  e-mail, part of a page, and what a lock screen may show

A value is data: it is put in after the template's Markdown was read, and never read as markup by anything. No picture
stands in a document but the code that leads to its verify page.

What does not belong here: where values come from (casework), and sending.
"""

from __future__ import annotations

from duecourse.channels.render.content import (
    PRIVATE,
    Content,
    Forbidden,
    Lacking,
    TooLong,
    Unprintable,
    ValueForbidden,
    Verify,
    compose,
    not_shown,
    read_content,
)
from duecourse.channels.render.forms import Push, html, mail, push, text
from duecourse.channels.render.mark import mark
from duecourse.channels.render.printer import Form, Printer, printer

__all__ = [
    "PRIVATE",
    "Content",
    "Forbidden",
    "Form",
    "Lacking",
    "Printer",
    "Push",
    "TooLong",
    "Unprintable",
    "ValueForbidden",
    "Verify",
    "compose",
    "html",
    "mail",
    "mark",
    "not_shown",
    "printer",
    "push",
    "read_content",
    "text",
]
