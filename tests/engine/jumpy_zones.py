"""Zones whose clocks jump, and the instants around their jumps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

BERLIN, NEW_YORK, TOKYO, UTC_ZONE = (ZoneInfo(n) for n in ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"))
BEIRUT = ZoneInfo("Asia/Beirut")  # leaps at midnight
JUMPY = [
    BERLIN,
    NEW_YORK,
    TOKYO,
    BEIRUT,
    ZoneInfo("Australia/Lord_Howe"),  # by half an hour
    ZoneInfo("America/Nuuk"),  # the gap is the day's last hour
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Africa/Casablanca"),  # backwards in spring
    ZoneInfo("Pacific/Apia"),  # 30 December 2011 never was
]
MINUTE = timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))

zones = st.sampled_from(JUMPY)
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))
instants = st.timedeltas(timedelta(0), timedelta(days=9000)).map(lambda later: datetime(2005, 1, 1, tzinfo=UTC) + later)


def days_of_change(place: ZoneInfo) -> list[datetime]:
    days = [datetime(2005, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(365 * 25)]
    offsets = [day.astimezone(place).utcoffset() for day in days]
    return [day for day, old, new in zip(days, offsets, offsets[1:], strict=False) if old != new] or days[::97]


CHANGES = [(day, place) for place in JUMPY for day in days_of_change(place)]
jumps = st.builds(
    lambda change, later: (change[0] + later, change[1]),
    st.sampled_from(CHANGES),
    st.timedeltas(timedelta(days=-1), timedelta(days=2)),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(at: datetime, place: ZoneInfo) -> datetime:
    return at.astimezone(place).replace(tzinfo=None, fold=0)
