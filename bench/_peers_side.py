"""The side of `gate_batch` that runs in an environment of its own: ZEN and Cedar decide contacts, one after the other.

    python _peers_side.py JOB.json RESULT.json

The job holds the rules in each peer's own words and the contacts; the result, for each peer, the seconds of each round
and, for each contact, the rules that refuse it. Only the deciding is timed: not the reading of rules or contacts. Each
peer gets a process per core, since it decides on one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

Contact = dict[str, Any]
Decide = Callable[[list[Contact]], list[list[str]]]


def zen_compiled(job: dict[str, Any]) -> Decide:
    """ZEN's first path: one compiled expression that lists every rule's answer."""
    import zen  # type: ignore[import-not-found]  # noqa: PLC0415 - installed where this runs

    expression, ids = zen.compile_expression(job["zen_expression"]), job["rules"]

    def decide(contacts: list[Contact]) -> list[list[str]]:
        found = []
        for contact in contacts:
            answers = expression.evaluate(contact)
            found.append([name for name, no in zip(ids, answers, strict=True) if no])
        return found

    return decide


def zen_table(job: dict[str, Any]) -> Decide:
    """ZEN's second path: a decision table, one row per rule."""
    import zen  # noqa: PLC0415 - as above

    decision = zen.ZenEngine().create_decision(json.dumps(job["zen_table"]))

    def decide(contacts: list[Contact]) -> list[list[str]]:
        return [[row["rule"] for row in decision.evaluate(contact)["result"]] for contact in contacts]

    return decide


def cedar(job: dict[str, Any]) -> Decide:
    """Cedar: one forbidding policy per rule, the contact's facts as context, asked in one batch."""
    import cedarpy  # type: ignore[import-not-found]  # noqa: PLC0415 - as above

    who = {"principal": 'Sender::"s"', "action": 'Action::"contact"', "resource": 'Person::"p"'}
    policies, ids = cedarpy.PolicySet.from_str(job["cedar"]), job["rules"]

    def decide(contacts: list[Contact]) -> list[list[str]]:
        requests = [{**who, "context": {k: v for k, v in one.items() if v is not None}} for one in contacts]
        results = cedarpy.is_authorized_batch(requests, policies, [])
        # The permitting policy is the first, so the rules' are numbered from 1.
        return [
            [] if one.allowed else [ids[int(reason.removeprefix("policy")) - 1] for reason in one.diagnostics.reasons]
            for one in results
        ]

    return decide


PEERS = {"zen_compiled": zen_compiled, "zen_table": zen_table, "cedar": cedar}


def timed(peer: str, place: str, part: int, parts: int) -> tuple[float, list[list[str]]]:
    """One process's share of the contacts: seconds of deciding, and the answers."""
    job = json.loads(Path(place).read_text(encoding="utf-8"))
    contacts = job["contacts"][peer][part::parts]
    decide = PEERS[peer](job)
    decide(contacts[:50])
    begun = perf_counter()
    found = decide(contacts)
    return perf_counter() - begun, found


def main(place: str, result: str) -> None:
    """Run every peer of the job, so many rounds each."""
    job = json.loads(Path(place).read_text(encoding="utf-8"))
    parts = job["processes"]
    told: dict[str, Any] = {}
    for peer in job["contacts"]:
        rounds = []
        for _ in range(job["rounds"]):
            with ProcessPoolExecutor(parts) as pool:
                shares = list(pool.map(timed, *zip(*((peer, place, n, parts) for n in range(parts)), strict=True)))
            rounds.append(max(seconds for seconds, _ in shares))
        answers: list[list[str]] = [[]] * len(job["contacts"][peer])
        for part, (_, found) in enumerate(shares):
            answers[part::parts] = found
        told[peer] = {"seconds": rounds, "answers": answers}
    Path(result).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
