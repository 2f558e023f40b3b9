"""Which adapter carries each channel on this machine, what it is built from, and what it lacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from channels.protocol import Adapter
from channels.protocol import Channel as Carried
from channels.registry import MAILBOX, OPTIONS, UnknownAdapter, adapter
from engine.language.draft import POLICY
from engine.release import Policy
from engine.words import Channel
from sojourn.errors import Mistake
from sojourn.reports.wrong import expected
from sojourn.settings import FILE, SECRETS, Own, Settings, by_environment, variable


@dataclass(frozen=True, slots=True)
class Chosen:
    """An adapter by its name, and the place that names it."""

    channel: Channel
    name: str
    place: str

    @property
    def is_mailbox(self) -> bool:
        """Whether it writes to nobody but this machine."""
        return self.name == MAILBOX

    def __str__(self) -> str:
        said = ", as policy.yaml says" if self.place.startswith(POLICY) else ""
        return f"{self.channel} by {self.name}{said}"


def chosen(channel: Channel, settings: Settings, policy: Policy) -> Chosen:
    """Who carries a channel: what this machine's settings say, else policy.yaml, else the mailbox."""
    if own := settings.channels.adapter(channel):
        return Chosen(channel, own, f"{FILE}: [channels]")
    if wanted := policy.channels.get(channel):
        return Chosen(channel, wanted, f"{POLICY}: channels")
    return Chosen(channel, MAILBOX, "said nowhere")


def built(one: Chosen, settings: Settings, state: Path) -> Adapter[Any]:
    """The adapter itself. Raises UnknownAdapter and ValidationError."""
    return adapter(Carried(one.channel), one.name, options(settings, one.name, state))


def options(settings: Settings, name: str, state: Path) -> Own:
    """What the adapter of this name is built from."""
    if name not in OPTIONS:
        return {"state": str(state)}
    public = {"public_url": settings.public_url} if settings.public_url else {}
    reached = {option: url for option, url in public.items() if option in OPTIONS[name].model_fields}
    return {**reached, **settings.channels.own(name)}


def lacking(settings: Settings, policy: Policy, state: Path) -> Iterator[Mistake]:
    """What the adapters in use lack before they can be built; the mailbox lacks nothing."""
    for channel in Channel:
        one = chosen(channel, settings, policy)
        try:
            if not one.is_mailbox:
                built(one, settings, state)
        except UnknownAdapter as unknown:
            yield Mistake(f"{one.place}: {unknown}")
        except ValidationError as error:
            *first, last = wrong_options(error)
            yield from map(Mistake, first)
            yield Mistake(f"{last}{_way_out(one)}")


def wrong_options(error: ValidationError) -> list[str]:
    """All that is wrong with an adapter's own options, or missing, and where to say it; never what a secret holds."""
    return [_told(error.title, fault) for fault in error.errors(include_url=False, include_input=False)]


def _told(adapter: str, fault: Mapping[str, Any]) -> str:
    name = str(fault["loc"][0])
    path = ("channels", adapter, name)
    words = expected(fault, tuple(OPTIONS[adapter].model_fields))
    if name in SECRETS and fault["type"] == "missing":
        return f"{variable(*path)}: is missing; expected it in the environment"
    from_outside = name in SECRETS or by_environment(*path)
    return f"{variable(*path)}: {words}" if from_outside else f"{FILE}: [channels.{adapter}]: {name}: {words}"


def _way_out(one: Chosen) -> str:
    """What a machine does that is not to send: the journeys want an adapter that it has no key for."""
    if not one.place.startswith(POLICY):
        return ""
    return f"; or SOJOURN_CHANNELS_{one.channel.upper()}={MAILBOX}, for {POLICY} wants {one.name}"
