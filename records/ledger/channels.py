"""Channels that are paused: by a provider that refuses our key, or by somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from engine.words import Channel
from records.inserting import insert_into
from records.tables import channel

DENIED = "denied"
"""How the reason begins where a provider has refused us."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A channel over which nothing goes, since when (real time) and why."""

    channel: Channel
    since: datetime
    reason: str


def pause(connection: Connection, name: Channel, reason: str, now: datetime) -> None:
    """Nothing goes over this channel until somebody resumes it."""
    _pause(connection, name, reason, now)


def deny(connection: Connection, name: Channel, reason: str, now: datetime) -> None:
    """A provider has refused us: nothing goes. What somebody has paused already stays paused by them."""
    _pause(connection, name, reason, now, channel.c.paused_at.is_(None) | channel.c.reason.startswith(DENIED))


def resume(connection: Connection, name: Channel) -> bool:
    """Let a channel try again; False where it was not paused."""
    one = (channel.c.name == name) & channel.c.paused_at.is_not(None)
    return connection.execute(update(channel).where(one).values(paused_at=None)).rowcount == 1


def resume_denied(connection: Connection) -> None:
    """Channels that a provider's denial has paused may try again; what somebody has paused stays so."""
    denied = channel.c.reason.startswith(DENIED)
    connection.execute(update(channel).where(denied).values(paused_at=None))


def _pause(
    connection: Connection, name: Channel, reason: str, now: datetime, where: ColumnElement[bool] | None = None
) -> None:
    paused = {"paused_at": now, "reason": reason}
    put = insert_into(connection, channel).values(name=name, **paused)
    connection.execute(put.on_conflict_do_update(index_elements=["name"], set_=paused, where=where))


def paused(connection: Connection) -> Sequence[Pause]:
    """The channels that are paused, by name."""
    which = select(channel.c.name, channel.c.paused_at, channel.c.reason).where(channel.c.paused_at.is_not(None))
    return [Pause(*row) for row in connection.execute(which.order_by(channel.c.name))]
