"""A bundle of 10,000 records verified with no network: aim 2 s, by the file in Python and by the browser's program.

Each time a process of its own, from its start to its end: Python with the standard library alone, and Node with what
runs in the browser. The records stand in a log of TREE records. RECORDS and TREE name other sizes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

from bench._ground import asked, folder, load, seconds, shown
from bench._log_ground import LOG, NOW, STATED, leaf, signed
from duecourse.evidence import record, verifier
from duecourse.evidence.proof import Proof
from duecourse.evidence.tree import inclusion_proof, nodes_of, root_of
from duecourse.evidence.witness import Submission

RECORDS, TREE = 10_000, 1_000_000
HERE = Path(__file__).parent
COMMANDS = "import sys; sys.path[:0] = ['requirements']; import assets, json; print(json.dumps(assets.commands()[0]))"
CHECKS = (HERE.parent / "src" / "duecourse" / "web" / "assets" / "verifier" / "checks.js").as_uri()
NODE = """
import { readFileSync } from "node:fs";
const { checked } = await import(process.argv[1]);
const content = new Uint8Array(readFileSync(process.argv[2]));
const report = checked([{ name: "b.zip", content }], process.argv[3], []);
console.log(report.lines.filter((line) => line.mark === 0).length, report.failed);
"""


def bundle(path: Path, records: int, tree: int) -> int:
    """Write the bundle; each record shows one fact. Returns its bytes."""
    built, opened, secret = [], [], bytes(32)
    for number in range(records):
        one = record.build(
            record_id=f"demo/{number}", kind="permit.granted", at=NOW, actor="a" * 32, subject="b" * 32, stated=STATED,
            facts={"about": {"person": str(number)}}, secret=secret,
        )  # fmt: skip
        built.append(one)
        opened.append(record.open_fact(one.content, "about", {"person": str(number)}, secret))
    step = tree // records
    leaves = [built[n // step].leaf_hash if n % step == 0 and n // step < records else leaf(n) for n in range(tree)]
    node = nodes_of(leaves)
    note = signed(tree, root_of(0, tree, node))
    files, listed = {"key": f"{LOG.key}\n", "continuation": str(Submission(tree, (), note))}, []
    for number, (one, opening) in enumerate(zip(built, opened, strict=True)):
        name = f"records/{number}"
        files[f"{name}.json"] = one.content.decode()
        files[f"{name}.tlog-proof"] = str(Proof(number * step, tuple(inclusion_proof(number * step, tree, node)), note))
        shown_fact = [{"field": opening.field, "value": opening.value, "salt": opening.salt.hex()}]
        files[f"{name}.facts.json"] = json.dumps(shown_fact)
        listed.append({"file": f"{name}.json", "proof": f"{name}.tlog-proof", "openings": f"{name}.facts.json"})
    files["bundle.json"] = json.dumps(
        {"records": listed, "decisions": [], "continuation": "continuation", "texts": [], "left_out": 0,
         "unproven_days": [], "further": [], "stamps": [], "anchors": []}
    )  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return path.stat().st_size


def main() -> str:
    """Measure and return the table."""
    records, tree = asked("RECORDS", RECORDS), asked("TREE", TREE)
    found = subprocess.run([sys.executable, "-c", COMMANDS], cwd=HERE.parent, capture_output=True, check=True)
    node = json.loads(found.stdout)
    with folder() as home:
        path, program = home / "bundle.zip", home / "verify_duecourse.py"
        size = bundle(path, records, tree)
        program.write_text(verifier.joined(), encoding="utf-8")

        def python() -> None:
            command = [sys.executable, "-I", "-S", str(program), str(path), "--key", str(LOG.key)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            assert said.count("         holds  ") == 2 * records + 2
            assert said.endswith("All that was checked holds.\n")

        def browsers() -> None:
            command = [*node, "--no-warnings", "--input-type=module", "-e", NODE, CHECKS, str(path), str(LOG.key)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            assert said == f"{2 * records + 2} false\n"

        by_python, by_node = seconds(python), seconds(browsers)
    return (
        f"{records:,} records with a fact each, of a log of {tree:,}; {size / 1e6:.1f} MB; load {load()}.\n\n"
        "| verifier | seconds: median (least-most) | aim |\n|---|---|---|\n"
        f"| the file in Python {sys.version.split()[0]} | {shown(by_python)} | 2 s |\n"
        f"| the browser's program, in Node | {shown(by_node)} | 2 s |\n"
    )
