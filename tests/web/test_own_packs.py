"""A lender's own pack on screen: sent, told what is wrong with it, kept, asked for, and put beside the law in force."""

from __future__ import annotations

import io
import zipfile

import httpx

from duecourse.casework.actor import Role
from duecourse.web.csrf import FIELD
from tests.casework.test_own_pack import FILES, RULE
from tests.web.reader import Ground, Reader


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
