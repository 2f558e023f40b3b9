"""What the API serves from: the database and its clocks, links, the ear for providers, and the keys to each door."""

from collections.abc import Callable
from dataclasses import dataclass, field

from channels.inbound.sendgrid import SendGridEvents
from channels.inbound.twilio import TwilioHooks
from engine.release import Policy
from records.database import Database
from workers.catalogs import LiveCatalogs
from workers.clocks import BusinessClock, RealClock
from workers.ledger.choices import Choices
from workers.ledger.hearing import Hearing
from workers.links import Links


@dataclass(frozen=True, slots=True)
class Doors:
    """Who may come in. A door whose key is missing is shut.

    `help_words` answer a text message that asks for help; without them the provider's own answer has to do.
    """

    write_key: str = field(default="", repr=False)
    sendgrid: SendGridEvents | None = None
    twilio: TwilioHooks | None = None
    help_words: str = ""


def _nobody() -> None:
    """Nobody in this process waits for news."""


@dataclass(frozen=True, slots=True)
class Served:
    """What every route works with. `nudge` says from any thread that something has come in."""

    database: Database
    business: BusinessClock
    real: RealClock
    links: Links
    doors: Doors
    hearing: Hearing
    choices: Choices
    catalogs: LiveCatalogs
    nudge: Callable[[], None] = _nobody

    def policy(self) -> Policy:
        """Topics, senders and address as they are published; empty before."""
        return self.database.read(self.catalogs.current).release.policy


def served(
    database: Database,
    business: BusinessClock,
    real: RealClock,
    links: Links,
    doors: Doors,
    nudge: Callable[[], None] = _nobody,
) -> Served:
    """The same, from what a process has open."""
    hearing, choices = Hearing(database, business, real, links.hashing), Choices(database, business, links.hashing)
    return Served(database, business, real, links, doors, hearing, choices, LiveCatalogs(database), nudge)
