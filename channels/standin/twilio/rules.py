"""What we ask of a message to Twilio beyond its own description, with Twilio's number for each fault that has one."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

from channels.standin.truth import CORRELATION
from channels.standin.wire import Finding

CORRELATED_BY: Final = "sojourn_id"
E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SENDER: Final = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_SERVICE: Final = re.compile(r"MG[0-9a-fA-F]{32}")
_LONGEST, _LONGEST_WAIT = 1_600, 36_000


def findings(form: list[tuple[str, str]]) -> Iterator[Finding]:
    """Everything that is wrong with the form."""
    for name, count in Counter(name for name, _ in form).items():
        if count > 1:
            yield Finding(name, "expected once")
    for name, value in form:
        if not value:
            yield Finding(name, "expected a value, or no such name", 21602 if name == "Body" else 0)
        if name in ("SendAt", "ScheduleType", "MediaUrl"):
            yield Finding(name, "expected it to be left away")
    values = dict(form)
    yield from _addressed(values)
    yield from _worded(values)
    yield from _called_back(values.get("StatusCallback", ""))


def correlation(callback: str) -> str:
    """Ours, from the query of the StatusCallback; empty where it is not there once."""
    try:
        given = parse_qs(urlsplit(callback).query).get(CORRELATED_BY, [])
    except ValueError:
        return ""
    return given[0] if len(given) == 1 else ""


def _addressed(values: Mapping[str, str]) -> Iterator[Finding]:
    if not E164.fullmatch(values.get("To", "")):
        yield Finding("To", "expected a number as in E.164, +4915112345678", 21211)
    service, sender = values.get("MessagingServiceSid"), values.get("From")
    if service is None and sender is None:
        yield Finding("MessagingServiceSid", "expected it, or From", 21603)
    if service is not None and not _SERVICE.fullmatch(service):
        yield Finding("MessagingServiceSid", "expected MG and 32 hexadecimal digits", 21701)
    if sender is not None and not _SENDER.fullmatch(sender):
        yield Finding("From", "expected a number, a short code or a sender's name", 21212)


def _worded(values: Mapping[str, str]) -> Iterator[Finding]:
    body, patience = values.get("Body", ""), values.get("ValidityPeriod", "")
    if not body.strip():
        yield Finding("Body", "expected words", 21602)
    if len(body) > _LONGEST:
        yield Finding("Body", f"expected {_LONGEST} characters at most", 21617)
    if not patience.isdecimal() or not 1 <= int(patience) <= _LONGEST_WAIT:
        yield Finding("ValidityPeriod", f"expected 1 to {_LONGEST_WAIT} seconds, said aloud")


def _called_back(callback: str) -> Iterator[Finding]:
    try:
        address = urlsplit(callback)
        host = address.hostname or ""
    except ValueError:
        yield Finding("StatusCallback", "expected a URL", 21609)
        return
    if address.scheme not in ("http", "https") or not host or "_" in host:
        yield Finding("StatusCallback", "expected a URL with a host, without underscores in its name", 21609)
    if not CORRELATION.fullmatch(correlation(callback)):
        yield Finding("StatusCallback", f"expected {CORRELATED_BY}=<message id>.<attempt> in its query, once")
