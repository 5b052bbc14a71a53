"""``duecourse docs cli``: the reference of the command line, written from the commands themselves (docs/cli.md)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from duecourse.trouble import Exit

HIDDEN = True

app = typer.Typer(help="Documents written from the code.")

VARIABLES = {
    "DUECOURSE_HOME": "the data folder; else the nearest `.duecourse` at or above the current folder, or a new one",
    "DUECOURSE_DATABASE_URL": "a PostgreSQL of yours (15 or later) instead of the embedded one; a server that is not "
    "on this machine needs `sslmode=verify-full`",
    "DUECOURSE_LENDER": "the lender that commands are about when they are not told; else `demo`",
    "DUECOURSE_KEYS": "the key ring itself, as JSON",
    "DUECOURSE_KEYS_COMMAND": "a command that prints the key ring (how a KMS or a secrets manager is asked)",
    "DUECOURSE_KEYS_FILE": "a file that holds the key ring; else `keys.json` in the data folder, made at the first use",
    "DUECOURSE_LANG": "`en` or `zh-CN`; else LC_ALL, LC_MESSAGES, LANG",
    "DUECOURSE_PUBLIC_URL": "how readers reach the pages, such as `https://desk.example`: cookies then go by TLS only",
    "DUECOURSE_OIDC_ISSUER": "the identity provider of single sign-on (OpenID Connect), which sends people back to "
    "`/sign-in/sso/back`",
    "DUECOURSE_OIDC_CLIENT": "our name at the identity provider",
    "DUECOURSE_OIDC_SECRET": "our secret at the identity provider",
    "DUECOURSE_WITNESSES": "who is asked to sign each checkpoint of the log while the pages are served: address and "
    "public key of a witness, parted by a space; several are parted by semicolons",
    "DUECOURSE_STAMP_URL": "the time-stamping authority (RFC 3161) that is asked to stamp checkpoints of the log",
    "DUECOURSE_STAMP_CERTIFICATES": "a PEM file: the roots that its stamps are checked by, and what lies between",
    "DUECOURSE_STAMP_POLICY": "the policy, as an object identifier, that its stamps must be of; else any",
    "DUECOURSE_STAMP_MINUTES": "how often a stamp is asked for while the pages are served, where the log has grown; "
    "else 60",
    "DUECOURSE_SIGNING_FILE": "a PKCS#12 file: certificate and key (RSA or EC) that PDFs of the lender's notices are "
    "signed with",
    "DUECOURSE_SIGNING_PASSPHRASE": "its passphrase",
    "DUECOURSE_ANCHOR_NODE": "the node of a chain (EVM), by JSON-RPC, for `duecourse anchor`",
    "DUECOURSE_ANCHOR_CONTRACT": "the address of the contract that holds checkpoints there",
    "DUECOURSE_ANCHOR_KEY_FILE": "a file with the private key of the account that publishes",
    "DUECOURSE_ANCHOR_CONFIRMATIONS": "how many blocks deep a transaction counts; else 1",
    "DUECOURSE_TRIGGER_CONTRACT": "the address of the contract of due days there, for `duecourse trigger`",
    "DUECOURSE_SESSION": "who acts, for acts that are done in somebody's name: what `duecourse user sign-in` prints",
    "DUECOURSE_DEBUG": "anything: errors come with their traceback, which may show personal data",
}

STATUSES = {
    Exit.OK: "done",
    Exit.FOUND: "done, and problems were found: quarantined rows, breaks, a failed verification",
    Exit.USAGE: "the command line is not understood",
    Exit.BAD_INPUT: "a file, mapping, rule or value given to us is wrong",
    Exit.REFUSED: "the law, a policy or a permission says no; the message says what may be done instead",
    Exit.BUSY: "somebody else is doing it; try again later",
    Exit.UNAVAILABLE: "a store, key or program that is needed cannot be reached",
    Exit.FAULT: "a fault of duecourse itself",
    Exit.INTERRUPTED: "stopped by Ctrl-C; nothing is left half done",
    Exit.UNREAD: "the reader of the output went away, as `| head` does; nothing is said of it",
}


@app.command("cli")
def cli() -> None:
    """Print the reference of the command line as Markdown, in English: what docs/cli.md must hold."""
    from duecourse.cli import words
    from duecourse.cli.main import build
    from duecourse.locale import Language

    words.use(Language.EN)
    sys.stdout.write(reference(build()))


@app.command("client")
def client(folder: Annotated[Path, typer.Argument(help="src/duecourse/client, or another folder.")]) -> None:
    """Write the typed client's shapes and operations from the API's description; format them with ruff after it."""
    from duecourse.web.api.application import description
    from duecourse.web.api.client_text import modules

    for place, text in modules(description()).items():
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def reference(tree: TyperGroup) -> str:
    """The reference of a command tree as Markdown; hidden commands are left out."""
    lines = [
        "# The command line",
        "",
        "Written by `duecourse docs cli > docs/cli.md`; do not edit. Noun, then verb: `duecourse NOUN VERB`.",
        "Commands that print data take `--json`: integers only (minor units, ppm), ISO days, one document on stdout;",
        "notes, progress and errors go to stderr. Amounts on a command line are minor units too: 50000 is 500.00.",
        "`duecourse --install-completion` installs completion for your shell.",
        "",
        "## Commands",
        "",
        "| command | what it does |",
        "|---|---|",
        *(f"| [`{name}`](#{name.replace(' ', '-')}) | {_first(command.help)} |" for name, command in verbs(tree)),
        "",
        "## Environment",
        "",
        "| variable | meaning |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in VARIABLES.items()),
        "",
        "## Log",
        "",
        "A command that took over a second or ended in trouble leaves a line in `duecourse.log` of the data folder: a",
        "JSON object with instant, noun and verb, exit status, milliseconds and the message. What may be",
        "personal in it is covered; arguments are never written. Three files of 1 MB are kept.",
        "",
        "## Exit status",
        "",
        "| status | meaning |",
        "|---|---|",
        *(f"| {status:d} | {meaning} |" for status, meaning in STATUSES.items()),
    ]
    for name, command in verbs(tree):
        lines += ["", f"## {name}", "", (command.help or "").strip(), *_parameters(command), *_epilog(command)]
    return "\n".join(lines) + "\n"


def verbs(group: TyperGroup, prefix: str = "duecourse") -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    """Every command that people see, with its whole name, in alphabetical order."""
    for name, below in sorted(group.commands.items()):
        if below.hidden:
            continue
        if isinstance(below, TyperGroup):
            if below.invoke_without_command:
                yield f"{prefix} {name}", below
            yield from verbs(below, f"{prefix} {name}")
        elif isinstance(below, TyperCommand):
            yield f"{prefix} {name}", below


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _epilog(command: TyperCommand | TyperGroup) -> Iterator[str]:
    """What the help ends with; lines that are shown as they are become a block of code."""
    if command.epilog:
        yield ""
        for line in command.epilog.splitlines():
            if line != "\b":
                yield f"  {line}" if line.startswith("  ") else line


def _parameters(command: TyperCommand | TyperGroup) -> Iterator[str]:
    rows = []
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            name = f"`{(parameter.name or '').upper()}`"
            rows.append((name, parameter.required, parameter.default, parameter.help))
        elif isinstance(parameter, TyperOption) and not parameter.hidden and parameter.name != "help":
            names = " / ".join(f"`{word}`" for word in (*parameter.opts, *parameter.secondary_opts))
            rows.append((names, parameter.required, parameter.default, parameter.help))
    if rows:
        yield from ("", "| parameter | meaning |", "|---|---|")
    for name, required, default, text in rows:
        extra = "" if required or default in (None, False, ()) else f" Default: `{default}`."
        yield f"| {name} | {_first(text)}{' Required.' if required else ''}{extra} |"
