"""Teams: who works cases, with which skills, how many a day, and who is away."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from duecourse.casework import team
from duecourse.casework.rights import Right
from duecourse.storage import collectors, teams, users
from duecourse.trouble import Trouble
from duecourse.web.page import Pages
from duecourse.web.visit import Visit
from duecourse.web.visiting import sentence

pages = Pages("entrance")
_FIELDS = ("collector", "team", "skills", "languages", "capacity", "from", "to")


@pages.get("/teams", right=Right.TEAM_READ)
def every(visit: Visit) -> Response:
    """Collectors by team, and absences from today on."""
    return _every(visit)


@pages.post("/teams/collectors", right=Right.TEAM_WRITE)
def add(visit: Visit) -> Response:
    """Enter a collector; the next day run assigns cases."""
    given = {name: visit.text(name) for name in _FIELDS}
    try:
        with visit.transaction() as tx:
            made = team.add_collector(
                tx, vault=visit.parts.vault, collector_id=given["collector"], team=given["team"],
                skills=given["skills"].split(), languages=given["languages"].split(),
                capacity=visit.number("capacity"), from_day=visit.day("from"),
                to_day=visit.day("to") if given["to"] else None, actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _every(visit, said=sentence(error, visit.choice.language), given=given)
    return visit.go(
        f"/teams/collectors/{made.collector_id}", said=visit.say("Entered; the next day run assigns cases.")
    )


@pages.get("/teams/collectors/{collector}", right=Right.TEAM_READ)
def one(visit: Visit) -> Response:
    """One collector: team, skills, languages, capacity, absences."""
    return _one(visit)


@pages.post("/teams/collectors/{collector}", right=Right.TEAM_WRITE)
def change(visit: Visit) -> Response:
    """Change team, skills, languages or capacity; it counts from the next day run on."""
    try:
        with visit.transaction() as tx:
            team.change_collector(
                tx, vault=visit.parts.vault, collector_id=str(visit.path["collector"]), team=visit.text("team"),
                skills=visit.text("skills").split(), languages=visit.text("languages").split(),
                capacity=visit.number("capacity"), actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _one(visit, said=sentence(error, visit.choice.language))
    return visit.go("/teams", said=visit.say("Changed; the next day run goes by it."))


@pages.post("/teams/collectors/{collector}/leaving", right=Right.TEAM_WRITE)
def leave(visit: Visit) -> Response:
    """Say on which day a collector is gone; without a day: the collector stays."""
    wanted = str(visit.path["collector"])
    try:
        with visit.transaction() as tx:
            team.set_leaving(
                tx, vault=visit.parts.vault, collector_id=wanted,
                to_day=visit.day("gone") if visit.text("gone") else None, actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _one(visit, said=sentence(error, visit.choice.language))
    return visit.go(f"/teams/collectors/{wanted}", said=visit.say("Changed; the next day run goes by it."))


@pages.post("/teams/collectors/{collector}/absences", right=Right.TEAM_WRITE)
def absent(visit: Visit) -> Response:
    """Enter an absence."""
    try:
        with visit.transaction() as tx:
            team.enter_absence(
                tx, vault=visit.parts.vault, collector_id=str(visit.path["collector"]), from_day=visit.day("from"),
                to_day=visit.day("to"), kind=visit.text("kind"), actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _one(visit, said=sentence(error, visit.choice.language))
    return visit.go(f"/teams/collectors/{visit.path['collector']}", said=visit.say("The absence is entered."))


@pages.post("/teams/collectors/{collector}/absences/{day}/end", right=Right.TEAM_WRITE)
def present(visit: Visit) -> Response:
    """Take an absence away."""
    with visit.transaction() as tx:
        team.remove_absence(
            tx, vault=visit.parts.vault, collector_id=str(visit.path["collector"]), from_day=str(visit.path["day"]),
            actor=visit.actor, now=visit.now,
        )  # fmt: skip
    return visit.go(f"/teams/collectors/{visit.path['collector']}", said=visit.say("The absence is taken away."))


@pages.post("/teams/{team}/leader", right=Right.TEAM_WRITE)
def lead(visit: Visit) -> Response:
    """Say who leads a team."""
    try:
        with visit.transaction() as tx:
            team.set_leader(
                tx, vault=visit.parts.vault, team_id=str(visit.path["team"]), user_id=visit.text("leader") or None,
                actor=visit.actor, now=visit.now,
            )  # fmt: skip
    except Trouble as error:
        return _every(visit, said=sentence(error, visit.choice.language))
    return visit.go("/teams")


def _every(visit: Visit, said: str = "", given: Mapping[str, str] | None = None) -> Response:
    with visit.transaction() as tx:
        asked = team.skills_asked(tx, visit.today)
        found, away = collectors.every(tx), collectors.absences(tx, since=visit.today)
        known, everybody = teams.every(tx), users.every(tx)
    return visit.page(
        "entrance/teams.html", status=422 if said else 200, error=said, collectors=found, away=away, today=visit.today,
        leaders={one.team_id: one.led_by for one in known}, teams=[one.team_id for one in known],
        supervisors=[one.user_id for one in everybody if "supervisor" in one.roles and one.disabled_at is None],
        others={one.team_id: [user.user_id for user in everybody if user.team == one.team_id] for one in known},
        away_now={one.collector_id for one in away if one.from_day <= visit.today}, asked=asked,
        given=given or dict.fromkeys(_FIELDS, "") | {"from": visit.today.isoformat()}, adding=given is not None,
    )  # fmt: skip


def _one(visit: Visit, said: str = "") -> Response:
    wanted = str(visit.path["collector"])
    with visit.transaction() as tx:
        found = collectors.get(tx, wanted)
        away = [one for one in collectors.absences(tx, since=visit.today) if one.collector_id == wanted]
        lacks = team.lacks(tx, found, day=max(visit.today, found.from_day))
    return visit.page(
        "entrance/collector.html", status=422 if said else 200, collector=found, away=away, error=said,
        kinds=team.ABSENCES, lacks=lacks,
    )  # fmt: skip
