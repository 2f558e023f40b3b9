"""`sojourn consent`: what a customer allows."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.language.faults import listed, nearest
from engine.moments import utc
from engine.words import Channel, EventKind, Ruling
from records.customers import addressed, suppressed
from records.ledger import reviews
from sojourn.errors import Mistake, reasoned
from sojourn.opened import Opened, hashing_of, opened
from sojourn.project import Folder
from sojourn.reports.suppressions import what_stands, what_was_lifted
from sojourn.terminal import clock, note, out, print_json, say, table
from workers.clocks import Wall
from workers.ledger.rulings import Bar, Rulings

app = typer.Typer(add_completion=False, no_args_is_help=True)

Customer = Annotated[str, typer.Argument(help="The customer's id.")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="Who decides.")]


class Word(StrEnum):
    """What was said."""

    YES = "yes"
    NO = "no"


@app.callback()
def consent() -> None:
    """What a customer allows: record it, look at it, decide what her words meant, and lift a suppression."""


@app.command("set")
def set_consent(
    customer: Customer,
    channel: Annotated[Channel, typer.Argument(help="On which channel.")],
    topic: Annotated[str, typer.Argument(help="On which topic of policy.yaml, or `all`.")],
    word: Annotated[Word, typer.Argument(help="What was said.")],
    wording: Annotated[str, typer.Option(help="The words that were agreed to.")] = "",
    source: Annotated[str, typer.Option(help="Where it was said.")] = "command",
    folder: Folder = Path(),
) -> None:
    """Record that a customer allows, or no longer allows, a channel to write to her on a topic.

    A no holds at once, also for messages that are planned already. The log of what was said is kept for ever.
    A yes lifts nothing that stands against her; with its --wording somebody may lift it: `sojourn consent lift`.

    \b
    sojourn consent set c1 email offers yes --source "trade fair" --wording "Yes, send me offers"
    sojourn consent set c1 sms all no
    """
    with opened(folder) as here:
        row = here.customer_row(customer)
        topics = here.release().policy.topics
        if topic not in {*topics, "all"}:
            near = nearest(topic, topics)
            advice = f"; did you mean '{near}'?" if near else ""
            raise Mistake(f"found topic '{topic}'; expected {listed([*topics, 'all'])}{advice}")
        for one in topics if topic == "all" else [topic]:
            said = {"channel": channel.value, "topic": one, "state": word is Word.YES}
            here.tell(customer, EventKind.CONSENT, {**said, "wording": wording, "source": source})
            say(f"{customer}: {channel} {one} {word}")
        if word is Word.YES:
            stands = [one for one in _rulings(here).against(row) if one[0].channel == channel]
            for line in what_stands(customer, stands):
                note(f"recorded, but {line}")
            if any(bar is Bar.NO_FRESH_YES for _, bar in stands):
                note("this yes lifts nothing, since --wording does not say to which words it was given")


@app.command("show")
def show(customer: Customer, folder: Folder = Path()) -> None:
    """What a customer allows, what stands against writing to her and what would lift it, and the log of all she said.

    \b
    sojourn consent show c1
    """
    with opened(folder) as here:
        row = here.customer_row(customer)
        her = here.database.read(lambda connection: addressed.as_stored(connection, row))
        stands = _rulings(here).against(row)
        log = here.database.read(lambda connection: suppressed.log(connection, row))
    for (channel, topic), yes in sorted(her.consents.items()):
        say(f"{channel} {topic}: {Word.YES if yes else Word.NO}")
    for line in what_stands(customer, stands):
        say(line)
    rows = (
        (
            clock(one.at),
            one.channel,
            one.topic or "all topics",
            "lifted" if one.lifted else Word.YES if one.state else Word.NO,
            one.source,
            one.wording,
        )
        for one in log
    )
    out.print(table("", ("said", "channel", "topic", "", "where", "words"), rows))


@app.command("lift")
def lift(
    customer: Customer,
    channel: Annotated[Channel, typer.Argument(help="On which channel.")],
    why: Annotated[str, typer.Option(help="Why it may be lifted: it stays in the log for ever.")],
    who: By = "somebody",
    folder: Folder = Path(),
) -> None:
    """Lift everything that stands against writing to a customer on a channel, or nothing of it.

    An address that was dead may be mended. Who complained, unsubscribed or was found to have opted out has to have said
    yes since: `sojourn consent set`, with the words and where. Who texted STOP texts START herself; nobody else can.

    \b
    sojourn consent lift c1 email --why "her company has mended its mail server"
    """
    reasoned(why)
    with opened(folder) as here:
        ruled = _rulings(here).lift(customer, here.customer_row(customer), channel, why, who)
    if ruled.stands:
        raise Mistake("\n".join(what_stands(customer, ruled.stands)))
    if not ruled.lifted:
        raise Mistake(f"nothing stands against writing to {customer} on {channel}; `sojourn consent show {customer}`")
    for line in what_was_lifted(ruled):
        say(line)
    note("a provider may keep a list of its own: take her off there as well")


@app.command("reviews")
def list_reviews(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False, folder: Folder = Path()
) -> None:
    """What customers texted that may mean an opt-out and that nobody has read: decide each of them.

    Words in English have stopped marketing by text already; words in other languages stop nothing before they are read.

    \b
    sojourn consent reviews
    sojourn consent decide 7 opt-out --why "she is fed up with it"
    """
    with opened(folder) as here:
        unread = here.database.read(reviews.to_read)
    if as_json:
        print_json([{**asdict(one), "said_at": utc(one.said_at)} for one in unread])
        return
    rows = ((one.id, clock(one.said_at), one.customer, one.channel, one.words) for one in unread)
    out.print(table("", ("review", "said", "customer", "channel", "words"), rows, right=("review",)))


@app.command("decide")
def decide(
    id_: Annotated[int, typer.Argument(metavar="REVIEW", help="Its number in `sojourn consent reviews`.")],
    ruling: Annotated[Ruling, typer.Argument(help="What the words meant.")],
    why: Annotated[str, typer.Option(help="Why you think so: it stays in the log for ever.")],
    who: By = "somebody",
    folder: Folder = Path(),
) -> None:
    """Say what a customer's words meant. An opt-out ends marketing by text; if it was none, she may be
    written to again, and what she has left by it she has left.

    Nothing goes on that something else has stopped, or while other words of hers are unread.

    \b
    sojourn consent decide 7 not-an-opt-out --why "she meant the rain"
    """
    reasoned(why)
    with opened(folder) as here:
        ruled = _rulings(here).decide(id_, ruling, why, who)
    if ruled is None:
        raise Mistake(f"found no review {id_} that is to be read; `sojourn consent reviews`")
    say(f"review {id_} of {ruled.customer}: {ruling}")
    for line in (*what_was_lifted(ruled), *what_stands(ruled.customer, ruled.stands)):
        say(line)


def _rulings(here: Opened) -> Rulings:
    return Rulings(here.database, here.business, Wall(), hashing_of(here.settings, here.root))
