"""Journeys that an event of this name would have opened, had their `where` been true: the log has no line for them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from engine.conditions import Value
from engine.conditions.truth import matches
from engine.journey import Journey, OnEvent
from sojourn.reports.phrases import where_words


def misses(
    journeys: Mapping[str, Journey], name: str, properties: Mapping[str, Value], occurred_at: datetime
) -> Iterator[str]:
    """A sentence for each of the journeys as they are live now."""
    for journey in journeys.values():
        match journey.trigger:
            case OnEvent(events, where) if name in events and not matches(where, properties, occurred_at):
                yield f"does not enter {journey.name}: this is not the event it waits for{where_words(where)}"
