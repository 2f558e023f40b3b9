"""What is wrong with a setting, in a sentence that says what was expected instead of it."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

_SID: Final = re.compile(r"\^\(?([A-Z]{2})\[0-9a-fA-F\]\{(\d+)\}")
_EXPECTED: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "greater_than": "expected more than {gt}",
    "string_too_short": "expected at least {min_length} characters",
    "too_short": "expected at least {min_length} characters",
    "enum": "expected {expected}",
    "value_error": "{error}",
}
_KINDS: Final[Mapping[str, str]] = {
    "bool": "expected true or false",
    "int": "expected a whole number",
    "float": "expected a number",
    "string": "expected text",
    "url": "expected a URL such as https://acme.example",
}


def expected(fault: Mapping[str, Any], known: Collection[str]) -> str:
    """What one of pydantic's faults comes to; `known` are the settings that there are in its place."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return no_setting(str(fault["loc"][-1]), known)
    if kind == "string_pattern_mismatch" and (sid := _SID.match(context["pattern"])):
        return f"expected {sid[1]} and {sid[2]} hexadecimal digits"
    words = _EXPECTED.get(kind) or _KINDS.get(kind.partition("_")[0])
    return words.format(**context) if words else str(fault["msg"])


def no_setting(name: str, known: Collection[str]) -> str:
    """That there is no setting of this name, and which it may have been."""
    return "is no setting" + (f"; known are {', '.join(known)}" if known else "") + perhaps(name, known)


def perhaps(name: str, known: Collection[str]) -> str:
    """Which of those that there are it may have been meant to be; empty where it is like none."""
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
