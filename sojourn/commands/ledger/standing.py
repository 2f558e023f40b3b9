"""What stands against an address, for a command that wants the database for this alone."""

from pathlib import Path

from engine.words import Channel
from records.ledger import addresses
from records.privacy.scrubbing import file_of
from sojourn.errors import Mistake
from sojourn.opened import hashing_of, opened
from sojourn.reports.suppressions import REASONS
from sojourn.settings import Settings


def may_reach(root: Path, settings: Settings, channel: str, to: str) -> None:
    """Raises Mistake where something stands against the address, as the ledger keeps it; a new folder has nothing."""
    file, way = file_of(settings.database), Channel(channel)
    if file is not None and not file.exists():
        return
    hashed = hashing_of(settings, root).of(way, to)
    with opened(root) as here:
        stands = here.database.read(lambda connection: addresses.scopes(connection, hashed, way))
    if stands:
        reasons = sorted({REASONS.get(reason, reason) for reason, _ in stands.values()})
        raise Mistake(f"found {to}; nothing is written there: {', '.join(reasons)}")
