"""The sample lives through its year with the shipped journeys, in memory."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.numbers import zones_of
from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import Decided, Decision
from engine.facts import Event
from engine.language.project import load_release
from engine.simulate import simulate
from engine.words import EventKind
from sojourn.sample.files import write_sample
from tests.content import shipped

END = datetime(2026, 11, 1, tzinfo=UTC)
MOST_ENROLLMENTS = 1_500


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def an_event(row: dict[str, Any]) -> Event:
    at = datetime.fromisoformat(row["occurred_at"])
    return Event(row["id"], EventKind.TRACK, row["name"], at, at, row["properties"])


def a_customer(row: dict[str, Any]) -> Customer:
    consents = {(channel, topic): True for channel, topics in row["consent"].items() for topic in topics}
    return Customer(
        row["id"],
        attributes=row["attributes"],
        email=row.get("email"),
        phone=row.get("phone"),
        zone=row.get("zone"),
        identified=True,
        stage=row["stage"],
        consents=consents,
    )


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> list[Customer]:
    folder = tmp_path_factory.mktemp("year")
    write_sample(folder)
    events: defaultdict[str, list[Event]] = defaultdict(list)
    for row in lines(folder / "events.jsonl"):
        events[row["customer"]].append(an_event(row))
    release, _ = load_release(shipped.texts())
    assert release is not None
    cast = ((a_customer(row), events[row["id"]]) for row in lines(folder / "customers.jsonl"))
    return list(simulate(cast, Catalog(release, zones_of=zones_of), END))


def decisions(lived: list[Customer], *kinds: Decided) -> list[Decision]:
    return [one for customer in lived for one in customer.effects.decisions if one.decided in kinds]


def test_every_journey_is_entered_and_every_stage_reached(lived: list[Customer]) -> None:
    assert {one.journey for one in decisions(lived, Decided.ENTERED)} == {path.stem for path in shipped.journey_files()}
    reached = {one.detail["stage"] for one in decisions(lived, Decided.ARRIVED, Decided.MOVED)}
    assert reached == set(shipped.setting("lifecycle")["stages"])


def test_every_message_but_the_one_after_the_year_is_planned(lived: list[Customer]) -> None:
    planned = {(one.detail["channel"], one.detail["template"]) for one in decisions(lived, Decided.PLANNED)}
    written = {tuple(path.relative_to(shipped.TEMPLATES).parts) for path in shipped.TEMPLATES.glob("*/*/")}
    assert written - planned == {("email", "open_day_tomorrow")}


def test_the_year_is_small_enough_to_be_shown_in_minutes(lived: list[Customer]) -> None:
    assert len(decisions(lived, Decided.ENTERED)) <= MOST_ENROLLMENTS
    assert decisions(lived, Decided.REFUSED) == []


def test_some_are_held_out_some_reach_their_goal_and_some_cannot_be_written_to(lived: list[Customer]) -> None:
    reasons = {one.detail["why"] for one in decisions(lived, Decided.WITHHELD)}
    assert reasons >= {"holdout", "no_consent"}
    assert len({one.journey for one in decisions(lived, Decided.GOAL)}) >= 8
