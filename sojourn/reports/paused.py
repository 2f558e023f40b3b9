"""Why a journey is paused, and how it goes on, in a sentence."""

from datetime import datetime

from sojourn.terminal import clock


def paused_words(journey: str, since: datetime, why: str) -> str:
    """`why` is what stopped it, by the figures; empty where somebody has paused it."""
    how = f", because {why} of its newest messages" if why else " by hand"
    advice = "find out whom it writes to and what, then " if why else ""
    anew = "; counting begins anew" if why else ""
    return (
        f"{journey} is paused since {clock(since)}{how}: nobody enters, nothing is sent; goals and exits work. "
        f"To go on: {advice}`sojourn journey resume {journey}`{anew}"
    )
