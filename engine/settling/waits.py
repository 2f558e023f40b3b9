"""How long an enrollment waits, and what in the meantime can end its wait."""

from datetime import datetime, timedelta

from engine import calendar
from engine.catalog import Program
from engine.conditions import Condition, Happens
from engine.customer import Enrollment, Waiting
from engine.decisions import Decided
from engine.facts import Event
from engine.journey import Message, Wait, WaitFor, WaitUntil
from engine.settling.desk import GENERATIONS_PER_INSTANT, Desk
from engine.truth import holds, is_that, next_flip


def step_of(desk: Desk, one: Enrollment) -> Wait | WaitUntil | WaitFor | Message | None:
    """The step at which an enrollment stands; None before its first."""
    program = desk.program(one)
    at = program.index.get(one.standing.step)
    step = program.instructions[at].step if at is not None else None
    return step if isinstance(step, Wait | WaitUntil | WaitFor | Message) else None


def target(desk: Desk, one: Enrollment, step: WaitUntil, since: datetime) -> datetime | None:
    """The instant a `wait: {until: …}` is about; None when its fact is missing or no date."""
    return calendar.reach(step.moment, since, desk.zone(), desk.known(one, step.moment.fact))


def reckon(desk: Desk, one: Enrollment) -> None:
    """Compute anew when the wait ends, and ring if that has changed."""
    before = one.standing.due_at
    ends_at = _ends_at(desk, one)
    if ends_at != one.standing.ends_at:
        one.standing.ends_at = ends_at
    _flips(desk, one)
    if one.standing.due_at != before:
        desk.ring(one)


def awaited(desk: Desk, one: Enrollment, step: WaitFor, event: Event | None) -> int | None:
    """Which item of `first` is met now, in the order listed: by this event or by a condition that is true."""
    view = desk.view(one)
    for number, item in enumerate(step.first):
        match item.until:
            case Happens() as happens:
                if event is not None and _fits(desk, one, step, happens, event):
                    return number
            case condition:
                if holds(condition, view):
                    return number
    return None


def looked_back(desk: Desk, one: Enrollment, step: WaitFor) -> tuple[int, Event] | None:
    """The earliest event since the look-back began that would have ended this wait, and its item."""
    begin = _lookback(one, step)
    found: list[tuple[datetime, int, int, Event]] = []
    for number, item in enumerate(step.first):
        if isinstance(item.until, Happens):
            for event in desk.customer.history.events(item.until.event, begin - timedelta(microseconds=1)):
                if _fits(desk, one, step, item.until, event):
                    found.append((event.occurred_at, number, event.order, event))
    return (min(found)[1], min(found)[3]) if found else None


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
            end = calendar.add(length, standing.since, desk.zone())
            return end + timedelta(seconds=standing.shift_seconds)
        case WaitUntil():
            return _moved(desk, one, step, standing.since)
        case Message(window=window) if window is not None:
            zone = desk.zone(window)
            return calendar.next_open(window, desk.instant, zone, zone)
        case _:
            return standing.ends_at


def _moved(desk: Desk, one: Enrollment, step: WaitUntil, since: datetime) -> datetime:
    at = target(desk, one, step, since)
    one.standing.past = at is None or at < desk.instant
    return desk.instant if at is None or at < desk.instant else at


def _flips(desk: Desk, one: Enrollment) -> None:
    """When a goal, an exit or an awaited condition can turn true by time; now, in the next generation, if one is."""
    standing, watched = one.standing, _watched(desk.program(one), desk, one)
    standing.flips_at, standing.generation = None, 0
    if not watched:
        return
    view = desk.view(one)
    if any(holds(condition, view) for condition in watched):
        if desk.generation < GENERATIONS_PER_INSTANT:
            standing.flips_at, standing.generation = desk.instant, desk.generation + 1
        else:
            desk.note(Decided.REFUSED, one, standing.step, why="too_many_generations")
        return
    standing.flips_at = min((at for at in (next_flip(one, view) for one in watched) if at), default=None)


def _watched(program: Program, desk: Desk, one: Enrollment) -> list[Condition]:
    watched: list[Condition] = []
    if program.watches_state and not one.parting:
        goal = program.journey.goal
        watched += program.journey.exits
        watched += [goal.until] if goal and one.goal_at is None else []
    step = step_of(desk, one) if one.standing.waiting is Waiting.EVENT else None
    if isinstance(step, WaitFor):
        watched += [item.until for item in step.first if not isinstance(item.until, Happens)]
    return watched
