"""A small business and its API: real tables, real settling, virtual clocks; only Temporal is left out."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from sqlalchemy import Connection, select
from twilio.request_validator import RequestValidator

from api.app import build_app
from api.served import Doors, Served, served
from channels.inbound.sendgrid import SIGNATURE, TIMESTAMP, SendGridEvents
from channels.inbound.twilio import TwilioHooks
from engine.facts import Event
from engine.language.project import load_release
from engine.words import Channel, EventKind, MessageState
from records import customers, events, messages, releases
from records.customers import addressed
from records.database import Database
from records.messages import Found
from records.tables import consent_event, enrollment, event, message, provider_event
from workers.catalogs import LiveCatalogs
from workers.clocks import VirtualTime
from workers.links import Links, Targets
from workers.settlement import Settlement

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://news.acme.example"
WRITE_KEY = "the-write-key-of-acme"
TWILIO_TOKEN = "the-token-of-acme"
SECRET = b"the secret of all links of acme!"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
POLICY = """
zone: Europe/Berlin
postal_address: Acme GmbH, Hauptstr. 1, 10115 Berlin
senders: {default: {name: Ada at Acme, email: hello@acme.example, number: "+4915112345678"}}
topics:
  offers: {about: Prices and <what> is left}
  product_tips:
    about: How to get more out of it
    languages: {de: {name: Tipps}}
"""
LIFECYCLE = "start: awareness\nstages:\n  awareness: {about: knows us}\n"
JOURNEY = """
enter: {{event: signed_up}}
purpose: marketing
topic: {topic}
steps: [{{{channel}: hello}}, {{wait: 30 days}}, {{{channel}: later}}]
"""


def texts() -> dict[str, str]:
    """Three journeys that a sign-up begins, each on its own topic or channel."""
    made = {"journeys/policy.yaml": POLICY, "journeys/lifecycle.yaml": LIFECYCLE}
    for name, channel, topic in (
        ("offers", "email", "offers"),
        ("tips", "email", "product_tips"),
        ("sms", "sms", "offers"),
    ):
        made[f"journeys/any/{name}.yaml"] = JOURNEY.format(topic=topic, channel=channel)
    for name in ("hello", "later"):
        made |= {
            f"templates/email/{name}/subject.txt": "Hello",
            f"templates/email/{name}/body.txt": "Hello {{ links.unsubscribe }}",
            f"templates/sms/{name}/body.txt": "Hello",
        }
    return made


@dataclass
class Business:
    """The business, its customers, and what a test does to them."""

    database: Database
    clock: VirtualTime = field(default_factory=lambda: VirtualTime(MONDAY))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    nudges: int = 0

    def open(self) -> None:
        """Publish, and let Ada sign up, who allows everything."""
        made, faults = load_release(texts())
        assert made is not None, "\n".join(map(str, faults))
        self.write(lambda connection: releases.publish(connection, made, MONDAY))
        consent = {"email": ["offers", "product_tips"], "sms": ["offers"]}
        known = {"email": "ada@customers.example", "phone": "+4915112345678", "consent": consent}
        self.tell("ada", EventKind.IDENTIFY, "", known)
        self.clock.instant += timedelta(seconds=1)
        self.tell("ada", EventKind.TRACK, "signed_up", {})
        self.settle("ada")

    @cached_property
    def links(self) -> Links:
        return Links(URL, SECRET, Targets(self.database))

    @cached_property
    def served(self) -> Served:
        return self.serve(Doors(WRITE_KEY, self.sendgrid, TwilioHooks(TWILIO_TOKEN, URL), "Help & hours: acme.example"))

    def serve(self, doors: Doors) -> Served:
        """The same parts behind other doors."""
        return served(self.database, self.clock, self.clock, self.links, doors, self.nudge)

    @cached_property
    def app(self) -> FastAPI:
        return build_app(self.served)

    @property
    def sendgrid(self) -> SendGridEvents:
        """Whoever holds the key is SendGrid."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return SendGridEvents(base64.b64encode(public).decode())

    def client(self, app: FastAPI | None = None) -> httpx.AsyncClient:
        """A browser, or a server, that talks to it."""
        transport = httpx.ASGITransport(app or self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=URL, headers=BROWSER)

    def nudge(self) -> None:
        self.nudges += 1

    def tell(self, customer: str, kind: EventKind, name: str, said: Mapping[str, Any]) -> None:
        """An event of now."""
        now = self.clock.now()
        told = Event(str(uuid4()), kind, name, now, now, dict(said))
        self.write(lambda connection: events.ingest(connection, [(customer, told)]))

    def settle(self, customer: str) -> None:
        """What the relay does to her."""
        row = self.read(lambda connection: customers.by_name(connection, customer))
        settlement = Settlement(self.database, LiveCatalogs(self.database), self.clock, self.clock)
        while settlement.settle(row, lambda *_: None).more:
            pass

    def message(self, journey: str = "offers") -> str:
        """The first message that a journey sends Ada."""
        channel, topic = (
            ("sms", "offers") if journey == "sms" else ("email", "offers" if journey == "offers" else "product_tips")
        )
        asked = select(message.c.public_id).where(message.c.channel == Channel(channel), message.c.topic == topic)
        return str(self.read(lambda connection: connection.execute(asked.order_by(message.c.id)).scalars().first()))

    def accept(self, id_: str) -> None:
        """Its provider has taken it, now."""
        now = self.clock.now()

        def work(connection: Connection) -> None:
            planned = messages.find(connection, id_)
            assert planned is not None
            taken = messages.claim(connection, planned, now, now + timedelta(minutes=1))
            assert taken is not None
            messages.record(connection, taken, Found(MessageState.ACCEPTED, provider="mailbox", provider_id="7"), now)

        self.write(work)

    def allows(self, channel: Channel, topic: str) -> bool | None:
        """What Ada has stated, as of what is stored."""
        found = self.read(lambda connection: addressed.by_message(connection, self.message()))
        return None if found is None else found.customer.consents.get((channel, topic))

    def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Kind, name and properties of all events, in order."""
        asked = select(event.c.kind, event.c.name, event.c.properties).order_by(event.c.id)
        return [(row[0].value, row[1], row[2]) for row in self.read(lambda connection: connection.execute(asked).all())]

    def permissions(self) -> list[tuple[str, str, bool, str, str]]:
        """The log of what was allowed by her own deed: channel, topic, state, wording, source."""
        columns = [consent_event.c[name] for name in ("channel", "topic", "state", "wording", "source")]
        asked = select(*columns).where(consent_event.c.source != "identify").order_by(consent_event.c.id)
        return [(row[0].value, *row[1:]) for row in self.read(lambda connection: connection.execute(asked).all())]

    def reasons(self) -> list[str | None]:
        """How each enrollment ended."""
        asked = select(enrollment.c.reason).order_by(enrollment.c.id)
        return [one and one.value for one in self.read(lambda connection: connection.execute(asked).scalars().all())]

    def heard(self) -> list[tuple[str, str]]:
        """What was kept of what providers told: provider and kind."""
        asked = select(provider_event.c.provider, provider_event.c.kind).order_by(provider_event.c.id)
        return [(row[0], row[1]) for row in self.read(lambda connection: connection.execute(asked).all())]

    def read(self, work: Any) -> Any:
        return self.database.read(work)

    def write(self, work: Any) -> Any:
        return self.database.write(work)

    def signed_by_sendgrid(self, body: bytes) -> dict[str, str]:
        """The headers of its webhook, of now."""
        timestamp = str(int(self.clock.now().timestamp()))
        signature = self.key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: timestamp}

    def signed_by_twilio(self, target: str, fields: Mapping[str, str]) -> dict[str, str]:
        """The header of its webhook."""
        return {"X-Twilio-Signature": RequestValidator(TWILIO_TOKEN).compute_signature(URL + target, dict(fields))}


def path_of(link: str) -> str:
    """A link as its site sees it."""
    return link.removeprefix(URL)
