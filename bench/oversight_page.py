"""Pages of those who answer for others, from prepared sums, on a million loans' desk: aim p95 500 ms at most.

``PEOPLE=140000 ASKED=60 make bench BENCH=oversight_page`` makes it smaller. The day's sums are written as a day
run writes them, compared with the rows that they were taken from, and the pages are then asked by two readers.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

from bench import _desk_ground
from bench._ground import asked, folder, load, new_database, postgresql
from bench.permit_http import counted, served
from duecourse import app
from duecourse.book.store import Store
from duecourse.casework.actor import Role
from duecourse.casework.figures.asking import FIGURES
from duecourse.casework.figures.book import COSTLY, STAGES
from duecourse.casework.figures.figure import Ground, Span
from duecourse.casework.figures.preparing import LOOKED_BACK, differences, prepare_days
from duecourse.casework.sign_in import begin_session
from duecourse.casework.user import add_user
from duecourse.storage import users
from duecourse.storage.connection import BATCH, Database
from duecourse.storage.migrate import migrate
from duecourse.storage.vault import Vault

ASKED, READERS, WORKERS = 120, 2, 1
PAGES = ("/overview", "/floor", "/refusals", "/figures/case.open", "/figures/case.open/rows", "/figures/proposal.asked")
AIM_MS = 500


def session(database: Database, vault: Vault) -> str:
    """The cookie of a supervisor who is signed in."""
    now = _desk_ground.MORNING
    with database.transaction("demo") as tx:
        add_user(tx, vault=vault, user_id="leader", team=None, actor=_desk_ground.ACTOR, now=now)
        users.grant(tx, "demo", "leader", Role.SUPERVISOR.value, by="bench", now=now)
        user = users.get(tx, "leader")
        return begin_session(tx, vault=vault, user=user, proof="sso", agent="bench", now=now, chance=os.urandom).cookie


def read(port: int, cookie: str, path: str, times: int) -> list[float]:
    """How long each answer took, in ms."""
    took = []
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    for _ in range(times):
        begun = perf_counter()
        connection.request("GET", path, headers={"Cookie": f"duecourse={cookie}"})
        answer = connection.getresponse()
        body = answer.read()
        took.append(1000 * (perf_counter() - begun))
        assert answer.status == 200, (path, answer.status, body[:300])
    connection.close()
    return took


def main() -> str:
    """Make the desk, prepare, prove, measure."""
    people, count = asked("PEOPLE", _desk_ground.PEOPLE), asked("ASKED", ASKED)
    with folder() as home, postgresql(home / "postgresql") as (place, version):
        url = new_database(place, "desk")
        migrate(url)
        with Database(url, limits=BATCH) as database:
            vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
            made = _desk_ground.set_up(database, vault, people)
            counted(url)
            store = Store(Path(home) / "book" / "demo")
            day, now = _desk_ground.DAY, _desk_ground.MORNING
            begun = perf_counter()
            with database.transaction("demo") as tx:
                prepare_days(day, now, Ground(tx, store, now), but=(STAGES.name,))
            prepared = perf_counter() - begun
            with database.transaction("demo") as tx:
                days, ground = Span(day.replace(day=1), day), Ground(tx, store, now)
                wrong = [
                    one for of in FIGURES.values() if of.name not in COSTLY for one in differences(of, days, ground)
                ]
                opened = tx.value("SELECT count(*) FROM cases WHERE closed_day IS NULL")
            assert not wrong, wrong[:5]
            cookie = session(database, vault)
        rows = []
        with (
            served(url, home, WORKERS, lender_id=_desk_ground.LENDER.lender_id) as port,
            ThreadPoolExecutor(READERS) as readers,
        ):
            for path in PAGES:
                read(port, cookie, path, 3)
                each = [readers.submit(read, port, cookie, path, count // READERS) for _ in range(READERS)]
                took = sorted(ms for one in each for ms in one.result())
                p50, p95 = (took[min(len(took) - 1, len(took) * part // 100)] for part in (50, 95))
                rows.append(f"| {path} | {len(took)} | {p50:.0f} | {p95:.0f} | {took[-1]:.0f} |")
        busy = load()
    sizes = ", ".join(f"{number:,} {name}" for name, number in made.sizes.items())
    return "\n".join(
        [
            f"{version}, {WORKERS} web process, {READERS} readers without a pause; machine load {busy}.",
            "",
            f"Rows: {sizes}; {opened:,} open cases.",
            f"Sums of a day and of {LOOKED_BACK} days before it prepared in {prepared:.1f} s, equal to their rows.",
            "",
            "| page | requests | p50 ms | p95 ms | worst ms |",
            "|---|---:|---:|---:|---:|",
            *rows,
            "",
            f"Aim: p95 ≤ {AIM_MS} ms.",
        ]
    )


if __name__ == "__main__":
    print(main())
