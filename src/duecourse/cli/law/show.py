"""``duecourse law show``: one rule with its source, values, condition and cases; or a pack; or a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from duecourse.cli.law.options import Folder, lang_asked, read_packs
from duecourse.cli.output import Cell, Json, facts, print_json, say, table
from duecourse.cli.words import _
from duecourse.trouble import N_, BadInput

if TYPE_CHECKING:
    from duecourse.law.pack import MatrixRow, Pack
    from duecourse.law.rule import Rule
    from duecourse.law.templates import Template


class UnknownRule(BadInput):
    """No rule, pack or template of this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        from duecourse.law.facts import nearest

        super().__init__(
            N_("no rule, pack or template {name!r}{near}; `duecourse law list` shows the rules"),
            name=name,
            near=nearest(name, known),
        )


def show(
    name: Annotated[str, typer.Argument(help="A rule, a pack or a template.")],
    *,
    packs: Folder = None,
    json: Json = False,
) -> None:
    """Show a rule with its source, values, condition and cases; or a pack; or a template."""
    from duecourse.law.plain import plain_rule, plain_template
    from duecourse.law.templates import load_register

    loaded = read_packs(packs)
    rules = {rule.id: rule for pack in loaded for rule in pack.rules}
    by_id = {pack.id: pack for pack in loaded}
    register = load_register(jurisdiction=None)
    if name in rules:
        print_json(plain_rule(rules[name])) if json else _show_rule(rules[name], by_id[rules[name].pack])
    elif name in by_id:
        _show_pack(by_id[name], json=json)
    elif name in register.templates:
        print_json(plain_template(register[name])) if json else _show_template(register[name])
    else:
        raise UnknownRule(name, [*rules, *by_id, *register.templates])


def _show_rule(rule: Rule, pack: Pack) -> None:
    from duecourse.law import wording
    from duecourse.law.terms import word

    lang = lang_asked()
    pairs: list[tuple[str, Cell]] = [
        (_("says"), rule.says[lang]),
        (_("source"), wording.cited(rule.source, lang)),
        (_("pack"), f"{pack.id} ({word(pack.status, lang)}), {rule.file}"),
    ]
    if rule.reading:
        pairs.append((_("reading"), rule.reading[lang]))
    pairs.append((_("binds"), ", ".join(word(one, lang) for one in rule.binds) or _("everybody")))
    if rule.applies_text != "TRUE":
        pairs.append((_("applies when"), rule.applies_text))
    if rule.gives:
        pairs.append((_("gives"), f"{rule.gives.quantity.name} = {rule.gives.text} ({rule.gives.quantity.combine})"))
    elif rule.id not in pack.matrix:
        pairs.append((_("refuses when") if rule.effect == "refuse" else _("advises when"), rule.asks_text))
    if rule.lifted_by:
        lifts = (f"{one} ({wording.meaning(one, lang)})" for one in rule.lifted_by)
        pairs.append((_("lifted by"), ", ".join(lifts)))
    if rule.instead:
        pairs.append((_("instead"), rule.instead[lang]))
    if remark := wording.recommendation(rule, lang):
        pairs.append((_("note"), remark))
    facts(rule.id, pairs)
    _show_values(rule)
    if rule.id in pack.matrix:
        _show_matrix(pack.matrix[rule.id])
    _show_cases(rule)


def _show_values(rule: Rule) -> None:
    from duecourse.law import wording

    names = list(rule.versions[0].values)
    clock = "second_local" in rule.facts
    table(
        _("Values"),
        (_("from"), _("to (excluded)"), _("published"), *names),
        [
            (
                one.start,
                one.end,
                one.published,
                *(wording.shown("second_local" if clock else name, one.values[name], lang_asked()) for name in names),
            )
            for one in rule.versions
        ],
    )


def _show_matrix(rows: tuple[MatrixRow, ...]) -> None:
    from duecourse.law.terms import Channel, Purpose, Relation, word

    lang = lang_asked()

    def words(some: tuple[str, ...], every: int) -> str:
        return _("all") if len(some) == every else ", ".join(word(one, lang) for one in some)

    table(
        _("Matrix: what does not stand here is refused"),
        (_("relation"), _("purpose"), _("channel"), _("under")),
        [
            (
                words(row.relation, len(Relation)),
                words(row.purpose, len(Purpose)),
                words(row.channel, len(Channel)),
                row.by,
            )
            for row in rows
        ],
    )


def _show_cases(rule: Rule) -> None:
    from duecourse.law import wording
    from duecourse.law.check import answer_of, ask_case
    from duecourse.law.judge import Judge

    judge, lang = Judge(rule), lang_asked()
    shared = {name: value for case in rule.cases for name, value in case.facts.items() if name not in case.own}
    if shared:
        given = ", ".join(f"{name} = {wording.shown(name, value, lang)}" for name, value in shared.items())
        say(_("Unless a case says otherwise: {facts}").format(facts=given))
    rows = []
    for case in rule.cases:
        finding = ask_case(judge, case)
        said = ", ".join(f"{name} = {wording.shown(name, case.facts[name], lang)}" for name in case.own)
        right = str(case.answer) == str(answer_of(finding)) and case.because in ("", finding.because)
        rows.append((case.line, said, str(case.answer), finding.because, "✓" if right else "✗"))
    table(_("Cases"), (_("line"), _("facts"), _("answer"), _("found"), ""), rows)


def _show_pack(pack: Pack, *, json: bool) -> None:
    from duecourse.law.plain import plain_pack
    from duecourse.law.terms import word

    if json:
        print_json(plain_pack(pack))
        return
    lang = lang_asked()
    pairs: list[tuple[str, Cell]] = [
        (_("what"), pack.says[lang]),
        (_("jurisdiction"), pack.jurisdiction),
        (_("kind"), _(pack.kind)),
        (_("status"), word(pack.status, lang)),
        (_("clock"), pack.zone or (_("that of the person's place") if pack.kind == "law" else None)),
        *((_("source"), f"{instrument}: {known}") for instrument, known in pack.sources),
        (_("content"), pack.hash),
    ]
    facts(pack.id, pairs)
    table(_("Rules"), (_("rule"), _("says")), [(rule.id, rule.says[lang]) for rule in pack.rules])


def _show_template(template: Template) -> None:
    from duecourse.law.terms import word

    lang = lang_asked()
    pairs: list[tuple[str, Cell]] = [
        (_("approved for"), ", ".join(template.jurisdictions)),
        (_("purpose"), word(template.purpose, lang)),
        (_("channels"), ", ".join(word(channel, lang) for channel in template.channels)),
        (_("states"), ", ".join(name for name, flag in template.states.items() if flag)),
        (_("slots"), ", ".join(template.slots)),
        (_("approved"), f"{template.approved_on} {template.approved_by}"),
        (_("withdrawn"), template.withdrawn_on),
        (_("content"), template.hash),
        ("zh", template.text["zh"]),
        ("en", template.text["en"]),
    ]
    facts(f"{template.id} v{template.version}", pairs)
