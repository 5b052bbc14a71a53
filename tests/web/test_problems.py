"""Problems in the language that Accept-Language asks for: titles, details, wrong places; what programs read stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated
from uuid import uuid4

import httpx
import pytest
from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import Request

from duecourse.locale import Language, catalogue
from duecourse.storage.tokens import Scope
from duecourse.trouble import BadInput, Busy, Refused, Said, Trouble, told
from duecourse.web.api import shapes, wrong
from duecourse.web.api.accepted import ACCEPTED
from duecourse.web.api.application import description
from duecourse.web.api.problem import Kind, Problem, document, of_trouble, response
from tests.web.conftest import Site

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b(?!URN\b|JSON\b|GET\b|HTTP\b|POST\b|DELETE\b|PUT\b)[A-Za-z]{3,} [A-Za-z]{2,}")
"""Two words of English one after the other."""


def both(client: httpx.Client, method: str, place: str, **asked: object) -> tuple[dict[str, object], dict[str, object]]:
    """A request as it is answered in English and in Chinese."""
    headers: dict[str, str] = dict(asked.pop("headers", {}))  # type: ignore[call-overload]
    answers = []
    for language in ({}, CHINESE):
        answer = client.request(method, place, headers=headers | language, **asked)  # type: ignore[arg-type]
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.headers["content-language"] == ("zh-CN" if language else "en")
        answers.append(answer.json())
    return answers[0], answers[1]


def same_but_words(english: dict[str, object], chinese: dict[str, object]) -> None:
    """What a program reads is one; what a person reads is in the language."""
    words = {"title", "detail", "instance", "errors"}
    assert {k: v for k, v in english.items() if k not in words} == {k: v for k, v in chinese.items() if k not in words}
    for name in ("title", "detail"):
        assert not HAN.search(str(english[name])), english
        assert HAN.search(str(chinese[name])), chinese
        assert not ENGLISH.search(str(chinese[name])), chinese


def test_each_kind_has_its_title_and_detail_in_both_languages(site: Site) -> None:
    with site.client(Scope.TEAM_WRITE, Scope.TEAM_READ, Scope.CASE_READ, Scope.CASE_WORK, name="words") as client:
        row = {"collector": "E71", "team": "a", "skills": [], "languages": [], "capacity": 1}
        key = uuid4().hex
        assert client.post("/collectors", json=row, headers={"Idempotency-Key": key}).status_code == 201
        asked = {
            Kind.NOT_FOUND: both(client, "GET", "/cases/4611686018427387904"),
            Kind.NO_SCOPE: both(client, "GET", "/users"),
            Kind.NO_METHOD: both(client, "DELETE", "/teams"),
            Kind.CONFLICT: both(client, "POST", "/collectors", json=row, headers={"Idempotency-Key": "new"}),
            Kind.OTHER_REQUEST: both(
                client, "POST", "/collectors", json=row | {"team": "b"}, headers={"Idempotency-Key": key}
            ),
            Kind.INVALID: both(
                client, "POST", "/collectors", json=row | {"collector": "E72", "begins": "2026-03-02",
                "until": "2026-03-02"}, headers={"Idempotency-Key": "k"}
            ),
            Kind.NOT_JSON: both(
                client, "POST", "/collectors", content=b"a=1", headers={"Content-Type": "text/plain"}
            ),
            Kind.MALFORMED: both(
                client, "POST", "/collectors", content=b"{", headers={"Content-Type": "application/json"}
            ),
            Kind.TOO_LARGE: both(
                client, "POST", "/collectors", content=b" " * 300_000, headers={"Content-Type": "application/json"}
            ),
        }  # fmt: skip
        nowhere = both(client, "GET", "/nowhere")
        nobody = both(client, "GET", "/teams", headers={"Authorization": "Bearer duecourse.demo.none"})
    for kind, (english, chinese) in asked.items():
        assert (english["type"], english["title"]) == (kind.type, kind.title), english
        same_but_words(english, chinese)
    same_but_words(*nowhere)
    same_but_words(*nobody)
    assert asked[Kind.CONFLICT][1]["detail"] == "E71 已是催收员，未重复登记；请更改其现有信息"
    assert asked[Kind.NO_SCOPE][1]["detail"] == "令牌没有权限 user:read。请向本机构申请有此权限的令牌。"


def test_what_is_wrong_is_said_place_by_place_in_the_language(site: Site) -> None:
    good = {"collector": "E73", "team": "a", "skills": [], "languages": [], "capacity": 1}
    cases: dict[str, tuple[dict[str, object], str, str]] = {
        "more": ({"more": 1}, "Extra inputs are not permitted", "不得有多余的字段"),
        "team": ({"team": None}, "Input should be a valid string", "应为字符串"),
        "skills": ({"skills": "x"}, "Input should be a valid list", "应为列表"),
        "capacity": (
            {"capacity": 10_001}, "Input should be less than or equal to 10000", "应不大于 10000",
        ),
        "begins": ({"begins": "02/03/2026"}, "a day is written as 2026-03-01, and is of this century",
                   "日期写作 2026-03-01，且在本世纪内"),
        "until": ({"until": "2026-02-30"}, "there is no such day", "没有此日期"),
        "collector": (
            {"collector": "张三"}, "Input should be 1 to 64 characters: letters A to Z and a to z, digits, and . _ -",
            "应为 1 至 64 个字符：大小写英文字母、数字和 . _ -",
        ),
    }  # fmt: skip
    with site.client(Scope.TEAM_WRITE, name="wrong") as client:
        for place, (changed, english, chinese) in cases.items():
            en, zh = both(client, "POST", "/collectors", json=good | changed, headers={"Idempotency-Key": "w"})
            same_but_words(en, zh)
            assert en["errors"] == [{"in": "body", "pointer": f"/{place}", "detail": english}]
            assert zh["errors"] == [{"in": "body", "pointer": f"/{place}", "detail": chinese}]
            assert en["detail"] == f"1 wrong: body/{place}."
            assert zh["detail"] == f"有误之处 1：body/{place}。"
        en, zh = both(client, "POST", "/collectors", json={"team": "a"})
        assert len(en["errors"]) == len(zh["errors"]) == 5  # type: ignore[arg-type]
        assert {one["detail"] for one in zh["errors"]} == {"此字段必填"}  # type: ignore[attr-defined]
        wrong_kind = {"kind": "party", "first": "2026-03-02", "back": "2026-03-03"}
        _, zh = both(client, "POST", "/collectors/E1/absences", json=wrong_kind, headers={"Idempotency-Key": "w"})
        assert HAN.search(str(zh["detail"]))


def test_every_sentence_of_the_validation_is_in_both_languages() -> None:
    given = {
        "expected": "'a', 'b' or 'c'", "min_length": 1, "max_length": 2, "gt": 0, "ge": 0, "lt": 9,
        "le": 9,
    }  # fmt: skip
    chinese = catalogue(Language.ZH).gettext
    for kind in (*wrong.SENTENCES, "some_kind_to_come"):
        error = {"type": kind, "loc": ("body", "a/b"), "ctx": given, "msg": "of pydantic", "input": "13800138000"}
        (en,), (zh,) = wrong.places([error], str), wrong.places([error], chinese)
        assert en["pointer"] == zh["pointer"] == "/a~1b"
        assert not HAN.search(en["detail"])
        assert HAN.search(zh["detail"]), kind
        assert not ENGLISH.search(zh["detail"]), zh
    (zh,) = wrong.places([{"type": "enum", "loc": ("query", "x"), "ctx": given}], chinese)
    assert zh == {"in": "query", "pointer": "/x", "detail": "应为 'a', 'b'或'c'"}


def patterns(part: object) -> Iterator[str]:
    """Every pattern in a part of the API's description."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        for inner in part.values():
            yield from patterns(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from patterns(inner)


READ_BY_US = {
    str(TypeAdapter(shape).json_schema()["pattern"])
    for shape in (shapes.Id, shapes.Day, shapes.Instant)
}  # fmt: skip
"""Patterns that pydantic does not check: our own readers do, and say what is wrong."""

REGEX = re.compile(r"\\x|[\^\[\]*?$\\|]|\)[{*+]")
"""What no sentence for people has and every pattern does."""


def test_each_pattern_is_told_in_words_and_none_is_told_that_is_no_more() -> None:
    assert set(patterns(description())) - READ_BY_US == ACCEPTED.keys()


@pytest.mark.parametrize("pattern", sorted(ACCEPTED))
def test_what_a_pattern_takes_is_said_without_it_in_both_languages(pattern: str) -> None:
    assert REGEX.search(pattern)
    with pytest.raises(ValidationError) as found:
        TypeAdapter(Annotated[str, Field(pattern=pattern)]).validate_python("\0")
    chinese = catalogue(Language.ZH).gettext
    (en,), (zh,) = (wrong.places(found.value.errors(), translate) for translate in (str, chinese))
    assert en["detail"].startswith("Input should be ")
    assert zh["detail"].startswith("应为")
    for said in (en["detail"], zh["detail"]):
        assert not REGEX.search(said), said
        assert "{" not in said


def test_no_answer_of_any_place_shows_a_pattern(site: Site) -> None:
    whole = description()
    known = {one.strip("^$") for one in patterns(whole)}
    asked = 0
    with site.client(*Scope, name="all-scopes") as client:
        for path, methods in whole["paths"].items():
            for method, operation in methods.items():
                given = [one for one in operation.get("parameters", []) if any(patterns(one.get("schema")))]
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                shape = whole["components"]["schemas"].get(str(body.get("$ref", "")).rpartition("/")[2], {})
                named = {name: "\0" for name, field in shape.get("properties", {}).items() if any(patterns(field))}
                if not given and not named:
                    continue
                asked += 1
                where = {
                    kind: {one["name"]: "a b" for one in given if one["in"] == kind} for kind in ("query", "header")
                }
                answer = client.request(
                    method, re.sub(r"\{\w+\}", "%20", path.removeprefix("/api/v1")), params=where["query"],
                    headers=where["header"], json=named if shape else None,
                )  # fmt: skip
                assert 400 <= answer.status_code < 500, (method, path, answer.text)
                told = answer.json()
                for said in (told["detail"], *(one["detail"] for one in told.get("errors", []))):
                    assert not any(one in said for one in known), said
    assert asked > 100


@pytest.mark.parametrize("language", list(Language))
def test_what_was_sent_is_covered_in_either_language(language: Language) -> None:
    translate = catalogue(language).gettext
    known = Refused("{collector} is a collector already, and was not entered again; change what is kept of this one",
                    collector="张三 13800138000")  # fmt: skip
    unknown = Trouble("nobody has words for 张三 at wang@example.com")
    inner = Busy("{path}: {why}", path="a.csv", why=Said("there is no collector {collector}", collector="李四"))
    for error in (known, unknown, inner):
        said = told(error, translate)
        assert "***" in said
        assert not re.search(r"张三|李四|13800138000|wang@", said), said
    assert ("已是催收员" in told(known, translate)) == (language is Language.ZH)


def test_trouble_is_told_in_the_language_and_a_fault_in_general_terms() -> None:
    busy = of_trouble(Busy("there is no collector {collector}", collector="张三"))
    assert document(busy, "r", Language.EN)["detail"] == "there is no collector ***. Ask again."
    assert document(busy, "r", Language.ZH)["detail"] == "没有催收员 ***。请重试。"
    fault = of_trouble(KeyError("13800138000"))
    assert document(fault, "r", Language.ZH)["title"] == "duecourse 出错"
    assert "13800138000" not in str(document(fault, "r", Language.ZH))
    known = of_trouble(BadInput("there is no collector {collector}", collector="E99"))
    assert document(known, "r", Language.ZH)["detail"] == "没有催收员 E99"


def test_the_language_is_that_of_the_header_by_its_weights() -> None:
    for header, spoken in (
        ("", "en"), ("fr", "en"), ("zh", "zh-CN"), ("zh-TW;q=0.5, en;q=0.4", "zh-CN"), ("en, zh;q=0.9", "en"),
    ):  # fmt: skip
        scope = {
            "type": "http", "headers": [(b"accept-language", header.encode())], "state": {"request_id": "r"},
        }  # fmt: skip
        answer = response(Problem(Kind.NOT_FOUND, "x"), Request(scope))
        assert answer.headers["content-language"] == spoken
