"""Checks what the evidence log of a lender proves, with Python's standard library alone.

仅用 Python 标准库核验机构存证日志所证明的内容。

    python3 verify_duecourse.py BUNDLE.zip [--key KEY] [--witness KEY]... [--openssl] [--node URL] [--lang zh]
    python3 verify_duecourse.py BUNDLE.zip HANDED.tlog-proof --key KEY
    python3 verify_duecourse.py RECORD.json RECORD.tlog-proof --key KEY
    python3 verify_duecourse.py DECISION.json --key KEY
    python3 verify_duecourse.py PAPER.pdf --key KEY
    python3 verify_duecourse.py OLD-CHECKPOINT CONTINUATION --key KEY

This file needs nothing of duecourse: read it, or write your own from docs/evidence.md. It is given a bundle of
evidence, or a record and its proof, or a decision, or a notice or a certificate of destruction (the PDF, or the proof
in it), or an earlier checkpoint and what continues it, and says of each thing that it shows whether it holds, does not
hold, or was not checked. What it cannot check is never called good: the program openssl is asked about time stamps, and
a node about anchors on a chain, only where the reader says so, and then that is told. Exit status: 0 all that was
checked holds, 1 something does not, 2 not understood.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from duecourse.evidence.verifier.checks import checked
from duecourse.evidence.verifier.outside import Outside
from duecourse.evidence.verifier.report import LANGUAGES
from duecourse.evidence.verifier.sentences import SAYS


def main(arguments: list[str]) -> int:
    """Check what is named on the command line and print what was found."""
    parser = argparse.ArgumentParser(description="核验存证日志的证明 / checks what an evidence log proves")
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        help="BUNDLE.zip | RECORD.json RECORD.tlog-proof | DECISION.json | PAPER.pdf | OLD NEW",
    )
    parser.add_argument(
        "--key", help="the log's public key, as the lender gave it to you before / 机构事先提供的日志公钥"
    )
    parser.add_argument("--witness", action="append", default=[], help="a witness's public key / 见证方公钥")
    parser.add_argument(
        "--openssl", action="store_true", help="have the program openssl check time stamps / 由 openssl 程序核验时间戳"
    )
    parser.add_argument(
        "--stamp-ca", type=Path, help="certificates of the time-stamping authority, PEM / 时间戳机构的证书"
    )
    parser.add_argument("--node", help="a node of the chain, to be asked about anchors / 用于核验上链锚定的节点地址")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language / 语言")
    given = parser.parse_args(arguments)
    try:
        files = [(path.name, path.read_bytes()) for path in given.files]
        certificates = given.stamp_ca.read_text("utf-8") if given.stamp_ca else None
    except (OSError, UnicodeDecodeError) as error:
        sys.stdout.write(f"{error}\n{SAYS['fails'][LANGUAGES.index(given.lang)]}\n")
        return 1
    report = checked(files, given.key, given.witness, Outside(given.openssl, certificates, given.node))
    sys.stdout.write(report.text(LANGUAGES.index(given.lang)))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
