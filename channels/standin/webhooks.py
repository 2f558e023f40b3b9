"""What is told about what was taken, and how: the settings of the webhooks, and a webhook as it goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from channels.standin.sendgrid.events import SendGridEvent
from channels.standin.twilio.events import TwilioStatus
from channels.standin.wire import Provider


class Webhooks(BaseModel):
    """How webhooks are sent.

    `url` is where Sojourn listens, empty for no webhooks of their own accord; `public` is what it calls itself, over
    which Twilio signs, where that is another. `sendgrid` and `twilio` are what becomes of each message that is taken,
    `delay` seconds after, with `duplicate` further copies of each, in the reverse order, SendGrid's in one `batch`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = ""
    public: str = ""
    sendgrid: tuple[SendGridEvent, ...] = (SendGridEvent.PROCESSED, SendGridEvent.DELIVERED)
    twilio: tuple[TwilioStatus, ...] = (TwilioStatus.SENT, TwilioStatus.DELIVERED)
    delay: Annotated[float, Field(ge=0, le=3600)] = 0.0
    duplicate: Annotated[int, Field(ge=0, le=10)] = 0
    reorder: bool = False
    batch: bool = False
    tries: Annotated[int, Field(ge=1, le=10)] = 4

    def address(self, path: str) -> str:
        """The public URL of a path of Sojourn's."""
        return (self.public or self.url).rstrip("/") + path

    def reach(self, url: str) -> str:
        """Where a public URL is really listened at."""
        public = self.address("/")
        return self.url.rstrip("/") + "/" + url.removeprefix(public) if url.startswith(public) else url


class Told(BaseModel):
    """An event by hand, of the message that was last taken under `correlation`.

    `event` is the provider's word; `more` replaces and adds fields; `signed_ago` seconds is how old the signature
    claims to be (SendGrid's), and `forge` makes it a wrong one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    correlation: str
    event: str
    more: dict[str, Any] = {}
    signed_ago: float = 0.0
    forge: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """One webhook to be sent. `url` is the public one."""

    provider: Provider
    url: str
    events: tuple[Mapping[str, Any], ...]
    correlation: str
    signed_ago: timedelta = timedelta(0)
    is_forged: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """One webhook that was sent; `status` is None where nobody answered."""

    provider: Provider
    url: str
    correlation: str
    events: tuple[str, ...]
    status: int | None
    at: datetime
