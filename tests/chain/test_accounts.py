"""The library of accounts leaves the process as it was: nested JSON from outside is refused, and ends nothing."""

from __future__ import annotations

import subprocess
import sys

NESTED = """
import json, sys
before = sys.getrecursionlimit()
import duecourse.casework.anchoring, duecourse.casework.triggering
assert sys.getrecursionlimit() == before, sys.getrecursionlimit()
try:
    json.loads("[" * 200_000)
except RecursionError:
    print("refused")
"""


def test_nested_json_does_not_end_a_process_that_knows_accounts() -> None:
    done = subprocess.run([sys.executable, "-c", NESTED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr[-500:]
