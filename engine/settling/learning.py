"""Step 1 of a cause: the fact it brings is stored."""

from collections.abc import Mapping
from datetime import datetime

from engine.conditions import Value
from engine.customer import Customer, Enrollment
from engine.decisions import Decided
from engine.facts import Event
from engine.journey import Add
from engine.settling.desk import Desk, added
from engine.words import Channel, EventKind, Reached


def learn(desk: Desk, event: Event) -> None:
    """Change the customer by what the event says."""
    match event.kind:
        case EventKind.TRACK:
            desk.customer.history.add(event)
        case EventKind.IDENTIFY:
            _identify(desk, event)
        case EventKind.CONSENT | EventKind.SUPPRESS:
            permit(desk.customer, event)
        case EventKind.UPDATE:
            _update(desk, event)
        case EventKind.DELIVERY:
            one = next((one for one in desk.customer.enrollments if one.id == event.properties["enrollment"]), None)
            if one is not None:
                hear(one.reached, event.properties, event.occurred_at)
        case _:
            pass


def permit(customer: Customer, event: Event) -> None:
    """Change what a customer allows by what the event says, if it says anything of that."""
    said = event.properties
    match event.kind:
        case EventKind.CONSENT:
            customer.consents[str(said["channel"]), str(said["topic"])] = said["state"] is True
        case EventKind.SUPPRESS:
            scope = (str(said["channel"]), str(said.get("topic", "")), said.get("everything") is True)
            if lifts(event):
                customer.suppressions -= {one for one in customer.suppressions if is_lifted(one, scope)}
            else:
                customer.suppressions.add(scope)
        case EventKind.IDENTIFY:
            for channel, topics in said.get("consent", {}).items():
                for topic in topics:  # whoever has said no says yes herself
                    customer.consents.setdefault((channel, topic), True)


def hear(reached: dict[str, dict[str, datetime]], news: Mapping[str, Value], at: datetime) -> None:
    """Note how far a message has come, whatever the order of the news: when it first arrived, when it was last clicked.

    What a machine has clicked was clicked by nobody; what was clicked has arrived.
    """
    was = news["was"]
    if news.get("by_machine") is True or was not in (Reached.DELIVERED, Reached.CLICKED):
        return
    step = reached.setdefault(str(news["step"]), {})
    step[Reached.DELIVERED] = min(step.get(Reached.DELIVERED, at), at)
    if was == Reached.CLICKED:
        step[Reached.CLICKED] = max(step.get(Reached.CLICKED, at), at)


def opts_out(event: Event | None) -> bool:
    """Does this event take a permission away?"""
    if event is None:
        return False
    withdrawn = event.kind is EventKind.CONSENT and event.properties["state"] is not True
    return withdrawn or (event.kind is EventKind.SUPPRESS and not lifts(event))


def lifts(event: Event) -> bool:
    """Does it take a suppression back? A customer's own deed says so, or somebody who says why; never an import."""
    return event.kind is EventKind.SUPPRESS and event.properties.get("lifted") is True


def is_lifted(suppression: tuple[str, str, bool], scope: tuple[str, str, bool]) -> bool:
    """Does lifting this scope end the suppression? Topic "" is all of the channel; a dead address is raised by name."""
    (on, about, dead), (channel, topic, raised) = suppression, scope
    return on == channel and topic in ("", about) and dead is raised


def _identify(desk: Desk, event: Event) -> None:
    customer, said = desk.customer, event.properties
    before = {channel: customer.address(channel) for channel in Channel}
    customer.identified = True
    customer.email = said.get("email", customer.email)
    customer.phone = said.get("phone", customer.phone)
    customer.zone = said.get("zone", customer.zone)
    customer.attributes.update(said.get("attributes", {}))
    moved = {channel for channel, address in before.items() if _is_another(address, customer.address(channel))}
    customer.suppressions = {one for one in customer.suppressions if not (one[2] and one[0] in moved)}
    permit(customer, event)


def _is_another(before: str | None, now: str | None) -> bool:
    """Is it a new address, and no other spelling? What was dead was the one before."""
    return before is not None and now is not None and before.strip().lower() != now.strip().lower()


def _update(desk: Desk, event: Event) -> None:
    attributes = desk.customer.attributes
    attributes.update(event.properties.get("set", {}))
    for name, amount in event.properties.get("add", {}).items():
        after: Value | None = added(attributes.get(name), Add(amount))
        if after is None:
            desk.note(Decided.NOT_ADDED, attribute=name, why="not_a_number")
        else:
            attributes[name] = after
    by = next((one for one in desk.customer.live() if one.id == event.properties.get("enrollment")), None)
    if by is not None and by.own and not _more_to_come(desk, by):
        by.own.clear()
        desk.touch(by)


def _more_to_come(desk: Desk, one: Enrollment) -> bool:
    """Is another update of the same passage still to be settled?"""
    waiting = desk.customer.inbox.waiting()
    return any(event.kind is EventKind.UPDATE and event.properties.get("enrollment") == one.id for event in waiting)
