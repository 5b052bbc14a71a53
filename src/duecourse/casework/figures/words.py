"""The columns that several figures have in common, in one wording."""

from __future__ import annotations

from duecourse.casework.figures.figure import Column, Shows, Text

DAY = Column("day", Text("日期", "Day"), Shows.DAY)
CURRENCY = Column("currency", Text("币种", "Currency"), Shows.TEXT)
STAGE = Column("stage", Text("账龄", "Stage"), Shows.TEXT)
CLASS = Column("class", Text("五级分类", "Class"))
TEAM = Column("team", Text("团队", "Team"), Shows.TEXT)
COLLECTOR = Column("collector", Text("催收员", "Collector"), Shows.COLLECTOR)
CHANNEL = Column("channel", Text("渠道", "Channel"))
GIVEN = Column("kind", Text("作出场合", "Given"))
TREATMENT = Column("treatment", Text("处置动作", "Treatment"))
RULE = Column("rule", Text("规则", "Rule"), Shows.RULE)
FIRM = Column("firm", Text("委外机构", "Agency"), Shows.TEXT)

BORROWER = Column("person_id", Text("借款人", "Borrower"), Shows.PERSON)
AT = Column("at", Text("时刻", "Instant"), Shows.INSTANT)
CONTACT = Column("contact_id", Text("触达号", "Contact"), Shows.CONTACT)
