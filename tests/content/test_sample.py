"""The sample customer base: the same for a seed, in the words of facts.yaml, and reachable by nobody."""

import json
import re
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sojourn.sample.files import write_sample
from tests.content import shipped

FICTIONAL = re.compile(r"\+447700900\d{3}|\+1\d{3}55501\d{2}")
RESERVED = re.compile(r"[a-z.]+\.\d+@(example\.(com|org|net)|[a-z]+\.example)")
TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "number": (int, float),
    "boolean": bool,
    "date": str,
    "time": str,
}

Rows = list[dict[str, Any]]


def rows(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sample")
    write_sample(made)
    return made


@pytest.fixture(scope="module")
def customers(folder: Path) -> Rows:
    return rows(folder / "customers.jsonl")


@pytest.fixture(scope="module")
def events(folder: Path) -> Rows:
    return rows(folder / "events.jsonl")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path, folder: Path) -> None:
    write_sample(tmp_path / "again")
    write_sample(tmp_path / "other", seed=8)
    for name in ("customers.jsonl", "events.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
        assert (tmp_path / "other" / name).read_bytes() != (folder / name).read_bytes()


def test_a_customer_does_not_change_when_others_are_added(tmp_path: Path, customers: Rows) -> None:
    write_sample(tmp_path, customers=20)
    assert rows(tmp_path / "customers.jsonl") == customers[:20]


def test_the_counts_are_those_of_the_files(tmp_path: Path) -> None:
    counts = write_sample(tmp_path, customers=50)
    assert counts.customers == 50 == len(rows(tmp_path / "customers.jsonl"))
    assert counts.events == sum(counts.by_name.values()) == len(rows(tmp_path / "events.jsonl"))


def test_ids_are_unique_and_every_event_has_its_customer(customers: Rows, events: Rows) -> None:
    ids = {customer["id"] for customer in customers}
    assert len(ids) == len(customers)
    assert len({event["id"] for event in events}) == len(events)
    assert {event["customer"] for event in events} <= ids


def test_nobody_real_can_be_reached(customers: Rows) -> None:
    assert all(RESERVED.fullmatch(customer["email"]) for customer in customers if "email" in customer)
    assert all(FICTIONAL.fullmatch(customer["phone"]) for customer in customers if "phone" in customer)
    addresses = [customer["email"] for customer in customers if "email" in customer]
    assert len(set(addresses)) == len(addresses)


def test_consent_is_given_to_topics_of_the_policy_and_withheld_by_some(customers: Rows) -> None:
    topics = set(shipped.setting("policy")["topics"])
    for customer in customers:
        assert {topic for given in customer["consent"].values() for topic in given} <= topics
        assert "email" in customer or "email" not in customer["consent"]
        assert "phone" in customer or "sms" not in customer["consent"]
    assert any(not customer["consent"] for customer in customers)


def test_zones_exist_and_some_customers_have_none(customers: Rows) -> None:
    assert all(ZoneInfo(customer["zone"]) for customer in customers if "zone" in customer)
    assert any("zone" not in customer for customer in customers)


def test_attributes_and_events_are_those_that_facts_declares(customers: Rows, events: Rows) -> None:
    facts = shipped.setting("facts")
    for customer in customers:
        assert customer["attributes"].keys() <= facts["attributes"].keys()
    for event in events:
        declared = facts["events"][event["name"]]
        assert event["properties"].keys() == declared.keys(), event["name"]
        for name, value in event["properties"].items():
            assert isinstance(value, TYPES[declared[name]])


def test_events_are_in_order_and_within_the_year(events: Rows) -> None:
    instants = [datetime.fromisoformat(event["occurred_at"]) for event in events]
    assert instants == sorted(instants)
    assert date(2025, 11, 1) <= instants[0].date() <= instants[-1].date() <= date(2026, 10, 31)


def test_nobody_does_anything_before_she_arrives(events: Rows) -> None:
    lives: defaultdict[str, list[str]] = defaultdict(list)
    for event in events:
        lives[event["customer"]].append(event["name"])
    assert {names[0] for names in lives.values()} == {"newsletter_subscribed", "signed_up"}


def test_everything_that_journeys_listen_to_happens(events: Rows) -> None:
    heard = {name for path in shipped.journey_files() for name in shipped.events_named(shipped.read(path)["enter"])}
    assert heard <= {event["name"] for event in events}
