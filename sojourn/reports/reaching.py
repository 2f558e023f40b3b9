"""By which adapter each channel goes, to whom and where: as it is set today, and as an engine that runs has it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from channels.registry import OPTIONS
from engine.release import Policy
from engine.words import Channel
from sojourn.adapters import chosen, options
from sojourn.settings import STATE, Settings

_ONLY: Final = "only to "
AGAIN: Final = "start `sojourn run` again: an engine keeps to what it began with"


@dataclass(frozen=True, slots=True)
class Reach:
    """One channel's adapter, whom it may write to, and where it submits; both empty for the mailbox."""

    adapter: str
    whom: str = ""
    place: str = ""

    @property
    def is_mailbox(self) -> bool:
        """Whether nothing leaves this machine."""
        return not self.whom

    def unnamed(self) -> "Reach":
        """The same without the addresses in `allow`, which a file of the state has no business to keep."""
        return replace(self, whom="only to `allow`") if self.whom.startswith(_ONLY) else self

    def __str__(self) -> str:
        where = f"at {self.place}" if self.place else ""
        return ", ".join(filter(None, (self.adapter, self.whom or "to nobody outside", where)))


def reach(channel: Channel, settings: Settings, policy: Policy) -> Reach:
    """How a channel goes by today's settings and policy."""
    one, used = chosen(channel, settings, policy), settings.channels
    if one.is_mailbox:
        return Reach(one.name)
    own = options(settings, one.name, Path(STATE))
    home = OPTIONS[one.name].model_fields.get("host") if one.name in OPTIONS else None
    place = own.get("host") or own.get("url") or (home.get_default() if home and not home.is_required() else "")
    only = _ONLY + ", ".join(used.allow) if used.allow else "to nobody: `allow` is empty, `live` is false"
    return Reach(one.name, "LIVE, to everybody" if used.live else only, _shown(str(place)))


def reaches(settings: Settings, policy: Policy) -> dict[Channel, Reach]:
    """How every channel goes by today's settings and policy."""
    return {channel: reach(channel, settings, policy) for channel in Channel}


def written(now: Mapping[Channel, Reach]) -> str:
    """What an engine leaves behind of how its channels go."""
    return json.dumps({channel: asdict(one.unnamed()) for channel, one in now.items()})


def read(text: str) -> dict[Channel, Reach]:
    """What an engine has left behind; nothing where it has left nothing."""
    return {Channel(channel): Reach(**said) for channel, said in json.loads(text or "{}").items()}


def differing(runs: Mapping[Channel, Reach], now: Mapping[Channel, Reach]) -> Iterator[str]:
    """A line for each channel that an engine carries otherwise than it is set."""
    for channel in changed(runs, now):
        yield f"the engine that runs sends {channel} by {runs[channel]}; set is {now[channel]}"


def changed(before: Mapping[Channel, Reach], now: Mapping[Channel, Reach]) -> Iterator[Channel]:
    """The channels that do not go now as they went before; what is in `allow` does not count."""
    return (channel for channel, was in before.items() if was.unnamed() != now[channel].unnamed())


def _shown(place: str) -> str:
    """A host as it stands, a URL without its path and what may be secret in it; https goes without saying."""
    if "://" not in place:
        return place
    parts = urlsplit(place)
    host = parts.netloc.rpartition("@")[2]
    return host if parts.scheme == "https" else f"{parts.scheme}://{host}"
