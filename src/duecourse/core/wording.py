"""The derivation's words: what each line of `explain` says in the reader's language; used by terminal and screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from duecourse.core.explain import Account
from duecourse.core.money import PPM, half_up, plain

if TYPE_CHECKING:
    from duecourse.core.explain import Line, Working

LINES: dict[str, tuple[str, str]] = {
    "drawdown": ("paid out", "放款"),
    "opening": ("taken over with these balances", "承接余额"),
    "superseded": ("replaced by the opening position", "由承接余额取代"),
    "schedule_given": ("schedule given by the lender", "机构提供的还款计划"),
    "falls_due": ("falls due", "到期"),
    "settled_early": ("due with the early settlement", "随提前结清到期"),
    "due_at_once": ("due at once, no instalment being left", "无剩余期次，立即到期"),
    "accrues_penalty": ("default interest", "罚息"),
    "accrues_compound": ("compound default interest", "复利"),
    "accrues_interest": ("contract interest on overdue principal", "逾期本金合同利息"),
    "money_in": ("money received", "收到款项"),
    "applied": ("money applied", "冲抵"),
    "running": ("interest of the running period", "当期利息"),
    "card_interest": ("interest on purchases", "消费计息"),
    "cuts_principal": ("early repayment of principal", "提前归还本金"),
    "accelerated": ("everything called due", "加速到期"),
    "charged": ("charged", "收取费用"),
    "late_fee": ("late fee on the unpaid minimum", "最低还款额未还部分违约金"),
    "statement": ("statement issued, interest posted", "出账单，计收利息"),
    "minimum_due": ("of which the minimum payment asks for", "其中最低还款额所含本金"),
    "rate_changes": ("new rates", "利率调整"),
    "grace": ("grace days changed", "宽限天数调整"),
    "pause": ("pause begins", "暂停开始"),
    "pause_end": ("pause ends", "暂停结束"),
    "waived": ("waived", "减免"),
    "extended": ("later due days agreed", "展期"),
    "re_aged": ("day counter starts anew", "账龄重置"),
    "capitalised": ("becomes principal of the new schedule", "转为新计划本金"),
    "given_up": ("given up by the restructure", "重组时放弃"),
    "grace_kept": ("not charged: paid within grace", "宽限期内已还，不计收"),
    "held_by_grace": ("held back while grace runs", "宽限期内暂不计收"),
    "plan": ("plan agreed", "约定还款方案"),
    "plan_ends": ("plan ended", "还款方案终止"),
    "bounced": ("payment bounced", "付款被退回"),
    "written_off": ("written off in the lender's accounts; the claim stays", "核销（债权保留）"),
    "sold": ("claim sold", "债权转让"),
    "collateral_note": ("note on collateral", "抵押物备注"),
    "not_for_cards": ("noted; it has no meaning for a card", "仅备注（不适用于信用卡）"),
    "guarantee_note": ("note on a guarantee", "担保备注"),
}
"""English and Chinese for every kind of line."""

ACCOUNTS: dict[Account, tuple[str, str]] = {
    Account.NOT_DUE: ("principal not due", "未到期本金"),
    Account.COST: ("costs", "实现债权费用"),
    Account.FEE: ("fees", "费用"),
    Account.INTEREST: ("interest", "利息"),
    Account.PENALTY: ("default interest", "罚息"),
    Account.COMPOUND: ("compound interest", "复利"),
    Account.PRINCIPAL: ("principal due", "到期本金"),
    Account.CREDIT: ("money held", "溢缴款"),
    Account.ACCRUED: ("interest accrued, not due", "已计未到期利息"),
}


def account_word(account: Account, *, chinese: bool) -> str:
    """The name of an account."""
    return ACCOUNTS[account][chinese]


def line_words(line: Line, currency: str, *, chinese: bool) -> str:
    """What a line says, with its instalment and its arithmetic; amounts by account stand beside it."""
    words = LINES[line.what][chinese]
    if line.instalment:
        words = f"第{line.instalment}期{words}" if chinese else f"instalment {line.instalment}: {words}"
    if line.working and line.until:
        words += f" {_arithmetic(line.working, currency, chinese=chinese)}"
        words += f" （至{line.until}）" if chinese else f" (to {line.until})"
        if line.stepped:
            words += "，为整体舍入之和的增量" if chinese else ", the step of a sum that is rounded as a whole"
    if line.posted:
        parts = " + ".join(_arithmetic(one, currency, chinese=chinese) for one in line.posted)
        words += f"，利息 {parts}" if chinese else f", interest {parts}"
    if line.rates:
        named = zip(_RATES[chinese], line.rates, strict=True)
        words += ("：" if chinese else ": ") + ("，" if chinese else ", ").join(
            f"{name} {rate_words(ppm)}" for name, ppm in named
        )
    return words


_RATES = (("contract", "default", "compound"), ("合同利率", "罚息利率", "复利利率"))


def _arithmetic(w: Working, currency: str, *, chinese: bool) -> str:
    days = f"{w.days}天" if chinese else f"{w.days} {'day' if w.days == 1 else 'days'}"
    yearly = f"{plain(w.base, currency)} × {rate_words(w.rate_ppm)}"
    year = w.denominator // PPM
    if w.share and w.summed:
        added = "（本金×天数）" if chinese else "(principal × days)"
        return f"{plain(w.base, currency)} × {plain(w.rate_ppm, currency)} / {plain(w.denominator, currency)} {added}"
    if w.share:
        return f"{plain(w.base, currency)} × {days} / {year}"
    if w.summed:
        added = f"（{w.days}天年利率逐日累加）" if chinese else f"(the yearly rates of {days} added up)"
        return f"{yearly} / {year} {added}"
    if not w.daily:
        return f"{yearly} × {days} / {year}"
    each = plain(half_up(w.base * w.rate_ppm, w.denominator), currency)
    return (
        f"{yearly} / {year} = 每日{each}（逐日舍入） × {days}"
        if chinese
        else (f"{yearly} / {year} = {each} a day, rounded daily, × {days}")
    )


def rate_words(ppm: int) -> str:
    """An annual rate in per cent, without rounding.

    >>> rate_words(135000), rate_words(500)
    ('13.5 %', '0.05 %')
    """
    whole, rest = divmod(ppm, 10_000)
    digits = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    return f"{digits} %"
