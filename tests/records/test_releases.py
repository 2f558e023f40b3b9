"""A publish makes a release live; versions stay for ever, and every customer is told once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.customer import Customer
from engine.language.project import load_release
from engine.release import Release
from engine.words import EventKind
from records import tables
from records.database import Database
from records.errors import Unknown
from records.events import add_customers, ingest
from records.imports import import_customers
from records.releases import (
    Published,
    current_digest,
    current_release,
    live,
    live_versions,
    pause,
    paused_journeys,
    publish,
    resume,
    tell_of_release,
    version,
)
from tests.engine.example_project import TRIAL, example_project
from tests.records.living import MONDAY, a_customer, an_event, loaded_at, publish_example, settle_at, the_release

TRIAL_FILE = "journeys/onboarding/trial.yaml"
GREETING = """\
enter: {stage: awareness, existing: enter}
purpose: transactional
steps:
  - email: welcome
"""


def with_files(**changed: str | None) -> Release:
    """The example with one file changed, added, or (None) taken away."""
    texts = example_project() | {file: text for file, text in changed.items() if text is not None}
    release, faults = load_release({file: text for file, text in texts.items() if changed.get(file, "") is not None})
    assert release is not None, faults
    return release


def make_live(database: Database, release: Release, days: int = 0) -> Published:
    """Publish so many days after MONDAY."""
    return database.write(lambda connection: publish(connection, release, MONDAY + timedelta(days=days)))


def test_what_is_published_is_what_is_loaded(database: Database) -> None:
    assert database.read(current_release) is None
    assert make_live(database, the_release()) == Published(True, added=("trial", "upsell"))
    assert database.read(current_release) == the_release()
    assert database.read(current_digest) == the_release().digest
    trial = the_release().journeys["trial"]
    assert database.read(lambda connection: version(connection, trial.digest)) == trial


def test_the_same_release_again_changes_nothing(database: Database) -> None:
    make_live(database, the_release())
    assert make_live(database, the_release(), 1) == Published(changed=False)


def test_an_older_version_is_kept_for_those_inside(database: Database) -> None:
    make_live(database, the_release())
    renewed = with_files(**{TRIAL_FILE: TRIAL.replace("up_to: 3 days", "up_to: 4 days")})
    assert make_live(database, renewed, 1) == Published(True, renewed=("trial",))
    before, after = the_release().journeys["trial"], renewed.journeys["trial"]
    assert database.read(live_versions)["trial"] == after.digest
    assert database.read(lambda connection: version(connection, before.digest)) == before
    assert make_live(database, the_release(), 2) == Published(True, renewed=("trial",))
    assert database.read(live_versions)["trial"] == before.digest


def test_a_journey_whose_file_is_gone_takes_no_newcomers(database: Database) -> None:
    make_live(database, with_files(**{"journeys/any/greeting.yaml": GREETING}))
    assert make_live(database, the_release(), 1) == Published(True, gone=("greeting",))
    assert "greeting" not in database.read(live_versions)


def test_a_version_nobody_published_is_unknown(database: Database) -> None:
    with pytest.raises(Unknown):
        database.read(lambda connection: version(connection, "0"))


def test_every_customer_is_told_of_a_release_once_in_batches(database: Database) -> None:
    make_live(database, the_release())
    database.write(lambda connection: add_customers(connection, [Customer(f"c{n}") for n in range(5)]))

    def tell() -> int:
        return database.write(lambda connection: tell_of_release(connection, 2, MONDAY + timedelta(days=1)))

    assert tell() == 0
    make_live(database, with_files(**{"journeys/any/greeting.yaml": GREETING}), 1)
    assert [tell() for _ in range(4)] == [2, 2, 1, 0]
    told = database.read(lambda connection: connection.execute(select(tables.event)).mappings().all())
    assert {(row["kind"], row["properties"]["journeys"][0]) for row in told} == {(EventKind.PUBLISHED, "greeting")}
    assert len({row["customer_id"] for row in told}) == 5


def test_who_missed_a_release_is_told_of_all_its_journeys(database: Database) -> None:
    make_live(database, the_release())
    database.write(lambda connection: add_customers(connection, [Customer("ada")]))
    one = {"journeys/any/greeting.yaml": GREETING}
    make_live(database, with_files(**one), 1)
    make_live(database, with_files(**one, **{"journeys/any/again.yaml": GREETING}), 2)
    database.write(lambda connection: tell_of_release(connection, 9, MONDAY + timedelta(days=3)))
    (said,) = database.read(lambda connection: connection.execute(select(tables.event.c.properties)).scalars().all())
    assert said == {"journeys": ["again", "greeting"]}


def test_a_paused_journey_stays_paused_since_the_first_time(database: Database) -> None:
    publish_example(database)
    for hours in (1, 2):
        at = MONDAY + timedelta(hours=hours)
        database.write(lambda connection, at=at: pause(connection, "trial", at))  # type: ignore[misc]
    assert database.read(paused_journeys) == {"trial"}
    assert database.read(live) == (database.read(current_digest), frozenset({"trial"}))
    since = database.read(lambda connection: connection.execute(select(tables.journey.c.paused_at)).scalars().all())
    assert MONDAY + timedelta(hours=1) in since
    with pytest.raises(Unknown):
        database.write(lambda connection: pause(connection, "trail", MONDAY))


def test_who_is_inside_is_told_when_a_journey_goes_on(database: Database) -> None:
    publish_example(database)
    list(import_customers(database, [a_customer("ada"), a_customer("bob")], MONDAY, replay=True))
    came = [
        ("ada", an_event("signed_up", id_="1")),
        ("ada", an_event("trial_started", timedelta(hours=1), plan="trial")),
    ]
    database.write(lambda connection: ingest(connection, came))
    settle_at(database, "ada", MONDAY + timedelta(hours=1))
    database.write(lambda connection: pause(connection, "trial", MONDAY + timedelta(hours=2)))
    again = MONDAY + timedelta(hours=5)
    assert database.write(lambda connection: resume(connection, "trial", again, again)) == 1
    assert database.write(lambda connection: resume(connection, "trial", again, again)) == 0
    assert database.read(paused_journeys) == frozenset()
    (event,) = [loaded_at(database, "ada", again).customer.inbox.take()]
    assert event.kind is EventKind.RESUMED
    assert (event.occurred_at, event.received_at) == (MONDAY + timedelta(hours=2), again)
    assert event.properties == {"journey": "trial", "resumed_at": "2026-03-02T13:00:00Z"}
