"""Reads comparisons: an operator with its value, and `where`."""

import re
from datetime import date, datetime

from engine.conditions import Now, Operator, Test, Value, Where
from engine.language.lengths import read_duration
from engine.language.reading import Reading, shown
from engine.language.source import Node

OPERATORS = tuple(operator.value for operator in Operator)

_ORDERED = (Operator.MORE_THAN, Operator.AT_LEAST, Operator.LESS_THAN, Operator.AT_MOST)
_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?\Z")


def read_test(reading: Reading, operator: Operator, node: Node) -> Test:
    """An operator and its value; None for a value that it cannot be compared with."""
    return reading.places.put(Test(operator, _value(reading, operator, node)), node)


def _value(reading: Reading, operator: Operator, node: Node) -> Value:
    what = f"the value of '{operator}'"
    match operator:
        case Operator.EXISTS:
            return reading.boolean(node, what)
        case Operator.WITHIN_LAST:
            return read_duration(reading, node, what)
        case Operator.IN | Operator.NOT_IN:
            return [_scalar(reading, item, what) for item in reading.items(node, what)]
        case Operator.STARTS_WITH | Operator.MATCHES:
            return reading.text(node, what)
        case Operator.BEFORE | Operator.AFTER:
            return Now() if node.value == "now" else _time(reading, node, what)
        case _ if operator in _ORDERED:
            if isinstance(node.value, str) and (node.value == "now" or is_time(node.value)):
                earlier = operator in (Operator.LESS_THAN, Operator.AT_MOST)
                reading.fault(
                    node,
                    f"'{operator}' compares numbers",
                    "a time is compared by 'before' or 'after'",
                    "before" if earlier else "after",
                )
                return None
            return reading.number(node, what)
        case _:
            return _scalar(reading, node, what)


def _scalar(reading: Reading, node: Node, what: str) -> Value:
    if not isinstance(node.value, list | dict):
        return node.value
    reading.fault(node, f"found {shown(node)}", f"{what} is one value", "in" if isinstance(node.value, list) else "")
    return None


def _time(reading: Reading, node: Node, what: str) -> str:
    if not (isinstance(node.value, str) and is_time(node.value)):
        reading.wrong(node, f"{what} is a time such as '2026-12-24', '2026-12-24 09:00' or 'now'")
    return str(node.value)


def is_time(text: str) -> bool:
    """Is this a date, or a date and a time, by ISO 8601?"""
    if not _DATED.match(text):
        return False
    try:
        return bool(datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text))
    except ValueError:
        return False


def read_where(reading: Reading, node: Node) -> Where:
    """Tests on an event's properties: a scalar is `is`, a list is `in`, else `{operator: value}`."""
    tests: list[tuple[str, Test]] = []
    for name, value in reading.entries(node, "'where'").items():
        match value.value:
            case dict():
                fields = reading.fields(value, f"the test of '{name}'", (), OPERATORS)
                tests += [(name, read_test(reading, Operator(key), sub)) for key, sub in fields.items()]
            case list():
                tests.append((name, read_test(reading, Operator.IN, value)))
            case None:
                pass
            case _:
                tests.append((name, read_test(reading, Operator.IS, value)))
    return reading.places.put(Where(tuple(tests)), node)
