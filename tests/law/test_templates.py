"""The register: what ships is in order, and a text that says other than it claims is refused."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from duecourse.law.columns import WORD_BITS, decide_columns
from duecourse.law.document import Flaws
from duecourse.law.pack import canonical
from duecourse.law.rulebook import rulebook
from duecourse.law.templates import UnknownTemplate, load_register
from duecourse.law.terms import Channel, Purpose

DAY = date(2026, 3, 1)
REGISTER = load_register()

TEXT = """\
- template: relay
  version: 1
  jurisdictions: [CN]
  channels: [call]
  purpose: relay
  states:
    mentions_debt: false
    states_identity: true
    states_lender: true
    states_purpose: true
    poses_as_lender: false
    poses_as_authority: false
  text:
    zh: 我是{lender}的{collector},请转告其回电{callback}。
    en: I am {collector} of {lender}, please pass on a request to call {callback}.
  approved: {by: compliance, on: 2026-01-05}
  status: approved
"""


def test_what_ships_covers_the_first_strategy() -> None:
    wanted = """
        predue.reminder.sms predue.reminder.push m1.notice.sms m1.notice.push m1.call m2.call m3.call m3.letter
        plan.offer.call plan.offer.sms referral.notice.letter legal.notice.letter legal.lawyer.letter
        relay.contact_person.call
    """
    assert set(wanted.split()) <= set(REGISTER.templates)


def test_a_reminder_before_the_due_day_is_collection_for_the_gate() -> None:
    assert REGISTER["predue.reminder.sms"].purpose is Purpose.COLLECT


def test_the_gate_reads_purpose_and_approval_from_the_register() -> None:
    facts = REGISTER.facts("m1.call", DAY, "call")
    assert (facts["purpose"], facts["template_approved"], facts["mentions_debt"]) == ("collect", True, True)
    assert REGISTER.facts("m1.call", DAY, "sms")["template_approved"] is False
    assert REGISTER.facts("m1.call", date(2022, 12, 31), "call")["template_approved"] is False
    assert REGISTER.facts("nothing", DAY, "call") == {"template_approved": False}
    assert REGISTER.facts(None, DAY, "call") == {"template_approved": False}
    with pytest.raises(UnknownTemplate, match=r"did you mean 'm1\.call'"):
        REGISTER["m1.cal"]


def test_what_few_texts_say_is_false_where_it_is_not_named() -> None:
    assert REGISTER.facts("m1.call", DAY, "call")["names_suit"] is False
    assert REGISTER.facts("legal.notice.letter", DAY, "letter")["names_suit"] is True
    assert {"threatens", "tells_decision", "states_machine"} <= set(REGISTER.flags)


def test_the_register_joins_a_frame_of_proposals() -> None:
    proposals = pl.DataFrame({"template": ["m1.call", "m1.call", "none"], "channel": ["call", "sms", "call"]})
    usable = REGISTER.columns(DAY).with_columns(pl.col("channel").cast(pl.String))
    joined = proposals.join(usable, on=["template", "channel"], how="left", maintain_order="left")
    facts = joined.with_columns(pl.col("template_approved").fill_null(value=False), pl.lit(DAY).alias("on"))
    book = rulebook()
    word, bit = divmod([judge.rule.id for judge in book.gate].index("house.template.approved"), WORD_BITS)
    assert (decide_columns(book, facts)[f"refused_{word}"] & (1 << bit) != 0).to_list() == [False, True, True]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "request to call {callback}",
            "request to call {callback} about his loan {callback}",
            "names the debt: 'loan'",
        ),
        ("回电{callback}", "还款{callback}", "names the debt: '还款'"),
        ("mentions_debt: false", "mentions_debt: true", "purpose relay never mentions a debt"),
        ("purpose: relay", "purpose: locat", "did you mean 'locate'?"),
        ("{callback}。", "{callbak}。", "unknown slot {callbak}; did you mean 'callback'?"),
        ("{callback}。", "{amount_due}。", "the two languages do not have the same slots"),
        ("{callback}。", "{callback。", "braces do not close"),
        ("states_identity: true", "states_identity: false", "must state identity, lender and purpose"),
        ("poses_as_authority: false", "poses_as_authority: true", "is not approved"),
        ("poses_as_authority: false", "poses_as_authority: false\n    threatens: true", "a text that threatens is not"),
        (
            "poses_as_authority: false",
            "poses_as_authority: false\n    shows_person: true",
            "shows_person is not approved",
        ),
        (
            "请转告其回电{callback}。",
            "请转告其回电{callback},否则后果自负。",
            "threatens is false, but the text says '后果自负'",
        ),
        (
            "请转告其回电{callback}。",
            "请转告其回电{callback},否则起诉。",
            "names_suit is false, but the text says '起诉'",
        ),
        ("call {callback}.", "call {callback}, or be arrested.", "misstates is false, but the text says 'arrested'"),
        ("    states_purpose: true\n", "", "key 'states_purpose' is missing"),
        ("status: approved", "status: withdrawn", "go together"),
        ("channels: [call]", "channels: [phone]", "'phone' is none of"),
        ("on: 2026-01-05", "on: tomorrow", "expected a date"),
    ],
)
def test_a_text_is_what_it_claims(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    (tmp_path / "own.yaml").write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Flaws) as caught:
        load_register(tmp_path)
    assert said in str(caught.value)


@pytest.mark.parametrize("purpose", ["collect", "service"])
def test_a_debt_slot_is_a_mention(tmp_path: Path, purpose: str) -> None:
    text = TEXT.replace("{callback}", "{amount_due}").replace("purpose: relay", f"purpose: {purpose}")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Flaws, match="mentions_debt is false, but the text says 'amount_due'"):
        load_register(tmp_path)


@pytest.mark.parametrize(
    ("opening", "first"),
    [
        ("您好,我是{collector},{lender}的工作人员,就您的借款", True),
        ("{salutation}(证件号{debtor_id}):{lender}就您尾号{loan_tail}的借款", True),
        ("您尾号{loan_tail}的借款,我是{lender}的{collector}", False),
        ("您已逾期。我是{lender}的{collector}", False),
        ("截至{as_of},{lender}的{collector}", False),
    ],
)
def test_who_speaks_comes_before_the_debt(tmp_path: Path, opening: str, first: bool) -> None:  # noqa: FBT001
    text = TEXT.replace("purpose: relay", "purpose: collect").replace("mentions_debt: false", "mentions_debt: true")
    old = next(line for line in text.splitlines() if line.strip().startswith("zh:"))
    (tmp_path / "own.yaml").write_text(_same_slots(text, old, opening), encoding="utf-8")
    states = load_register(tmp_path)["relay"].states
    assert states["identity_first"] is first
    assert states["discusses_payment"] is True


def _same_slots(text: str, old: str, opening: str) -> str:
    """The text with another opening in Chinese, and every slot of either language at the end of both."""
    slots = sorted(set(re.findall(r"\{\w+\}", opening + text)))
    new = [line + (f" {' '.join(slots)}" if line.strip().startswith("en:") else "") for line in text.splitlines()]
    return "\n".join(new).replace(old, f"    zh: '{opening} {' '.join(slots)}'") + "\n"


def test_a_text_that_presses_for_payment_is_not_approved(tmp_path: Path) -> None:
    text = TEXT.replace("request to call {callback}", "request to call {callback} and pay in full today")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Flaws, match="presses_payment is false, but the text says 'in full today'"):
        load_register(tmp_path)


def test_a_third_person_who_offered_is_told_how_to_pay_and_nothing_else() -> None:
    states = REGISTER["pay.third_person.sms"].states
    assert (states["discusses_payment"], states["mentions_debt"], states["identity_first"]) == (True, False, True)
    assert REGISTER["relay.contact_person.sms"].states["discusses_payment"] is False
    shipped = [one for one in REGISTER.templates.values() if one.purpose not in ("service", "answer")]
    assert all(one.states["identity_first"] for one in shipped)


def test_a_withdrawn_text_was_usable_until_its_day(tmp_path: Path) -> None:
    text = TEXT.replace("status: approved", "status: withdrawn\n  withdrawn: 2026-02-01")
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    template = load_register(tmp_path)["relay"]
    assert template.usable(date(2026, 1, 31), "call")
    assert not template.usable(date(2026, 2, 1), "call")


def test_a_chinese_call_script_has_chinese_punctuation() -> None:
    spoken = [
        one for one in load_register(jurisdiction=None).templates.values()
        if {Channel.CALL, Channel.ROBOT_CALL}.intersection(one.channels)
    ]  # fmt: skip
    assert len(spoken) > 10
    for one in spoken:
        assert not re.search(r"[一-鿿}][,;:?!]", one.text["zh"]), one.id


def test_a_template_stands_once(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(TEXT + TEXT, encoding="utf-8")
    with pytest.raises(Flaws, match="stands also in"):
        load_register(tmp_path)


VOICE_BOX = """\
- template: voice
  version: 1
  jurisdictions: [US]
  channels: [call]
  purpose: relay
  states:
    mentions_debt: false
    states_identity: true
    states_lender: false
    states_purpose: false
    poses_as_lender: false
    poses_as_authority: false
    discloses_attempt: false
    discloses_collector: false
    names_firm: true
    opt_out_offered: false
    limited_content: true
    gives_validation: false
    overshadows: false
    after_cease_notice: false
    names_suit: false
    tells_expiry: false
  text:
    zh: 这里是{business}。请致电{callback}联系{collector}。
    en: This is {business}. Please call {collector} at {callback}.
  approved: {by: compliance, on: 2026-01-05}
  status: approved
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("jurisdictions: [US]", "jurisdictions: [US, CN]", "must state identity, lender and purpose"),
        ("jurisdictions: [US]", "jurisdictions: []", "at least one jurisdiction"),
        ("    names_firm: true\n", "", "key 'names_firm' is missing"),
        ("names_firm: true", "names_firm: false", "has a slot for the firm"),
        ("purpose: relay", "purpose: locate", "limited_content is claimed"),
        ("channels: [call]", "channels: [call, sms]", "limited_content is claimed"),
        ("联系{collector}。\n", "联系{collector},{staff_no}。\n", "do not have the same slots"),
        ("discloses_collector: false", "discloses_collector: true", "discloses_collector is claimed"),
        ("discloses_attempt: false", "discloses_attempt: true", "discloses_attempt is claimed"),
        ("opt_out_offered: false", "opt_out_offered: true", "opt_out_offered is claimed"),
        ("gives_validation: false", "gives_validation: true", "gives_validation is claimed"),
        ("at {callback}.", "at {callback} about the court date.", "names_suit is false, but the text says 'court'"),
        ("at {callback}.", "at {callback} about your debt.", "names the debt: 'debt'"),
        ("at {callback}.", "at {callback} about your debts.", "names the debt: 'debts'"),
    ],
)
def test_an_american_text_is_what_it_claims(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in VOICE_BOX
    (tmp_path / "own.yaml").write_text(VOICE_BOX.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Flaws) as caught:
        load_register(tmp_path)
    assert said in str(caught.value)


def test_a_text_stands_in_the_registers_of_its_jurisdictions_alone(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(VOICE_BOX + TEXT, encoding="utf-8")
    assert set(load_register(tmp_path).templates) == {"relay"}
    assert set(load_register(tmp_path, jurisdiction="US").templates) == {"voice"}
    assert set(load_register(tmp_path, jurisdiction="XX").templates) == set()
    assert set(load_register(tmp_path, jurisdiction=None).templates) == {"voice", "relay"}


ROBOT = """\
- template: robot
  version: 1
  jurisdictions: [CN]
  channels: [robot_call]
  purpose: collect
  states:
    mentions_debt: true
    states_identity: true
    states_lender: true
    states_purpose: true
    states_machine: true
    poses_as_lender: false
    poses_as_authority: false
  text:
    zh: |
      您好，这里是{lender}的智能语音机器人。

      ---

      您的借款应还{amount_due}，还款请用{pay_at}，协商{callback}，投诉{complaint}。
    en: |
      Good day, a machine speaks for {lender}.

      ---

      {amount_due} is due on your loan; pay by {pay_at}, plans {callback}, complaints {complaint}.
  approved: {by: compliance, on: 2026-01-05}
  status: approved
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("states_machine: true", "states_machine: false", "hides it"),
        ("的智能语音机器人", "的客服小李", "does not say that a machine speaks"),
        ("a machine speaks", "we call", "does not say that a machine speaks"),
        ("机器人。", "机器人，就您的借款。", "before it is verified who listens"),
        ("for {lender}.", "for {lender} about {amount_due}.", "before it is verified who listens"),
        ("{lender}的智能语音机器人。", "智能语音机器人。\n\n      ---\n\n      {lender}", "for whom the machine calls"),
        ("channels: [robot_call]", "channels: [robot_call, call]", "robot_call alone"),
        ("      ---\n\n      您的", "      您的", "before it is verified who listens"),
        ("。\n    en:", "。\n\n      ---\n\n      完\n    en:", "too many lines"),
    ],
)
def test_a_text_that_a_machine_speaks_says_so_at_once_and_no_debt_to_a_stranger(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    (tmp_path / "robot.yaml").write_text(ROBOT, encoding="utf-8")
    assert load_register(tmp_path)["robot"].states["states_machine"]
    assert old in ROBOT
    (tmp_path / "robot.yaml").write_text(ROBOT.replace(old, new), encoding="utf-8")
    with pytest.raises(Flaws, match=said):
        load_register(tmp_path)


def test_a_text_that_says_something_else_has_a_version_of_its_own() -> None:
    """`texts_said.txt` has each version that was ever said; a text that changes gets the next version and a line."""
    lines = Path(__file__).with_name("texts_said.txt").read_text(encoding="utf-8").splitlines()
    said: dict[str, str] = dict(line.split() for line in lines)
    now = {
        f"{one.id}@{one.version}": sha256(canonical({"text": {**one.text}, "title": {**(one.title or {})}})).hexdigest()
        for one in REGISTER.templates.values()
    }
    assert len(said) == len(lines)
    assert {name: said.get(name) for name in now} == now
