"""What stands against writing to a customer, and what it takes to lift it, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from records.customers.suppressed import Against
from sojourn.terminal import clock
from workers.ledger.rulings import Bar, Ruled

REASONS: Final[Mapping[str, str]] = {
    "stop": "she texted STOP",
    "opted_out": "she has opted out at the provider",
    "perhaps_stop": "words that may mean STOP",
    "review": "her words were found to be an opt-out",
    "complained": "she complained, or who had the address before",
    "unsubscribed": "she unsubscribed",
    "dead": "the address is dead",
    "erased": "somebody who had this address was erased",
    "address": "the provider says it is no address",
}
_ADVICE: Final[Mapping[Bar | None, str]] = {
    None: 'may be lifted: `sojourn consent lift {customer} {channel} --why "..."`',
    Bar.HER_OWN: "the provider lets her alone lift it, by texting START",
    Bar.UNREAD: "decide it first: `sojourn consent reviews`",
    Bar.NO_FRESH_YES: (
        "she has to have said yes since, in words on record: "
        '`sojourn consent set {customer} {channel} TOPIC yes --wording "..."`'
    ),
}


def what_was_lifted(ruled: Ruled) -> Iterator[str]:
    """A line for each suppression that is lifted."""
    for one in ruled.lifted:
        yield f"lifted: {_named(one)}"


def what_stands(customer: str, stands: Sequence[tuple[Against, Bar | None]]) -> Iterator[str]:
    """A line for each suppression that holds, with what would lift it."""
    for one, bar in stands:
        advice = _ADVICE[bar].format(customer=customer, channel=one.channel)
        yield f"suppressed since {clock(one.at)}: {_named(one)}; {advice}"


def _named(one: Against) -> str:
    also = ", transactional too" if one.everything else ""
    return (
        f"{one.channel} {one.topic or 'all topics'}{also} ({REASONS.get(one.reason, one.reason or 'no reason given')})"
    )
