"""Permits asked for at the same time go together in one transaction, and nobody's answer is another's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Barrier, Thread

import pytest

from duecourse.casework import permits, together
from duecourse.casework.gate import Gate
from duecourse.casework.permit import Answer, NotARequest, Permit, PermitRequest
from duecourse.casework.together import Together
from duecourse.storage import standing
from duecourse.storage.connection import Database
from duecourse.storage.points import NoSuchPoint
from duecourse.storage.vault import Vault
from duecourse.storage.vault.ring import new_ring
from duecourse.trouble import Trouble
from tests.desk import person
from tests.permit_desk import MORNING, OPERATOR, Clock, a_request, granted, point, refused, set_up

VAULT = Vault(new_ring())
GATE = Gate(VAULT)
PEOPLE = range(1, 9)
SECONDS = 60


@pytest.fixture
def desk(database: Database) -> Database:
    set_up(database, VAULT, *PEOPLE)
    return database


@pytest.fixture
def asker(desk: Database) -> Iterator[Together]:
    one = Together(desk, gate=GATE, clock=Clock())
    yield one
    one.close()


def at_once(desk: Database, *requests: PermitRequest) -> list[Answer | Trouble | None]:
    """The answers of one transaction."""
    asked = [(one, OPERATOR) for one in requests]
    return permits.answer_free(desk, "demo", gate=GATE, asked=asked, clock=Clock())


@contextmanager
def held(desk: Database, request: PermitRequest) -> Iterator[None]:
    """The counters of a request, in somebody else's hands."""
    with desk.transaction("demo") as tx:
        assert standing.locked(standing.lock(tx, [permits.subject_of(request)]))
        yield


def requests_kept(desk: Database) -> int:
    with desk.transaction("demo") as tx:
        return int(str(tx.value("SELECT count(*) FROM permit_request")))


def contacts_kept(desk: Database) -> int:
    with desk.transaction("demo") as tx:
        return int(str(tx.value("SELECT count(*) FROM contact")))


def test_each_is_answered_as_if_it_were_alone(desk: Database) -> None:
    calls = [a_request(desk, number) for number in PEOPLE]
    late = replace(a_request(desk, 1), template_id="no.such.text")
    answers = at_once(desk, *calls, late)
    assert [granted(one).person_id for one in answers[:-1]] == [person(number) for number in PEOPLE]
    assert "cn.matrix" in refused(answers[-1])
    assert (requests_kept(desk), contacts_kept(desk)) == (len(PEOPLE) + 1, len(PEOPLE))
    with desk.transaction("demo") as tx:
        kinds: dict[str, int] = dict(
            tx.execute("SELECT kind, count(*) FROM log_entry WHERE kind LIKE 'permit.%%' GROUP BY 1").fetchall()
        )
    assert kinds == {"permit.granted": len(PEOPLE), "permit.refused": 1}


def test_one_sees_those_granted_before_it(desk: Database) -> None:
    answers = at_once(desk, *(a_request(desk, 1) for _ in range(5)))
    assert [isinstance(one, Permit) for one in answers] == [True, True, True, False, False]
    assert "cn.contact.connected_calls" in refused(answers[3])


def test_who_cannot_be_asked_spoils_nobody(desk: Database) -> None:
    wrong, good = a_request(desk, 1, contact_point_id=999), a_request(desk, 2)
    mail = replace(a_request(desk, 3), contact_point_id=point(desk, 3, "app"))
    found = at_once(desk, wrong, good, mail)
    assert isinstance(found[0], NoSuchPoint)
    assert granted(found[1]).person_id == person(2)
    assert isinstance(found[2], NotARequest)


def test_what_somebody_holds_is_left_to_be_asked_alone(desk: Database) -> None:
    busy, free = a_request(desk, 1), a_request(desk, 2)
    with held(desk, busy):
        found = at_once(desk, busy, free)
    assert found[0] is None
    assert granted(found[1]).person_id == person(2)
    assert requests_kept(desk) == 1


def test_the_same_key_twice_is_answered_once(desk: Database, asker: Together) -> None:
    one = a_request(desk, 1)
    sent = [asker.ask("demo", request=one, actor=OPERATOR) for _ in range(6)]
    assert len({granted(each.result(SECONDS)).permit_id for each in sent}) == 1
    assert contacts_kept(desk) == 1


def test_nobody_waits_for_the_telephone_of_another(desk: Database, asker: Together) -> None:
    busy = a_request(desk, 1)
    with ExitStack() as stack:
        stack.enter_context(held(desk, busy))
        waiting = asker.ask("demo", request=busy, actor=OPERATOR)
        others = [asker.ask("demo", request=a_request(desk, number), actor=OPERATOR) for number in PEOPLE if number > 1]
        assert all(isinstance(one.result(SECONDS), Permit) for one in others)
        assert not waiting.done()
    assert isinstance(waiting.result(SECONDS), Permit)


def test_a_cap_holds_however_many_ask(desk: Database, asker: Together) -> None:
    requests = [a_request(desk, number) for number in (1, 2) for _ in range(24)]
    begin, found = Barrier(len(requests)), []

    def ask(one: PermitRequest) -> None:
        begin.wait(SECONDS)
        found.append(asker.ask("demo", request=one, actor=OPERATOR).result(SECONDS))

    crowd = [Thread(target=ask, args=(one,)) for one in requests]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join(SECONDS)
    given = [one.person_id for one in found if isinstance(one, Permit)]
    assert sorted(given) == sorted([person(1)] * 3 + [person(2)] * 3)
    assert len(found) == len(requests)


def test_who_gave_up_before_his_turn_was_not_asked(desk: Database) -> None:
    asker = Together(desk, gate=GATE, clock=Clock())
    first = a_request(desk, 1)
    with held(desk, first):
        blocking = [
            asker.ask("demo", request=replace(first, idempotency_key=f"held-{n}"), actor=OPERATOR) for n in range(9)
        ]
        gone = [asker.ask("demo", request=a_request(desk, 2), actor=OPERATOR) for _ in range(200)]
        cancelled = [one for one in gone if one.cancel()]
    asker.close()
    assert all(one.done() for one in (*blocking, *gone))
    assert requests_kept(desk) == len(blocking) + len(gone) - len(cancelled)


def test_closing_answers_what_was_asked(desk: Database) -> None:
    asker = Together(desk, gate=GATE, clock=Clock(MORNING))
    sent = [asker.ask("demo", request=a_request(desk, number), actor=OPERATOR) for number in PEOPLE]
    asker.close()
    assert all(isinstance(one.result(0), Permit) for one in sent)
    assert together.CONNECTIONS == together.FLIGHTS + together.ALONE
