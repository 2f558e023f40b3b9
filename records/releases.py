"""Releases: what is published becomes live, and every customer is told of it once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select, text, update

from engine.facts import Event
from engine.ids import named
from engine.journey import Journey, OnStage
from engine.language.encoding import decode, encode
from engine.language.project import load_release
from engine.moments import utc
from engine.release import Release
from engine.words import EventKind
from records import outbox
from records.errors import Unknown, Unreadable
from records.events import ingest
from records.inserting import insert_new
from records.ledger import rates
from records.tables import customer, enrollment, journey, journey_version, release

_NEWEST = select(release).order_by(release.c.id.desc()).limit(1)
_DIGEST = _NEWEST.with_only_columns(release.c.digest)
_LIVE = (
    select(release.c.digest, journey.c.name)
    .select_from(release.outerjoin(journey, journey.c.paused_at.is_not(None)))
    .where(release.c.id == select(func.max(release.c.id)).scalar_subquery())
)
_ONE_BY_ONE = text("LOCK TABLE release IN SHARE ROW EXCLUSIVE MODE")
_PAUSED = select(journey.c.name).where(journey.c.paused_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish has changed: whether anything at all, and the journeys that are new, changed and gone."""

    changed: bool
    added: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def publish(connection: Connection, made: Release, at: datetime) -> Published:
    """Make a release live. Versions are kept for ever; a journey whose file is gone takes no newcomers."""
    if connection.dialect.name == "postgresql":  # one after the other, though nobody else is held up
        connection.execute(_ONE_BY_ONE)
    newest = connection.execute(_NEWEST).first()
    if newest is not None and newest.digest == made.digest:
        return Published(changed=False)
    before = live_versions(connection)
    for one in made.journeys.values():
        _make_live(connection, one, at)
    gone = sorted(before.keys() - made.journeys.keys())
    connection.execute(update(journey).where(journey.c.name.in_(gone)).values(live_version_id=None))
    added = sorted(made.journeys.keys() - before.keys())
    connection.execute(
        release.insert().values(
            digest=made.digest,
            published_at=at,
            texts=dict(made.texts),
            open_to_existing=[name for name in added if _lets_in_existing(made.journeys[name])],
        )
    )
    kept = sorted(before.keys() & made.journeys.keys())
    renewed = tuple(name for name in kept if made.journeys[name].digest != before[name])
    return Published(True, tuple(added), renewed, tuple(gone))


def current_release(connection: Connection) -> Release | None:
    """The release that is live, loaded from its files; None before the first publish. Raises Unreadable."""
    newest = connection.execute(_NEWEST).first()
    if newest is None:
        return None
    made, _ = load_release(newest.texts)
    if made is None:
        raise Unreadable("release_no_longer_loads")
    return made


def current_digest(connection: Connection) -> str | None:
    """The digest of the release that is live: cheap to ask, to see whether it is still the one at hand."""
    newest: str | None = connection.execute(_DIGEST).scalar()
    return newest


def live(connection: Connection) -> tuple[str | None, frozenset[str]]:
    """The digest of the release that is live and the journeys that are paused, in one question: each settle asks it."""
    rows = connection.execute(_LIVE).all()
    return (rows[0][0] if rows else None), frozenset(name for _, name in rows if name is not None)


def version(connection: Connection, digest: str) -> Journey:
    """A journey's content by its digest. Raises Unknown."""
    encoded = connection.execute(select(journey_version.c.encoded).where(journey_version.c.digest == digest)).scalar()
    if encoded is None:
        raise Unknown("version")
    return decode(encoded)


def kept_journeys(connection: Connection) -> frozenset[str]:
    """Every journey that was ever published: people may be inside of one whose file is gone."""
    return frozenset(connection.execute(select(journey.c.name)).scalars())


def newest_version(connection: Connection, name: str) -> Journey:
    """The version of a journey that was published last. Raises Unknown."""
    asked = select(journey_version.c.encoded).join(journey, journey.c.id == journey_version.c.journey_id)
    asked = asked.where(journey.c.name == name).order_by(journey_version.c.id.desc()).limit(1)
    encoded = connection.execute(asked).scalar()
    if encoded is None:
        raise Unknown("journey")
    return decode(encoded)


def live_versions(connection: Connection) -> dict[str, str]:
    """The digest of the version that newcomers enter, by the journey's name."""
    rows = connection.execute(
        select(journey.c.name, journey_version.c.digest).join(
            journey_version, journey_version.c.id == journey.c.live_version_id
        )
    )
    return {row[0]: row[1] for row in rows}


def paused_journeys(connection: Connection) -> frozenset[str]:
    """The journeys that let nobody in and send nothing."""
    return frozenset(connection.execute(_PAUSED).scalars())


def pause(connection: Connection, name: str, at: datetime, why: str = "") -> None:
    """Pause a journey at this instant; one that is paused stays so since then, and for its reason. Raises Unknown."""
    if connection.execute(select(journey.c.id).where(journey.c.name == name)).scalar() is None:
        raise Unknown("journey")
    connection.execute(
        update(journey)
        .where(journey.c.name == name, journey.c.paused_at.is_(None))
        .values(paused_at=at, paused_why=why)
    )


def pause_row(connection: Connection, row: int, at: datetime, why: str) -> str | None:
    """Pause a journey by its row; gives its name, or None where it is paused already."""
    pausing = update(journey).where(journey.c.id == row, journey.c.paused_at.is_(None))
    found: str | None = connection.execute(
        pausing.values(paused_at=at, paused_why=why).returning(journey.c.name)
    ).scalar()
    return found


def resume(connection: Connection, name: str, at: datetime, real_now: datetime) -> int:
    """Let a journey go on: everybody inside is told for how long it stood, and all runs are rung. How many customers.

    They are told as of the beginning of the pause, before every wait that ended meanwhile. Raises Unknown.
    """
    row = connection.execute(select(journey.c.id, journey.c.paused_at).where(journey.c.name == name)).first()
    if row is None:
        raise Unknown("journey")
    if row.paused_at is None:
        return 0
    inside = (
        select(customer.c.external_id)
        .join(enrollment, enrollment.c.customer_id == customer.c.id)
        .where(enrollment.c.journey_id == row.id, enrollment.c.left_at.is_(None))
        .distinct()
    )
    said = {"journey": name, "resumed_at": utc(at)}
    customers = connection.execute(inside).scalars().all()
    ingest(connection, [
        (one, Event(named("resumed", one, name, utc(row.paused_at)), EventKind.RESUMED, "", row.paused_at, at, said))
        for one in customers
    ])  # fmt: skip
    connection.execute(update(journey).where(journey.c.id == row.id).values(paused_at=None))
    rates.judge_anew(connection, row.id)
    outbox.ring_journey(connection, row.id, real_now)
    return len(customers)


def somebody_to_tell(connection: Connection) -> bool:
    """Is there a customer who has not been told of the newest release?"""
    newest = select(func.max(release.c.id)).scalar_subquery()
    untold = select(customer.c.id).where(or_(customer.c.release_id.is_(None), customer.c.release_id < newest))
    published = connection.execute(select(release.c.id).limit(1)).scalar()
    return published is not None and connection.execute(untold.limit(1)).scalar() is not None


def tell_of_release(connection: Connection, limit: int, at: datetime) -> int:
    """Give customers who have not been told of the newest release an event that says so; how many were told.

    Settling it reckons anew when to look at them, and lets them into the journeys that are open to those already there.
    """
    newest = connection.execute(_NEWEST).first()
    if newest is None:
        return 0
    rows = connection.execute(
        select(customer.c.id, customer.c.external_id, customer.c.release_id)
        .where(or_(customer.c.release_id.is_(None), customer.c.release_id < newest.id))
        .order_by(customer.c.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    opened = connection.execute(select(release.c.id, release.c.open_to_existing).order_by(release.c.id)).all()
    published = utc(newest.published_at)
    ingest(connection, [
        (row.external_id,
         Event(named("published", row.external_id, newest.digest, published), EventKind.PUBLISHED, "", at, at,
               {"journeys": sorted({name for id_, names in opened if id_ > (row.release_id or 0) for name in names})}))
        for row in rows
    ])  # fmt: skip
    told = update(customer).where(customer.c.id == bindparam("row")).values(release_id=newest.id)
    if rows:
        connection.execute(told, [{"row": row.id} for row in rows])
    return len(rows)


def _make_live(connection: Connection, one: Journey, at: datetime) -> None:
    connection.execute(insert_new(connection, journey), {"name": one.name})
    row = connection.execute(select(journey.c.id).where(journey.c.name == one.name)).scalar_one()
    kept = {"journey_id": row, "digest": one.digest, "encoded": encode(one), "published_at": at}
    connection.execute(insert_new(connection, journey_version), kept)
    live = select(journey_version.c.id).where(journey_version.c.digest == one.digest).scalar_subquery()
    connection.execute(update(journey).where(journey.c.id == row).values(live_version_id=live))


def _lets_in_existing(one: Journey) -> bool:
    return isinstance(one.trigger, OnStage) and one.trigger.existing
