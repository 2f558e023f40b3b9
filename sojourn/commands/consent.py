"""`sojourn consent`: what a customer allows."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.language.faults import listed, nearest
from engine.words import Channel, EventKind
from records.ledger import reviews
from sojourn.errors import Mistake
from sojourn.opened import opened
from sojourn.project import Folder
from sojourn.terminal import clock, out, say, table
from workers.clocks import Wall

app = typer.Typer(add_completion=False, no_args_is_help=True)


class Word(StrEnum):
    """What was said."""

    YES = "yes"
    NO = "no"


@app.callback()
def consent() -> None:
    """Record what a customer allows."""


@app.command("set")
def set_consent(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    channel: Annotated[Channel, typer.Argument(help="On which channel.")],
    topic: Annotated[str, typer.Argument(help="On which topic of policy.yaml, or `all`.")],
    word: Annotated[Word, typer.Argument(help="What was said.")],
    wording: Annotated[str, typer.Option(help="The words that were agreed to.")] = "",
    source: Annotated[str, typer.Option(help="Where it was said.")] = "command",
    folder: Folder = Path(),
) -> None:
    """Record that a customer allows, or no longer allows, a channel to write to her on a topic.

    A no holds at once, also for messages that are planned already. The log of what was said is kept for ever.

    \b
    sojourn consent set c1 email offers yes --source "trade fair" --wording "Yes, send me offers"
    sojourn consent set c1 sms all no
    """
    with opened(folder) as here:
        here.customer_row(customer)
        topics = here.release().policy.topics
        if topic not in {*topics, "all"}:
            near = nearest(topic, topics)
            advice = f"; did you mean '{near}'?" if near else ""
            raise Mistake(f"found topic '{topic}'; expected {listed([*topics, 'all'])}{advice}")
        for one in topics if topic == "all" else [topic]:
            said = {"channel": channel.value, "topic": one, "state": word is Word.YES}
            here.tell(customer, EventKind.CONSENT, {**said, "wording": wording, "source": source})
            say(f"{customer}: {channel} {one} {word}")


@app.command("reviews")
def list_reviews(folder: Folder = Path()) -> None:
    """What customers texted that may mean an opt-out and that nobody has read.

    Marketing by text has stopped for them. It goes on when they text START themselves.
    """
    with opened(folder) as here:
        unread = here.database.read(reviews.to_read)
    rows = ((one.id, clock(one.said_at), one.customer, one.channel, one.words) for one in unread)
    out.print(table("", ("review", "said", "customer", "channel", "words"), rows, right=("review",)))


@app.command("reviewed")
def reviewed(
    id_: Annotated[int, typer.Argument(metavar="REVIEW", help="Its number in `sojourn consent reviews`.")],
    who: Annotated[str, typer.Option("--by", envvar="USER", help="Who has read it.")] = "somebody",
    folder: Folder = Path(),
) -> None:
    """Somebody has read it, and has recorded or answered what the customer meant.

    \b
    sojourn consent reviewed 7
    """
    with opened(folder) as here:
        one = next((one for one in here.database.read(reviews.to_read) if one.id == id_), None)
        if one is None or not here.database.write(lambda c: reviews.read(c, id_, who, Wall().now())):
            raise Mistake(f"found no review {id_} that is to be read; `sojourn consent reviews`")
    say(f"review {id_} of {one.customer} is read")
