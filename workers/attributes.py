"""The search attributes of our runs: a server knows them before the first run is started."""

from collections.abc import Sequence
from typing import Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError

SEARCH_ATTRIBUTES: Final = ("Customer", "Journey", "Version", "Stage", "Outcome")


class TemporalRefuses(Exception):
    """The server does not let us look, or lacks our search attributes and does not let us add them; says what to do."""


async def connect(address: str, namespace: str) -> Client:
    """A client of a server that runs elsewhere. Raises RuntimeError when nobody answers there, or it is no address."""
    try:
        return await Client.connect(address, namespace=namespace)
    except ValueError as fault:  # what the SDK says to an address that is none
        raise RuntimeError(str(fault)) from None


async def ensure_attributes(client: Client) -> None:
    """Adds those that the client's namespace lacks, and returns when it knows all. Raises TemporalRefuses."""
    while missing := await missing_attributes(client):
        wanted = dict.fromkeys(missing, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            raise TemporalRefuses(f"{how_to_add(client.namespace, missing)} ({error.status.name})") from None


async def missing_attributes(client: Client) -> list[str]:
    """Those of ours that the client's namespace lacks. Raises TemporalRefuses."""
    listing = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        known = (await client.operator_service.list_search_attributes(listing)).custom_attributes
    except RPCError as error:
        raise TemporalRefuses(f"namespace '{client.namespace}' cannot be looked into ({error.status.name})") from None
    return [name for name in SEARCH_ATTRIBUTES if name not in known]


def how_to_add(namespace: str, missing: Sequence[str]) -> str:
    """What is missing, and the command with which whoever may do so adds it."""
    names = " ".join(f"--name {name} --type Keyword" for name in missing)
    return (
        f"namespace '{namespace}' lacks the search attributes {', '.join(missing)}; add them with "
        f"`temporal operator search-attribute create --namespace {namespace} {names}`"
    )
