"""``duecourse template``: what may be said: the templates that ship, and the lender's own.

``show`` (`cli.template_show`) fills one with invented values; the others are of `cli.own_templates`.
"""

from __future__ import annotations

import typer

from duecourse.cli import own_templates, template_show

app = typer.Typer(help="Templates: what may be said, in which words. The lender's own are approved by two people.")

app.command("show")(template_show.show)
app.command("check")(own_templates.check)
app.command("draft")(own_templates.draft)
app.command("drafts")(own_templates.drafts)
app.command("text")(own_templates.text)
app.command("ask")(own_templates.ask)
app.command("withdraw")(own_templates.withdraw)
