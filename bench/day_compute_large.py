"""Ten million loans × 12 replayed, shard by shard as the day run does: linear in the book, within 8 GiB.

The same code as `day_compute`, on ten times as many loans. LOANS names another size.
"""

from __future__ import annotations

from bench.day_compute import main as measured

LOANS = 10_000_000


def main() -> str:
    """Measure, and give the table."""
    return measured(LOANS)


if __name__ == "__main__":
    print(main())
