"""Which values a type can hold, and which comparisons it allows."""

from engine.conditions import Operator, Test, Value
from engine.language.checking.names import Type
from engine.language.comparisons import is_time
from engine.language.faults import listed, nearest

_TEXTS = (Operator.STARTS_WITH, Operator.MATCHES)
_NUMBERS = (Operator.MORE_THAN, Operator.AT_LEAST, Operator.LESS_THAN, Operator.AT_MOST)
_TIMES = (Operator.BEFORE, Operator.AFTER, Operator.WITHIN_LAST)
_EQUAL = (Operator.IS, Operator.IS_NOT)
_AMONG = (Operator.IN, Operator.NOT_IN)


def spelled(type_: Type) -> str:
    """A type as a fault names it."""
    if isinstance(type_, tuple):
        return f"one of {listed(type_)}"
    return type_ if type_ == "text" else f"a {type_}"


def misfit(name: str, type_: Type, test: Test) -> tuple[str, str, str] | None:
    """Why a fact of this type cannot be compared so (found, expected, hint); None when it can."""
    if not type_ or test.value is None:
        return None
    operator = test.operator
    text = type_ == "text" or isinstance(type_, tuple)
    allowed = {
        **dict.fromkeys(_TEXTS, text),
        **dict.fromkeys(_NUMBERS, type_ == "number"),
        **dict.fromkeys(_TIMES, type_ in ("date", "time")),
        **dict.fromkeys((*_EQUAL, *_AMONG), type_ not in ("list", "map")),
        Operator.CONTAINS: text or type_ == "list",
        Operator.EXISTS: True,
    }[operator]
    if not allowed:
        return f"'{name}' is {spelled(type_)}, which cannot be compared by '{operator}'", "", _instead(type_, operator)
    values = test.value if operator in _AMONG else [test.value] if operator in _EQUAL else []
    return next(filter(None, (unfit(name, type_, value) for value in values)), None)


def _instead(type_: Type, operator: Operator) -> str:
    """The operator that was probably meant."""
    if type_ in ("date", "time") and operator in _NUMBERS:
        return "after" if operator in (Operator.MORE_THAN, Operator.AT_LEAST) else "before"
    if type_ == "number" and operator in _TIMES[:2]:
        return "less_than" if operator is Operator.BEFORE else "more_than"
    return "contains" if type_ == "list" and operator in (*_EQUAL, *_AMONG) else ""


def unfit(name: str, type_: Type, value: Value) -> tuple[str, str, str] | None:
    """Why a fact of this type is never this value (found, expected, hint); None when it may be."""
    if not type_:
        return None
    if isinstance(type_, tuple):
        if value in type_:
            return None
        return f"'{name}' is never {_said(value)}", f"it is {spelled(type_)}", nearest(str(value), type_)
    if _holds(type_, value):
        return None
    hint = {"yes": "true", "no": "false"}.get(str(value).lower(), "") if type_ == "boolean" else ""
    return f"'{name}' is never {_said(value)}", f"facts.yaml says it is {spelled(type_)}", hint


def _said(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value}'"
        case list():
            return "a list"
        case dict():
            return "a map"
        case _:
            return str(value)


def _holds(type_: str, value: Value) -> bool:
    match type_:
        case "text":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date" | "time":
            return isinstance(value, str) and is_time(value)
        case "list":
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def same_kind(one: Type, other: Type) -> bool:
    """May a fact of the one type be stored under the other?"""
    return not (one and other) or _kind(one) == _kind(other)


def _kind(type_: Type) -> str:
    return "text" if isinstance(type_, tuple) else "time" if type_ == "date" else type_
