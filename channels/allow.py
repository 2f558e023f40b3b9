"""Whom a real channel may write to before `live = true`."""

import re
from collections.abc import Sequence

_ONE = r"[^@\s,;<>]"
_ADDRESS = rf"{_ONE}+@[\w.*?-]*\w"
_NUMBER = r"\+[1-9][0-9?]*\*?"


def is_pattern(text: str) -> bool:
    """Whether it can name anybody: an address or `*@acme.example`, a number from its `+` on or `+4915*`."""
    return re.fullmatch(f"{_ADDRESS}|{_NUMBER}", text) is not None


def may_write(address: str, allow: Sequence[str], *, live: bool) -> bool:
    """Whether a real channel may write to `address`: anybody once live, else only whom a pattern of `allow` names.

    A pattern is a whole address or number, without regard to case; `*` stands for any signs but `@`, blanks and
    separators, `?` for one. Example: `*@acme.example`, `+4915*`.
    """
    return live or any(re.fullmatch(_expression(pattern), address, re.IGNORECASE) for pattern in allow)


def _expression(pattern: str) -> str:
    return re.escape(pattern.strip()).replace(r"\*", f"{_ONE}*").replace(r"\?", _ONE)
