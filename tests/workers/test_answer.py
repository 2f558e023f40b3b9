"""An answer stays small, whatever an enrollment has planned."""

from datetime import UTC, datetime

import pytest
from temporalio.converter import PayloadConverter

from engine.ids import message_id
from engine.words import Channel, Purpose
from records.ledger.waiting import Waiting
from workers.answer import MOST_BYTES, short, with_messages
from workers.moves import Left, Move


def waiting(number: int, step: str) -> list[Waiting]:
    """So many messages of one enrollment."""
    ids = [message_id("enrollment", step, visit, "email") for visit in range(number)]
    return [Waiting(id_, Channel.EMAIL, step, Purpose.MARKETING) for id_ in ids]


@pytest.mark.parametrize("step", ["hello", "a_step_with_a_name_that_says_everything"])
@pytest.mark.parametrize("number", [0, 1, 4, 9])
@pytest.mark.parametrize("words", ["", "ü" * 500, "w" * 500], ids=["none", "foreign", "plain"])
def test_a_move_is_at_most_five_hundred_bytes(number: int, step: str, words: str) -> None:
    wake_at = datetime(2026, 3, 3, 8, 0, 0, 123456, tzinfo=UTC)
    bare = Move(123_456, wake_at=wake_at, left=Left("no_permission", "a_label"), words=short(words))
    move = with_messages(bare, waiting(number, step))
    assert len(PayloadConverter.default.to_payload(move).data) <= MOST_BYTES
    assert move.messages or not number
    assert move.more == (len(move.messages) < number)


def test_one_message_fits_always() -> None:
    move = with_messages(Move(1, words=short("w" * 500)), waiting(3, "s" * 300))
    assert len(move.messages) == 1
    assert move.more
