"""Events come in once each, in one statement a batch, whoever sends them and in whatever order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import RFC_4122, UUID

import pytest
from sqlalchemy import func, select

from engine.facts import Event
from engine.ids import customer_id
from engine.words import EventKind, Origin
from records import tables
from records.customers import due, load
from records.database import Database
from records.errors import Unstorable
from records.events import Arrival, Ingested, fresh_id, ingest
from tests.records.living import MONDAY, an_event, row_of


def store(database: Database, *arrivals: Arrival) -> Ingested:
    """Ingest in a transaction."""
    return database.write(lambda connection: ingest(connection, arrivals))


def stored(database: Database, name: str = "ada") -> list[Event]:
    """What waits to be settled for a customer."""
    row, inbox = row_of(database, name), []

    def work(connection):  # type: ignore[no-untyped-def]
        waiting = load(connection, row, MONDAY + timedelta(days=3650)).customer.inbox
        while len(waiting):
            inbox.append(waiting.take())

    database.write(work)
    return inbox


def counted(database: Database) -> int:
    """How many events there are."""
    return int(database.read(lambda connection: connection.execute(select(func.count(tables.event.c.id))).scalar_one()))


def test_an_event_comes_back_as_it_came_in(database: Database) -> None:
    said = {
        "amount": 1e22,
        "small": 1.0,
        "umlaut": "Ö\u2028",
        "emoji": "🌱",
        "quote": "'\"\\",
        "deep": [{"a": None, "b": [True]}],
    }
    event = Event(
        "x 1", EventKind.TRACK, "purchased", MONDAY, MONDAY + timedelta(microseconds=1), said, Origin.LIVE, 3, 4
    )
    assert store(database, ("ada", event)) == Ingested(new=1)
    assert stored(database) == [event]
    assert isinstance(stored(database)[0].properties["amount"], float)


def test_a_customer_nobody_knows_yet_is_made_and_not_identified(database: Database) -> None:
    store(database, ("ada@example.com", an_event("purchased")))
    row = database.read(lambda connection: connection.execute(select(tables.customer)).mappings().one())
    assert (row["external_id"], row["public_id"]) == ("ada@example.com", customer_id("ada@example.com"))
    assert (row["identified"], row["known_since"]) == (False, None)


def test_the_same_event_twice_is_one(database: Database) -> None:
    event = an_event("purchased", amount=1)
    assert store(database, ("ada", event), ("ada", event)) == Ingested(1, 1)
    assert store(database, ("ada", event), ("ada", an_event("purchased", timedelta(1)))) == Ingested(1, 1)
    assert counted(database) == 2


def test_a_repeat_may_be_dated_anew(database: Database) -> None:
    store(database, ("ada", an_event("purchased", id_="one")))
    assert store(database, ("ada", an_event("purchased", timedelta(seconds=5), id_="one"))) == Ingested(0, 1)
    assert stored(database)[0].occurred_at == MONDAY


def test_the_same_id_with_other_content_is_told_and_the_first_stays(database: Database) -> None:
    store(database, ("ada", an_event("purchased", id_="one", amount=1)))
    other = an_event("purchased", id_="one", amount=2)
    assert store(database, ("ada", other), ("bob", an_event("purchased", id_="one", amount=1))) == Ingested(
        0, 0, ("one", "one")
    )
    assert stored(database)[0].properties == {"amount": 1}


def test_an_empty_batch_is_nothing(database: Database) -> None:
    assert store(database) == Ingested()


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d", "\udc00"])
def test_text_that_no_database_can_hold_is_refused_before_anything_is_stored(database: Database, text: str) -> None:
    for arrival in (
        ("ada", an_event("purchased", note={"deep": [text]})),
        ("ada", an_event("purchased", note={text: 1})),
        (text, an_event("purchased")),
        ("ada", an_event(text)),
    ):
        with pytest.raises(Unstorable) as refused:
            store(database, ("bob", an_event("signed_up")), arrival)
        assert text not in str(refused.value)
    assert counted(database) == 0


def test_a_backslash_is_no_nul(database: Database) -> None:
    store(database, ("ada", an_event("purchased", path="C:\\u0000 \\ud83d")))
    assert stored(database)[0].properties == {"path": "C:\\u0000 \\ud83d"}


def test_a_number_that_is_none_is_refused(database: Database) -> None:
    with pytest.raises(Unstorable):
        store(database, ("ada", an_event("purchased", amount=float("nan"))))


def test_programs_that_bring_the_same_customers_and_events_converge(database: Database, url: str) -> None:
    batch = [(f"customer {n % 40}", an_event("purchased", id_=f"event {n}", amount=n)) for n in range(200)]

    def bring(order: int) -> Ingested:
        mine = Database(url)
        done = Ingested()
        arrivals = batch if order % 2 else batch[::-1]
        for start in range(0, len(arrivals), 20):
            done += mine.write(lambda connection, some=arrivals[start : start + 20]: ingest(connection, some))  # type: ignore[misc]
        mine.close()
        return done

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(bring, range(4)))
    assert sum(one.new for one in done) == 200
    assert sum(one.repeated for one in done) == 600
    assert not any(one.conflicting for one in done)
    assert counted(database) == 200


def test_only_what_is_due_makes_a_customer_due(database: Database) -> None:
    store(database, ("ada", an_event("purchased")), ("bob", an_event("purchased", timedelta(days=1))))

    def whose(now: timedelta) -> list[int]:
        return list(database.read(lambda connection: due(connection, MONDAY + now, MONDAY, 10)))

    assert whose(timedelta(hours=-1)) == []
    assert whose(timedelta(0)) == [row_of(database, "ada")]
    assert whose(timedelta(days=1)) == [row_of(database, "ada"), row_of(database, "bob")]


def test_ids_made_one_after_the_other_sort_as_they_were_made() -> None:
    made = [fresh_id() for _ in range(1000)]
    assert made == sorted(set(made))
    assert {(UUID(one).version, UUID(one).variant) for one in made} == {(7, RFC_4122)}
