"""How long an enrollment waits, and what in the meantime can end its wait."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import repeat

from engine import calendar
from engine.conditions import Condition, Happens
from engine.conditions.truth import holds, is_that, next_flip
from engine.customer import Enrollment, Standing, Waiting
from engine.facts import Event
from engine.journey import Message, Wait, WaitFor, WaitUntil
from engine.settling import permission
from engine.settling.desk import GENERATIONS_PER_INSTANT, Desk
from engine.timing.hold import hold

Met = tuple[int, Event | None]
"""The number of the item that is met, and the event that met it."""

TICK = timedelta.resolution


def step_of(desk: Desk, one: Enrollment) -> Wait | WaitUntil | WaitFor | Message | None:
    """The step at which an enrollment stands; None before its first."""
    program = desk.program(one)
    at = program.index.get(one.standing.step)
    step = program.instructions[at].step if at is not None else None
    return step if isinstance(step, Wait | WaitUntil | WaitFor | Message) else None


def target(desk: Desk, one: Enrollment, step: WaitUntil, since: datetime) -> datetime | None:
    """The instant a `wait: {until: …}` is about; None when its fact is missing or no date."""
    return calendar.reach(step.moment, since, desk.zone(one), desk.known(one, step.moment.fact))


def reckon(desk: Desk, one: Enrollment) -> None:
    """Compute anew when the wait ends, and when a watched condition may come true.

    An end that has moved to this instant or before it is looked at in the next generation.
    """
    before, ended_at = _answer(one.standing), one.standing.ends_at
    ends_at = one.standing.ends_at = _ends_at(desk, one)
    over = ends_at is not None and ends_at != ended_at and ends_at <= desk.instant
    _set_flips(desk, one, now=over)
    _tell(desk, one, before)


def watch(desk: Desk, one: Enrollment) -> None:
    """Find out anew when time may next make its goal, an exit or an awaited condition true."""
    before = _answer(one.standing)
    _set_flips(desk, one, now=False)
    _tell(desk, one, before)


def _answer(standing: Standing) -> tuple[datetime | None, tuple[object, ...]]:
    return standing.due_at, (standing.ends_at, standing.flips_at, standing.generation, standing.past)


def _tell(desk: Desk, one: Enrollment, before: tuple[datetime | None, tuple[object, ...]]) -> None:
    """Save what has changed, and ring if it is the instant at which the enrollment has to be looked at."""
    due_at, standing = _answer(one.standing)
    if due_at != before[0]:
        desk.ring(one)
    elif standing != before[1]:
        desk.touch(one)


def awaited(desk: Desk, one: Enrollment, step: WaitFor, event: Event | None) -> Met | None:
    """Which item of `first` is met now, in the order listed: by this event or by a condition that is true."""
    for number, item in enumerate(step.first):
        match item.until:
            case Happens() as happens:
                if event is not None and _fits(desk, one, step, happens, event):
                    return number, event
            case condition:
                if holds(condition, desk.view(one)):
                    return number, event
    return None


def met_already(desk: Desk, one: Enrollment, step: WaitFor) -> Met | None:
    """What would have ended this wait, had it stood since the look-back began: an event, or what is so now."""
    found = [(event.occurred_at, number, event.order, event) for number, event in _past(desk, one, step)]
    earliest = min(found, key=lambda one: one[:3], default=None)
    met = awaited(desk, one, step, None)
    if met is not None and (earliest is None or (desk.instant, met[0]) < earliest[:2]):
        return met
    return None if earliest is None else (earliest[1], earliest[3])


def _past(desk: Desk, one: Enrollment, step: WaitFor) -> Iterator[tuple[int, Event]]:
    since = _lookback(one, step) - TICK
    for number, item in enumerate(step.first):
        if isinstance(item.until, Happens):
            for event in desk.customer.history.events(item.until.event, since):
                if _fits(desk, one, step, item.until, event):
                    yield number, event


def _lookback(one: Enrollment, step: WaitFor) -> datetime:
    since = one.standing.since
    return one.entered_at if step.since_entry or since is None else since


def _fits(desk: Desk, one: Enrollment, step: WaitFor, happens: Happens, event: Event) -> bool:
    fresh = event.order > one.entered_order and event.occurred_at >= _lookback(one, step) and event.id not in one.used
    return fresh and is_that(happens, event, desk.view(one).scope)


def _ends_at(desk: Desk, one: Enrollment) -> datetime | None:
    standing = one.standing
    ends_at = _own_end(desk, one)
    if ends_at is None or standing.not_before is None or ends_at >= standing.not_before:
        return ends_at
    standing.past = isinstance(step_of(desk, one), WaitUntil)
    return standing.not_before


def _own_end(desk: Desk, one: Enrollment) -> datetime | None:
    standing, step = one.standing, step_of(desk, one)
    if standing.since is None or standing.waiting is Waiting.ARRIVAL:
        return standing.ends_at
    match step:
        case Wait(length=length) | WaitFor(up_to=length):
            end = calendar.add(length, standing.since, desk.zone(one))
            return end + timedelta(seconds=standing.shift_seconds)
        case WaitUntil():
            return _moved(desk, one, step, standing.since)
        case Message():
            return _opening(desk, standing, step)
        case _:
            return standing.ends_at


def _opening(desk: Desk, standing: Standing, step: Message) -> datetime:
    """When the message may go that a sleeping enrollment has come to, on the channel that may reach her."""
    chosen, _ = permission.choose(desk.customer, step)
    held = hold(desk.customer, desk.catalog, chosen or step, desk.instant)
    if held is None or held.until is None:
        return desk.instant
    standing.waiting = held.by
    return held.until


def _moved(desk: Desk, one: Enrollment, step: WaitUntil, since: datetime) -> datetime:
    at = target(desk, one, step, since)
    one.standing.past = at is None or at < desk.instant
    return desk.instant if at is None or at < desk.instant else at


def _set_flips(desk: Desk, one: Enrollment, *, now: bool) -> None:
    """When a watched condition can turn true by time; in the next generation, if one is true or it is `now`.

    A condition that history has made true wakes nobody by itself.
    """
    standing, ends, items = one.standing, _watched_ends(desk, one), _watched_items(desk, one)
    standing.flips_at, standing.generation = None, 0
    if now or _any_holds(desk, one, (*ends, *items) if desk.acts else ends):
        standing.flips_at, standing.generation = desk.instant, min(desk.generation + 1, GENERATIONS_PER_INSTANT)
        return
    flips = [flip for flip in (next_flip(condition, desk.view(one)) for condition in (*ends, *items)) if flip]
    if standing.waiting is Waiting.EVENT and standing.not_before and standing.not_before > desk.instant:
        flips.append(standing.not_before)
    standing.flips_at = min(flips, default=None)


def _any_holds(desk: Desk, one: Enrollment, conditions: Sequence[Condition]) -> bool:
    return bool(conditions) and any(map(holds, conditions, repeat(desk.view(one))))


def _watched_ends(desk: Desk, one: Enrollment) -> tuple[Condition, ...]:
    """Its exits and its open goal, as far as they are states."""
    program = desk.program(one)
    if one.parting or not program.watches_state:
        return ()
    goal = program.journey.goal
    open_ = one.goal_until is None or desk.instant <= one.goal_until or (goal is not None and goal.leave)
    if program.watched_goal is None or one.goal_at is not None or not open_:
        return program.watched_exits
    return (*program.watched_exits, program.watched_goal)


def _watched_items(desk: Desk, one: Enrollment) -> tuple[Condition, ...]:
    """The conditions that end its wait_for."""
    if one.standing.waiting is not Waiting.EVENT or desk.stands_still(one):
        return ()
    step = step_of(desk, one)
    items = step.first if isinstance(step, WaitFor) else ()
    return tuple(item.until for item in items if not isinstance(item.until, Happens))
