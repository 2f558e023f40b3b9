"""Contents that say only what matters to a test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.protocol import Asked, EmailContent, SmsContent

SOON = timedelta(seconds=20)
"""A deadline that no test comes near."""
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def an_email(correlation: str = "m1.1", **said: Any) -> EmailContent:
    """An e-mail to Ada."""
    plain = EmailContent(
        from_address="hello@acme.example",
        from_name="Acme",
        to="ada@example.org",
        subject="Welcome",
        text="Good morning, Ada.\n",
        html="<p>Good morning, Ada.</p>",
        correlation=correlation,
        sent_at=NOON,
        template="welcome",
    )
    return replace(plain, **said)


def an_sms(correlation: str = "m1.1", **said: Any) -> SmsContent:
    """A text message to Ada."""
    plain = SmsContent(
        sender="+15005550006",
        to="+4915112345678",
        body="Good morning, Ada.",
        correlation=correlation,
        sent_at=NOON,
        template="welcome",
    )
    return replace(plain, **said)


def asked(correlation: str, address: str = "ada@example.org") -> Asked:
    """A look-up of what went to Ada at noon."""
    return Asked(correlation, address, NOON)
