"""Users at work, many in one process: ``python -m bench._pages_load PLAN``; prints what their pages took, by kind.

The plan is a JSON file: host, port, cookies and cases by user, values to look for, seconds, warm (seconds that are not
counted), think_ms (the mean between a page and the next) and seed. Each user opens the list with the live answers of
its rows, then cases with what may be done now, as the browser does, and looks somebody up now and then.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import uvloop

from duecourse.web.csrf import token

KINDS = ("worklist", "answers", "case", "openings", "happenings", "search")


class User:
    """One user with one connection."""

    def __init__(
        self, plan: dict[str, Any], number: int, taken: list[tuple[str, float, float]], seen: Counter[int]
    ) -> None:
        self.plan = plan
        self.cookie = plan["cookies"][number]
        self.cases: list[int] = plan["cases"][number]
        self.rng = Random(plan["seed"] * 1_000 + number)
        self.taken, self.seen = taken, seen
        self.begun = 0.0

    async def work(self, begun: float) -> None:
        """Open pages until the time is over."""
        self.begun = begun
        self.reader, self.writer = await asyncio.open_connection(self.plan["host"], self.plan["port"])
        await asyncio.sleep(self.rng.random() * self.plan["think_ms"] / 1_000)
        while perf_counter() - begun < self.plan["seconds"]:
            drawn = self.rng.random()
            if drawn < 0.25:
                await self.open_list()
            elif drawn < 0.85:
                await self.open_case()
            else:
                await self.look_up()
            await asyncio.sleep(self.rng.expovariate(1_000 / self.plan["think_ms"]))
        self.writer.close()

    async def open_list(self) -> None:
        """The list, then the live answers of its rows, ten at a time."""
        stage = self.rng.choice(("", "", "?stage=M2", "?min=1000", "?scope=all"))
        await self.ask("worklist", f"/worklist{stage}")
        for start in range(0, 50, 10):
            shown = self.cases[start : start + 10]
            await self.ask("answers", "/worklist/answers?" + urlencode([("case", one) for one in shown]))

    async def open_case(self) -> None:
        """A case, what may be done now, and at times more of what happened."""
        case = self.rng.choice(self.cases)
        await self.ask("case", f"/cases/{case}")
        await self.ask("openings", f"/cases/{case}/openings")
        if self.rng.random() < 0.1:
            await self.ask("happenings", f"/cases/{case}/happenings?kind=contact")

    async def look_up(self) -> None:
        """Somebody, by a value."""
        said = urlencode({"csrf": token(self.cookie, os.urandom), "q": self.rng.choice(self.plan["looked_for"])})
        await self.ask("search", "/search", said)

    async def ask(self, kind: str, path: str, body: str = "") -> None:
        """One request and its whole answer."""
        head = [
            f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: bench", f"Cookie: duecourse={self.cookie}",
            "Accept: text/html", "Accept-Encoding: gzip",
        ]  # fmt: skip
        if body:
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        began = perf_counter()
        self.writer.write(("\r\n".join(head) + "\r\n\r\n" + body).encode())
        said = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if b"transfer-encoding: chunked" in said:
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readexactly(2)
        else:
            await self.reader.readexactly(int(said.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
        self.taken.append((kind, began, perf_counter() - began))
        self.seen[int(said.split(b" ", 2)[1])] += 1


async def main(plan: dict[str, Any]) -> dict[str, Any]:
    """All users at once."""
    taken: list[tuple[str, float, float]] = []
    seen: Counter[int] = Counter()
    begun = perf_counter()
    await asyncio.gather(*(User(plan, number, taken, seen).work(begun) for number in range(len(plan["cookies"]))))
    counted = [(kind, took) for kind, began, took in taken if began - begun >= plan["warm"]]
    found: dict[str, Any] = {"statuses": dict(seen), "seconds": plan["seconds"] - plan["warm"]}
    for kind in (*KINDS, "all"):
        micros = sorted(round(1e6 * took) for one, took in counted if kind in {one, "all"})
        if micros:
            found[kind] = {
                "requests": len(micros),
                **{f"p{part}_us": micros[min(len(micros) * part // 100, len(micros) - 1)] for part in (50, 95, 99)},
                "worst_us": micros[-1],
            }
    return found


if __name__ == "__main__":
    uvloop.install()
    print(json.dumps(asyncio.run(main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))))
