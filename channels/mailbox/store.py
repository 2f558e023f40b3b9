"""What arrived, in an SQLite file of its own: the ground truth of development and of tests.

Many processes may write at once. Nothing is unique here: what was sent twice lies here twice.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from channels.protocol import Absent, Channel, Found, LookUp, SmsContent

TEMPLATE_HEADER: Final = "X-Sojourn-Template"
_PATIENCE: Final = 10.0  # seconds to wait for another process's write
_TABLES: Final = """
create table if not exists arrival (
    id integer primary key, channel text not null, correlation text not null, sender text not null,
    recipient text not null, subject text not null, template text not null, sent_at text not null,
    arrived_at text not null, content blob not null);
create index if not exists arrival_by_correlation on arrival (correlation);
create index if not exists arrival_by_recipient on arrival (recipient, id);
create table if not exists sealed (correlation text primary key) without rowid;
"""
_COLUMNS: Final = "id, channel, correlation, sender, recipient, subject, template, sent_at, arrived_at"

_OF_MESSAGE: Final = "select id from arrival where correlation > ? and correlation < ?"
_SEALED: Final = "select 1 from sealed where correlation in (?, ?)"  # an attempt, or the whole message
_TO_ADDRESS: Final = "select id from arrival where lower(recipient) = lower(?)"


class Sealed(Exception):
    """The correlation was looked up and found absent: it may not arrive any more."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that arrived; `sent_at` is the sender's clock, `arrived_at` the real one."""

    id: int
    channel: Channel
    correlation: str
    sender: str
    to: str
    subject: str
    template: str
    sent_at: datetime
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """An arrival with its words; `raw` are the bytes that came over the wire."""

    arrival: Arrival
    text: str
    html: str
    raw: bytes


class Mailbox:
    """The file, opened; made where there is none. It may be used from any thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = Lock()
        self._database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        self._database.execute("pragma synchronous = normal")
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma secure_delete = on")
        with self._writing() as database:
            for statement in filter(str.strip, _TABLES.split(";")):
                database.execute(statement)

    def close(self) -> None:
        """Closes the file; what arrived stays."""
        with self._lock:
            self._database.close()

    def keep_email(self, raw: bytes, sender: str, to: str) -> int:
        """Stores an e-mail and gives its id; committed on return.

        Raises Sealed, and sqlite3's OperationalError when another process holds the file too long.
        """
        head = BytesHeaderParser().parsebytes(raw)
        correlation = head.get("Message-ID", "").strip(" <>").partition("@")[0]
        subject = str(make_header(decode_header(head.get("Subject", ""))))
        template, sent_at = head.get(TEMPLATE_HEADER, ""), _date(head.get("Date"))
        return self._keep((Channel.EMAIL, correlation, sender, to, subject, template, sent_at), raw)

    def keep_sms(self, content: SmsContent) -> int:
        """Stores a text message and gives its id; as keep_email."""
        sent_at = content.sent_at.isoformat()
        row = (Channel.SMS, content.correlation, content.sender, content.to, "", content.template, sent_at)
        return self._keep(row, content.body.encode())

    def arrivals(self, channel: Channel | None = None, to: str | None = None, limit: int = 50) -> tuple[Arrival, ...]:
        """What arrived, the latest first."""
        where = "(:channel is null or channel = :channel) and (:to is null or recipient = :to)"
        statement = f"select {_COLUMNS} from arrival where {where} order by id desc limit :limit"  # noqa: S608 - our own words
        return tuple(_arrival(row) for row in self._read(statement, {"channel": channel, "to": to, "limit": limit}))

    def open(self, arrival_id: int) -> Opened | None:
        """One arrival with its words; None where there is none of this id."""
        rows = self._read(f"select {_COLUMNS}, content from arrival where id = :id", {"id": arrival_id})  # noqa: S608
        return _opened(_arrival(rows[0][:-1]), rows[0][-1]) if rows else None

    def of(self, correlation: str) -> tuple[Arrival, ...]:
        """Everything that arrived under one correlation: more than one is a double."""
        statement = f"select {_COLUMNS} from arrival where correlation = :correlation order by id"  # noqa: S608
        return tuple(_arrival(row) for row in self._read(statement, {"correlation": correlation}))

    def counts(self) -> dict[tuple[Channel, str], int]:
        """How many arrived, by channel and template."""
        rows = self._read("select channel, template, count(*) from arrival group by 1, 2 order by 1, 2", {})
        return {(Channel(channel), template): count for channel, template, count in rows}

    def look_up(self, correlation: str) -> LookUp:
        """Whether it arrived. What is absent is sealed in the same transaction: absence is proof, for good."""
        with self._writing() as database:
            row = database.execute("select id from arrival where correlation = ?", (correlation,)).fetchone()
            if row is not None:
                return Found(str(row[0]))
            database.execute("insert or ignore into sealed values (?)", (correlation,))
            return Absent()

    def belonging(self, messages: Collection[str], addresses: Collection[str]) -> tuple[int, ...]:
        """The ids of what came of these messages, by their ids, or to these addresses, oldest first."""
        with self._lock:
            ids = [row[0] for one in messages for row in self._database.execute(_OF_MESSAGE, (f"{one}.", f"{one}/"))]
            for address in addresses:
                ids += [row[0] for row in self._database.execute(_TO_ADDRESS, (address,))]
        return tuple(sorted(set(ids)))

    def forget(self, arrivals: Collection[int], messages: Collection[str]) -> None:
        """Removes these arrivals, and seals what may still come of these messages, whatever the attempt."""
        with self._writing() as database:
            database.executemany("delete from arrival where id = ?", [(one,) for one in arrivals])
            database.executemany("insert or ignore into sealed values (?)", [(one,) for one in messages])

    def _keep(self, row: tuple[str, ...], content: bytes) -> int:
        statement = (
            "insert into arrival"
            " (channel, correlation, sender, recipient, subject, template, sent_at, arrived_at, content)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        with self._writing() as database:
            if database.execute(_SEALED, (row[1], row[1].rpartition(".")[0])).fetchone():
                raise Sealed
            arrived_at = datetime.now(UTC).isoformat()
            return database.execute(statement, (*row, arrived_at, content)).lastrowid or 0

    def _read(self, statement: str, values: dict[str, Any]) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._database.execute("begin immediate")
            try:
                yield self._database
                self._database.execute("commit")
            except BaseException:
                self._database.execute("rollback")
                raise


def _arrival(row: tuple[Any, ...]) -> Arrival:
    *words, sent_at, arrived_at = row
    identity, channel, correlation, sender, to, subject, template = words
    times = (datetime.fromisoformat(sent_at), datetime.fromisoformat(arrived_at))
    return Arrival(identity, Channel(channel), correlation, sender, to, subject, template, *times)


def _opened(arrival: Arrival, raw: bytes) -> Opened:
    if arrival.channel is Channel.SMS:
        return Opened(arrival, raw.decode(), "", raw)
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)
    return Opened(arrival, _words(message, "plain"), _words(message, "html"), raw)


def _words(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _date(written: str | None) -> str:
    try:
        return parsedate_to_datetime(written or "").isoformat()
    except ValueError:
        return datetime.now(UTC).isoformat()
