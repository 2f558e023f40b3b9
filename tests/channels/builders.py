"""Contents that say only what matters to a test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.outbound import sendgrid, twilio, webhook
from channels.protocol import Asked, Channel, EmailContent, SmsContent

SOON = timedelta(seconds=20)
"""A deadline that no test comes near."""
API_KEY, AUTH_TOKEN, SECRET = "SG.the-key-itself", "the-token-itself", "the-secret-itself"
ACCOUNT_SID = "AC" + "0" * 32
PUBLIC_URL = "https://hooks.acme.example"
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


def sendgrid_at(url: str) -> sendgrid.SendGrid:
    """SendGrid's adapter, speaking to a server of the test's."""
    return sendgrid.build({"api_key": API_KEY, "host": url})


def twilio_at(url: str, **said: Any) -> twilio.Twilio:
    """Twilio's adapter, speaking to a server of the test's."""
    plain = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "host": url, "public_url": PUBLIC_URL}
    return twilio.build({**plain, **said})


def webhook_at(url: str, channel: Channel = Channel.EMAIL, **said: Any) -> webhook.Webhook:
    """The webhook adapter, posting to a server of the test's."""
    build = webhook.build_email if channel is Channel.EMAIL else webhook.build_sms
    return build({"url": f"{url}/messages", "secret": SECRET, "private": True, **said})
