"""An e-mail's content as the bytes that go over the wire.

Written by hand: Python's e-mail package takes ten times as long, and folds and encodes headers that must arrive
as they are (List-Unsubscribe, Message-ID, Feedback-ID).
"""

import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Iterator
from email.utils import format_datetime, quote
from typing import Final

from channels.protocol import EmailContent

MAX_LINE: Final = 998  # RFC 5322, 2.1.1
MAX_ENCODED: Final = 42  # bytes before base64: with the name of its header a line stays under 76
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]")
_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_CORRELATION: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NEWLINE: Final = re.compile(r"\r\n?|\n")
_OURS: Final = frozenset({"from", "to", "subject", "date", "message-id", "mime-version", "cc", "bcc", "sender"})
_ENCODING: Final = "Content-Transfer-Encoding: quoted-printable"


class UnsafeHeader(ValueError):
    """A header cannot be written as it is: it names the header, never its value."""

    def __init__(self, header: str) -> None:
        super().__init__(f"the header {header} cannot be written on one line")
        self.header = header


class UnwritableAddress(ValueError):
    """An address that no envelope can carry; the address itself is not told."""


def wire_address(address: str) -> str:
    """The address as an envelope carries it, its domain in ASCII (IDNA). Raises UnwritableAddress."""
    local, at, domain = address.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise UnwritableAddress("the domain has no form in ASCII") from None
    written = f"{local}{at}{ascii_domain}"
    if not _ADDRESS.fullmatch(written):
        raise UnwritableAddress("not an address that an envelope can carry")
    return written


def message_id(correlation: str, from_address: str) -> str:
    """The Message-ID that carries a correlation, and from which a bounce or the mailbox reads it again."""
    if not _CORRELATION.fullmatch(correlation):
        raise UnsafeHeader("Message-ID")
    return f"<{correlation}@{wire_address(from_address).rpartition('@')[2]}>"


def check_headers(content: EmailContent) -> None:
    """Raises UnsafeHeader where a header, the subject or the sender's name cannot go out as it is."""
    for name, value in content.headers.items():
        _check_name(name)
        _line(name, value)
    _words("Subject", content.subject)
    _words("From", content.from_name)


def compose(content: EmailContent) -> bytes:
    """The whole e-mail, its lines ended by CRLF. Raises UnsafeHeader and UnwritableAddress."""
    boundary = f"=_{content.correlation}"  # cannot occur in quoted-printable, where = is written =3D
    kind = f'multipart/alternative; boundary="{boundary}"' if content.html else "text/plain; charset=utf-8"
    head = [*_head(content), _line("Content-Type", kind)]
    if not content.html:
        return "\r\n".join([*head, _ENCODING, "", ""]).encode("ascii") + _body(content.text)
    mark = boundary.encode("ascii")
    parts = b"".join(_part(mark, kind, text) for kind, text in ((b"plain", content.text), (b"html", content.html)))
    return "\r\n".join([*head, "", ""]).encode("ascii") + parts + b"--" + mark + b"--\r\n"


def _head(content: EmailContent) -> list[str]:
    for name in content.headers:
        _check_name(name)
    return [
        f"From: {_mailbox(content.from_name, wire_address(content.from_address))}",
        _line("To", wire_address(content.to)),
        f"Subject: {_words('Subject', content.subject)}",
        _line("Date", format_datetime(content.sent_at)),
        _line("Message-ID", message_id(content.correlation, content.from_address)),
        *(_line(name, value) for name, value in content.headers.items()),
        _line("MIME-Version", "1.0"),
    ]


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("content-"):
        raise UnsafeHeader(name if _NAME.fullmatch(name) else "with an unwritable name")


def _line(name: str, value: str) -> str:
    """One header on one line, whatever its length may be up to RFC 5322's."""
    if not value.isascii() or _CONTROL.search(value) or len(name) + 2 + len(value) > MAX_LINE:
        raise UnsafeHeader(name)
    return f"{name}: {value}"


def _words(name: str, words: str) -> str:
    """Free words as a header's value: encoded and folded (RFC 2047) where they are not ASCII or too long."""
    if _CONTROL.search(words):
        raise UnsafeHeader(name)
    if words.isascii() and len(words) < MAX_LINE - len(name) - 2:
        return words
    return "\r\n ".join(_encoded_words(words))


def _encoded_words(words: str) -> Iterator[str]:
    """RFC 2047's encoded words, each of whole characters and at most 75 long."""
    chunk = b""
    for character in words:
        written = character.encode("utf-8", "replace")
        if len(chunk) + len(written) > MAX_ENCODED:
            yield f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?="
            chunk = b""
        chunk += written
    yield f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?="


def _mailbox(name: str, address: str) -> str:
    if not name:
        return address
    words = _words("From", name)
    return f'"{quote(words)}" <{address}>' if words == name else f"{words} <{address}>"


def _part(boundary: bytes, kind: bytes, text: str) -> bytes:
    head = b"--%b\r\nContent-Type: text/%b; charset=utf-8\r\n%b\r\n\r\n" % (boundary, kind, _ENCODING.encode("ascii"))
    return head + _body(text) + b"\r\n"  # the line break before a boundary belongs to the boundary


def _body(text: str) -> bytes:
    return b2a_qp(_NEWLINE.sub("\r\n", text.rstrip("\n") + "\n").encode("utf-8", "replace"), istext=True)
