"""``duecourse audit``: plans, samples that nobody picks, answers, findings and what became of them, the report."""

from __future__ import annotations

import typer

from duecourse.cli.audit import following, samples

app = typer.Typer(help="Compliance audits: sampling plans, samples, answers, findings, follow-up.")

app.command("plan")(samples.plan)
app.command("plans")(samples.plans)
app.command("draw")(samples.draw)
app.command("list")(samples.list_audits)
app.command("show")(samples.show)
app.command("answer")(samples.answer)
app.command("finding")(following.finding)
app.command("findings")(following.findings)
app.command("follow")(following.follow)
app.command("close")(samples.close)
app.command("report")(following.report)
app.command("replay")(samples.replay)
