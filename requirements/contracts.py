"""Compiles the contracts: ``python requirements/contracts.py`` writes beside each what it compiles to.

A test compiles them too and compares, so that what is shipped is what the source says.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "duecourse" / "chain"


def compiled(source: Path) -> str:
    """What is shipped beside a source: compiler, interface, the code that deploys it and the code that then stands."""
    command = [str(Path(sys.executable).with_name("vyper")), "-f", "combined_json", source.name]
    said = json.loads(subprocess.run(command, cwd=source.parent, capture_output=True, check=True).stdout)
    one = said[source.name]
    kept = {
        "compiler": said["version"],
        "abi": one["abi"],
        "bytecode": one["bytecode"],
        "runtime": one["bytecode_runtime"],
    }
    return json.dumps(kept, indent=1) + "\n"


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.vy")):
        path.with_suffix(".json").write_text(compiled(path), encoding="utf-8")
