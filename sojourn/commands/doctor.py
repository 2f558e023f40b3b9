"""`sojourn doctor`: what is missing, stuck or overdue, and what to do about it."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from engine.release import Policy
from engine.words import Channel
from records import clocks, health, journal, overdue, releases
from records.health import Waiting
from records.privacy import erased
from sojourn.adapters import chosen, lacking
from sojourn.engineroom import runs_here, ways_here
from sojourn.errors import Mistake
from sojourn.opened import Opened, hashing_of, opened, shown
from sojourn.project import Folder, load_sound
from sojourn.reports.reaching import AGAIN, differing, reaches
from sojourn.settings import STATE
from sojourn.terminal import FINDINGS, clock, out, print_json, table
from workers.attributes import TemporalRefuses, connect, missing_attributes
from workers.clocks import Wall
from workers.devserver.finding import DeadEnd, Search, by_setting, in_cache, on_path

app = typer.Typer(add_completion=False)

LONG: Final = timedelta(minutes=10)
SHOWN: Final = 20
PATIENCE: Final = timedelta(seconds=5)


class Grade(StrEnum):
    """How bad it is; only `wrong` makes the exit status 1."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, what was found, and what to do."""

    what: str
    found: str
    grade: Grade = Grade.WELL
    advice: str = ""


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """Look for what is missing, stuck or overdue, and say what to do about it.

    Exit status: 0 all is well, 1 something is wrong, 2 it cannot even look.

    \b
    sojourn doctor
    """
    with opened(folder) as here:
        findings = list(_findings(here))
    if as_json:
        print_json([asdict(one) for one in findings])
    else:
        rows = ((_MARKS[one.grade], one.what, one.found, one.advice) for one in findings)
        out.print(table("", ("", "looked at", "found", "what to do"), rows))
    if any(one.grade is Grade.WRONG for one in findings):
        raise typer.Exit(FINDINGS)


_MARKS: Final = {Grade.WELL: "ok", Grade.NOTE: "note", Grade.WRONG: "wrong"}


def _findings(here: Opened) -> Iterator[Finding]:
    yield Finding("database", shown(here.settings.database))
    yield _temporal(here)
    if not here.settings.temporal:
        yield _engine(here)
    yield _journeys(here)
    yield _clock(here)
    policy = here.policy()
    yield _channels(here, policy)
    yield from _ways(here, policy)
    yield from _stopped(here)
    yield from _adapters(here, policy)
    yield from _api(here, policy)
    yield from _stuck(here)
    yield from _erasures(here)
    yield from _waiting(here)
    yield _overdue(here)


def _temporal(here: Opened) -> Finding:
    if here.settings.temporal:
        return asyncio.run(_elsewhere(here.settings.temporal, here.settings.namespace))
    search = Search(os.environ, lambda _: None)
    for way in (by_setting, on_path, in_cache):
        try:
            return Finding("temporal", str(way(search)))
        except DeadEnd:
            continue
        except RuntimeError as fault:
            return Finding("temporal", str(fault), Grade.WRONG, "set it right, or leave it away")
    return Finding("temporal", "no dev server yet", Grade.NOTE, "`sojourn run` fetches or builds it, within minutes")


def _engine(here: Opened) -> Finding:
    if runs_here(here.root / STATE):
        return Finding("engine", "runs in this folder")
    return Finding("engine", "does not run: nobody gets on", Grade.NOTE, "`sojourn run`")


async def _elsewhere(address: str, namespace: str) -> Finding:
    found = f"the server at {address}"
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            missing = await missing_attributes(await connect(address, namespace))
    except (RuntimeError, TimeoutError):
        return Finding("temporal", f"{found} does not answer", Grade.WRONG, "start it, or mend `temporal`")
    except TemporalRefuses as refusal:
        return Finding("temporal", f"{found}: {refusal}", Grade.WRONG, "mend `namespace`, or what you may do there")
    if missing:
        return Finding("temporal", f"{found} lacks {', '.join(missing)}", Grade.NOTE, "`sojourn run` adds them")
    return Finding("temporal", found)


def _journeys(here: Opened) -> Finding:
    published = here.database.read(releases.current_digest)
    try:
        written = load_sound(here.root).digest
    except Mistake:
        return Finding("journeys", "the files have faults", Grade.WRONG, "`sojourn check` explains them")
    if published is None:
        return Finding("journeys", "nothing is published", Grade.WRONG, "`sojourn publish`")
    if published != written:
        return Finding("journeys", "the files differ from what is published", Grade.NOTE, "`sojourn publish`")
    paused = here.database.read(health.paused_journeys)
    if paused:
        since = ", ".join(f"{name} since {clock(at)}" for name, at in sorted(paused.items()))
        return Finding("journeys", f"paused: {since}", Grade.NOTE, "`sojourn journey resume NAME`")
    return Finding("journeys", f"published {published}")


def _clock(here: Opened) -> Finding:
    lapse = here.database.read(clocks.read)
    if lapse is None:
        return Finding("clock", "real time")
    return Finding("clock", f"time-lapse, at {clock(here.business.now())}", Grade.NOTE, "it goes on with `sojourn run`")


def _channels(here: Opened, policy: Policy) -> Finding:
    paused = here.database.read(health.paused_channels)
    if paused:
        found = ", ".join(f"{name} paused: {reason}" for name, reason in paused.items())
        return Finding("channels", found, Grade.WRONG, "mend its cause, then `sojourn channel resume NAME`")
    return Finding("channels", ", ".join(str(chosen(channel, here.settings, policy)) for channel in Channel))


def _ways(here: Opened, policy: Policy) -> Iterator[Finding]:
    """To whom each channel goes and where, and whether an engine that runs does it otherwise."""
    now = reaches(here.settings, policy)
    nobody = not here.settings.channels.live and not here.settings.channels.allow
    for channel, way in now.items():
        shut = nobody and not way.is_mailbox
        advice = "name in `allow` whom it may write to, or set `live`: until then every message is withheld"
        yield Finding(channel.value, str(way), Grade.WRONG if shut else Grade.WELL, advice if shut else "")
    for line in differing(ways_here(here.root / STATE), now):
        yield Finding("engine", line, Grade.WRONG, AGAIN)


def _stopped(here: Opened) -> Iterator[Finding]:
    for name, why in here.database.read(health.stopped_journeys).items():
        advice = f"find out whom it writes to and what; then `sojourn journey resume {name}`"
        yield Finding(f"journey {name}", f"was paused: {why}", Grade.WRONG, advice)


def _adapters(here: Opened, policy: Policy) -> Iterator[Finding]:
    """What the adapters in use lack, and what nobody will hear of their messages."""
    used = here.settings.channels
    sendgrid, twilio = used.own("sendgrid"), used.own("twilio")
    email, sms = (chosen(channel, here.settings, policy).name for channel in (Channel.EMAIL, Channel.SMS))
    for lack in lacking(here.settings, policy, here.root / STATE):
        yield Finding("channels", str(lack), Grade.WRONG, "docs/channels.md tells each adapter's settings")
    if email == "sendgrid" and not sendgrid.get("webhook_key"):
        yield Finding("sendgrid", "no webhook_key", Grade.NOTE, "without it bounces and opt-outs are not believed")
    if sms == "twilio" and not (here.settings.public_url or twilio.get("public_url")):
        yield Finding("twilio", "no public_url", Grade.NOTE, "without it nothing is heard of deliveries and opt-outs")
    if used.adapter(Channel.SMS) == "twilio" and twilio.get("api_key_sid") and not twilio.get("auth_token"):
        advice = "SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN: Twilio signs with the account's token, never with a key's secret"
        yield Finding("twilio", "no auth_token: webhooks are not believed", Grade.WRONG, advice)


def _api(here: Opened, policy: Policy) -> Iterator[Finding]:
    """Who may come in, and whether anybody outside gets there."""
    used = here.settings
    real = not all(chosen(channel, used, policy).is_mailbox for channel in Channel)
    if used.write_key is None:
        yield Finding("events by HTTP", "no write key: none come in", Grade.NOTE, "SOJOURN_WRITE_KEY, if they are to")
    if used.public_url is None:
        grade = Grade.WRONG if real and used.channels.live else Grade.NOTE
        yield Finding("links in messages", "lead to this machine alone", grade, "public_url, where customers reach us")
    else:
        yield Finding("links in messages", f"lead to {used.public_url}")
    if used.secret is None and not used.database.startswith("sqlite"):
        found = "their secret lies in .sojourn/ of this machine"
        yield Finding("links in messages", found, Grade.NOTE, "SOJOURN_SECRET, the same for every machine")


def _stuck(here: Opened) -> Iterator[Finding]:
    for customer, code, attempts in here.database.read(journal.troubles)[:SHOWN]:
        found = f"cannot be settled: {code}, tried {attempts} times"
        yield Finding(f"customer {customer}", found, Grade.WRONG, f"`sojourn customer show {customer}`")


def _erasures(here: Opened) -> Iterator[Finding]:
    """Erasures that were broken off, and those that nobody knows again."""
    for customer in here.database.read(health.half_erased)[:SHOWN]:
        advice = f"`sojourn customer erase {customer}` once more"
        yield Finding(f"customer {customer}", "her erasure did not come to its end", Grade.WRONG, advice)
    hashing = hashing_of(here.settings, here.root)
    lost = here.database.read(lambda connection: erased.under_another_key(connection, hashing))
    if lost:
        advice = "the SOJOURN_SECRET, or the file .sojourn/secret, of then: `sojourn run` sends nothing without it"
        yield Finding("erased customers", f"{lost}, by another secret than this", Grade.WRONG, advice)


def _waiting(here: Opened) -> Iterator[Finding]:
    real, business = Wall().now(), here.business.now()
    events = here.database.read(lambda connection: health.unsettled(connection, business))
    runs = runs_here(here.root / STATE)
    run = "the engine is behind" if runs else "is `sojourn run` running?"
    send = "a provider asks to wait, or a channel or journey is paused" if runs else run
    yield _queue("events to be settled", events, business, run)
    yield _queue("hand-overs to Temporal", here.database.read(health.bells), real, run)
    yield _queue("messages to be sent", here.database.read(health.unsent), real, send)
    yield _queue(
        "messages in doubt",
        here.database.read(health.in_doubt),
        real,
        "they are looked up where a provider can be asked, else they wait for its word",
    )
    lost = here.database.read(health.uncertain)
    if lost.number:
        yield Finding(
            "messages uncertain",
            f"{lost.number}: perhaps sent",
            Grade.NOTE,
            "never sent again without proof: `sojourn message list --state uncertain`, then `resolve`",
        )
    unread = here.database.read(health.to_read)
    if unread.since is not None:
        found = f"{unread.number}, the oldest since {clock(unread.since)}"
        yield Finding("texts to be read", found, Grade.WRONG, "perhaps an opt-out: `sojourn consent reviews`")


def _queue(what: str, waiting: Waiting, now: datetime, advice: str) -> Finding:
    if waiting.since is None:
        return Finding(what, "none")
    stale = now - waiting.since > LONG
    found = f"{waiting.number}, the oldest since {clock(waiting.since)}"
    return Finding(what, found, Grade.WRONG if stale else Grade.NOTE, advice)


def _overdue(here: Opened) -> Finding:
    long_ago = Wall().now() - LONG
    due_before = here.business.at(long_ago)
    late = here.database.read(lambda connection: overdue.find(connection, due_before, long_ago, 0, SHOWN + 1))
    if not late:
        return Finding("enrollments overdue", "none")
    number = f"more than {SHOWN}" if len(late) > SHOWN else str(len(late))
    grade = Grade.WRONG if here.database.read(clocks.read) is None else Grade.NOTE
    return Finding("enrollments overdue", number, grade, "is `sojourn run` running? It starts them again")
