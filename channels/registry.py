"""Which adapters there are: a new one is a file under `outbound/` and a line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from channels.outbound import mailbox, sendgrid, smtp, twilio, webhook
from channels.protocol import Adapter, Channel, Options


@dataclass(frozen=True, slots=True)
class Registered:
    """What makes an adapter of its options, and what these may be; None: nothing is to be set."""

    build: Callable[[Options], Adapter[Any]]
    options: type[BaseModel] | None = None


MAILBOX: Final = "mailbox"
ADAPTERS: Final[Mapping[Channel, Mapping[str, Registered]]] = {
    Channel.EMAIL: {
        MAILBOX: Registered(mailbox.build_email),
        "smtp": Registered(smtp.build, smtp.SmtpOptions),
        "sendgrid": Registered(sendgrid.build, sendgrid.SendGridOptions),
        "webhook": Registered(webhook.build_email, webhook.WebhookOptions),
    },
    Channel.SMS: {
        MAILBOX: Registered(mailbox.build_sms),
        "twilio": Registered(twilio.build, twilio.TwilioOptions),
        "webhook": Registered(webhook.build_sms, webhook.WebhookOptions),
    },
}
OPTIONS: Final[Mapping[str, type[BaseModel]]] = {
    name: one.options for named in ADAPTERS.values() for name, one in named.items() if one.options is not None
}
"""What each adapter may be told, by its name."""
SECRETS: Final = frozenset(
    name for model in OPTIONS.values() for name, option in model.model_fields.items() if option.annotation is SecretStr
)
"""The names of options that are secrets."""


class UnknownAdapter(LookupError):
    """No adapter of this name carries this channel."""

    def __init__(self, channel: Channel, name: str, known: Mapping[str, object]) -> None:
        near = get_close_matches(name, known, n=1)
        advice = f"; did you mean '{near[0]}'?" if near else ""
        super().__init__(f"found {channel} = {name!r}; expected one of {', '.join(sorted(known))}{advice}")


def adapter(channel: Channel, name: str, options: Options) -> Adapter[Any]:
    """The adapter of this name for a channel, built from its options. Raises UnknownAdapter and ValidationError."""
    known = ADAPTERS[channel]
    if name not in known:
        raise UnknownAdapter(channel, name, known)
    return known[name].build(options)
