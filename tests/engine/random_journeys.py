"""Random projects that load without a fault.

`projects()` draws one as path to text. Its events are EVENTS, each with the properties of PROPERTIES; its attributes
are ATTRIBUTES; its messages are email/note and sms/note, whose templates need no names.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import yaml
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.engine.random_conditions import (
    ATTRIBUTES,
    EMITTED,
    EVENTS,
    PLANS,
    PROPERTIES,
    STAGES,
    Tree,
    clocks,
    conditions,
    durations,
    events,
    lengths,
    some_of,
    wheres,
)
from tests.engine.random_policies import policies

TEMPLATES = {
    "templates/email/note/subject.txt": "A note",
    "templates/email/note/body.txt": "A note. {{ links.unsubscribe }}",
    "templates/sms/note/body.txt": "A note.",
}
FACTS: Tree = {"attributes": ATTRIBUTES, "events": dict.fromkeys((*EVENTS, EMITTED), PROPERTIES)}


class _Written(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(tree: Tree) -> str:
    return yaml.dump(tree, Dumper=_Written, sort_keys=False, allow_unicode=True, width=120)


@cache
def messages() -> SearchStrategy[Tree]:
    """E-mails and SMS, some with a fallback."""
    own = {
        "if_": conditions(),
        "purpose": st.just("transactional"),
        "topic": st.sampled_from(["news", "offers"]),
        "expires": durations,
        "when_capped": st.sampled_from(["wait", "skip"]),
    }
    return st.one_of(
        some_of({"email": st.just("note")}, fallback=st.just({"sms": "note"}), **own),
        some_of({"sms": st.just("note")}, fallback=st.just({"email": "note"}), **own),
    )


@cache
def deeds() -> SearchStrategy[Tree]:
    """Steps that take no time and send nothing."""
    attributes = some_of(
        {},
        score=st.integers(0, 5) | st.fixed_dictionaries({"add": st.integers(1, 3)}),
        active=st.booleans(),
        plan=st.sampled_from(PLANS),
    ).filter(bool)
    given = some_of({}, amount=st.integers(1, 9) | st.just({"fact": "customer.score"}), plan=st.sampled_from(PLANS))
    return st.one_of(
        some_of({"update": attributes}, if_=conditions()),
        st.fixed_dictionaries({"emit": some_of({"event": st.just(EMITTED)}, with_=given)}),
        st.fixed_dictionaries({"move_to": st.sampled_from(STAGES)}),
    )


@cache
def waits() -> SearchStrategy[Tree]:
    """Waits for a length, or until a moment."""
    way_out = st.sampled_from(["continue", "skip", "exit"])
    moments = st.one_of(
        st.fixed_dictionaries({"until": clocks}),
        st.fixed_dictionaries(
            {"until": st.builds("{} {}".format, st.sampled_from(["monday", "friday", "sunday"]), clocks)}
        ),
        st.fixed_dictionaries({"until": st.just("2026-03-29 02:30")}, optional={"if_past": way_out}),
        st.fixed_dictionaries({"until": st.just("2 days before customer.ends"), "at": clocks, "if_past": way_out}),
    )
    return st.fixed_dictionaries({"wait": lengths | moments})


@st.composite
def waits_for(draw: DrawFn, steps: SearchStrategy[list[Tree]], awaited: Sequence[str]) -> Tree:
    """Waits for the first of several causes."""
    path = {"then": steps}
    event = st.fixed_dictionaries(
        {"event": st.sampled_from(awaited)}, optional={"where": wheres(), "as": st.just("seen"), **path}
    )
    state = st.fixed_dictionaries({"attribute": st.just("score"), "at_least": st.integers(1, 5)}, optional=path)
    inner = {
        "up_to": lengths,
        "first": st.lists(event | event | state, min_size=1, max_size=3),
        "timeout": steps.map(_without_exit),
    }
    return {"wait_for": draw(st.fixed_dictionaries(inner, optional={"since": st.sampled_from(["entry", "now"])}))}


@st.composite
def choices(draw: DrawFn, steps: SearchStrategy[list[Tree]]) -> Tree:
    """Ways that depend on what is true."""
    ways: list[Tree] = draw(
        st.lists(st.fixed_dictionaries({"if": conditions(), "then": steps}), min_size=1, max_size=2)
    )
    return {
        "choose": [
            *ways,
            *draw(st.just([]) | st.fixed_dictionaries({"otherwise": steps.map(_without_exit)}).map(lambda way: [way])),
        ]
    }


@st.composite
def splits(draw: DrawFn, steps: SearchStrategy[list[Tree]]) -> Tree:
    """Ways that chance deals out."""
    share = draw(st.sampled_from([0, 25, 50, 100]))
    arms = {
        "left": {"share": f"{share}%", "then": draw(steps)},
        "right": {"share": f"{100 - share}%", "then": _without_exit(draw(steps))},
    }
    return {"split": {"name": "", "arms": arms}}


def _without_exit(steps: list[Tree]) -> list[Tree]:
    """One way has to go on, or nobody would reach what follows."""
    return [step for step in steps if "exit" not in step]


def paths(awaited: Sequence[str]) -> SearchStrategy[list[Tree]]:
    """Lists of steps; `awaited` are the events that a wait may wait for."""
    simple = st.one_of(messages(), deeds(), waits())
    ends: SearchStrategy[list[Tree]] = st.just([]) | st.just([{"exit": "done"}])
    return st.recursive(
        st.builds(lambda steps, end: [*steps, *end], st.lists(simple, max_size=2), ends),
        lambda inner: st.builds(
            lambda steps, end: [*steps, *end],
            st.lists(simple | waits_for(inner, awaited) | choices(inner) | splits(inner), min_size=1, max_size=3),
            ends,
        ),
        max_leaves=5,
    )


@st.composite
def triggers(draw: DrawFn, stage: str, earlier: Sequence[str]) -> Tree:
    """What lets in."""
    by_event = some_of(
        {"event": events | st.lists(events, min_size=2, max_size=2, unique=True) | st.just(EMITTED)},
        where=wheres(),
        key=st.just("order"),
        if_=conditions(),
    )
    by_stage = st.fixed_dictionaries(
        {"stage": st.just(stage if stage != "any" else "active"), "existing": st.sampled_from(["enter", "ignore"])}
    )
    others = (
        [st.fixed_dictionaries({"journey": st.sampled_from(earlier)}, optional={"left": st.just(["finished", "goal"])})]
        if earlier
        else []
    )
    return draw(st.one_of(by_event, by_event, by_stage, st.just({"api": True}), *others))


@st.composite
def journeys(draw: DrawFn, stage: str, earlier: Sequence[str]) -> Tree:
    """One journey of a stage's folder, which may start the earlier ones."""
    enter = draw(triggers(stage, earlier))
    goal_event, exit_event, *awaited = draw(st.permutations(EVENTS))
    steps: list[Tree] = draw(paths(awaited).filter(bool))
    starts = draw(st.booleans())
    if earlier and starts:
        steps.insert(0, {"start": draw(st.sampled_from(earlier))})
    by_event = enter.get("event", EMITTED) != EMITTED
    goal = some_of(
        {"event": st.just(goal_event)},
        where=wheres(),
        within=durations,
        value=st.just("amount"),
        then=st.sampled_from(["leave", "continue"]) | st.lists(messages() | deeds(), max_size=2),
    )
    exits = (
        st.just([{"event": exit_event}])
        | st.just([{"attribute": "plan", "is": "pro"}])
        | st.just([{"segment": "buyers"}])
    )
    more: Tree = draw(
        some_of(
            {"purpose": st.just("marketing"), "topic": st.sampled_from(["news", "offers"])},
            again=st.sampled_from(["never", "always", "after 2 days"] if by_event else ["never", "after 2 days"]),
            while_inside=st.sampled_from(["ignore", "restart"]) if by_event else st.just("ignore"),
            goal=goal,
            exit=exits,
            holdout=st.sampled_from(["0%", "30%", "100%"]),
            window=_windows(),
            expires=durations,
            when_capped=st.sampled_from(["wait", "skip"]),
            survives_stage=st.booleans(),
            grace=st.just("5 minutes"),
        )
    )
    return _named({"enter": enter, **more, "steps": steps})


@cache
def _windows() -> SearchStrategy[Tree]:
    days = st.lists(
        st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, max_size=5, unique=True
    )
    hours = st.sampled_from([("09:00", "18:00"), ("20:00", "02:00"), ("00:00", "06:30")])
    zone = st.sampled_from(["customer", "Asia/Tokyo"])
    return st.builds(
        lambda days, hours, zone: {"days": days, "from": hours[0], "to": hours[1], "zone": zone}, days, hours, zone
    )


def _named(journey: Tree) -> Tree:
    """Every message with an id of its own, every split with a name."""
    for number, step in enumerate(_steps(journey), 1):
        if "split" in step:
            step["split"]["name"] = f"split{number}"
        elif "email" in step or "sms" in step:
            step["id"] = f"note{number}"
    return journey


def _steps(tree: Any) -> Iterator[Tree]:
    """Every step, fallbacks apart."""
    if isinstance(tree, list):
        for item in tree:
            yield from _steps(item)
    elif isinstance(tree, dict):
        if tree.keys() & {"email", "sms", "split"}:
            yield tree
        for key, value in tree.items():
            if key != "fallback":
                yield from _steps(value)


@st.composite
def lifecycles(draw: DrawFn) -> Tree:
    """Three stages, by event and by time."""
    stay: Tree = draw(st.just({}) | st.fixed_dictionaries({"stay": durations}))
    absence = draw(durations)
    return {
        "start": "fresh",
        "stages": {
            "fresh": {"about": "new"},
            "active": {"enter": {"event": "bought"}, "from": ["fresh", "quiet"], **stay},
            "quiet": {"enter": {"all": [{"absent": "bought", "for": absence}]}, "from": "any"},
        },
    }


@st.composite
def projects(draw: DrawFn, most_journeys: int = 3) -> dict[str, str]:
    """A whole project, as path to text."""
    segments: Tree = {
        "buyers": {"event": "bought", "at_least": draw(st.integers(1, 3)), "within_last": draw(durations)}
    }
    texts = {
        f"journeys/{name}.yaml": _yaml(tree)
        for name, tree in {"policy": draw(policies()), "facts": FACTS, "segments": segments}.items()
    }
    texts["journeys/lifecycle.yaml"] = _yaml(draw(lifecycles()))
    for number in range(draw(st.integers(1, most_journeys))):
        stage = draw(st.sampled_from((*STAGES, "any", "any")))
        earlier = [f"j{before}" for before in range(number)]
        texts[f"journeys/{stage}/j{number}.yaml"] = _yaml(draw(journeys(stage, earlier)))
    return texts | TEMPLATES
