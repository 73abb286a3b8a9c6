# SPDX-License-Identifier: Apache-2.0
"""Check, report and attempt over HTTP."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from builders import Clock, eventually, rule
from daemons import Service, unique
from inside import MakeInside

from nacre.access.roles import Role

_ATTEMPT = {"client_ip": "192.0.2.7", "username": "erika", "protocol": "imap", "password": "wrong"}
_NDJSON = {"content-type": "application/x-ndjson"}


def _lines(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.split("\n") if line]


def _batch(*attempts: object) -> str:
    return "".join(json.dumps(attempt) + "\n" for attempt in attempts)


async def test_a_check_is_answered_as_the_contract_says(admin: httpx.AsyncClient) -> None:
    """
    These are the fields that clients are written against.
    """
    answer = await admin.post("/api/v1/check", json={**_ATTEMPT, "request_id": unique()})

    assert answer.status_code == 200
    decision = answer.json()
    assert {"request_id", "action", "delay", "score", "rules", "reasons", "message"} <= set(decision)
    assert (decision["action"], decision["delay"], decision["rules_alone"]) == ("allow", 0.0, "allow")
    assert 0 <= decision["score"] <= 1
    assert 0 <= decision["score_accept"] <= 1
    assert decision["model"] == "shipped"
    assert (decision["rules"], decision["reasons"], decision["message"]) == ([], [], "")


async def test_guessing_over_http_is_refused_after_the_limit(admin: httpx.AsyncClient) -> None:
    """
    Three failures are allowed; the refusal says to its caller which rule it was, and to the person only to wait.
    """
    attempt = {**_ATTEMPT, "client_ip": "192.0.2.8"}

    for number in range(3):
        decision = (await admin.post("/api/v1/check", json={**attempt, "password": f"guess{number}"})).json()
        assert decision["action"] == "allow"
        report = {"request_id": decision["request_id"], "success": False}
        receipt = (await admin.post("/api/v1/report", json=report)).json()
        assert receipt == {"request_id": decision["request_id"], "counted": True, "why": "counted"}
    refused = (await admin.post("/api/v1/check", json=attempt)).json()

    assert (refused["action"], refused["rules"]) == ("refuse", ["address"])
    assert refused["reasons"][0]["rule"] == "address"
    assert "address" not in refused["message"]
    assert "erika" not in refused["message"]


async def test_a_second_report_of_one_request_changes_nothing(admin: httpx.AsyncClient) -> None:
    """
    A client that did not hear our answer sends its report again, perhaps to the other worker.
    """
    request_id = unique()
    attempt = {**_ATTEMPT, "client_ip": "192.0.2.9", "request_id": request_id, "success": False}

    receipts = [(await admin.post("/api/v1/report", json=attempt)).json() for _ in range(6)]
    counters = (await admin.get("/api/v1/tolerations/counters", params={"ip": "192.0.2.9"})).json()

    assert [receipt["counted"] for receipt in receipts] == [True, *[False] * 5]
    assert {receipt["why"] for receipt in receipts[1:]} == {"reported_before"}
    assert counters == {"total": 1, "failed": 1, "positive": 0, "negative": 1}


async def test_a_report_may_name_a_check_that_the_other_worker_answered(service: Service) -> None:
    """
    Connections go to whichever worker takes them; the request id has to hold everywhere.
    """
    async with service.client(Role.AUTHENTICATE) as one:
        checks = [await one.post("/api/v1/check", json={**_ATTEMPT, "client_ip": "192.0.2.10"}) for _ in range(4)]

    for check in checks:
        async with service.client(Role.AUTHENTICATE) as other:
            report = await other.post(
                "/api/v1/report", json={"request_id": check.json()["request_id"], "success": True}
            )
        assert report.json()["counted"]


async def test_a_report_of_an_unknown_request_is_answered_with_what_would_do(admin: httpx.AsyncClient) -> None:
    """
    The caller can send the attempt's fields instead.
    """
    answer = await admin.post("/api/v1/report", json={"request_id": unique(), "success": True})

    assert answer.status_code == 404
    assert answer.json()["field"] == "request_id"
    assert "fields" in answer.json()["detail"]


async def test_a_report_has_to_name_an_attempt(admin: httpx.AsyncClient) -> None:
    """
    An outcome of nothing counts nowhere.
    """
    answer = await admin.post("/api/v1/report", json={"success": True})

    assert (answer.status_code, answer.json()["field"]) == (422, "request_id")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_ip", "192.0.2.300"),
        ("client_ip", 17),
        ("client_ip", "1" * 65),
        ("username", "x" * 513),
        ("local_ip", "nowhere"),
        ("local_port", 65_536),
        ("tls", "yes"),
        ("protocol", "x" * 129),
        ("user_agent", "x" * 2049),
        ("password", "x" * 4097),
        ("headers", {"x": "y" * 2049}),
        ("headers", {f"x{n}": "y" for n in range(65)}),
        ("attributes", {"deep": {"er": 1}}),
        ("attributes", {f"x{n}": n for n in range(65)}),
        ("request_id", ""),
        ("request_id", "two words"),
        ("time", -1),
        ("time", 2**34),
    ],
    ids=str,
)
async def test_a_bad_value_is_refused_with_the_name_of_its_field(
    make_inside: MakeInside, field: str, value: object
) -> None:
    """
    Whoever writes a client sees which field it was, without asking us.
    """
    inside = await make_inside()

    async with inside.client(Role.OPERATOR) as client:
        answer = await client.post("/api/v1/check", json={**_ATTEMPT, field: value})

    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].startswith(field)
    assert _ATTEMPT["password"] not in answer.text


async def test_unknown_fields_are_ignored_and_counted(make_inside: MakeInside) -> None:
    """
    A newer client must not fail at an older service; the count shows that something is lost.
    """
    inside = await make_inside()
    unknown = inside.guard.telemetry.registry

    async with inside.client(Role.AUTHENTICATE) as client:
        await client.post("/api/v1/check", json=_ATTEMPT)
        before = unknown.get_sample_value("nacre_unknown_fields_total")
        answer = await client.post("/api/v1/check", json={**_ATTEMPT, "colour": "blue", "shape": [1, {"a": 2}]})
        batch = await client.post("/api/v1/check", content=_batch({**_ATTEMPT, "x": 1}, _ATTEMPT), headers=_NDJSON)

    assert (answer.status_code, batch.status_code) == (200, 200)
    assert (before, unknown.get_sample_value("nacre_unknown_fields_total")) == (0, 2)


@pytest.mark.parametrize("role", [Role.AUTHENTICATE, Role.OPERATOR, Role.ADMIN])
async def test_only_operators_may_say_what_time_it_was(make_inside: MakeInside, clock: Clock, role: Role) -> None:
    """
    A daemon that could date its reports back could make failures vanish.
    """
    inside = await make_inside(rule(limit=1, period=600))
    long_ago = clock.now - 10_000
    attempt = {**_ATTEMPT, "time": long_ago, "request_id": unique()}

    async with inside.client(role) as client:
        await client.post("/api/v1/report", json={**attempt, "success": False})
        later = await client.post("/api/v1/check", json={**_ATTEMPT, "time": clock.now if role == "admin" else None})
    record = await inside.guard.desk.decision(later.json()["request_id"])

    assert record is not None
    assert record.attempt.time == clock.now
    # The failure of long ago is outside the period; the one whose time was not honoured is within it.
    assert later.json()["action"] == ("refuse" if role is Role.AUTHENTICATE else "allow")


async def test_each_line_of_a_batch_has_its_line_in_the_answer(admin: httpx.AsyncClient) -> None:
    """
    A bad line spoils nothing but itself, and says which one it is.
    """
    ids = [unique() for _ in range(3)]
    good = [{**_ATTEMPT, "client_ip": "192.0.2.11", "request_id": request_id} for request_id in ids]
    content = _batch(good[0]) + '{"client_ip": 1}\n' + "nonsense\n" + "\n" + _batch(good[1], good[2]) + "[" * 5000

    answer = await admin.post("/api/v1/check", content=content, headers=_NDJSON)

    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = _lines(answer)
    assert [line.get("request_id") for line in lines] == [ids[0], None, None, ids[1], ids[2], None]
    problems = [(line["line"], line["status"]) for line in lines if "status" in line]
    assert problems == [(2, 422), (3, 400), (7, 422)]


async def test_a_batch_of_reports_counts_in_its_order(make_inside: MakeInside) -> None:
    """
    Replayed logs depend on it: the failure that fills the bucket comes before the attempt that it refuses.
    """
    inside = await make_inside(rule(limit=3))
    rows = [{**_ATTEMPT, "password": f"guess{n}", "success": False} for n in range(5)]

    async with inside.client(Role.AUTHENTICATE) as client:
        answer = await client.post("/api/v1/attempt", content=_batch(*rows), headers=_NDJSON)

    assert [line["action"] for line in _lines(answer)] == ["allow", "allow", "allow", "refuse", "refuse"]


async def test_a_batch_has_a_limit_of_lines_and_of_bytes(admin: httpx.AsyncClient) -> None:
    """
    Both bound what one request may cost us.
    """
    many = await admin.post("/api/v1/check", content="{}\n" * 200, headers=_NDJSON)
    large = await admin.post("/api/v1/check", content=b" " * 70_000, headers=_NDJSON)
    single = await admin.post("/api/v1/check", content=b" " * 5000)

    assert [answer.status_code for answer in (many, large, single)] == [413, 413, 413]


async def test_a_body_without_a_length_is_bounded_too(admin: httpx.AsyncClient) -> None:
    """
    A chunked body says how long it is only when it is over.
    """

    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 1000

    answer = await admin.post("/api/v1/check", content=endless())

    assert answer.status_code == 413


async def test_the_whole_why_can_be_asked_for_afterwards(admin: httpx.AsyncClient) -> None:
    """
    An operator who is called about a refusal has the request id, and nothing else.
    """
    request_id = unique()
    attempt = {**_ATTEMPT, "client_ip": "192.0.2.12", "request_id": request_id, "headers": {"Cookie": "c", "X-A": "b"}}
    await admin.post("/api/v1/attempt", json={**attempt, "success": False})

    async def reported() -> Any:
        found = (await admin.get(f"/api/v1/decisions/{request_id}")).json()
        return found if found.get("success") is False else None

    found = await eventually(reported)

    assert found["decision"]["action"] == "allow"
    assert (found["attempt"]["client_ip"], found["attempt"]["username"]) == ("192.0.2.12", "erika")
    assert found["attempt"]["headers"] == ["X-A"]
    assert _ATTEMPT["password"] not in json.dumps(found)


@pytest.mark.parametrize("tail", ["/b", "%2F", "?#", "//"])
async def test_an_id_of_any_signs_can_be_asked_for(admin: httpx.AsyncClient, tail: str) -> None:
    """
    Callers make ids of what they have: paths, queue ids, URLs.
    """
    request_id = f"q{unique()}{tail}"
    await admin.post("/api/v1/attempt", json={**_ATTEMPT, "request_id": request_id, "success": True})

    found = await admin.get(f"/api/v1/decisions/{quote(request_id, safe='')}")

    assert (found.status_code, found.json()["decision"]["request_id"]) == (200, request_id)


async def test_an_id_that_ends_with_a_line_is_refused(admin: httpx.AsyncClient) -> None:
    """
    No path could hold it.
    """
    answer = await admin.post("/api/v1/check", json={**_ATTEMPT, "request_id": "a\n"})

    assert (answer.status_code, answer.json()["field"]) == (422, "request_id")
