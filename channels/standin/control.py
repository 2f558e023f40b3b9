"""The stand-in's own pages under /stand-in: what is true, and how it is to behave."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from channels.standin.desk import ELSEWHERE
from channels.standin.faults import Fault, Faults
from channels.standin.postman import Postman
from channels.standin.signing import SendGridKey
from channels.standin.truth import Accepted, Truth
from channels.standin.webhooks import Told, Webhooks


class Inbound(BaseModel):
    """A text message that a customer writes; `from` is her number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_number: Annotated[str, Field(alias="from", pattern=r"^\+[1-9][0-9]{6,14}$")]
    body: str
    to: str = "+15005550006"


class Lag(BaseModel):
    """How many seconds look-ups are behind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: Annotated[float, Field(ge=0, le=86_400)]


def control(truth: Truth, faults: Faults, postman: Postman, key: SendGridKey, account: str) -> APIRouter:
    """The pages of one stand-in."""
    router = APIRouter(prefix="/stand-in")
    _tell_the_truth(router, truth)
    _take_orders(router, truth, faults, postman)
    _act(router, truth, postman)

    @router.get("/keys")
    async def keys() -> dict[str, str]:
        return {"sendgrid_public_key": key.public, "twilio_account": account}

    @router.get(ELSEWHERE.removeprefix("/stand-in"))
    async def elsewhere() -> dict[str, str]:
        return {"message": "this is where a redirect leads; nothing was taken"}

    return router


def _tell_the_truth(router: APIRouter, truth: Truth) -> None:
    @router.get("/accepted")
    async def accepted(message: str = "") -> dict[str, Any]:
        return {"accepted": [asdict(one) for one in truth.accepted(message)]}

    @router.get("/accepted/{number}")
    async def content(number: int) -> Any:
        found = truth.content(number)
        if found is None:
            raise HTTPException(404, "it was not taken, or its content is no longer kept")
        return found

    @router.get("/requests")
    async def requests(wrong: bool = False) -> dict[str, Any]:
        return {"requests": [asdict(one) for one in truth.requests if one.findings or not wrong]}

    @router.get("/opt-outs")
    async def opt_outs() -> dict[str, Any]:
        return {"opted_out": sorted(truth.opted_out)}


def _take_orders(router: APIRouter, truth: Truth, faults: Faults, postman: Postman) -> None:
    @router.get("/faults")
    async def waiting() -> dict[str, Any]:
        return {"faults": faults.waiting()}

    @router.post("/faults", status_code=201)
    async def order(ordered: Fault | list[Fault]) -> dict[str, Any]:
        faults.order(*(ordered if isinstance(ordered, list) else [ordered]))
        return {"faults": faults.waiting()}

    @router.delete("/faults")
    async def behave() -> dict[str, Any]:
        faults.clear()
        return {"faults": []}

    @router.get("/webhooks")
    async def webhooks() -> dict[str, Any]:
        return {"webhooks": postman.webhooks, "pending": postman.pending, "posted": list(postman.posted)}

    @router.post("/webhooks")
    async def set_webhooks(wanted: Webhooks) -> Webhooks:
        """What is not said stays as it was."""
        postman.webhooks = postman.webhooks.model_copy(
            update={name: getattr(wanted, name) for name in wanted.model_fields_set}
        )
        return postman.webhooks

    @router.post("/lag")
    async def set_lag(wanted: Lag) -> Lag:
        truth.set_lag(wanted.seconds)
        return wanted


def _act(router: APIRouter, truth: Truth, postman: Postman) -> None:
    @router.post("/events")
    async def tell(told: Told) -> dict[str, Any]:
        try:
            return {"statuses": await postman.tell(_taken(truth, told.correlation), told)}
        except ValueError:
            raise HTTPException(422, f"{told.event!r} is no event of that provider") from None

    @router.post("/repeat")
    async def repeat() -> dict[str, Any]:
        return {"statuses": await postman.repeat()}

    @router.post("/inbound")
    async def receive(inbound: Annotated[Inbound, Body()]) -> dict[str, Any]:
        return {"statuses": await postman.receive(inbound.from_number, inbound.to, inbound.body)}


def _taken(truth: Truth, correlation: str) -> Accepted:
    taken = truth.of(correlation)
    if not taken:
        raise HTTPException(404, f"nothing was taken under {correlation!r}")
    return taken[-1]
