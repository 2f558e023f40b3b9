"""Messages through the providers' SDKs over our pooled transport, against the same SDKs over their own."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sendgrid import SendGridAPIClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from channels.outbound import sendgrid, twilio
from channels.outcomes import Accepted
from channels.protocol import Adapter
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import Watch, working
from tests.channels.builders import ACCOUNT_SID, API_KEY, AUTH_TOKEN, an_email, an_sms, sendgrid_at, twilio_at

PATIENCE = timedelta(seconds=20)
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


async def measure(sizes: Sizes, folder: Path) -> list[Figure]:
    """To one provider in a process of its own, whose certificate stands among all those that a machine trusts."""
    with _provider(folder) as url:
        number = max(sizes.mails // 5, 3)  # a tenth of a second each, by the SDK of SendGrid alone
        return [*await _by_mail(number, url), *await _by_text(number, url)]


async def _by_mail(number: int, url: str) -> list[Figure]:
    api = SendGridAPIClient(API_KEY, host=url)
    payload = sendgrid.payload_of(an_email())
    own = await asyncio.to_thread(_rates, number, lambda: api.send(payload))
    return _figures("SendGrid", await _pooled(sendgrid_at(url), an_email(), number), own)


async def _by_text(number: int, url: str) -> list[Figure]:
    client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=_Pointed(url))
    fields = twilio.fields_of(an_sms(), twilio.Account(ACCOUNT_SID, AUTH_TOKEN))
    own = await asyncio.to_thread(_rates, number, lambda: client.messages.create(**fields))
    return _figures("Twilio", await _pooled(twilio_at(url), an_sms(), number), own)


class _Pointed(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's own transport, at another host."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=PATIENCE.total_seconds())
        self._netloc = urlsplit(url).netloc

    def request(self, method: str, url: str, *more: Any, **named: Any) -> Any:
        """The SDK's request."""
        return super().request(method, urlsplit(url)._replace(netloc=self._netloc).geturl(), *more, **named)


async def _pooled(adapter: Adapter[Any], content: Any, number: int) -> tuple[float, float]:
    """One after the other, as the SDK's own, by the clock and by work."""
    wall, work = Watch(), working()
    for _ in range(number):
        outcome = await adapter.submit(content, PATIENCE)
        if not isinstance(outcome, Accepted):
            raise TypeError(outcome)
    rates = wall.rate(number), work.rate(number)
    await adapter.close()
    return rates


def _rates(number: int, send: Callable[[], object]) -> tuple[float, float]:
    wall, work = Watch(), working()
    for _ in range(number):
        send()
    return wall.rate(number), work.rate(number)


def _figures(provider: str, ours: tuple[float, float], own: tuple[float, float]) -> list[Figure]:
    what, against = f"messages by {provider}'s SDK, one after the other", "the same SDK, its own transport"
    return [
        Figure(what, "/s", ours[0], own[0], against),
        Figure(what, "/s of work", ours[1], own[1], against),
    ]


@contextmanager
def _provider(folder: Path) -> Iterator[str]:
    """The provider's URL. What this process trusts is changed while the block runs."""
    certificate, before = _certificate(), {name: os.environ.get(name) for name in BUNDLES}
    chain, bundle = folder / "provider.pem", folder / "trusted.pem"
    chain.write_bytes(certificate)
    bundle.write_bytes(Path(certifi.where()).read_bytes() + certificate)
    command = [sys.executable, "-m", "tests.bench.answering", str(chain)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            os.environ.update(dict.fromkeys(BUNDLES, str(bundle)))
            yield f"https://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _certificate() -> bytes:
    """A key and a certificate of this machine's own, for a day."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
