"""`sojourn message`: messages by state, one with its evidence, and a doubt that somebody resolves."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from sqlalchemy import Connection

from engine.moments import utc
from engine.words import MessageState
from records import messages, outbox
from records.ledger import asked
from records.ledger.asked import Line
from records.messages import Found, Message
from sojourn.engineroom import runs_here
from sojourn.errors import Mistake, reasoned
from sojourn.opened import Opened, opened
from sojourn.project import Folder
from sojourn.settings import STATE
from sojourn.terminal import clock, note, out, print_json, say, table
from workers.clocks import Wall

app = typer.Typer(add_completion=False, no_args_is_help=True)

UNDONE: Final = tuple(one for one in asked.URGENCY if one not in (MessageState.ACCEPTED, MessageState.WITHHELD))
Id = Annotated[str, typer.Argument(metavar="MESSAGE", help="The message's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


class Fate(StrEnum):
    """What somebody says became of a message."""

    ACCEPTED = "accepted"
    NOT_SENT = "not-sent"


@app.callback()
def message() -> None:
    """Messages by state, with their evidence; resolve what is uncertain."""


@app.command("list")
def list_messages(
    state: Annotated[list[MessageState] | None, typer.Option(help="Only those in this state.")] = None,
    customer: Annotated[
        str | None, typer.Option(help="Only hers, in whatever state; one that is held back is not planned yet.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
    folder: Folder = Path(),
) -> None:
    """Messages that are not settled or did not go: the uncertain ones first, then what has stood longest.

    \b
    sojourn message list
    sojourn message list --state uncertain --json
    sojourn message list --customer c1
    """
    with opened(folder) as here:
        hers = None if customer is None else here.customer_row(customer)
        states = state or (UNDONE if hers is None else asked.URGENCY)
        lines = here.database.read(lambda connection: asked.by_state(connection, states, limit, hers))
    if len(lines) == limit:
        note(f"{limit} at most; --limit shows more")
    if as_json:
        print_json([_plain(asdict(one)) for one in lines])
        return
    heads = ("message", "state", "why", "customer", "journey", "step", "channel", "attempts", "since")
    rows = (
        (one.id, one.state, one.reason, one.customer, one.journey, one.step, one.channel, one.attempt,
         clock(one.changed_at))
        for one in lines
    )  # fmt: skip
    out.print(table("", heads, rows, right=("attempts",)))


@app.command("show")
def show(name: Id, as_json: AsJson = False, folder: Folder = Path()) -> None:
    """One message: how it stands, every attempt with its evidence, and what its provider told.

    \b
    sojourn message show 3b6c0a52-...
    """
    with opened(folder) as here:
        line = _line(here, name)
        attempts = here.database.read(lambda connection: asked.attempts(connection, line.id))
        told = here.database.read(lambda connection: asked.told(connection, line.id))
    if as_json:
        parts = {"attempts": [asdict(one) for one in attempts], "told": [asdict(one) for one in told]}
        print_json(_plain({**asdict(line), **parts}))
        return
    for words in _head(line):
        say(words)
    for attempt in attempts:
        said = _words({"phase": attempt.phase, "id": attempt.provider_id, **attempt.evidence})
        say(f"  {clock(attempt.started_at)}  attempt {attempt.number}: {attempt.state} {said}".rstrip())
    for one in told:
        say(f"  {clock(one.at)}  {one.provider} told: {one.kind} {_words(one.detail)}".rstrip())


@app.command("resolve")
def resolve(
    name: Id,
    fate: Annotated[Fate, typer.Option("--as", help="What became of it.")],
    why: Annotated[str, typer.Option(help="How you know: it is written down.")],
    who: Annotated[str, typer.Option("--by", envvar="USER", help="Who says so.")] = "somebody",
    sure: Annotated[bool, typer.Option("--yes", help="Though it is looked up by itself as yet.")] = False,
    folder: Folder = Path(),
) -> None:
    """Say what became of a message in doubt. One that was not sent is sent again, unless it has expired meanwhile.

    Look it up at the provider first: what is sent again may arrive twice. One that is unknown is still looked up by
    itself; that it was not sent is believed with --yes alone.

    \b
    sojourn message resolve 3b6c0a52-... --as accepted --why "in the provider's log"
    sojourn message resolve 3b6c0a52-... --as not-sent --why "the provider had lost our account"
    """
    with opened(folder) as here:
        reasoned(why)
        line, noted = _line(here, name), {"by": who, "why": why}
        if line.state is MessageState.UNKNOWN and fate is Fate.NOT_SENT and not sure:
            raise Mistake(
                f"{line.id} is unknown: the engine still looks for proof, and what it took is perhaps on its way;"
                " `not-sent` sends it again, and she may have it twice. --yes, where you know that it did not go"
            )
        state = here.database.write(lambda connection: _resolve(here, connection, line.id, fate, noted))
        say(f"{line.id}: {line.state} -> {state}")
        when = "at once, for the engine runs" if runs_here(here.root / STATE) else "as soon as the engine runs"
    if state is MessageState.NOT_SENT:
        note(f"it is sent again {when}; its consent, window and expiry are asked again")


def _resolve(here: Opened, connection: Connection, id_: str, fate: Fate, noted: dict[str, str]) -> MessageState:
    now, doubted = Wall().now(), messages.find(connection, id_)
    if doubted is None or doubted.state not in messages.RULED:
        state = "gone" if doubted is None else doubted.state.value
        raise Mistake(f"the message is {state}; only one that is uncertain or unknown can be resolved")
    state = _state(here, doubted, fate)
    if not messages.rule(connection, doubted, Found(state, "resolved", noted=noted), now):
        raise Mistake("the message has changed in this moment; look at it again")
    if state is MessageState.NOT_SENT:
        outbox.ring(connection, doubted.enrollment_row, now)
    return state


def _state(here: Opened, doubted: Message, fate: Fate) -> MessageState:
    """As the claim would see it."""
    if fate is Fate.ACCEPTED:
        return MessageState.ACCEPTED
    late = doubted.planned_at + here.business.late(doubted.planned_at, doubted.planned_real_at) > doubted.expires_at
    return MessageState.EXPIRED if late else MessageState.NOT_SENT


def _line(here: Opened, name: str) -> Line:
    """The message of this id. Raises Mistake."""
    try:
        line = here.database.read(lambda connection: asked.one(connection, str(UUID(name))))
    except ValueError:
        line = None
    if line is None:
        raise Mistake(f"found no message '{name}'; `sojourn message list --customer ID` tells hers")
    return line


def _head(line: Line) -> Iterator[str]:
    yield f"{line.id}: {line.state}{f' ({line.reason})' if line.reason else ''}"
    yield f"  {line.purpose} {line.channel} of {line.journey} / {line.step} to {line.customer}"
    yield f"  planned {clock(line.planned_at)}, in this state since {clock(line.changed_at)}"
    if line.provider:
        yield f"  at {line.provider} as {line.provider_id or 'an id that is not known'}"
    if line.not_before and line.state in messages.OPEN:
        yield f"  is tried again at {clock(line.not_before)}, not before"
    if line.looked_at and line.state is MessageState.UNKNOWN:
        yield f"  is looked at again at {clock(line.looked_at)}"
    if line.delivery:
        yield f"  became: {line.delivery}"
    if line.possible_duplicate:
        yield "  perhaps sent twice: it was sent again while an earlier attempt was in doubt"


def _words(said: Any) -> str:
    return " ".join(f"{name}={value}" for name, value in said.items() if value not in (None, ""))


def _plain(value: Any) -> Any:
    """Ready for JSON."""
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case datetime():
            return utc(value)
        case _:
            return value
