"""What became of a customer base, in tables."""

from collections.abc import Iterator, Mapping

from rich.table import Table
from sqlalchemy import Connection

from engine.release import Release
from engine.words import MessageState
from records import journal
from records.journal import GoalCount
from sojourn.reports.sentences import WHY_WITHHELD
from sojourn.terminal import counts, table


def summary(connection: Connection, release: Release) -> Iterator[Table]:
    """Customers by stage, messages by template, goals against holdout, what was withheld and why."""
    by_stage = journal.customers_by_stage(connection)
    order = [*release.stages, *sorted(by_stage.keys() - release.stages.keys())]
    yield counts(
        "Customers by stage", "stage", {name or "not yet": by_stage[name] for name in order if name in by_stage}
    )
    yield _messages(journal.messages_by_template(connection))
    yield _goals(journal.goals(connection))
    withheld = sorted(journal.withheld_by_reason(connection).items(), key=lambda one: -one[1])
    yield counts("Withheld", "because", {WHY_WITHHELD.get(reason, reason): number for reason, number in withheld})


def _messages(counted: Mapping[tuple[str, str, MessageState], int]) -> Table:
    sums: dict[tuple[str, str], list[int]] = {}
    for (channel, template, state), number in counted.items():
        sums.setdefault((channel, template), [0, 0])[state is not MessageState.ACCEPTED] += number
    rows = ((*name, sent, other or "") for name, (sent, other) in sorted(sums.items(), key=lambda one: -one[1][0]))
    return table("Messages by template", ("channel", "template", "sent", "not sent"), rows, right=("sent", "not sent"))


def _goals(counted: list[GoalCount]) -> Table:
    found: dict[str, dict[bool, GoalCount]] = {}
    for one in counted:
        found.setdefault(one.journey, {})[one.held_out] = one
    rows = ((name, *_rates(arms)) for name, arms in found.items() if any(arm.reached for arm in arms.values()))
    heads = ("journey", "written to", "goal", "rate", "held out", "goal there", "rate there")
    return table("Goals against holdout", heads, rows, right=heads[1:])


def _rates(arms: Mapping[bool, GoalCount]) -> Iterator[object]:
    for held_out in (False, True):
        one = arms.get(held_out)
        if one is None:
            yield from ("", "", "")
        else:
            yield from (one.entered, one.reached, f"{one.reached / one.entered:.0%}")
