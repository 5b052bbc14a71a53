"""What is wrong with a request, place by place, in the reader's language; never what was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from duecourse.trouble import N_, Said, masked
from duecourse.web.api.accepted import ACCEPTED

PLACES_MAX = 20
"""Places that are named at the most."""

SENTENCES: dict[str, str] = {
    "missing": N_("Field required"),
    "extra_forbidden": N_("Extra inputs are not permitted"),
    "said_twice": N_("This is taken once"),
    "model_type": N_("Input should be an object"),
    "model_attributes_type": N_("Input should be an object"),
    "dict_type": N_("Input should be an object"),
    "list_type": N_("Input should be a valid list"),
    "string_type": N_("Input should be a valid string"),
    "bool_type": N_("Input should be a valid boolean"),
    "bool_parsing": N_("Input should be a valid boolean"),
    "int_type": N_("Input should be a valid integer"),
    "int_parsing": N_("Input should be a valid integer"),
    "int_from_float": N_("Input should be a valid integer"),
    "int_parsing_size": N_("Input should be a valid integer within its range"),
    "none_required": N_("Input should be null"),
    "literal_error": N_("Input should be {expected}"),
    "enum": N_("Input should be {expected}"),
    "string_too_short": N_("String should have at least this many characters: {min_length}"),
    "string_too_long": N_("String should have at most this many characters: {max_length}"),
    "string_unicode": N_("Input should be a valid string"),
    "too_short": N_("There should be at least this many items: {min_length}"),
    "too_long": N_("There should be at most this many items: {max_length}"),
    "greater_than": N_("Input should be greater than {gt}"),
    "greater_than_equal": N_("Input should be greater than or equal to {ge}"),
    "less_than": N_("Input should be less than {lt}"),
    "less_than_equal": N_("Input should be less than or equal to {le}"),
}
"""What is said for each kind of error that pydantic or the entrance finds here; without a sentence, `OTHERWISE`.

What a pattern accepts is said by `ACCEPTED`.
"""

OTHERWISE = N_("Input is not what this place takes")


def places(errors: Sequence[Mapping[str, object]], translate: Callable[[str], str]) -> list[dict[str, str]]:
    """Each place with what is wrong there: ``in`` (body, query, path, header), a JSON pointer, a sentence."""
    found = []
    for error in errors[:PLACES_MAX]:
        where = error.get("loc", ())
        parts = [str(part) for part in where] if isinstance(where, tuple | list) else []
        found.append(
            {
                "in": parts[0] if parts else "body",
                "pointer": masked("".join(f"/{_pointer(part)}" for part in parts[1:])),
                "detail": _sentence(error, translate),
            }
        )
    return found


def counted(errors: Sequence[Mapping[str, object]]) -> Said:
    """How many places are wrong, and which: the detail of the problem."""
    named = ", ".join(f"{one['in']}{one['pointer']}" for one in places(errors, str))
    return Said(N_("{count} wrong: {places}."), count=len(errors), places=named)


def _pointer(part: str) -> str:
    """A part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")


def _sentence(error: Mapping[str, object], translate: Callable[[str], str]) -> str:
    """What is wrong there, without what it is said about; our own validators speak for themselves."""
    context = error.get("ctx")
    given = context if isinstance(context, Mapping) else {}
    if isinstance(given.get("error"), ValueError):
        own = str(given["error"])
        return translate(own) if translate(own) != own else masked(own)
    sentence = SENTENCES.get(str(error.get("type")), OTHERWISE)
    if "pattern" in given and str(given["pattern"]) in ACCEPTED:
        accepted = ACCEPTED[str(given["pattern"])]
        sentence, given = accepted.sentence, accepted.values
    said = translate(sentence)
    if "expected" in given:
        given = {**given, "expected": str(given["expected"]).replace("' or '", translate(N_("' or '")))}
    return said.format(**given)
