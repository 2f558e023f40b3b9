"""Decisions in plain words: what was decided about a customer, why, and why not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from channels.protocol import DeliveryEvent
from engine.customer import Waiting
from engine.decisions import Decided
from engine.words import NotEntered, Withheld
from sojourn.terminal import clock

WHY_NOT_ENTERED: Final[Mapping[str, str]] = {
    NotEntered.NOT_IN_STAGE: "she is not in its stage",
    NotEntered.CONDITION_FALSE: "its condition is false for her",
    NotEntered.ALREADY_INSIDE: "she is inside already",
    NotEntered.AGAIN_TOO_SOON: "she has been through it, and it is too soon for another time",
    NotEntered.GOAL_ALREADY_MET: "she has reached its goal already",
    NotEntered.EXIT_ALREADY_TRUE: "one of its exits is true already",
    NotEntered.NO_PERMISSION: "none of its messages may reach her: no consent, no address, suppressed, or erased",
    NotEntered.PAUSED: "it is paused",
    NotEntered.TOO_OLD: "the event was more than a day old when it arrived",
    NotEntered.NO_KEY: "the event does not carry the journey's key",
    "no_such_journey": "there is no such journey",
}
WHY_WITHHELD: Final[Mapping[str, str]] = {
    Withheld.NO_ADDRESS: "there is no address for it",
    Withheld.SUPPRESSED: "her address is suppressed",
    Withheld.NO_CONSENT: "she has not allowed it",
    Withheld.HOLDOUT: "she is in the holdout",
    Withheld.PAUSED: "the journey is paused",
    Withheld.ERASED: "somebody who had this address was erased, and it is never written to",
    Withheld.LEFT: "the journey was left before it went",
    Withheld.CONDITION_FALSE: "its condition is false for her",
    Withheld.MISSING_VARIABLE: "the template needs a value that she does not have",
    Withheld.TEMPLATE_FAULTY: "the template cannot be rendered",
    Withheld.EXPIRED: "it was too late to be worth sending",
    Withheld.NOT_ALLOWED: "`allow` in sojourn.toml does not name her address",
    Withheld.CAPPED: "a cap has no room for it",
    Withheld.NO_OPENING: "there is no hour at which it may go",
    "unreachable": "nothing can reach her",
}
WHY_PASSED: Final[Mapping[str, str]] = {
    "condition_false": "its condition is false for her",
    "moment_past": "its moment has gone by",
}


def why_not_sent(reason: str) -> str:
    """What the ledger says of a message, for people: a code, and behind it a name, a place or a provider's code."""
    code, _, rest = reason.partition(" ")
    known = WHY_WITHHELD.get(code)
    return reason if known is None else known + (f": {rest}" if rest else "")


def told_delivery(channel: str, said: Mapping[str, Any], *, for_good: bool = False) -> str:
    """What a provider has told of a message; that it took it is known already. `for_good`: the address is dead."""
    if said["was"] == DeliveryEvent.ACCEPTED:
        return ""
    told = f"{channel} {said['step']}: {said['was']}" + (" by a machine" if said.get("by_machine") else "")
    if said["was"] == DeliveryEvent.BOUNCED:
        return f"{told} for good: the address is dead" if for_good else f"{told}, perhaps only this time"
    return told


def sentence(decided: str, said: Mapping[str, Any]) -> str:
    """One decision as a support person reads it; `said` is its detail with the names of journey and step."""
    journey, step = said.get("passage") or said.get("journey", ""), said.get("step", "")
    where = f"{journey}: " if journey else ""
    match decided:
        case Decided.ARRIVED:
            return f"arrives in {said['stage']}"
        case Decided.MOVED:
            return f"moves from {said['left']} to {said['stage']} (by {said['by']})"
        case Decided.ENTERED:
            return f"enters {journey}" + (", held out: measured, and sent nothing" if said.get("held_out") else "")
        case Decided.NOT_ENTERED:
            return f"does not enter {journey}: {_why(WHY_NOT_ENTERED, said)}"
        case Decided.HELD:
            return f"does not enter {journey} yet: nobody has said who she is; her entry is kept for a while"
        case Decided.LEFT:
            return f"leaves {journey}: {said['reason']}" + (f" ({said['label']})" if said.get("label") else "")
        case Decided.WITHHELD:
            cap = f" ({said['cap']})" if said.get("cap") else ""
            return f"{where}{_sent(said)}is withheld: {_why(WHY_WITHHELD, said)}{cap}"
        case Decided.PASSED_OVER:
            return f"{where}{step} is passed over: {_why(WHY_PASSED, said)}"
        case _:
            return where + _step(decided, step, said)


def _step(decided: str, step: str, said: Mapping[str, Any]) -> str:
    match decided:
        case Decided.WAITING if said.get("until"):
            return _waiting(step, said)
        case Decided.WAITING:
            return f"waits on at {step}"
        case Decided.WOKE:
            return f"goes on from {step}: " + ("nothing came" if said["item"] == "timeout" else f"item {said['item']}")
        case Decided.CHOSE:
            return f"takes {said['branch']} at {step}"
        case Decided.DEALT:
            return f"is dealt {said['arm']} at {step}"
        case Decided.PLANNED:
            instead = f", since {_why(WHY_WITHHELD, {'why': said['instead']})}" if said.get("instead") else ""
            return f"{said['channel']} {said['template']} is to be sent{instead}"
        case _:
            return _effect(decided, said)


def _waiting(step: str, said: Mapping[str, Any]) -> str:
    until = clock(datetime.fromisoformat(said["until"]))
    match said.get("what"):
        case Waiting.CAP:
            return f"{step} is held back by the cap ({said.get('cap', '')}) until {until}"
        case Waiting.QUIET_HOURS:
            return f"{step} is held back: quiet hours until {until}"
        case _:
            return f"waits at {step} until {until}"


def _effect(decided: str, said: Mapping[str, Any]) -> str:
    match decided:
        case Decided.UPDATED:
            return f"sets {', '.join(said['attributes'])}"
        case Decided.EMITTED:
            return f"emits {said['event']}"
        case Decided.STARTED:
            return f"starts {said['starts']}"
        case Decided.MOVING:
            return f"moves her to {said['stage']}"
        case Decided.GOAL:
            return "goal reached" + (f", worth {said['value']:g}" if said.get("value") else "")
        case Decided.NOT_ADDED:
            return f"adds nothing to {said['attribute']}: it is no number"
        case _:
            return f"{decided}: {said.get('why', '')}".rstrip(": ")


def _why(words: Mapping[str, str], said: Mapping[str, Any]) -> str:
    return words.get(str(said.get("why")), str(said.get("why", "")))


def _sent(said: Mapping[str, Any]) -> str:
    if "template" in said:
        return f"{said['channel']} {said['template']} "
    return f"{said.get('event') or said.get('starts') or said.get('step', '')} "
