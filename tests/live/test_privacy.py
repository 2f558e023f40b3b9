"""Whatever fails, no history, no search attribute and no log says who a customer is."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import create_engine, text
from temporalio.client import Client

from engine.words import Channel, MessageState
from tests.live.conftest import Found
from tests.live.site import Site
from tests.live.story import COURSE, MONDAY, RECEIPT, Story, a_customer, an_event
from tests.workers.whole import QUICK, email_to, texts
from workers.devserver import DevServer
from workers.wiring import Carrier

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADDRESS = "zoe.marker@customers.example"
SECRETS = (b"zoe.marker", b"Firstname", b"customers.example", b"+49151", b"Elmstreet")
KEYED = RECEIPT.replace("{event: purchased}", "{event: purchased, key: email}").replace("sms: last", "email: faulty")
FACTS = """
attributes: {first_name: text, street: text, plan: text}
events: {signed_up: {street: text}, purchased: {email: text}, came_back: {}}
"""
FAILING = ",".join(
    f"{point}:raise@{{folder}}/{point}"
    for point in ("decide.before_answer", "claim.before_commit", "submit.before_write", "record.before_commit")
)


@pytest_asyncio.fixture(loop_scope="session")
async def talkative_server() -> AsyncIterator[int]:
    """A mail server that refuses everybody, and says whom."""

    class Refusing:
        async def handle_RCPT(  # noqa: N802  aiosmtpd's name
            self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
        ) -> str:
            return f"550 5.1.1 <{address}> is nobody here, says {address}"

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(Refusing(), hostname="localhost", loop=loop), "127.0.0.1", 0)
    yield listening.sockets[0].getsockname()[1]
    listening.close()


def a_secret_life() -> Story:
    """Somebody whose id, key and properties are her address."""
    files = texts(course=COURSE, receipt=KEYED) | {"journeys/facts.yaml": FACTS}
    files |= {
        "templates/email/faulty/subject.txt": "{{ customer.street.number.of.house }}",
        "templates/email/faulty/body.txt": "{{ 1 / 0 }} {{ customer.email }}",
    }
    customer = replace(a_customer(ADDRESS, street="Elmstreet 12"), email=email_to("zoe.marker"))
    events = [
        an_event(ADDRESS, "signed_up", 0.2, street="Elmstreet 12"),
        an_event(ADDRESS, "purchased", 4, email=ADDRESS),
        an_event(ADDRESS, "purchased", 5, email=ADDRESS),
    ]
    return Story(files, [customer], events, MONDAY + timedelta(days=12))


@contextmanager
def refusing(site: Site, *tables: str) -> Iterator[None]:
    """The database refuses every new row in these tables."""
    engine = create_engine(site.options.database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in tables:
            connection.execute(
                text(f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} BEGIN SELECT raise(ABORT, 'no'); END")
            )
        yield
        for table in tables:
            connection.execute(text(f"DROP TRIGGER no_{table}"))
    engine.dispose()


async def everything_in_temporal(site: Site, client: Client) -> bytes:
    """All histories, descriptions and what they say to support staff, as bytes."""
    said = b""
    for run in site.runs(client):
        said += (await run.describe()).raw_description.SerializeToString()
        async for event in run.fetch_history_events():
            said += event.SerializeToString()
    return said


async def test_nothing_says_who_she_is_whatever_fails(
    temporal_server: DevServer, found: Found, talkative_server: int
) -> None:
    site = found(
        temporal_server,
        a_secret_life(),
        carriers={Channel.EMAIL: Carrier("smtp", {"host": "127.0.0.1", "port": talkative_server, "security": "none"})},
        live=True,
        pace=replace(QUICK, give_up=timedelta(seconds=3)),
        time_lapse=timedelta(seconds=1),
    )
    with refusing(site, "decision"):
        site.worker.start(FAILING.format(folder=site.options.state))
        await site.until(lambda: "could not be settled" in site.worker.said())
    with refusing(site, "message_attempt"):
        await site.until(lambda: "Refused" in site.worker.said() and site.ledger())
        await asyncio.sleep(3)
    await site.until(site.drained, 240)
    site.worker.stop()
    states = {one.state for one in site.ledger()}
    assert MessageState.REJECTED in states
    said = await everything_in_temporal(site, await temporal_server.connect())
    logged = site.worker.said().encode()
    assert b"FailPoint" in said
    assert b"SQLITE_CONSTRAINT" in logged
    for secret in SECRETS:
        assert secret not in said
        assert secret not in logged
