"""Conditions in a few words, for the tests that ask them."""

from datetime import timedelta
from typing import Any

from engine.conditions import (
    Fact,
    Operator,
    Where,
)
from engine.conditions import Test as Comparison
from engine.conditions.truth import holds
from tests.engine.facts_in_memory import facts

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
NEVER = Fact("customer.nothing", Comparison(Operator.EXISTS, True))
ALWAYS = Fact("customer.nothing", Comparison(Operator.EXISTS, False))


def compares(value: object, operator: str, other: object, **given: Any) -> bool:
    """Does `{attribute: a, operator: other}` hold for a customer whose `a` is the value?"""
    return holds(
        Fact("customer.a", Comparison(Operator(operator), other)), facts(values={"customer.a": value, **given})
    )


def lacks(operator: str, other: object) -> bool:
    """The same for a customer who has no `a`."""
    return holds(Fact("customer.a", Comparison(Operator(operator), other)), facts())


def where(name: str, operator: str, other: object) -> Where:
    return Where(((name, Comparison(Operator(operator), other)),))
