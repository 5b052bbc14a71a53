"""Clients of the API, many in one process: ``python -m bench._http_load PLAN``; prints what each request took.

The plan is a JSON file: host, port, head (of every request), bodies, clients, and per_second (0: as fast as answers
come). Paced requests are due at fixed instants, and their time counts from then, so that a server that stalls is not
spared the requests that waited. It speaks HTTP/1.1 by hand, since a client library would cost as much as the server.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop


class Load:
    """One run of a plan."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.requests = [self._request(number, body) for number, body in enumerate(plan["bodies"])]
        self.next = 0
        self.taken: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.begun = 0.0

    def _request(self, number: int, body: dict[str, Any]) -> bytes:
        content = json.dumps(body).encode()
        head = self.plan["head"].replace("{number}", str(number))
        return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content

    async def client(self) -> None:
        """One connection that takes the next request until none is left."""
        reader, writer = await asyncio.open_connection(self.plan["host"], self.plan["port"])
        while self.next < len(self.requests):
            number, self.next = self.next, self.next + 1
            due = perf_counter()
            if self.plan["per_second"]:
                due = self.begun + number / self.plan["per_second"]
                await asyncio.sleep(max(0.0, due - perf_counter()))
            writer.write(self.requests[number])
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            self.taken.append(perf_counter() - due)
            self.statuses[int(head.split(b" ", 2)[1])] += 1
        writer.close()

    async def run(self) -> dict[str, Any]:
        """All clients at once."""
        self.begun = perf_counter()
        await asyncio.gather(*(self.client() for _ in range(self.plan["clients"])))
        seconds = perf_counter() - self.begun
        micros = sorted(round(1e6 * one) for one in self.taken)
        return {
            "requests": len(micros),
            "seconds": seconds,
            "p50_us": micros[len(micros) // 2],
            "p99_us": micros[len(micros) * 99 // 100],
            "worst_us": micros[-1],
            "statuses": dict(self.statuses),
        }


if __name__ == "__main__":
    uvloop.install()
    print(json.dumps(asyncio.run(Load(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run())))
