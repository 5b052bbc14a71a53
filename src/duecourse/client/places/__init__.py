"""The operations of the API, each a method under its own name."""

from duecourse.client.places.audits import AuditsPlaces
from duecourse.client.places.calls import CallsPlaces
from duecourse.client.places.cases import CasesPlaces
from duecourse.client.places.figures import FiguresPlaces
from duecourse.client.places.health import HealthPlaces
from duecourse.client.places.holds import HoldsPlaces
from duecourse.client.places.inbound import InboundPlaces
from duecourse.client.places.jobs import JobsPlaces
from duecourse.client.places.law import LawPlaces
from duecourse.client.places.lender import LenderPlaces
from duecourse.client.places.letters import LettersPlaces
from duecourse.client.places.matters import MattersPlaces
from duecourse.client.places.notices import NoticesPlaces
from duecourse.client.places.outbox import OutboxPlaces
from duecourse.client.places.payments import PaymentsPlaces
from duecourse.client.places.people import PeoplePlaces
from duecourse.client.places.permits import PermitsPlaces
from duecourse.client.places.plans import PlansPlaces
from duecourse.client.places.promises import PromisesPlaces
from duecourse.client.places.retention import RetentionPlaces
from duecourse.client.places.staff import StaffPlaces
from duecourse.client.places.statements import StatementsPlaces
from duecourse.client.places.strategies import StrategiesPlaces
from duecourse.client.places.tapes import TapesPlaces
from duecourse.client.places.visits import VisitsPlaces
from duecourse.client.places.waivers import WaiversPlaces
from duecourse.client.places.webhooks import WebhooksPlaces


class Places(
    PermitsPlaces,
    InboundPlaces,
    HoldsPlaces,
    CasesPlaces,
    PromisesPlaces,
    CallsPlaces,
    NoticesPlaces,
    PlansPlaces,
    MattersPlaces,
    WaiversPlaces,
    PaymentsPlaces,
    StatementsPlaces,
    LawPlaces,
    LenderPlaces,
    FiguresPlaces,
    StrategiesPlaces,
    WebhooksPlaces,
    OutboxPlaces,
    LettersPlaces,
    VisitsPlaces,
    JobsPlaces,
    TapesPlaces,
    RetentionPlaces,
    AuditsPlaces,
    PeoplePlaces,
    StaffPlaces,
    HealthPlaces,
):
    """All of them."""
