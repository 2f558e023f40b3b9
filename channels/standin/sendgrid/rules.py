"""What we ask of a mail/send request beyond SendGrid's own description: what went wrong once is refused here."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels.standin.truth import CORRELATION
from channels.standin.wire import Finding

CORRELATED_BY: Final = "sojourn_id"
ONE_CLICK: Final = ("List-Unsubscribe", "List-Unsubscribe-Post")
_TRACKING: Final = (
    ("click_tracking", "enable"),
    ("click_tracking", "enable_text"),
    ("open_tracking", "enable"),
    ("subscription_tracking", "enable"),
)
_RESERVED: Final = frozenset(
    {"bcc", "cc", "content-transfer-encoding", "content-type", "dkim-signature", "from", "message-id", "received"}
    | {"reply-to", "subject", "to", "x-sg-eid", "x-sg-id"}
)
_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_MAX_BYTES, _MAX_ARGS = 30 * 1024 * 1024, 10_000
_LINK: Final = re.compile(r"<(https://[^>\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?/[^>\s]*)>")


def findings(body: Any, size: int) -> Iterator[Finding]:
    """Everything that is wrong with the body of `size` bytes."""
    if not isinstance(body, dict):
        yield Finding("body", "expected a JSON object")
        return
    if size > _MAX_BYTES:
        yield Finding("body", "expected 30 MB at most")
    yield from _falsy(body, "")
    yield from _forbidden(body)
    yield from _addressed(body)
    yield from _worded(body)
    yield from _tracked(body)
    yield from _headed({**_mapping(body.get("headers")), **_mapping(the_one(body).get("headers"))})


def the_one(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first personalization, empty where there is none."""
    several = body.get("personalizations")
    return _mapping(several[0]) if isinstance(several, list) and several else {}


def correlation(body: Mapping[str, Any]) -> str:
    """Ours, from the personalization's custom_args; empty where it is not there."""
    return str(_mapping(the_one(body).get("custom_args")).get(CORRELATED_BY, ""))


def address(value: Any) -> str:
    """The address of an e-mail object, empty where it is none."""
    return str(_mapping(value).get("email", ""))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _falsy(value: Any, place: str) -> Iterator[Finding]:
    """SDK helpers drop what is empty, and SendGrid reads null in its own way: nothing of either is sent."""
    match value:
        case dict() if value:
            for name, inner in value.items():
                yield from _falsy(inner, f"{place}.{name}".removeprefix("."))
        case list() if value:
            for index, inner in enumerate(value):
                yield from _falsy(inner, f"{place}.{index}")
        case None | "" | {} | []:
            yield Finding(place or "body", "expected a value, or no such name")


def _forbidden(body: Mapping[str, Any]) -> Iterator[Finding]:
    for name in ("custom_args", "send_at", "batch_id", "template_id", "mail_settings"):
        if name in body:
            yield Finding(name, "expected it to be left away")
    for name in the_one(body).keys() - {"to", "custom_args", "headers", "subject"}:
        yield Finding(f"personalizations.0.{name}", "expected it to be left away")


def _addressed(body: Mapping[str, Any]) -> Iterator[Finding]:
    several = body.get("personalizations")
    if not isinstance(several, list) or len(several) != 1:
        yield Finding("personalizations", "expected exactly one")
    to = the_one(body).get("to")
    if not isinstance(to, list) or len(to) != 1:
        yield Finding("personalizations.0.to", "expected exactly one")
    for place, value in (("personalizations.0.to.0", to[0] if isinstance(to, list) and to else {}),
                         ("from", body.get("from"))):  # fmt: skip
        if not _ADDRESS.fullmatch(address(value)):
            yield Finding(f"{place}.email", "expected an address")
        if re.search(r"[;,\r\n]", str(_mapping(value).get("name", ""))):
            yield Finding(f"{place}.name", "expected no comma, semicolon or line break")
    args = _mapping(the_one(body).get("custom_args"))
    if not CORRELATION.fullmatch(correlation(body)):
        yield Finding(f"personalizations.0.custom_args.{CORRELATED_BY}", "expected <message id>.<attempt>")
    if not all(isinstance(value, str) for value in args.values()) or len(str(args).encode()) > _MAX_ARGS:
        yield Finding("personalizations.0.custom_args", "expected texts, 10,000 bytes at most")


def _worded(body: Mapping[str, Any]) -> Iterator[Finding]:
    subject = the_one(body).get("subject", body.get("subject"))
    if not isinstance(subject, str) or re.search(r"[\r\n]", subject):
        yield Finding("subject", "expected one line of text")
    content = body.get("content")
    kinds = [str(_mapping(part).get("type")) for part in content] if isinstance(content, list) else []
    if kinds not in (["text/plain"], ["text/plain", "text/html"]):
        yield Finding("content", "expected text/plain, and text/html after it if at all")


def _tracked(body: Mapping[str, Any]) -> Iterator[Finding]:
    settings = _mapping(body.get("tracking_settings"))
    for name, switch in _TRACKING:
        if not isinstance(_mapping(settings.get(name)).get(switch), bool):
            yield Finding(f"tracking_settings.{name}.{switch}", "expected true or false, said aloud")


def _headed(headers: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in headers.items():
        if not isinstance(value, str) or re.search(r"[\r\n]", name + value):
            yield Finding(f"headers.{name!r}", "expected one line of text")
        if name.lower() in _RESERVED:
            yield Finding(f"headers.{name}", "expected it to be left to SendGrid")
    unsubscribe, post = (headers.get(name) for name in ONE_CLICK)
    if (unsubscribe is None) != (post is None):
        yield Finding("headers", f"expected both of {' and '.join(ONE_CLICK)}, or neither")
    if post is not None and post != "List-Unsubscribe=One-Click":
        yield Finding(f"headers.{ONE_CLICK[1]}", "expected List-Unsubscribe=One-Click")
    if unsubscribe is not None and not _LINK.search(str(unsubscribe)):
        yield Finding(f"headers.{ONE_CLICK[0]}", "expected an https link in angle brackets")
