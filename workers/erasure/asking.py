"""Providers, asked to forget what they hold of a customer; and who could not be asked."""

from collections.abc import AsyncIterator, Mapping, Sequence

from channels.protocol import Forgetful, Held
from channels.registry import MAILBOX
from engine.words import Channel, MessageState
from records.privacy.person import Carried, Person
from workers.erasure.report import Asked
from workers.ledger.deliver import Outlet

DOUBTED = frozenset({MessageState.SENDING, MessageState.UNKNOWN, MessageState.UNCERTAIN, MessageState.NOT_SENT})


async def ask_all(
    outlets: Mapping[Channel, Outlet], her: Person, carried: Sequence[Carried], texted: Sequence[tuple[str, str]]
) -> AsyncIterator[Asked]:
    """What each provider says that may have carried something of hers; one that is none of today's cannot be asked."""
    today = {outlet.provider for outlet in outlets.values()}
    for channel, outlet in outlets.items():
        hers = [one for one in carried if one.channel is channel and one.provider in (None, outlet.provider)]
        ids = [one.provider_id for one in hers if one.provider_id] + [
            id_ for by, id_ in texted if by == outlet.provider
        ]
        if not (hers or ids) or outlet.provider == MAILBOX:
            continue
        unknown = len({one.id for one in hers if one.state in DOUBTED and not one.provider_id})
        if not isinstance(outlet.adapter, Forgetful):
            yield Asked(outlet.provider, can=False, left=(), unknown=unknown)
            continue
        addresses = her.emails if channel is Channel.EMAIL else her.phones
        said = await outlet.adapter.forget(Held(tuple(sorted(addresses)), tuple(dict.fromkeys(ids))))
        yield Asked(outlet.provider, can=True, done=said.done, left=said.left, unknown=unknown)
    for provider in sorted({one.provider for one in carried if one.provider} - today):
        yield Asked(provider, can=False)
