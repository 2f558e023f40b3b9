"""A process that dies while it hears: what a provider tells again is kept once, and nothing half."""

import subprocess
import sys
from pathlib import Path

import pytest

from channels.inbound.heard import Wish
from channels.protocol import DeliveryEvent
from records import tables
from records.database import Database
from records.messages import Message
from tests.ledger.hearings import LOST, hearing, planned, rows, said, sent, told
from workers.failpoints import KILLED, SETTING

ROOT = Path(__file__).parents[2]
TELL = """
import sys
from tests.ledger.hearings import hearing, said, told
from channels.inbound.heard import Wish
from channels.protocol import DeliveryEvent
from records.database import Database
ear = hearing(Database(sys.argv[1]))
if sys.argv[2] == "told":
    ear.told([told(DeliveryEvent.COMPLAINED, sys.argv[3])])
else:
    ear.said(said(Wish.PERHAPS_STOP, body="please stop"))
"""
POINTS = {"webhook.before_commit": False, "webhook.after_commit": True}


@pytest.mark.parametrize(("point", "kept"), POINTS.items())
@pytest.mark.parametrize("what", ["told", "said"])
def test_a_kill_at_the_commit_leaves_all_or_nothing_and_a_repeat_completes_it(
    database: Database, url: str, point: str, kept: bool, what: str
) -> None:
    one = sent(database, planned(database, "ada")[0], LOST)
    command = [sys.executable, "-c", TELL, url, what, one.correlation]
    ended = subprocess.run(command, cwd=ROOT, env={SETTING: f"{point}:exit", "PYTHONPATH": str(ROOT)})
    assert ended.returncode == KILLED
    assert len(rows(database, tables.provider_event)) == int(kept)
    assert repeated(database, what, one) is not kept
    after = [rows(database, table) for table in tables.metadata.sorted_tables]
    assert repeated(database, what, one) is False
    assert [rows(database, table) for table in tables.metadata.sorted_tables] == after
    assert len(rows(database, tables.review)) == int(what == "said")


def repeated(database: Database, what: str, one: Message) -> bool:
    """Tell it again; was it new?"""
    if what == "told":
        return hearing(database).told([told(DeliveryEvent.COMPLAINED, one.correlation)]) == 1
    return hearing(database).said(said(Wish.PERHAPS_STOP, body="please stop")).new
