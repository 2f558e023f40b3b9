"""Events come in as Segment's libraries send them: once for ever, whole batches or none, faults in their places."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.app import build_app
from api.served import Doors
from tests.api.business import MONDAY, WRITE_KEY, Business

pytestmark = pytest.mark.asyncio
KEY = {"Authorization": f"Bearer {WRITE_KEY}"}


async def post(business: Business, path: str, call: object, headers: dict[str, str] | None = None) -> httpx.Response:
    body = call if isinstance(call, bytes) else json.dumps(call).encode()
    async with business.client() as client:
        return await client.post(f"/v1/{path}", content=body, headers=KEY if headers is None else headers)


def a_track(id_: str = "m1", **changed: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "messageId": id_,
        "userId": "c7",
        "event": "order_placed",
        "properties": {"total": 12.5},
    } | changed


async def test_a_track_is_an_event_and_counts_once_for_ever(business: Business) -> None:
    sent = a_track(context={"library": {"name": "analytics.js"}}, anonymousId="a", integrations={})
    first, second = [(await post(business, "track", sent)).json() for _ in range(2)]
    assert first == {"success": True, "new": 1, "repeated": 0, "conflicting": []}
    assert second == {"success": True, "new": 0, "repeated": 1, "conflicting": []}
    assert business.events()[-1] == ("track", "order_placed", {"total": 12.5})
    other = (await post(business, "track", a_track(event="order_cancelled"))).json()
    assert other == {"success": True, "new": 0, "repeated": 0, "conflicting": ["m1"]}
    assert business.nudges == 3


async def test_an_identify_tells_how_to_reach_her_what_she_allows_and_her_attributes(business: Business) -> None:
    told = {"email": "bo@b.example", "phone": "+49 151 1", "timezone": "Europe/Rome", "plan": "pro", "age": None}
    sent = {"userId": 7, "traits": {**told, "phone": "+49 (151) 12345678", "consent": {"email": ["offers"]}}}
    assert (await post(business, "identify", sent)).status_code == 200
    assert business.events()[-1] == ("identify", "", {
        "email": "bo@b.example", "phone": "+4915112345678", "zone": "Europe/Rome", "attributes": {"plan": "pro"},
        "consent": {"email": ["offers"]}, "source": "api",
    })  # fmt: skip
    business.settle("7")


async def test_a_batch_is_stored_whole(business: Business) -> None:
    calls = [a_track(f"m{n}") for n in range(500)] + [{"type": "identify", "userId": "c7", "traits": {"plan": "x"}}]
    answer = await post(business, "batch", {"batch": calls, "sentAt": "2026-03-02T09:00:00Z"})
    assert answer.json() == {"success": True, "new": 501, "repeated": 0, "conflicting": []}


async def test_a_batch_with_a_fault_is_not_stored_at_all_and_every_fault_is_told(business: Business) -> None:
    before = business.events()
    strange = {"email": "ada", "consent": {"email": ["offer"], "fax": []}}
    calls = [
        a_track(),
        a_track("m2", userId=None),
        {"type": "page", "userId": "c7"},
        a_track("m3", timestamp="soon"),
        {"type": "identify", "userId": "c7", "traits": strange},
        7,
    ]
    answer = await post(business, "batch", {"batch": calls})
    assert answer.status_code == 400
    assert answer.json() == {"success": False, "errors": [
        {"where": "batch.1.userId", "found": "None", "expected": "text"},
        {"where": "batch.2.type", "found": "another, or none", "expected": "track or identify"},
        {"where": "batch.3.timestamp", "found": "'soon'", "expected": "a time such as 2026-03-03T08:00:00Z"},
        {"where": "batch.4.traits.email", "found": "another", "expected": "an e-mail address"},
        {"where": "batch.4.traits.consent.fax", "found": "'fax'", "expected": "email or sms"},
        {"where": "batch.5.type", "found": "another, or none", "expected": "track or identify"},
    ]}  # fmt: skip
    assert business.events() == before


async def test_a_topic_that_nobody_knows_is_a_fault(business: Business) -> None:
    answer = await post(business, "identify", {"userId": "c7", "traits": {"consent": {"sms": ["offer"]}}})
    assert answer.json()["errors"] == [
        {"where": "traits.consent.sms", "found": "'offer'", "expected": "one of offers or product_tips"}
    ]


async def test_nothing_is_dated_later_than_it_came(business: Business) -> None:
    early, late = (MONDAY - timedelta(days=2)).isoformat(), (MONDAY + timedelta(days=2)).isoformat()
    await post(business, "batch", {"batch": [a_track("m1", timestamp=early), a_track("m2", timestamp=late)]})
    asked = "SELECT occurred_at, received_at FROM event WHERE message_id IN ('m1', 'm2') ORDER BY message_id"
    rows = business.read(lambda connection: connection.exec_driver_sql(asked).all())
    assert [row[0] - rows[1][1] for row in rows] == [-2 * 86400 * 10**6, 0]


@pytest.mark.parametrize(
    "body",
    [b'{"userId": "c", "event": "e", "timestamp": "0001-01-01T00:00:00Z"}',
     b"", b"[]", b"7", b"{", b"\xff", b'{"batch": {}}', b'{"batch": [{}]}', b'{"batch": 1}', b"[" * 50_000,
     b'{"batch": [' + b"[" * 50_000, b'{"userId": "c", "event": "e", "properties": {"a": NaN}}',
     b'{"userId": "c", "event": "e", "properties": {"a": 1e999}}',
     b'{"userId": "c", "event": "e", "properties": {"a": "\\u0000"}}',
     b'{"userId": "c", "event": "e", "properties": {"a": "\\ud800"}}', b'{"userId": "c\\u0000", "event": "e"}',
     b'{"userId": "", "event": "e"}', b'{"userId": "c", "event": "' + b"e" * 300 + b'"}'],
)  # fmt: skip
@pytest.mark.parametrize("path", ["track", "batch", "identify"])
async def test_what_cannot_be_read_is_a_fault_in_its_place(business: Business, path: str, body: bytes) -> None:
    before = business.events()
    answer = await post(business, path, body)
    if (path == "identify" and b"properties" in body) or (path == "identify" and b"eee" in body):
        return  # an identify has neither, and passes them over
    assert answer.status_code == 400
    assert all(set(one) == {"where", "found", "expected"} for one in answer.json()["errors"])
    assert business.events() == before


async def test_too_large_a_call_is_refused_alone_and_in_a_batch(business: Business) -> None:
    large = a_track(properties={"a": "x" * 100_000})
    assert (await post(business, "track", large)).status_code == 413
    answer = await post(business, "batch", {"batch": [a_track(), large]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0] | {"found": ""} == {"where": "batch.1", "found": "", "expected": "at most 100000"}
    assert (await post(business, "batch", {"batch": [a_track(properties={"a": "x" * 90_000})] * 6})).status_code == 413


def basic(name: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:'.encode()).decode()}"


@pytest.mark.parametrize("given", [f"Bearer {WRITE_KEY}", basic(WRITE_KEY), f"bearer  {WRITE_KEY}"])
async def test_the_write_key_comes_as_segments_libraries_send_it(business: Business, given: str) -> None:
    assert (await post(business, "track", a_track(), {"Authorization": given})).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic",
        "Basic !!!",
        "Basic /w==",
        basic(""),
        basic("x"),
        WRITE_KEY,
        "Bearer \xe4",
    ],
)
async def test_without_the_write_key_nothing_comes_in(business: Business, given: str) -> None:
    async with business.client() as client:
        answer = await client.post("/v1/track", json=a_track(), headers={b"Authorization": given.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("path", ["track", "identify", "batch"])
async def test_where_no_write_key_is_set_nobody_comes_in(business: Business, path: str) -> None:
    async with business.client(build_app(business.serve(Doors()))) as client:
        answers = [
            await client.post(f"/v1/{path}", json=a_track(), headers=headers)
            for headers in (KEY, {}, {"Authorization": "Bearer "})
        ]
    assert [one.status_code for one in answers] == [503, 503, 503]


async def test_health_tells_what_waits(business: Business) -> None:
    await post(business, "track", a_track())
    business.clock.instant += timedelta(seconds=30)
    async with business.client() as client:
        answer = await client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["database"] == "answers"
    assert answer.json()["events_to_settle"] == {"number": 1, "oldest_seconds": 30.0}


async def test_the_documentation_knows_every_door_and_its_key(business: Business) -> None:
    async with business.client() as client:
        described = (await client.get("/openapi.json")).json()
        assert (await client.get("/docs")).status_code == 200
    assert set(described["paths"]) == {
        "/v1/track", "/v1/identify", "/v1/batch", "/webhooks/sendgrid", "/webhooks/twilio/status",
        "/webhooks/twilio/inbound", "/health",
    }  # fmt: skip
    assert "userId" in json.dumps(described["paths"]["/v1/batch"])
    assert set(described["components"]["securitySchemes"]) == {"basic", "bearer"}
    assert "$defs" not in json.dumps(described)
