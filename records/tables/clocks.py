"""The time-lapse clock that all processes share."""

from datetime import datetime

from sqlmodel import Field

from records.tables.columns import Instant, Row


class ClockRow(Row, table=True):
    """The one row of the clock: at `real` it was `business`, and business time runs `rate` times as fast."""

    __tablename__ = "clock"

    id: int = Field(primary_key=True)
    business: datetime = Field(sa_type=Instant)
    real: datetime = Field(sa_type=Instant)
    rate: float
    heartbeat: datetime = Field(sa_type=Instant)
