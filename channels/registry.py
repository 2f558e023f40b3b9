"""Which adapters there are: a new one is a file under `outbound/` and a line here."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from channels.outbound import mailbox, sendgrid, smtp, twilio, webhook
from channels.protocol import Adapter, Channel, EmailContent, Options, SmsContent

MAILBOX: Final = "mailbox"
EMAIL: Final[Mapping[str, Callable[[Options], Adapter[EmailContent]]]] = {
    MAILBOX: mailbox.build_email,
    "smtp": smtp.build,
    "sendgrid": sendgrid.build,
    "webhook": webhook.build_email,
}
SMS: Final[Mapping[str, Callable[[Options], Adapter[SmsContent]]]] = {
    MAILBOX: mailbox.build_sms,
    "twilio": twilio.build,
    "webhook": webhook.build_sms,
}


class UnknownAdapter(LookupError):
    """No adapter of this name carries this channel."""

    def __init__(self, channel: Channel, name: str, known: Mapping[str, object]) -> None:
        near = get_close_matches(name, known, n=1)
        advice = f"; did you mean '{near[0]}'?" if near else ""
        super().__init__(f"found {channel} = {name!r}; expected one of {', '.join(sorted(known))}{advice}")


def email_adapter(name: str, options: Options) -> Adapter[EmailContent]:
    """The e-mail adapter of this name, built from its options. Raises UnknownAdapter and ValidationError."""
    if name not in EMAIL:
        raise UnknownAdapter(Channel.EMAIL, name, EMAIL)
    return EMAIL[name](options)


def sms_adapter(name: str, options: Options) -> Adapter[SmsContent]:
    """The text-message adapter of this name; as email_adapter."""
    if name not in SMS:
        raise UnknownAdapter(Channel.SMS, name, SMS)
    return SMS[name](options)
