"""What the machinery has told the engine about a customer, in sentences; and what bars a journey from her today."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.catalog import Program
from engine.customer import Customer
from engine.ids import told_id
from engine.journey import Journey
from engine.settling.permission import refusal
from engine.words import EventKind
from records.ledger.rates import DEAD
from sojourn.pairs import typed
from sojourn.reports.sentences import WHY_WITHHELD
from sojourn.reports.suppressions import REASONS


def happened(kind: str, said: Mapping[str, Any]) -> str:
    """An event that nobody has tracked, as a person reads it; nothing where its own words are plain."""
    match kind:
        case EventKind.SUPPRESS if said.get("lifted"):
            return f"{_scope(said)}: what stood against writing to her is lifted"
        case EventKind.SUPPRESS:
            reason = str(said.get("reason", ""))
            also = ", transactional too" if said.get("everything") else ""
            return f"{_scope(said)}{also}: not to be written to ({REASONS.get(reason, reason) or 'no reason given'})"
        case EventKind.CONSENT:
            by = f", by {said['source']}" if said.get("source") else ""
            return f"{_scope(said)}: she says {'yes' if said['state'] is True else 'no'}{by}"
        case EventKind.IDENTIFY:
            return f"known as {', '.join(_facts(said)) or 'somebody'}"
        case EventKind.REFUSED:
            return f"  {said.get('step', '')} cannot reach her as it was meant to; its fallback takes its place"
        case EventKind.PUBLISHED:
            opened = ", ".join(said["journeys"])
            return "what was published now holds for her" + (f"; open to whoever is there: {opened}" if opened else "")
        case _:
            return ""


def _facts(said: Mapping[str, Any]) -> Iterator[str]:
    """Who she is, and what she allows with that."""
    named = {name: said[name] for name in ("email", "phone", "zone") if said.get(name)}
    yield from (f"{name} {typed(value)}" for name, value in (named | said.get("attributes", {})).items())
    yield from (f"yes to {channel} {topic}" for channel, topics in said.get("consent", {}).items() for topic in topics)


def is_for_good(event_id: str, said: Mapping[str, Any]) -> bool:
    """Whether what a provider told of a message is that its address is dead."""
    return event_id == told_id(str(said.get("message", "")), DEAD)


def barred(journey: Journey, her: Customer) -> Iterator[str]:
    """A line for each way by which the journey writes, with what stands against it as she is today."""
    for channel, purpose, topic in sorted(Program(journey).reach):
        why = refusal(her, channel, purpose, topic)
        told = "it may reach her" if why is None else WHY_WITHHELD[why]
        yield f"as she is today, {channel} {topic or purpose}: {told}"


def _scope(said: Mapping[str, Any]) -> str:
    return f"{said['channel']} {said.get('topic') or 'all topics'}"
