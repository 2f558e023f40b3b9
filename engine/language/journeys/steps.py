"""Reads the steps of a journey."""

from collections.abc import Callable, Mapping
from datetime import time
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from engine.conditions import Condition, Happens
from engine.journey import (
    AnyStep,
    Arm,
    Awaited,
    Branch,
    Choose,
    Emit,
    Exit,
    IfPast,
    MoveTo,
    Split,
    Start,
    Update,
    Wait,
    WaitFor,
    WaitUntil,
)
from engine.language.conditions import Asked, apart, read_condition
from engine.language.faults import listed, nearest
from engine.language.journeys.messages import MESSAGE_KEYS, Settings, read_given, read_message
from engine.language.journeys.naming import Ids, Naming, own_name
from engine.language.lengths import read_length
from engine.language.reading import NAME, Reading, shown
from engine.language.source import Node
from engine.language.times import read_moment
from engine.moments import Length, Moment
from engine.words import Channel

LATER = ("award", "coupon", "ask", "task", "call", "use", "repeat")
RESERVED = ("customer", "entry", "journey", "links", "postal_address", "round")
_MODIFIERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"start": ("with",), **dict.fromkeys(Channel, MESSAGE_KEYS[2:])}
)

Fields: TypeAlias = Mapping[str, Node]


class Steps:
    """Reads the lists of steps of one journey."""

    def __init__(self, reading: Reading, settings: Settings) -> None:
        self.reading = reading
        self.settings = settings
        self.ids = Ids(reading)

    def read(self, node: Node, head: str) -> tuple[AnyStep, ...]:
        """A list of steps; `head` names those before the first named one."""
        naming = Naming(self.ids, head)
        if not isinstance(node.value, list):
            self.reading.wrong(node, "steps are a list: each begins with '- '")
            return ()
        steps = (self.step(item, naming) for item in node.value if item.value is not None)
        return tuple(step for step in steps if step is not None)

    def step(self, node: Node, naming: Naming) -> AnyStep | None:
        """One step, or None where it cannot be read."""
        if not isinstance(node.value, dict):
            kind, _, rest = str(node.value).partition(" ")
            hint = f"{kind}: {rest}" if kind in _KINDS and rest else ""
            self.reading.wrong(node, "a step is a map such as 'email: welcome' or 'wait: 3 days'", hint)
            return None
        kinds = [key for key in node.value if key in _KINDS]
        if len(kinds) != 1:
            self.kindless(node, node.value, kinds)
            return None
        (kind,) = kinds
        fields = self.reading.fields(node, f"the step '{kind}'", (kind,), ("id", "if", *_MODIFIERS.get(kind, ())))
        if kind not in fields:
            return None
        return self.reading.places.put(_KINDS[kind](self, node, fields, naming), node)

    def kindless(self, node: Node, entries: Mapping[str, Node], kinds: list[str]) -> None:
        """Report a step of no kind, of several, or of one that is still to come."""
        if later := [key for key in entries if key in LATER]:
            place = entries[later[0]].key or node
            self.reading.fault(place, f"the step '{later[0]}' is not available yet", "remove it")
        elif kinds:
            self.reading.fault(node, f"{' and '.join(kinds)} in one step", "begin each step with '- '")
        else:
            unknown = [key for key in entries if key not in MESSAGE_KEYS] or list(entries) or ["nothing"]
            hint = next(filter(None, (nearest(key, _KINDS) for key in unknown)), "")
            place = entries[unknown[0]].key or node if unknown[0] in entries else node
            self.reading.fault(place, f"unknown step '{unknown[0]}'", f"a step is {listed(list(_KINDS))}", hint)

    def if_(self, fields: Mapping[str, Node]) -> Condition | None:
        """The condition under which a step is taken."""
        return read_condition(self.reading, fields["if"], Asked.OF_STATE) if "if" in fields else None

    def inner(self, fields: Mapping[str, Node], key: str, head: str) -> tuple[AnyStep, ...]:
        """The path under `key`, empty where there is none."""
        return self.read(fields[key], head) if key in fields else ()

    def message(self, node: Node, fields: Fields, naming: Naming, channel: Channel) -> AnyStep:
        """A message is named after its template."""
        template = fields[channel].value
        own = own_name(self.reading, fields) or (template if isinstance(template, str) else "")
        return read_message(self.reading, node, fields, channel, naming.name(node, channel, own), self.settings)

    def wait(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """For a length, or until a moment."""
        id_ = naming.name(node, "wait", own_name(self.reading, fields))
        length = fields["wait"]
        if not isinstance(length.value, dict):
            return Wait(id_, read_length(self.reading, length, "a wait"), line=node.line, if_=self.if_(fields))
        until = self.reading.fields(length, "a wait", ("until",), ("at", "if_past"))
        moment = read_moment(self.reading, until["until"], until.get("at")) if "until" in until else Moment(at=time(0))
        words = tuple(IfPast)
        if_past = IfPast(self.reading.word(until["if_past"], words, "way out")) if "if_past" in until else None
        if moment.fact and not if_past:
            expected = "add 'if_past: continue', 'if_past: skip' or 'if_past: exit'"
            self.reading.fault(until["until"], f"{shown(until['until'])} may have gone by", expected)
        return WaitUntil(id_, moment, if_past or IfPast.CONTINUE, line=node.line, if_=self.if_(fields))

    def wait_for(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """For the first of several causes, or the timeout."""
        id_ = naming.name(node, "wait_for", own_name(self.reading, fields))
        parts = self.reading.fields(
            fields["wait_for"], "wait_for", ("up_to", "first", "timeout"), ("since",), ("best_of",)
        )
        items = self.reading.items(parts["first"], "'first'") if "first" in parts else []
        return WaitFor(
            id_,
            read_length(self.reading, parts["up_to"], "'up_to'") if "up_to" in parts else Length(days=1),
            tuple(self.awaited(item, f"{id_}.first{number}") for number, item in enumerate(items, 1)),
            self.inner(parts, "timeout", f"{id_}.timeout"),
            "since" not in parts or self.reading.word(parts["since"], ("entry", "now"), "start of looking") == "entry",
            line=node.line,
            if_=self.if_(fields),
        )

    def awaited(self, node: Node, head: str) -> Awaited:
        """An item of `first`: a condition, with `as` and `then` beside it."""
        condition, own = apart(node, ("as", "then"))
        until = read_condition(self.reading, condition, Asked.OF_CAUSE)
        name = self.reading.name(own["as"], "'as'") if "as" in own else None
        if name in RESERVED:
            self.reading.fault(own["as"], f"'{name}' is a reserved name", "choose another")
        if name and not isinstance(until, Happens):
            self.reading.fault(own["as"], "'as' without an event of its own", "only an event can be given a name")
        return self.reading.places.put(Awaited(until, self.inner(own, "then", head), name), node)

    def choose(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """The first way that is true, else `otherwise`."""
        id_ = naming.name(node, "choose", own_name(self.reading, fields))
        items = self.reading.items(fields["choose"], "'choose'")
        branches: list[Branch] = []
        otherwise: tuple[AnyStep, ...] = ()
        for number, item in enumerate(items, 1):
            if isinstance(item.value, dict) and "otherwise" in item.value:
                last = self.reading.fields(item, "the last way of a choose", ("otherwise",))
                otherwise = self.inner(last, "otherwise", f"{id_}.otherwise")
                if number < len(items):
                    self.reading.fault(item, "'otherwise' before the end", "it comes last, once")
            elif branch := self.branch(item, f"{id_}.if{number}"):
                branches.append(branch)
        return Choose(id_, tuple(branches), otherwise, line=node.line, if_=self.if_(fields))

    def branch(self, node: Node, head: str) -> Branch | None:
        """One way of a `choose`."""
        parts = self.reading.fields(node, "a way of a choose", ("if", "then"))
        steps = self.inner(parts, "then", head)
        return Branch(read_condition(self.reading, parts["if"], Asked.OF_STATE), steps) if "if" in parts else None

    def split(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """Arms whose shares come to exactly 100 %."""
        parts = self.reading.fields(fields["split"], "a split", ("name", "arms"), (), ("winner",))
        name = self.reading.name(parts["name"], "a split's name") if "name" in parts else ""
        id_ = naming.name(node, "split", own_name(self.reading, fields) or name)
        arms = self.reading.entries(parts["arms"], "'arms'") if "arms" in parts else {}
        read = [self.arm(value, label, id_) for label, value in arms.items() if value.value is not None]
        total = sum(share or 0 for _, share in read)
        if total != 100 and read and None not in (share for _, share in read):
            place = parts["arms"].key or node
            self.reading.fault(place, f"the shares come to {float(total):g}%", "shares come to exactly 100%")
        return Split(id_, name, tuple(arm for arm, _ in read), line=node.line, if_=self.if_(fields))

    def arm(self, node: Node, label: str, id_: str) -> tuple[Arm, Fraction | None]:
        """One arm of a split, and its exact share."""
        if not NAME.match(label):
            expected = "an arm's name is letters, digits, '_' and '-'"
            self.reading.fault(node.key or node, f"'{label}' is no name", expected)
        parts = self.reading.fields(node, "an arm", ("share", "then"))
        share = self.reading.percent(parts["share"], "a share") if "share" in parts else None
        return Arm(label, float(share or 0), self.inner(parts, "then", f"{id_}.{label}")), share

    def update(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """Attributes set or added to."""
        id_ = naming.name(node, "update", own_name(self.reading, fields))
        given = read_given(self.reading, fields["update"], "'update'", adds=True)
        if not given and fields["update"].value == {}:
            self.reading.fault(fields["update"], "an empty map", "an update changes at least one attribute")
        return Update(id_, given, line=node.line, if_=self.if_(fields))

    def emit(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """An event of our own."""
        id_ = naming.name(node, "emit", own_name(self.reading, fields))
        if isinstance(event := fields["emit"].value, str):
            self.reading.fault(fields["emit"], f"found '{event}'", "an emit is a map", f"emit: {{event: {event}}}")
            return Emit(id_, event)
        parts = self.reading.fields(fields["emit"], "an emit", ("event",), ("with",))
        name = self.reading.text(parts["event"], "an event's name") if "event" in parts else ""
        given = read_given(self.reading, parts["with"], "'with'") if "with" in parts else {}
        return Emit(id_, name, given, line=node.line, if_=self.if_(fields))

    def move_to(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """To another stage."""
        id_ = naming.name(node, "move_to", own_name(self.reading, fields))
        return MoveTo(id_, self.reading.text(fields["move_to"], "a stage's name"), line=node.line, if_=self.if_(fields))

    def start(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """Another journey, with what it is given."""
        id_ = naming.name(node, "start", own_name(self.reading, fields))
        journey = self.reading.text(fields["start"], "a journey's name")
        given = read_given(self.reading, fields["with"], "'with'") if "with" in fields else {}
        return Start(id_, journey, given, line=node.line, if_=self.if_(fields))

    def exit(self, node: Node, fields: Fields, naming: Naming) -> AnyStep:
        """The end, with a label."""
        id_ = naming.name(node, "exit", own_name(self.reading, fields))
        return Exit(id_, self.reading.text(fields["exit"], "an exit's label"), line=node.line, if_=self.if_(fields))


_KINDS: Mapping[str, Callable[[Steps, Node, Fields, Naming], AnyStep]] = MappingProxyType(
    {
        **{channel.value: partial(Steps.message, channel=channel) for channel in Channel},
        "wait": Steps.wait,
        "wait_for": Steps.wait_for,
        "choose": Steps.choose,
        "split": Steps.split,
        "update": Steps.update,
        "emit": Steps.emit,
        "move_to": Steps.move_to,
        "start": Steps.start,
        "exit": Steps.exit,
    }
)
