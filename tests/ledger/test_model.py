"""The protocol, explored exhaustively over its real functions: no execution breaks the promise, each mutation does."""

from itertools import product

import pytest

from engine.words import Purpose
from tests.ledger.exploring import Exploration, Violation
from tests.ledger.mutations import MUTATIONS
from tests.ledger.protocol import Protocol
from tests.ledger.world import Provider

PROVIDERS = {
    "authoritative": Provider(asked=True, authoritative=True),
    "never_asked": Provider(),
    "proves_presence": Provider(asked=True),
}
WORLDS = [(purpose, provider) for purpose, provider in product(Purpose, PROVIDERS.values())]
NAMES = [f"{purpose}-{name}" for purpose, name in product(Purpose, PROVIDERS)]


@pytest.mark.parametrize(("purpose", "provider"), WORLDS, ids=NAMES)
def test_no_execution_doubles_loses_or_misreports_a_message(purpose: Purpose, provider: Provider) -> None:
    assert Exploration(Protocol(), purpose, provider, faults=1).explore() > 10_000


@pytest.mark.parametrize("purpose", Purpose)
def test_refusals_use_up_none_of_the_attempts_that_may_be_in_doubt(purpose: Purpose) -> None:
    assert Exploration(Protocol(), purpose, Provider(), faults=1, refused=3).explore() > 1000


@pytest.mark.trial
@pytest.mark.parametrize(("purpose", "provider"), WORLDS, ids=NAMES)
def test_no_execution_with_two_faults_doubles_loses_or_misreports_one(purpose: Purpose, provider: Provider) -> None:
    assert Exploration(Protocol(), purpose, provider, faults=2).explore() > 1_000_000


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_is_caught(mutation: type[Protocol]) -> None:
    with pytest.raises(Violation):
        _explore_all(mutation())


def test_the_nine_mutations_are_those_of_the_protocol() -> None:
    assert len(set(MUTATIONS)) == 9


def _explore_all(protocol: Protocol) -> None:
    for purpose, provider in WORLDS:
        Exploration(protocol, purpose, provider, protocol.faults).explore()
