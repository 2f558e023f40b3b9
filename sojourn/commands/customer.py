"""`sojourn customer`: one customer's story, her exit, her data out, and her erasure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

import typer
from rich.text import Text
from sqlalchemy import Connection

from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import Decided
from engine.explain import words
from engine.journey import Journey
from engine.moments import utc
from engine.words import Channel, EventKind, NotEntered, Origin, Withheld
from records import customers, health, journal, releases
from records.journal import Entry
from sojourn.commands.lazily import LazyGroup, Listed
from sojourn.commands.privacy.who import Name
from sojourn.errors import Mistake
from sojourn.opened import Opened, hashing_of, opened
from sojourn.pairs import typed
from sojourn.project import Folder
from sojourn.reports.happened import barred, happened, is_for_good
from sojourn.reports.misses import misses
from sojourn.reports.paused import paused_words
from sojourn.reports.sentences import WHY_WITHHELD, sentence, told_delivery, why_not_sent
from sojourn.terminal import clock, note, out, print_json, say
from workers.catalogs import LiveCatalogs
from workers.ledger.addresses import with_addresses


class Hers(LazyGroup):
    """What is done with a customer; a look at her waits for nothing that only her erasure wants."""

    LISTED: ClassVar[Listed] = {
        "export": ("privacy.export", "", "Everything that is kept about a customer, as JSON."),
        "erase": ("privacy.erase", "", "Remove a customer from everywhere, for good, and prove it."),
    }


app = typer.Typer(cls=Hers, add_completion=False, no_args_is_help=True)


@app.callback()
def customer() -> None:
    """A customer's whole story, with why and why not; her data out, and away."""


@app.command("show")
def show(
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """Who she is, where she stands, and what happened: events, stages, messages and decisions, with their reasons.

    Times are in UTC. What a message became stands behind it.

    \b
    sojourn customer show c1
    """
    with opened(folder) as here:
        seen = _look_at(here, name)
        story = here.database.read(lambda connection: journal.timeline(connection, name))
        release = here.database.read(releases.current_release)
    if as_json:
        print_json({**_as_json(seen), "timeline": [_entry(one) for one in story]})
        return
    for line in _head(seen):
        say(line)
    say("")
    note("times are in UTC")
    for entry in story:
        if line := _line(entry):
            out.print(Text(clock(entry.at), style="dim"), Text(line, style=_style(entry)), sep="  ")
        for line in _whys(entry, release.journeys if release else {}, seen.customer):
            out.print(Text(clock(entry.at), style="dim"), Text(f"  {line}", style="yellow"), sep="  ")


@app.command("find")
def find(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An e-mail address or a number, however spelled.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """Who is reached by an address, or was: their ids, which every other command wants.

    \b
    sojourn customer find ann@example.com
    sojourn customer find '0171 5550000'
    """
    channel, address = (Channel.EMAIL, parseaddr(address)[1] or address) if "@" in address else (Channel.SMS, address)
    with opened(folder) as here:
        found = here.database.read(lambda connection: customers.reached_by(connection, channel, address))
    hers = [one for one in found if not one.leaving]
    if as_json:
        print_json([{"id": one.id, "address": one.address, "today": one.today} for one in hers])
        return
    if not hers:
        raise Mistake(f"found nobody who is reached by '{address}', or was")
    for one in hers:
        say(f"{one.id}  {one.address}{'' if one.today else ', before'}")


@app.command("exit")
def leave(
    name: Name,
    journey: Annotated[str | None, typer.Option(help="Only from this journey.")] = None,
    folder: Folder = Path(),
) -> None:
    """Take a customer out of her journeys at once; planned messages are withheld.

    \b
    sojourn customer exit c1 --journey trial
    """
    with opened(folder) as here:
        if journey is not None:
            here.journey(journey)
        inside = [one for one in _look_at(here, name).customer.live() if journey in (None, one.journey)]
        if not inside:
            raise Mistake(f"{name} is in no journey" + (f" '{journey}'" if journey else ""))
        for one in inside:
            here.tell(name, EventKind.EXIT, {"enrollment": one.id})
            say(f"{name} leaves {one.journey}")
    note("it takes effect as soon as the engine runs")


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer as she stands, with all that stands against her addresses, whoever had them before.

    The words for where she is, why the journeys that are paused are, and over which channels she has an address of
    somebody who was erased.
    """

    customer: Customer
    standing: dict[str, str]
    paused: list[str]
    erased: frozenset[Channel] = frozenset()


def _look_at(here: Opened, name: str) -> Seen:
    row, now, hashing = here.customer_row(name), here.business.now(), hashing_of(here.settings, here.root)

    def work(connection: Connection) -> Seen:
        loaded = customers.load(connection, row, now, (), hashing)
        with_addresses(connection, hashing, loaded.customer)
        standing = _standing(loaded.customer, LiveCatalogs(here.database).current(connection))
        since, why = health.paused_journeys(connection), health.stopped_journeys(connection)
        inside = {one.journey for one in loaded.customer.live()}
        paused = [paused_words(name, since[name], why.get(name, "")) for name in sorted(inside & since.keys())]
        return Seen(loaded.customer, standing, paused, _erased(loaded.customer))

    return here.database.write(work)


def _erased(her: Customer) -> frozenset[Channel]:
    reached = {channel: address for channel in Channel if (address := her.address(channel))}
    return frozenset(channel for channel, address in reached.items() if her.erased.holds(channel, address))


def _standing(customer: Customer, catalog: Catalog) -> dict[str, str]:
    zone = ZoneInfo(customer.zone or catalog.release.policy.zone)
    return {
        f"{one.journey}{f' ({one.key})' if one.key else ''}": words(
            one, catalog.program(one.version), zone, paused=one.journey in catalog.paused
        )
        for one in customer.live()
    }


def _head(seen: Seen) -> Iterator[str]:
    her = seen.customer
    since = f" since {clock(her.stage_since)}" if her.stage_since else ""
    yield f"{her.id}: {her.stage or 'nothing has happened yet'}{since}"
    reached = ", ".join(filter(None, (her.email, her.phone))) or "nothing"
    yield f"  reached by   {reached}; zone {her.zone or 'not known'}"
    allowed = [f"{channel} {topic}" for (channel, topic), yes in sorted(her.consents.items()) if yes]
    yield f"  allows       {', '.join(allowed) or 'nothing'}"
    yield from (f"  suppressed   {channel}: {WHY_WITHHELD[Withheld.ERASED]}" for channel in sorted(seen.erased))
    for channel, topic, everything in sorted(one for one in her.suppressions if one[0] not in seen.erased):
        yield f"  suppressed   {channel} {topic or 'all topics'}{', transactional too' if everything else ''}"
    yield from (f"  {name:<12} {typed(value)}" for name, value in sorted(her.attributes.items()))
    yield from (f"  in {journey}: {where}" for journey, where in seen.standing.items())
    yield from (f"  {words}" for words in seen.paused)


def _line(entry: Entry) -> str:
    """The entry as a person reads it; what another entry says as well is left out."""
    match entry.kind:
        case "event" if entry.detail["origin"] == Origin.EMITTED and not entry.detail["name"]:
            return ""
        case "event" if entry.detail["kind"] == EventKind.DELIVERY:
            said = entry.detail["properties"]
            for_good = is_for_good(entry.detail["id"], said)
            told = told_delivery(entry.detail["name"].partition("_")[0], said, for_good=for_good)
            return told and f"  {_passage(entry)}{told}"
        case "event" if told := happened(entry.detail["kind"], entry.detail["properties"]):
            return told
        case "event":
            return f"{entry.what} {_values(entry.detail['properties'])}".rstrip()
        case "decision" if entry.what != Decided.PLANNED:
            return "  " + sentence(entry.what, entry.detail)
        case "message":
            reason = entry.detail["reason"]
            why = f": {why_not_sent(reason)}" if reason else ""
            return f"  {_passage(entry)}{entry.detail['channel']} {entry.what}: {entry.detail['state']}{why}"
        case _:
            return ""


def _passage(entry: Entry) -> str:
    return f"{entry.detail['passage']}: " if "passage" in entry.detail else ""


def _whys(entry: Entry, journeys: Mapping[str, Journey], her: Customer) -> Iterator[str]:
    """What is not in the entry and tells why nothing came of it."""
    closed = entry.kind == "decision" and entry.detail.get("why") == NotEntered.NO_PERMISSION
    if closed and (journey := journeys.get(str(entry.detail["journey"]))):
        yield from (f"  {line}" for line in barred(journey, her))
    if (
        entry.kind == "event"
        and entry.detail["kind"] == EventKind.TRACK
        and entry.detail["origin"] in (Origin.LIVE, Origin.REPLAY)
    ):
        yield from misses(journeys, entry.detail["name"], entry.detail["properties"], entry.at)


def _values(said: dict[str, Any]) -> str:
    return " ".join(f"{name}={typed(value)}" for name, value in said.items() if value not in ("", None))


def _style(entry: Entry) -> str:
    match entry.kind:
        case "event":
            return "bold"
        case "message":
            return "green"
        case _ if entry.what in (Decided.NOT_ENTERED, Decided.WITHHELD, Decided.PASSED_OVER, Decided.REFUSED):
            return "yellow"
        case _:
            return ""


def _as_json(seen: Seen) -> dict[str, Any]:
    her = seen.customer
    return {
        "id": her.id,
        "stage": her.stage,
        "stage_since": utc(her.stage_since) if her.stage_since else None,
        "email": her.email,
        "phone": her.phone,
        "zone": her.zone,
        "consent": [
            {"channel": channel, "topic": topic, "state": yes} for (channel, topic), yes in sorted(her.consents.items())
        ],
        "suppressions": [
            {"channel": channel, "topic": topic, "everything": everything}
            for channel, topic, everything in sorted(her.suppressions)
        ],
        "erased": sorted(seen.erased),
        "attributes": her.attributes,
        "inside": seen.standing,
        "paused": seen.paused,
    }


def _entry(one: Entry) -> dict[str, Any]:
    said = sentence(one.what, one.detail) if one.kind == "decision" else None
    return {"at": utc(one.at), "kind": one.kind, "what": one.what, "detail": dict(one.detail), "words": said}
