"""The operations of the API: staff.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from duecourse.client.asking import Asking
from duecourse.client.shapes.staff import Absence, Collector, Collectors, RecordMade, Records, RecordsEnded, Team, Teams


class StaffPlaces(Asking):
    """Operations: staff; what is left None is not sent."""

    def list_staff(
        self, *, staff: str | None = None, firm: str | None = None, cursor: str | None = None, most: int | None = None
    ) -> Records:
        """List the register of staff and outside firms: exam, training, undertaking, breaches, contracts."""
        return self._asked(
            Records,
            "GET",
            self._at("/staff"),
            params={"staff": staff, "firm": firm, "cursor": cursor, "most": most},
            again=True,
        )

    def record_staff(
        self,
        *,
        kind: Literal[
            "admission",
            "breach",
            "certificate",
            "contract",
            "degree",
            "evaluation",
            "exam",
            "impact_assessment",
            "inspection",
            "listing",
            "post",
            "private_accounts",
            "publication",
            "registration",
            "subdelegation",
            "subdelegation_consent",
            "training",
            "undertaking",
            "violence",
        ],
        begins: date,
        source: str,
        staff: str | None = None,
        firm: str | None = None,
        until: date | None = None,
        key: str | None = None,
    ) -> RecordMade:
        """Put one thing on record, of a member of staff or of a firm; the gate goes by it from then on."""
        return self._asked(
            RecordMade,
            "POST",
            self._at("/staff"),
            must={"kind": kind, "begins": begins, "source": source},
            may={"staff": staff, "firm": firm, "until": until},
            key=key,
            keyed=True,
        )

    def end_staff_record(
        self,
        *,
        kind: Literal[
            "admission",
            "breach",
            "certificate",
            "contract",
            "degree",
            "evaluation",
            "exam",
            "impact_assessment",
            "inspection",
            "listing",
            "post",
            "private_accounts",
            "publication",
            "registration",
            "subdelegation",
            "subdelegation_consent",
            "training",
            "undertaking",
            "violence",
        ],
        on: date,
        staff: str | None = None,
        firm: str | None = None,
        record: str | None = None,
        key: str | None = None,
    ) -> RecordsEnded:
        """End what stands on record: a post left, a breach closed, a contract ended."""
        return self._asked(
            RecordsEnded,
            "POST",
            self._at("/staff/ending"),
            must={"kind": kind, "on": on},
            may={"staff": staff, "firm": firm, "record": record},
            key=key,
            keyed=True,
        )

    def list_collectors(self, *, cursor: str | None = None, most: int | None = None) -> Collectors:
        """List who works cases: team, skills, languages, cases a day, and absences that are not over."""
        return self._asked(
            Collectors, "GET", self._at("/collectors"), params={"cursor": cursor, "most": most}, again=True
        )

    def add_collector(
        self,
        *,
        team: str,
        skills: Sequence[str],
        languages: Sequence[str],
        capacity: int,
        collector: str,
        begins: date | None = None,
        until: date | None = None,
        key: str | None = None,
    ) -> Collector:
        """Enter a collector; the next day run from the first day on assigns cases."""
        return self._asked(
            Collector,
            "POST",
            self._at("/collectors"),
            must={"team": team, "skills": skills, "languages": languages, "capacity": capacity, "collector": collector},
            may={"begins": begins, "until": until},
            key=key,
            keyed=True,
        )

    def change_collector(
        self,
        collector: str,
        *,
        team: str,
        skills: Sequence[str],
        languages: Sequence[str],
        capacity: int,
        key: str | None = None,
    ) -> Collector:
        """Change team, skills, languages and cases a day of a collector; the next day run goes by it."""
        return self._asked(
            Collector,
            "PUT",
            self._at("/collectors/{collector}", collector),
            must={"team": team, "skills": skills, "languages": languages, "capacity": capacity},
            may={},
            key=key,
            keyed=True,
        )

    def set_leaving(self, collector: str, *, until: date | None, key: str | None = None) -> Collector:
        """Say on which day a collector is gone, or that the collector stays."""
        return self._asked(
            Collector,
            "PUT",
            self._at("/collectors/{collector}/leaving", collector),
            must={"until": until},
            may={},
            key=key,
            keyed=True,
        )

    def enter_absence(
        self,
        collector: str,
        *,
        kind: Literal["leave", "sick", "training", "suspended", "other"],
        first: date,
        back: date,
        key: str | None = None,
    ) -> Absence:
        """Enter an absence; one that begins on the same day is changed by it."""
        return self._asked(
            Absence,
            "POST",
            self._at("/collectors/{collector}/absences", collector),
            must={"kind": kind, "first": first, "back": back},
            may={},
            key=key,
            keyed=True,
        )

    def remove_absence(self, collector: str, first: date, *, key: str | None = None) -> Collector:
        """Take away the absence that begins on a day."""
        return self._asked(
            Collector,
            "POST",
            self._at("/collectors/{collector}/absences/{first}/ending", collector, first),
            key=key,
            keyed=True,
        )

    def list_teams(self) -> Teams:
        """List all teams that anybody belongs to or leads."""
        return self._asked(Teams, "GET", self._at("/teams"), again=True)

    def set_leader(self, team: str, *, leader: str | None, key: str | None = None) -> Team:
        """Say who leads a team: a supervisor who may sign in, or nobody."""
        return self._asked(
            Team, "PUT", self._at("/teams/{team}/leader", team), must={"leader": leader}, may={}, key=key, keyed=True
        )
