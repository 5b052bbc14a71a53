"""A lender's own pack on screen: sent, told what is wrong with it, kept, asked for, and put beside the law in force."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import timedelta

import httpx

from duecourse.casework import approval, lender_law
from duecourse.casework.actor import Role
from duecourse.casework.kinds import KINDS
from duecourse.casework.token import create_token
from duecourse.storage import lenders
from duecourse.storage.tokens import Scope
from duecourse.web.csrf import FIELD
from tests.casework.test_own_pack import FILES, RULE, SECOND, activate, keep
from tests.permit_desk import MORNING, OPERATOR
from tests.web.reader import Ground, Reader

MORNING_CALL = """\
== A call in the morning
2026-01-05                      loan   L1  12,000.00 CNY  12 monthly  9.0%  equal_instalment
2026-03-01 11:00 Asia/Shanghai  call   L1    -> refused mine.contact.noon  next 2026-03-01 12:00
"""


def packed(files: dict[str, str]) -> bytes:
    """A folder as a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for place, text in files.items():
            made.writestr(place, text)
    return out.getvalue()


def send(reader: Reader, files: dict[str, str]) -> httpx.Response:
    """The form with a pack in it."""
    fields = {FIELD: reader.token("/law/packs")}
    return reader.client.post("/law/packs/own", data=fields, files={"file": ("mine.zip", packed(files))})


def test_a_pack_is_sent_mended_kept_and_asked_for(ground: Ground) -> None:
    officer = ground.reader(Role.COMPLIANCE)
    wrong = send(officer, FILES | {"mine/contact/noon.yaml": RULE.replace("second_local <", "second_lokal <")})
    assert (wrong.status_code, "mine/contact/noon.yaml:6" in wrong.text) == (422, True), wrong.text
    assert "None is kept." in wrong.text
    assert send(officer, FILES).status_code == 303
    page = officer.get("/law/packs").text
    assert ("own-mine-1" in page, "Let it bind" in page) == (True, True)
    asked = officer.post("/law/packs/own/mine/1/activation", "/law/packs", reason="ours")
    assert asked.status_code == 303
    assert "own pack mine" in officer.get(asked.headers["location"]).text
    again = officer.post("/law/packs/own/mine/1/activation", "/law/packs", reason="ours")
    assert again.status_code == 409
    assert officer.post("/law/packs/own/mine/9/activation", "/law/packs", reason="ours").status_code == 404
    compare = officer.get("/law/compare")
    assert compare.status_code == 200


def api(ground: Ground, *scopes: Scope) -> httpx.Client:
    """A client of the API with a token of these scopes."""
    with ground.database.transaction("demo") as tx:
        token = create_token(
            tx, vault=ground.vault, name="office", scopes=scopes, sender_type="lender", firm=None,
            expires_at=MORNING + timedelta(days=30), requests_minute_max=None, actor=OPERATOR, now=MORNING,
            chance=os.urandom,
        ).text  # fmt: skip
    return httpx.Client(
        base_url=f"{ground.url}/api/v1",
        timeout=60,
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "zh"},
    )


def test_the_api_knows_the_packs_that_bind_and_the_versions_kept(ground: Ground) -> None:
    call = {"channel": "call", "at": "2026-03-02T10:00:00+08:00", "template": "m1.call", "assume": "ordinary"}
    assert keep(ground.database, FILES, ground.vault) == 1
    with api(ground, Scope.LAW_READ, Scope.LAW_ANALYSE) as client:

        def refusing(**more: object) -> list[str]:
            answer = client.post("/law/explain", json=call | more)
            assert answer.status_code == 200, answer.text
            return [one["rule"] for one in answer.json()["refusals"]]

        assert "mine" not in {one["pack"] for one in client.get("/law/rules").json()["packs"]}
        assert (refusing(), refusing(own=["mine@1"])) == ([], ["mine.contact.noon"])
        assert client.get("/law/rules/mine.contact.noon").json()["pack"] == "mine"  # kept: an answer may name it
        assert client.post("/law/check", json={"packs": ["mine"]}).status_code == 422
        activate(ground.database, 1, ground.vault)
        listed = client.get("/law/rules").json()
        assert "mine" in {one["pack"] for one in listed["packs"]}
        (line,) = [one for one in listed["rules"] if one["pack"] == "mine"]
        assert (line["rule"], line["says"]) == ("mine.contact.noon", "午前不打电话")
        assert line["source"]["grade"] == "product"
        assert "mine" not in {one["pack"] for one in client.get("/law/rules?without=mine").json()["packs"]}
        assert client.get("/law/rules/mine.contact.noon/coverage").json()["cases"] == 2
        assert (refusing(), refusing(own=[]), refusing(without=["mine"])) == (["mine.contact.noon"], [], [])
        way = client.post("/law/calendar?days=1", json=call).json()["ways"][0]
        assert way["windows"][0]["at"] == "2026-03-02T04:00:00Z"
        assert way["closed_by"]["mine.contact.noon"] == "午前不打电话"
        for asked in ({"packs": ["mine"]}, {"own": ["mine@1"]}):
            checked = client.post("/law/check", json=asked).json()
            assert (checked["rules"], checked["cases"], checked["failures"]) == (1, 2, [])
        told = client.post("/law/check", json={"scenario": MORNING_CALL}).json()
        assert (told["faults"], told["contacts"][0]["refused_by"]) == ([], ["mine.contact.noon"])
        (sums,) = client.get("/law/coverage?pack=mine").json()["packs"]
        assert sums["rules"] == 1
        days = {"first": "2026-03-02", "last": "2026-03-02", "law": {"own": ["mine@1"]}}
        assert client.post("/law/replay", json=days).status_code == 200
        assert client.post("/law/explain", json=call | {"own": ["mine@9"]}).status_code == 422
    with ground.database.transaction("demo") as tx:
        assert lender_law.rules_named(tx)["mine.contact.noon"].says["en"] == "No call before noon"


def test_a_pack_that_is_switched_off_binds_over_the_api_no_more(ground: Ground) -> None:
    with ground.database.transaction("demo") as tx:
        lenders.set_packs_off(tx, ["cn-cba-2026", "house", "cn"])  # the last two always bind
    with api(ground, Scope.LAW_READ) as client:
        packs = {one["pack"] for one in client.get("/law/rules").json()["packs"]}
    assert ("cn-cba-2026" in packs, {"house", "cn"} <= packs) == (False, True)


def test_a_rule_of_a_version_that_binds_no_more_still_has_its_sentence(ground: Ground) -> None:
    other = RULE.replace("mine.contact.noon", "mine.contact.evening").replace("No call before noon", "Only after noon")
    keep(ground.database, FILES, ground.vault)
    keep(ground.database, FILES | {"mine/contact/noon.yaml": other}, ground.vault)
    activate(ground.database, 2, ground.vault)
    with ground.database.transaction("demo") as tx:
        known = lender_law.rules_named(tx)
    assert known["mine.contact.noon"].says["zh"] == "午前不打电话"
    assert known["mine.contact.evening"].says["en"] == "Only after noon"
    assert ground.reader(Role.COMPLIANCE).get("/law/rules/mine.contact.noon").status_code == 200


def test_a_pack_is_sent_and_asked_for_over_the_api(ground: Ground) -> None:
    wrong = FILES | {"mine/contact/noon.yaml": RULE.replace("second_local <", "second_lokal <")}
    with api(ground, Scope.LAW_READ, Scope.LAW_WRITE) as client:

        def sent(files: dict[str, str], key: str) -> httpx.Response:
            zipped = {"file": ("mine.zip", packed(files))}
            return client.post("/law/packs/own", files=zipped, headers={"Idempotency-Key": key})

        assert "mine/contact/noon.yaml:6" in sent(wrong, "one").json()["detail"]
        kept = sent(FILES, "two")
        assert (kept.status_code, kept.json()["version"], kept.json()["binds"]) == (201, 1, False)
        assert kept.json()["actor"] == "compliance:office"
        asked = client.post(
            "/law/packs/own/mine/1/activation", json={"reason": "ours"}, headers={"Idempotency-Key": "three"}
        )
        assert (asked.status_code, asked.json()["kind"]) == (201, "law.own_pack")
        with ground.database.transaction("demo") as tx:
            approval.approve(
                tx, kinds=KINDS, vault=ground.vault, approval_id=int(asked.json()["request"]), reason="", actor=SECOND,
                now=MORNING,
            )  # fmt: skip
        found = client.get("/law/packs").json()
    assert [(one["pack"], one["version"], one["binds"]) for one in found["own"]] == [("mine", 1, True)]
    (mine,) = [one for one in found["packs"] if one["pack"] == "mine"]
    assert (mine["binds"], mine["looked_at"], mine["says"]) == (True, True, "本机构政策")
