"""Which adapters there are: a new one is a file under `outbound/` and a line here."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from channels.outbound import mailbox, sendgrid, smtp, twilio, webhook
from channels.protocol import Adapter, Channel, Options

MAILBOX: Final = "mailbox"
ADAPTERS: Final[Mapping[Channel, Mapping[str, Callable[[Options], Adapter[Any]]]]] = {
    Channel.EMAIL: {
        MAILBOX: mailbox.build_email,
        "smtp": smtp.build,
        "sendgrid": sendgrid.build,
        "webhook": webhook.build_email,
    },
    Channel.SMS: {
        MAILBOX: mailbox.build_sms,
        "twilio": twilio.build,
        "webhook": webhook.build_sms,
    },
}


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
    return known[name](options)
