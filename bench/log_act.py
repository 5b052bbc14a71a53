"""What its record adds to an act: aim at most 1 ms, one client, each act durable.

The act notes in which language a person wants to be spoken to. It is done whole, and then the same without its record:
the key opened, the row written, whoever watches told. Both in turn, so that they meet the same machine. ACTS names
another size.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

from bench._ground import asked, folder, load, new_database, postgresql
from bench._served import MORNING
from bench.permit_http import ACTOR, LENDER, set_up
from duecourse import app
from duecourse.casework.language import note_language
from duecourse.storage import changes, languages, persons
from duecourse.storage.connection import Database, Tx
from duecourse.storage.migrate import migrate
from duecourse.storage.vault import Vault

ACTS = 3_000


def bare(tx: Tx, vault: Vault, person_id: int) -> None:
    """All that the act does beside its record."""
    vault.person(tx.lender_id, person_id, persons.wrapped(tx, person_id))
    languages.put(tx, person_id, "yue", actor=str(ACTOR), now=MORNING)
    changes.tell(tx, person_id, by=str(ACTOR))


def main() -> str:
    """Measure and return the table."""
    acts = asked("ACTS", ACTS)
    with folder() as home, postgresql(home) as (place, version):
        url = new_database(place, "acts")
        migrate(url)
        vault = app.vault_of(app.settings({"DUECOURSE_HOME": str(home)}))
        with Database(url) as database:
            set_up(database, home, 1_000)
            with database.transaction(LENDER.lender_id) as tx:
                people = [int(str(row[0])) for row in tx.execute("SELECT person_id FROM person LIMIT 1000").fetchall()]

            def timed(number: int, *, whole: bool) -> float:
                begun = perf_counter()
                with database.transaction(LENDER.lender_id) as tx:
                    if whole:
                        note_language(
                            tx, vault=vault, person_id=people[number % len(people)], language="yue", actor=ACTOR,
                            now=MORNING,
                        )  # fmt: skip
                    else:
                        bare(tx, vault, people[number % len(people)])
                return (perf_counter() - begun) * 1000

            for number in range(200):  # plans are made, pages are read
                timed(number, whole=number % 2 == 0)
            pairs = [(timed(number, whole=True), timed(number, whole=False)) for number in range(acts)]
            with database.transaction(LENDER.lender_id) as tx:
                kept = tx.value("SELECT count(*) FROM log_entry WHERE kind = 'person.language'")
    assert kept == acts + 100
    with_record, without = (sorted(one[part] for one in pairs) for part in (0, 1))
    added = [one - other for one, other in pairs]
    return (
        f"{acts:,} acts, {version}, load {load()}.\n\n"
        "| act | p50 ms | p99 ms | aim |\n|---|---|---|---|\n"
        f"| with its record | {median(with_record):.2f} | {with_record[acts * 99 // 100]:.2f} | - |\n"
        f"| without | {median(without):.2f} | {without[acts * 99 // 100]:.2f} | - |\n"
        f"| what the record adds, median of the pairs | {median(added):.2f} | - | 1 ms |\n"
    )
