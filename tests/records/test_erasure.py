"""An erasure in the tables: nothing of her stays, nobody else loses anything, and her addresses are known again."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, MetaData, func, select, update

from engine.facts import Event
from engine.ids import customer_id
from engine.settling.permission import refusal
from engine.words import Channel, EventKind, ExitReason, MessageState, Purpose, Withheld
from records import customers, messages, outbox
from records.customers import load
from records.database import Database
from records.errors import Locked, Unknown
from records.events import ingest
from records.imports import import_customers
from records.ledger import addresses
from records.ledger.addresses import Hashing, Scope
from records.messages import Found
from records.privacy import person, removing, traces
from records.privacy.erased import Before, TableErased, before, keep_left, under_another_key
from records.privacy.needles import Kind, needles_of
from records.privacy.scrubbing import file_of
from records.tables import enrollment, event, message, message_attempt, provider_event
from tests.records.living import MONDAY, a_customer, an_event, publish_example, row_of, settle_at
from tests.records.two_lives import LATER, MADE, ZOE, erase, live


@pytest.fixture
def lived(database: Database) -> Database:
    """A database in which Zoe and Ada have lived."""
    live(database)
    return database


def looked_for(database: Database, name: str = ZOE) -> traces.Searched:
    """What a search finds of her while she is there."""

    def work(connection: Connection) -> traces.Searched:
        her = person.find(connection, name)
        assert her is not None
        return traces.search(connection, needles_of(her, person.shared(connection, her)))

    return database.read(work)


def close(database: Database) -> None:
    """The first part of her erasure."""

    def work(connection: Connection) -> None:
        her = person.find(connection, ZOE)
        assert her is not None
        removing.close(connection, her, MADE, LATER, LATER)

    database.write(work)


def counts(database: Database) -> dict[str, int]:
    """Rows by table."""

    def work(connection: Connection) -> dict[str, int]:
        found = MetaData()
        found.reflect(connection)
        return {
            one.name: connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in found.sorted_tables
        }

    return database.read(work)


def test_nothing_of_her_stays_in_any_table_and_the_search_would_have_found_it(lived: Database) -> None:
    her = lived.read(lambda connection: person.find(connection, ZOE))
    assert her is not None
    before = looked_for(lived)
    places = {trace.where for trace in before.traces}
    assert {"customer.external_id", "customer.email", "customer.phone", "event.message_id", "event.properties",
            "message.facts", "provider_event.raw", "link.url"} <= places  # fmt: skip
    removed = erase(lived)
    for table in ("customer", "event", "enrollment", "message", "message_attempt", "decision", "stage_move", "review",
                  "provider_event", "link"):  # fmt: skip
        assert removed[table], table
    after = lived.read(lambda connection: traces.search(connection, needles_of(her, frozenset())))
    assert after.traces == ()
    assert after.tables >= 20


def test_nobody_else_loses_anything(lived: Database) -> None:
    alone = looked_for(lived, "ada").traces
    erase(lived)
    assert looked_for(lived, "ada").traces == alone
    assert settle_at(lived, "ada", LATER) is False
    left = counts(lived)
    assert (left["customer"], left["link"]) == (1, 2)
    rows = lived.read(lambda connection: connection.execute(select(event.c.customer_id).distinct()).scalars().all())
    assert rows == [row_of(lived, "ada")]


def test_what_rates_are_counted_from_stays_without_a_name(lived: Database) -> None:
    erase(lived)
    kept = lived.read(lambda connection: connection.execute(select(provider_event)).mappings().all())
    assert [(one["kind"], one["journey_id"], one["message_id"], one["raw"]) for one in kept] == [
        ("delivered", 1, None, {})
    ]
    assert kept[0]["event_id"].startswith("erased-")


def test_it_may_be_repeated_and_begun_anew_after_a_crash_between_its_two_parts(lived: Database) -> None:
    close(lived)
    close(lived)
    erase(lived)
    assert lived.read(lambda connection: person.find(connection, ZOE)) is None
    assert lived.read(lambda connection: before(connection, MADE, ZOE)) == Before(LATER, None)
    lived.write(lambda connection: keep_left(connection, MADE, ZOE, ["email in my.log"]))
    assert lived.read(lambda connection: before(connection, MADE, ZOE)) == Before(LATER, ("email in my.log",))


def test_who_is_closed_has_no_bell_left_so_that_no_run_of_hers_is_started(lived: Database) -> None:
    def bells(connection: Connection) -> list[str]:
        return sorted(one.customer for one in outbox.due(connection, LATER, 10))

    zoe, ada = customer_id(ZOE), customer_id("ada")
    assert lived.read(bells) == sorted([zoe, ada])
    close(lived)
    assert lived.read(bells) == [ada]


def test_who_is_closed_is_nobody_to_settle_claim_or_find(lived: Database) -> None:
    row = row_of(lived, ZOE)

    close(lived)
    lived.write(lambda connection: ingest(connection, [(ZOE, an_event("purchased", timedelta(hours=2), "9"))]))
    with pytest.raises(Unknown):
        lived.write(lambda connection: load(connection, row, LATER))
    due = lived.read(lambda connection: customers.due(connection, LATER + timedelta(days=900), LATER, 50))
    assert row not in due
    assert lived.read(lambda connection: customers.by_name(connection, ZOE)) is None
    reasons = lived.read(
        lambda connection: connection.execute(
            select(enrollment.c.reason).where(enrollment.c.customer_id == row)
        ).scalars().all()
    )  # fmt: skip
    assert set(reasons) == {ExitReason.ERASED}
    assert erase(lived)["event"] >= 3


@pytest.mark.parametrize("spelled", ["zoe.marker@customers.example", " ZOE.MARKER@CUSTOMERS.EXAMPLE "])
def test_her_addresses_are_known_again_however_they_are_spelled(lived: Database, spelled: str) -> None:
    erase(lived)
    list(import_customers(lived, [a_customer("new", email=spelled, phone="00491700000042")], MONDAY))
    row = row_of(lived, "new")

    def asked(connection: Connection, purpose: Purpose) -> list[Withheld | None]:
        her = load(connection, row, LATER, hashing=MADE).customer
        return [refusal(her, channel, purpose, "product_tips") for channel in Channel]

    for purpose in Purpose:
        assert lived.write(lambda connection: asked(connection, purpose)) == [Withheld.ERASED] * 2  # noqa: B023
    row = row_of(lived, "ada")
    assert lived.write(lambda connection: asked(connection, Purpose.MARKETING)) == [None, None]


def test_a_hash_says_nothing_without_its_key_and_another_key_is_noticed(lived: Database) -> None:
    erase(lived)
    other = Hashing(b"another secret of the tests'")
    for hashing, known in ((MADE, True), (other, False)):
        assert lived.read(lambda connection: TableErased(connection, hashing).holds(Channel.EMAIL, ZOE)) is known  # noqa: B023
        assert lived.read(lambda connection: under_another_key(connection, hashing)) == (not known)  # noqa: B023


def test_an_address_that_was_dead_before_is_an_erased_one_after(lived: Database) -> None:
    hashed = MADE.of(Channel.EMAIL, ZOE)
    dead = Scope(Channel.EMAIL, everything=True)
    lived.write(lambda connection: addresses.suppress(connection, hashed, dead, "dead", MONDAY))
    erase(lived)
    kept = lived.read(lambda connection: addresses.scopes(connection, hashed, Channel.EMAIL))
    assert kept == {dead: ("erased", LATER)}


def test_an_event_for_an_erased_id_makes_a_new_customer(lived: Database) -> None:
    erase(lived)
    lived.write(lambda connection: ingest(connection, [(ZOE, an_event("signed_up", timedelta(hours=3), "new"))]))
    settle_at(lived, ZOE, LATER + timedelta(hours=1))
    row = row_of(lived, ZOE)
    her = lived.write(lambda connection: load(connection, row, LATER)).customer
    assert (her.email, her.attributes, her.order) == (None, {}, 1)


def test_what_we_derive_ourselves_makes_nobody_anew(lived: Database) -> None:
    erase(lived)
    mine = an_event("signed_up", timedelta(hours=3), "derived")
    done = lived.write(lambda connection: ingest(connection, [(ZOE, mine)], strangers=False))
    assert done.new == 0
    assert lived.read(lambda connection: person.find(connection, ZOE)) is None


def test_what_became_of_an_attempt_is_forgotten_when_she_was_erased_meanwhile(lived: Database) -> None:
    row = row_of(lived, "ada")

    def claimed(connection: Connection) -> messages.Message:
        id_ = connection.execute(select(message.c.public_id).where(message.c.customer_id == row)).scalar_one()
        one = messages.find(connection, id_)
        assert one is not None
        taken = messages.claim(connection, one, LATER, LATER + timedelta(minutes=1))
        assert taken is not None
        return taken

    taken = lived.write(claimed)
    erase(lived, "ada")
    for state in (MessageState.REJECTED, MessageState.UNKNOWN, MessageState.NOT_SENT):
        found = Found(state, provider="smtp", provider_id="7")
        assert lived.write(lambda connection: messages.record(connection, taken, found, LATER)) == "withheld"  # noqa: B023
    assert counts(lived)["message_attempt"] == 1  # Zoe's


def test_an_address_that_another_customer_is_reached_by_is_that_ones(lived: Database) -> None:
    twin = a_customer("twin", email="other@customers.example", phone="491700000042", attributes={"first_name": "Zoë"})
    list(import_customers(lived, [twin], MONDAY))
    her = lived.read(lambda connection: person.find(connection, ZOE))
    assert her is not None
    shared = lived.read(lambda connection: person.shared(connection, her))
    assert shared == {"+491700000042"}
    erase(lived)
    found = lived.read(lambda connection: traces.search(connection, needles_of(her, shared)))
    assert found.traces == ()


def test_her_id_in_another_customers_event_is_found(lived: Database) -> None:
    her = lived.read(lambda connection: person.find(connection, ZOE))
    assert her is not None
    referred = an_event("signed_up", timedelta(hours=2), "r", by=ZOE)
    lived.write(lambda connection: ingest(connection, [("ada", referred)]))
    erase(lived)
    found = lived.read(lambda connection: traces.search(connection, needles_of(her, frozenset())))
    assert [(one.where, one.kind) for one in found.traces] == [
        ("event.properties", Kind.EMAIL), ("event.properties", Kind.ID)
    ]  # fmt: skip


def test_an_event_that_comes_as_she_goes_is_to_be_brought_again(lived: Database) -> None:
    if file_of(lived.url) is not None:
        pytest.skip("SQLite has one writer")
    other = Database(lived.url)
    row = row_of(lived, ZOE)
    came = an_event("purchased", timedelta(hours=2), "race")

    def racing(connection: Connection) -> None:
        her = person.find(connection, ZOE)
        assert her is not None
        removing.close(connection, her, MADE, LATER, LATER)
        with pytest.raises(Locked):  # it waits for her, and finds her gone or in other hands
            other.write(lambda connection: ingest(connection, [(ZOE, came)]))
        removing.remove(connection, her, MADE, LATER, LATER)

    lived.write(racing)
    assert other.write(lambda connection: ingest(connection, [(ZOE, came)])).new == 1
    assert row_of(other, ZOE) != row
    other.close()


@pytest.fixture
def moved(database: Database) -> Database:
    """A database in which Ann, who came by an import, has told other addresses and another name since."""
    publish_example(database)
    came = a_customer("ann", email="ann@old.example", phone="+491700000001", attributes={"name": "Ann Old"})
    list(import_customers(database, [came], MONDAY))
    at = MONDAY + timedelta(hours=1)
    told = {"email": "ann@new.example", "phone": "+491700000002", "attributes": {"name": "Ann New"}}
    moves = Event("moves", EventKind.IDENTIFY, "", at, at, told)
    database.write(lambda connection: ingest(connection, [("ann", moves)]))
    settle_at(database, "ann", LATER)
    return database


def test_what_an_import_first_said_of_her_is_hers_after_it_was_overwritten(moved: Database) -> None:
    her = moved.read(lambda connection: person.find(connection, "ann"))
    assert her is not None
    assert her.emails == {"ann@old.example", "ann@new.example"}
    assert her.phones == {"+491700000001", "+491700000002"}
    assert her.names == {"Ann Old", "Ann New"}
    erase(moved, "ann")
    assert moved.read(lambda connection: TableErased(connection, MADE).holds(Channel.EMAIL, "ann@old.example"))
    assert moved.read(lambda connection: traces.search(connection, needles_of(her, frozenset()))).traces == ()


def test_an_address_that_is_known_by_the_hash_of_an_attempt_alone_is_never_written_to_again(lived: Database) -> None:
    former = MADE.of(Channel.EMAIL, "zoe@before.example")
    lived.write(lambda connection: connection.execute(update(message_attempt).values(address_hash=former)))
    erase(lived)
    assert lived.read(lambda connection: TableErased(connection, MADE).holds(Channel.EMAIL, "zoe@before.example"))
