"""The line to a node: kept for thousands of reads, and let go when the program ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.chain_node import chain

PROGRAM = """
import sys
from duecourse.chain.node import Node
print([Node(sys.argv[1]).height() for _ in range(3)])
"""


def test_no_line_to_a_node_is_left_open_at_the_end_of_a_program(tmp_path: Path) -> None:
    with chain(tmp_path) as running:
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM, running.node.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[0, 0, 0]\n", "")
