"""A content as an e-mail in HTML, as a fragment of a page, as plain text, and as what a lock screen may show."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import segno

from duecourse.channels.render.blocks import Block, Cell, Kind
from duecourse.channels.render.content import Content, Verify

_CHECK = {
    "zh": "核验真伪：打开以下网址，或在官网核验页输入核验码。",
    "en": "To check that this notice is genuine, open the page below, or enter the code on our verify page.",
}
_STOP = {"zh": "不再向此邮箱发送：", "en": "To stop e-mails to this address:"}
_PUSHED = {"zh": "您有一条新消息，请打开应用查看。", "en": "You have a new message. Open the app to read it."}
_LISTS = {Kind.LIST: "ul", Kind.NUMBERED: "ol", Kind.TICKS: "ul"}
_FRAME = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{subject}</title><style>
body{{margin:0;padding:24px 12px;background:#f5f6f7;color:#17212b;font:16px/1.65 system-ui,"PingFang SC",\
"Microsoft YaHei","Noto Sans SC",sans-serif}}
.paper{{max-width:600px;margin:auto;padding:32px;background:#fff;border-top:3px solid #0b5563;border-radius:6px}}
.paper-sender{{margin:0 0 24px;color:#52606d}}h1,h2{{line-height:1.3;margin:1.2em 0 .5em}}\
h1{{font-size:22px;margin-top:0}}
h2{{font-size:17px}}table{{width:100%;border-collapse:collapse;margin:16px 0}}th,td{{padding:8px 6px;\
border-bottom:1px solid #d5dbe1;text-align:left;vertical-align:top}}td:last-child,th:last-child{{text-align:right}}
.paper-off{{margin-top:28px;text-align:right}}.paper-code{{margin-top:32px;padding-top:16px;\
border-top:1px solid #d5dbe1;color:#52606d;font-size:14px;overflow-wrap:anywhere}}
.paper-stop{{max-width:600px;margin:16px auto 0;padding:0 32px;color:#52606d;font-size:13px;overflow-wrap:anywhere}}\
.paper-stop a{{color:inherit}}
.paper-ticks{{list-style:none;padding-left:4px}}.code{{letter-spacing:.06em;font-weight:600;color:#17212b}}
@media (prefers-color-scheme:dark){{body{{background:#11161a;color:#e3e9ee}}.paper{{background:#192026;\
border-color:#6cc7d6}}.paper-sender,.paper-code,.paper-stop{{color:#9fadb9}}.code{{color:#e3e9ee}}th,td,.paper-code{{border-color:#33404a}}}}
</style></head><body>{body}</body></html>
"""


@dataclass(frozen=True, slots=True)
class Push:
    """A push message: what a lock screen shows, and what the app shows once it is open."""

    title: str
    alert: str
    body: str


def html(content: Content) -> str:
    """A fragment of a page: an article, every word escaped; with code and QR where the notice has them."""
    title = f"<h2>{escape(content.title)}</h2>" if content.title else ""
    words = "".join(map(_block, content.blocks))
    return f'<article class="paper" lang="{_tag(content)}">{title}{words}{_verified(content, picture=True)}</article>'


def mail(content: Content, *, stop: str = "") -> str:
    """A whole e-mail in HTML. It loads nothing from anywhere, and its subject says nothing of a debt.

    ``stop`` is the page that stops e-mails to its reader.
    """
    title = f"<h1>{escape(content.title)}</h1>" if content.title else ""
    sender = f'<p class="paper-sender">{escape(content.sender)}</p>' if content.sender else ""
    words = "".join(map(_block, content.blocks))
    url = escape(stop)
    end = f'<p class="paper-stop">{_STOP[content.lang]} <a href="{url}">{url}</a></p>' if stop else ""
    body = f'<article class="paper">{sender}{title}{words}{_verified(content, picture=False)}</article>{end}'
    return _FRAME.format(lang=_tag(content), subject=escape(content.subject), body=body)


def text(content: Content, *, stop: str = "") -> str:
    """Plain text: title, paragraphs, code and address; ``stop`` as in `mail`."""
    code = f"{_CHECK[content.lang]}\n{content.verify.code}\n{content.verify.url}" if content.verify else ""
    said = (content.title, *map(_plain, content.blocks), code, f"{_STOP[content.lang]} {stop}" if stop else "")
    return "\n\n".join(part for part in said if part) + "\n"


def push(content: Content) -> Push:
    """A push message whose lock screen says nothing of a debt, whatever the text says."""
    return Push(content.subject, _PUSHED[content.lang], text(content).strip())


def _tag(content: Content) -> str:
    return "zh-CN" if content.lang == "zh" else content.lang


def _inline(cell: Cell) -> str:
    said = ((escape(words).replace("\n", "<br>"), strong) for words, strong in cell)
    return "".join(f"<strong>{words}</strong>" if strong else words for words, strong in said)


def _block(block: Block) -> str:
    match block.kind:
        case Kind.CUT:
            return "<hr>"
        case Kind.TABLE | Kind.LINES:
            return f"<table><thead>{_row(block, 0, 'th scope=col')}</thead><tbody>{_body(block)}</tbody></table>"
        case Kind.LIST | Kind.NUMBERED | Kind.TICKS:
            name, box = _LISTS[block.kind], "☐ " if block.kind is Kind.TICKS else ""
            kind = ' class="paper-ticks"' if box else ""
            items = "".join(f"<li>{box}{''.join(map(_inline, row))}</li>" for row in block.rows)
            return f"<{name}{kind}>{items}</{name}>"
    name = {Kind.HEADING: "h2", Kind.SIGN_OFF: 'p class="paper-off"'}.get(block.kind, "p")
    return f"<{name}>{''.join(_inline(cell) for row in block.rows for cell in row)}</{name.split(maxsplit=1)[0]}>"


def _row(block: Block, place: int, name: str) -> str:
    cells = "".join(f"<{name}>{_inline(cell)}</{name.split(maxsplit=1)[0]}>" for cell in block.rows[place])
    return f"<tr>{cells}</tr>"


def _body(block: Block) -> str:
    return "".join(_row(block, place, "td") for place in range(1, len(block.rows)))


def _plain(block: Block) -> str:
    lines = block.words().splitlines()
    match block.kind:
        case Kind.CUT:
            return "- " * 20
        case Kind.LIST | Kind.TICKS:
            return "\n".join(f"{'[ ]' if block.kind is Kind.TICKS else '-'} {line}" for line in lines)
        case Kind.NUMBERED:
            return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, 1))
        case Kind.TABLE | Kind.LINES:
            return "\n".join(
                "  ".join("".join(words for words, _ in cell) for cell in row).rstrip() for row in block.rows
            )
    return block.words()


def _verified(content: Content, *, picture: bool) -> str:
    if content.verify is None:
        return ""
    drawn = qr(content.verify) if picture else ""
    url = escape(content.verify.url)
    return (
        f'<footer class="paper-code">{drawn}<p>{_CHECK[content.lang]}<br><span class="code">'
        f'{escape(content.verify.code)}</span><br><a href="{url}">{url}</a></p></footer>'
    )


MASK = 3
"""The pattern laid over a code. Readers read all eight; trying which is best takes longer than the rest of the page."""


def qr(verify: Verify) -> str:
    """The code that leads to the verify page, as SVG."""
    code = segno.make(verify.url, error="m", boost_error=False, mask=MASK, micro=False)
    return code.svg_inline(scale=3, border=4, dark="#000", light="#fff")
