"""Journeys, their versions by digest, and the releases that made them live."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from records.tables.columns import Instant, Json, Row, RowId


class ReleaseRow(Row, table=True):
    """Everything one `publish` made live; the newest row is current and its id is the release's generation.

    `texts` are the files as published, by path; `open_to_existing` the journeys, new with it, that also let in those
    who are in their stage already.
    """

    __tablename__ = "release"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    digest: str = Field(index=True)
    published_at: datetime = Field(sa_type=Instant)
    texts: dict[str, str] = Field(sa_type=Json)
    open_to_existing: list[Any] = Field(sa_type=Json)


class JourneyRow(Row, table=True):
    """A journey by name; without a live version it takes no newcomers. `paused_at` is business time.

    `paused_why` is "" where somebody paused it. Its rates are counted from behind the provider event `judged_after`.
    """

    __tablename__ = "journey"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    name: str = Field(unique=True)
    live_version_id: int | None = Field(default=None, sa_type=RowId)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_why: str = Field(default="", sa_column_kwargs={"server_default": ""})
    judged_after: int = Field(default=0, sa_type=RowId, sa_column_kwargs={"server_default": "0"})


class JourneyVersionRow(Row, table=True):
    """A journey's content, kept for ever under its digest."""

    __tablename__ = "journey_version"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    journey_id: int = Field(foreign_key="journey.id", index=True, sa_type=RowId)
    digest: str = Field(unique=True)
    encoded: dict[str, Any] = Field(sa_type=Json)
    published_at: datetime = Field(sa_type=Instant)
