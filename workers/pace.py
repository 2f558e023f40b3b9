"""How long things may take and how often they are looked at; all of it real time."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """The lengths that the ledger and the sweep live by.

    A submit ends within `submit`, an attempt within `attempt`, a lease lasts `lease`, each longer than the one before.
    A doubt is first looked at after `doubt`, then again at that distance; marketing stays in doubt for `give_up`.
    Transactional messages have at most `attempts` attempts in doubt. What is `overdue` is looked up in Temporal.
    """

    submit: timedelta = timedelta(seconds=20)
    attempt: timedelta = timedelta(seconds=30)
    lease: timedelta = timedelta(seconds=60)
    doubt: timedelta = timedelta(minutes=2)
    give_up: timedelta = timedelta(hours=24)
    attempts: int = 3
    overdue: timedelta = timedelta(minutes=10)
    late: timedelta = timedelta(minutes=10)
    poll: timedelta = timedelta(milliseconds=100)
    sweep: timedelta = timedelta(seconds=5)
    paused: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if not self.submit < self.attempt < self.lease:
            raise ValueError("a submit must end before its attempt, and an attempt before its lease")

    def backoff(self, attempt: int) -> timedelta:
        """How long to leave a provider alone that did not take the message: 2 seconds, doubled, up to a minute."""
        return timedelta(seconds=min(2 ** min(attempt, 6), 60))
