"""The protocol, explored exhaustively over its real functions: no execution breaks the promise, each mutation does."""

from itertools import product

import pytest

from engine.words import Purpose
from tests.ledger.exploring import Exploration, Violation
from tests.ledger.mutations import MUTATIONS
from tests.ledger.protocol import Protocol
from tests.ledger.world import Provider

NEVER_ASKED, PRESENCE, AUTHORITATIVE = Provider(), Provider(asked=True), Provider(asked=True, authoritative=True)
WORLDS = list(product(Purpose, (NEVER_ASKED, PRESENCE, AUTHORITATIVE)))
"""Both purposes, and every kind of provider."""

FEW = {Purpose.MARKETING: 2, Purpose.TRANSACTIONAL: 1}
"""Faults in one execution: crashes, stalls, bad answers. Two of a transactional message, which is resent, take long."""


@pytest.mark.parametrize(("purpose", "provider"), WORLDS)
def test_no_execution_doubles_loses_or_misreports_a_message(purpose: Purpose, provider: Provider) -> None:
    assert Exploration(Protocol(), purpose, provider, FEW[purpose]).explore() > 10_000


@pytest.mark.trial
@pytest.mark.parametrize("provider", [NEVER_ASKED, PRESENCE, AUTHORITATIVE])
def test_no_execution_with_two_faults_loses_a_transactional_message(provider: Provider) -> None:
    assert Exploration(Protocol(), Purpose.TRANSACTIONAL, provider, 2).explore() > 10_000


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_is_caught(mutation: type[Protocol]) -> None:
    with pytest.raises(Violation):
        _explore_until_caught(mutation())


def test_the_nine_mutations_are_those_of_the_protocol() -> None:
    assert len(set(MUTATIONS)) == 9


def _explore_until_caught(protocol: Protocol) -> None:
    """Every world with one fault; then the smallest with two."""
    for purpose, provider in WORLDS:
        Exploration(protocol, purpose, provider, 1).explore()
    Exploration(protocol, Purpose.MARKETING, AUTHORITATIVE, 2).explore()
