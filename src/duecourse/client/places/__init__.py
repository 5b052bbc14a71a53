"""The operations of the API, each a method under its own name."""

from duecourse.client.places.cases import CasesPlaces
from duecourse.client.places.figures import FiguresPlaces
from duecourse.client.places.health import HealthPlaces
from duecourse.client.places.holds import HoldsPlaces
from duecourse.client.places.jobs import JobsPlaces
from duecourse.client.places.law import LawPlaces
from duecourse.client.places.lender import LenderPlaces
from duecourse.client.places.people import PeoplePlaces
from duecourse.client.places.permits import PermitsPlaces
from duecourse.client.places.strategies import StrategiesPlaces
from duecourse.client.places.tapes import TapesPlaces
from duecourse.client.places.webhooks import WebhooksPlaces


class Places(
    PermitsPlaces,
    HoldsPlaces,
    CasesPlaces,
    LawPlaces,
    LenderPlaces,
    FiguresPlaces,
    StrategiesPlaces,
    WebhooksPlaces,
    JobsPlaces,
    TapesPlaces,
    PeoplePlaces,
    HealthPlaces,
):
    """All of them."""
