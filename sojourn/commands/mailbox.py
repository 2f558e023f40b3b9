"""`sojourn mailbox`: what was sent in development."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from channels.mailbox.store import Arrival, Mailbox, Opened
from channels.outbound.mailbox import FILE
from engine.moments import utc
from sojourn.errors import Mistake
from sojourn.project import Folder, find_folder
from sojourn.settings import STATE
from sojourn.terminal import clock, keep_page, note, out, print_json, say, table

app = typer.Typer(add_completion=False)

LAST: Final = 2**63 - 1
"""The highest number that an SQLite file can count to."""


@app.command()
def mailbox(
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", max=LAST, help="Open this one.", show_default=False)
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only what went there.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the HTML of the opened one there.")] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open its HTML in a browser.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=LAST, help="How many to list, the latest first.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """Read what was sent in development: the latest first, or one of them whole.

    \b
    sojourn mailbox
    sojourn mailbox --to ada@post.example
    sojourn mailbox 17 --html welcome.html
    """
    state = find_folder(folder) / STATE
    with closing(Mailbox(state / FILE)) as box:
        if number is None:
            _list(box.arrivals(to=to, limit=limit), as_json=as_json)
            return
        opened = box.open(number)
    if opened is None:
        raise Mistake(f"found no message {number} in the mailbox; `sojourn mailbox` lists them")
    _show(opened, as_json=as_json)
    if opened.html and (html or browser):
        keep_page(opened.html, html or state / "preview" / f"message-{number}.html", browser=browser)


def _list(arrivals: tuple[Arrival, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([_as_json(one) for one in arrivals])
    elif arrivals:
        rows = ((one.id, clock(one.sent_at), one.channel, one.to, one.template, one.subject) for one in arrivals)
        out.print(table("", ("number", "sent", "channel", "to", "template", "subject"), rows, right=("number",)))
        note("sojourn mailbox NUMBER opens one")
    else:
        note("the mailbox is empty")


def _show(opened: Opened, *, as_json: bool) -> None:
    one = opened.arrival
    if as_json:
        print_json({**_as_json(one), "text": opened.text, "html": opened.html})
        return
    for head, words in (("From", one.sender), ("To", one.to), ("Sent", utc(one.sent_at)), ("Subject", one.subject)):
        if words:
            say(f"{head}: {words}")
    say("")
    say(opened.text.rstrip("\n"))


def _as_json(one: Arrival) -> dict[str, Any]:
    return {
        "number": one.id,
        "sent_at": utc(one.sent_at),
        "channel": one.channel.value,
        "from": one.sender,
        "to": one.to,
        "subject": one.subject,
        "template": one.template,
        "message": one.correlation,
    }
