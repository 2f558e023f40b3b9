"""Fail points: what may be asked for, and that nothing happens unasked."""

from pathlib import Path

import pytest

from workers.failpoints import Fault, parse, reach


def test_nothing_fails_unasked() -> None:
    reach("claim.before_commit")


def test_points_are_listed_by_commas() -> None:
    asked = parse("claim.after_commit:exit@/tmp/once,record.before_commit:sleep:3,settle.before_commit:raise")
    assert asked == {
        "claim.after_commit": Fault("exit", marker=Path("/tmp/once")),  # noqa: S108
        "record.before_commit": Fault("sleep", 3.0),
        "settle.before_commit": Fault("raise"),
    }


def test_an_action_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="none of raise, exit"):
        parse("claim.after_commit:explode")
