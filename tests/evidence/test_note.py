"""Notes, keys, checkpoints and cosignatures against published ones, and against every way to spoil them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duecourse.evidence.note import (
    Checkpoint,
    Key,
    Kind,
    NotANote,
    Note,
    NotSigned,
    Signature,
    read_checkpoint,
    read_key,
    read_note,
    signer,
)

# The key and note that Go's package sumdb/note publishes.
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
NOTE = f"{TEXT}\n{LINE}"

LOG = signer("log.example/demo", Kind.LOG, bytes(32))
WITNESS = signer("witness.example/w1", Kind.WITNESS, bytes([7]) * 32)
HEAD = Checkpoint("log.example/demo", 20_852_163, bytes(range(32)))


def signed(text: str = str(HEAD), at: int = 1_679_315_147) -> Note:
    return Note(text, (LOG.sign(text), WITNESS.sign(text, at)))


def test_a_published_note_verifies_and_is_what_we_sign() -> None:
    note = read_note(NOTE.encode())
    key = read_key(KEY)
    assert note.text == TEXT
    assert note.signed_by(key) is None
    assert str(note) == NOTE
    ours = signer("PeterNeumann", Kind.LOG, SEED)
    assert str(ours.key) == KEY
    assert str(ours.sign(TEXT)) == LINE


def test_the_checkpoint_of_the_specification_is_read_and_its_signatures_named() -> None:
    note = read_note(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 "
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
        .encode()
    )  # fmt: skip
    head = read_checkpoint(note.text)
    assert (head.origin, head.size, str(head)) == ("example.com/behind-the-sofa", 20_852_163, note.text)
    assert [one.key_id.hex() for one in note.signatures] == ["033de0ae", "8d66cf3f"]
    assert int.from_bytes(note.signatures[1].value[:8], "big") == 1_679_315_147


def test_a_cosignature_byte_by_byte() -> None:
    (value,) = (one.value for one in signed().signatures if one.name == WITNESS.name)
    message = b"cosignature/v1\ntime 1679315147\nlog.example/demo\n20852163\n" + base64.b64encode(HEAD.root) + b"\n"
    assert value == (1_679_315_147).to_bytes(8, "big") + WITNESS.private.sign(message)
    assert signed().signed_by(WITNESS.key) == 1_679_315_147


def test_who_did_not_sign_is_not_taken_for_who_did() -> None:
    note = Note(str(HEAD), (LOG.sign(str(HEAD)),))
    for stranger in (
        Key(LOG.name, Kind.LOG, WITNESS.key.public),
        Key("other.example", Kind.LOG, LOG.key.public),
        Key(LOG.name, Kind.WITNESS, LOG.key.public),
    ):
        with pytest.raises(NotSigned, match="not signed"):
            note.signed_by(stranger)


@given(st.data())
def test_a_bit_changed_anywhere_is_noticed(data: st.DataObject) -> None:
    content = bytearray(str(signed()).encode())
    at, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    content[at] ^= 1 << bit
    try:
        note = read_note(bytes(content))
        note.signed_by(LOG.key)
        note.signed_by(WITNESS.key)
    except (NotANote, NotSigned):
        return
    pytest.fail(f"bit {bit} of byte {at} was changed, and nobody noticed")


@pytest.mark.parametrize(
    "spoiled",
    [
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        NOTE.replace("— ", "- "),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("problem", "prob\tlem"),
        NOTE.replace("AM=", "AN="),
        NOTE.replace("PeterNeumann x", "Peter+Neumann x"),
        NOTE + "\n",
        TEXT + "\n— PeterNeumann x08gow==\n",
        TEXT + "\n" + LINE * 65,
    ],
)
def test_what_is_no_note_is_refused(spoiled: str) -> None:
    with pytest.raises(NotANote):
        read_note(spoiled.encode())
    with pytest.raises(NotANote):
        read_note(b"\xff" + spoiled.encode())


@pytest.mark.parametrize(
    "text",
    ["", "o\n1\n", "o\n01\nAAAA\n", "o\n-1\nAAAA\n", "o\n1\nAAAA\n", str(HEAD)[:-1], "\n" + str(HEAD), str(HEAD) + "\n",
     str(HEAD).replace("20852163", "２")],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotANote):
        read_checkpoint(text)


def test_lines_after_the_third_are_of_no_account() -> None:
    assert read_checkpoint(f"{HEAD}more\n") == HEAD


@pytest.mark.parametrize(
    "key", ["", "a+b", KEY.replace("c7", "c8"), KEY.replace("+ARp", "+BRp"), KEY[:-4], "a b+" + KEY]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(NotANote):
        read_key(key)


def test_a_later_signature_of_a_key_takes_the_place_of_its_earlier_one() -> None:
    note = signed()
    later = note.with_signatures([WITNESS.sign(note.text, 1_700_000_000)])
    assert len(later.signatures) == 2
    assert later.signed_by(WITNESS.key) == 1_700_000_000


def test_a_name_with_a_space_signs_nothing() -> None:
    with pytest.raises(NotANote, match="name of a key"):
        signer("my log", Kind.LOG, bytes(32))


def test_a_signer_shows_no_key() -> None:
    assert "private" not in repr(LOG)
    assert str(Signature("a", b"1234", b"5")).startswith("— a ")
