"""Filling templates: one environment for each language, with the house's filters; everything is escaped.

A template is named by its part: ``workbench/case.html`` lies in ``web/workbench/templates/case.html``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from duecourse.casework.rights import Right
from duecourse.law.wording import lifted, told
from duecourse.locale import Language, catalogue
from duecourse.trouble import N_
from duecourse.web.components import assets, forms

if TYPE_CHECKING:
    from duecourse.web.visit import Visit

WEB = Path(__file__).parents[1]
PARTS = ("components", "entrance", "oversight", "portal", "workbench")


SECTIONS = (
    ("/my/home", N_("Overview")), ("/my/contacts", N_("Contacts with you")), ("/my/windows", N_("Who may contact you")),
    ("/my/stop", N_("Stop")), ("/my/write", N_("Write")), ("/my/records", N_("Records and papers")),
    ("/my/data", N_("Your data")), ("/my/looks", N_("Who looked")), ("/my/rights", N_("Rights and help")),
)  # fmt: skip
"""The sections of the borrower's portal, in the order of its navigation."""


def render(visit: Visit, template: str, values: Mapping[str, object]) -> str:
    """A template filled in."""
    return environment(visit.choice.language).get_template(template).render(visit=visit, **values)


@cache
def environment(language: Language) -> Environment:
    """The templates in a language."""
    made = Environment(
        loader=PrefixLoader({part: FileSystemLoader(WEB / part / "templates") for part in PARTS}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    words = catalogue(language)
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["sections"] = lambda: SECTIONS
    made.globals |= {"asset": assets.url, "styles": assets.styles, "Right": Right, "language": language}
    made.filters |= {
        "money": forms.money,
        "count": forms.count,
        "share": forms.share,
        "rate": forms.rate,
        "clock": forms.clock,
        "day": forms.day,
        "day_long": _day_long,
        "instant": _instant,
        "instant_iso": forms.instant_iso,
        "word": _word,
        "told": told,
        "lifted": lifted,
        "unquoted": unquote,
        "parted": forms.parted,
        "coded": forms.coded,
    }
    return made


@pass_context
def _instant(context: Context, value: object, seconds: bool = False) -> str:  # noqa: FBT001, FBT002 - a template's filter
    visit: Visit = context["visit"]
    return forms.instant(value, visit.zone, visit.choice.language, seconds=seconds)


@pass_context
def _day_long(context: Context, value: object) -> str:
    visit: Visit = context["visit"]
    return forms.day_long(value, visit.choice.language)


CONTEXTS = frozenset({"plan", "matter", "waiver", "field", "role"})
"""What stands before a word that another language says otherwise elsewhere; in English the word says enough."""


@pass_context
def _word(context: Context, value: object) -> str | Markup:
    visit: Visit = context["visit"]
    if value is None:
        return forms.NOTHING
    name = str(value).replace("_", " ")
    said = visit.say(name)
    where, _space, rest = name.partition(" ")
    return visit.say(rest) if said == name and rest and where in CONTEXTS else said
