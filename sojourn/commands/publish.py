"""`sojourn publish`: the journeys of the folder become live."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.catalog import Program
from engine.journey import Journey
from engine.release import Release
from records import releases
from records.releases import Published
from sojourn.engineroom import ways_here
from sojourn.opened import Opened, opened
from sojourn.project import Folder, find_folder, load_sound
from sojourn.reports.reaching import AGAIN, changed, reaches
from sojourn.settings import STATE
from sojourn.terminal import note, print_json, say

app = typer.Typer(add_completion=False)


@app.command()
def publish(
    as_json: Annotated[bool, typer.Option("--json", help="What changed, as JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """Make the journeys of this folder live for newcomers.

    Everything is checked first. Customers who are inside a journey keep the version they entered; templates, segments,
    policy and stages hold for everybody at once. A journey whose file is gone takes no newcomers.

    \b
    sojourn publish
    """
    release = load_sound(find_folder(folder))
    with opened(folder) as here:
        before = here.database.read(lambda connection: {
            name: releases.version(connection, digest) for name, digest in releases.live_versions(connection).items()
        })  # fmt: skip
        now = here.business.now()
        former = here.database.read(releases.current_release)
        published = here.database.write(lambda connection: releases.publish(connection, release, now))
        unlike = list(_otherwise(here, former, release))
    if as_json:
        print_json(_as_json(published, release, before))
        return
    say(f"published {release.digest}" if published.changed else f"nothing has changed since {release.digest}")
    for line in _changes(published, release, before):
        say(line)
    for line in unlike:
        note(line)
    if published.changed:
        note("sojourn run lets customers in")


def _otherwise(here: Opened, former: Release | None, release: Release) -> Iterator[str]:
    """What an engine that runs, here or elsewhere, goes on doing otherwise than is published."""
    now = reaches(here.settings, release.policy)
    before = ways_here(here.root / STATE) or (reaches(here.settings, former.policy) if former else {})
    for channel in changed(before, now):
        yield f"{channel}: {before[channel].adapter} -> {now[channel]}; {AGAIN}"


def _changes(published: Published, release: Release, before: Mapping[str, Journey]) -> Iterator[str]:
    yield from (f"  new      {name}" for name in published.added)
    for name in published.renewed:
        yield f"  changed  {name}"
        gone, new = _renamed(before[name], release.journeys[name])
        if gone:
            yield f"           step ids that are gone: {', '.join(gone)}" + (f"; new: {', '.join(new)}" if new else "")
    yield from (f"  gone     {name}: takes no newcomers" for name in published.gone)


def _renamed(before: Journey, after: Journey) -> tuple[list[str], list[str]]:
    """The ids of steps that only the one, and only the other has."""
    old, new = Program(before).index.keys(), Program(after).index.keys()
    return sorted(old - new), sorted(new - old)


def _as_json(published: Published, release: Release, before: Mapping[str, Journey]) -> dict[str, Any]:
    renamed = {name: _renamed(before[name], release.journeys[name]) for name in published.renewed}
    return {
        "release": release.digest,
        "changed": published.changed,
        "added": published.added,
        "renewed": published.renewed,
        "gone": published.gone,
        "step_ids": {name: {"gone": gone, "new": new} for name, (gone, new) in renamed.items() if gone or new},
    }
