"""`name=value` as it is typed behind a command."""

import json
from collections.abc import Iterable
from typing import Any

from sojourn.errors import Mistake


def parse_pairs(given: Iterable[str]) -> dict[str, Any]:
    """The values by name: a number, true, false, a list or a map where it reads as JSON, else text. Raises Mistake."""
    found: dict[str, Any] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not (name and equals):
            raise Mistake(f"found '{pair}'; expected NAME=VALUE, such as amount=48 or plan=pro")
        found[name] = _value(text)
    return found


def _value(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text
    return text if value is None else value


def typed(value: object) -> str:
    """A value as it is typed behind a command, and written in YAML."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
