# SPDX-License-Identifier: Apache-2.0
"""The routes do what their document shows, and what operators need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from builders import Clock, rule
from daemons import Service, unique
from inside import MakeInside

from nacre.access.roles import Role
from nacre.api.routes import ROUTES
from nacre.config.duration import Duration

DOCUMENT = (Path(__file__).parents[2] / "docs" / "reference" / "http-api.md").read_text()
_HEADING = re.compile(r"^### (?P<method>[A-Z]+) (?P<path>/\S+)$", re.MULTILINE)
_EXAMPLE = re.compile(
    r"^```http\n(?P<request>.*?)^```$(?:\n\n^```json\n(?P<answer>.*?)^```$)?", re.MULTILINE | re.DOTALL
)


class Example(NamedTuple):
    """A request as the document shows it, and the answers that belong to it."""

    request: httpx.Request
    answers: list[object]


def _examples() -> Iterator[Example]:
    for found in _EXAMPLE.finditer(DOCUMENT):
        head, _, body = found["request"].partition("\n\n")
        first, *lines = head.splitlines()
        method, _, url = first.partition(" ")
        headers = [line.split(": ", 1) for line in lines if not line.startswith("Authorization")]
        request = httpx.Request(method, f"http://nacre{url}", headers=dict(headers), content=body or None)
        yield Example(request, list(_values(found["answer"] or "")))


def _values(text: str) -> Iterator[object]:
    """Read JSON values that stand one after the other."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        yield value
        at += 1


def _holds(answer: object, shown: object) -> bool:
    """Whether an answer holds all that is shown of it."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(name in answer and _holds(answer[name], shown[name]) for name in shown)
    if isinstance(shown, list):
        return isinstance(answer, list) and len(answer) == len(shown) and all(map(_holds, answer, shown))
    return answer == shown and type(answer) is type(shown)


def _expected(shown: list[object]) -> set[int]:
    """Return the statuses that an answer may have: that of the problem which is shown, else those of success."""
    first = shown[0] if len(shown) == 1 else None
    return {first["status"]} if isinstance(first, dict) and "title" in first and "status" in first else {200, 202}


async def test_the_examples_of_the_document_are_answered_as_shown(make_inside: MakeInside, clock: Clock) -> None:
    """
    They are sent in their order to one service, so that the story they tell is true as a whole.
    """
    inside = await make_inside(rule(limit=3, period=600, ban_time=Duration(3600)))
    token = inside.token(Role.ADMIN, name="erika")
    assert clock.now == 1_800_000_000

    async with inside.client(token=token) as client:
        for example in _examples():
            example.request.headers["authorization"] = f"Bearer {token}"
            answer = await client.send(example.request)
            await inside.guard.checkpoint.settle()

            assert answer.status_code in _expected(example.answers), (example.request, answer.text)
            if example.answers:
                given = list(_values(answer.text))
                assert _holds(given, example.answers), (
                    f"{example.request.url}: {given} is not as shown: {example.answers}"
                )


def test_the_document_has_every_route_and_no_other() -> None:
    """
    A route that is not written down is not there for those who need it.
    """
    written = [(found["method"], found["path"]) for found in _HEADING.finditer(DOCUMENT)]

    assert sorted(written) == sorted([*((route.method, route.path) for route in ROUTES), ("GET", "/openapi.json")])


def test_the_document_shows_a_request_to_every_route() -> None:
    """
    An example says more than a table.
    """
    shown = {(example.request.method, example.request.url.path) for example in _examples()}

    for route in ROUTES:
        pattern = re.compile(re.sub(r"{\w+}", "[^/]+", route.path))
        assert any(route.method == method and pattern.fullmatch(path) for method, path in shown), route.path


def test_the_document_names_the_role_of_every_route() -> None:
    """
    A role that changes in the code alone would send people to the wrong person.
    """
    for route in ROUTES:
        section = DOCUMENT.partition(f"### {route.method} {route.path}\n")[2].lstrip()
        assert section.startswith("No role" if route.role is None else f"Role `{route.role}`"), route.path


def test_the_document_has_every_field_parameter_and_reason() -> None:
    """
    Names are looked for as they stand between backticks.
    """
    written = set(re.findall(r"`([a-z_]+)\b", DOCUMENT))

    for route in ROUTES:
        for kind in (route.body, route.query):
            missing = set(getattr(kind, "__struct_fields__", ())) - written - {"success", "token"}
            assert not missing, f"{route.path}: {missing}"


async def _blocked(client: httpx.AsyncClient, ip: str, account: str = "") -> None:
    """Fill the bucket of an address."""
    for _ in range(3):
        attempt = {"client_ip": ip, "username": account or unique(), "password": unique(), "success": False}
        await client.post("/api/v1/attempt", json=attempt)


async def test_a_lifted_block_is_gone_with_what_led_to_it(admin: httpx.AsyncClient) -> None:
    """
    Otherwise the next typing error would block the same person again.
    """
    ip = {"ip": "203.0.113.1"}
    await _blocked(admin, "203.0.113.1")
    assert (await admin.get("/api/v1/blocked", params=ip)).json() == {"buckets": ["address"]}

    lifted = (await admin.request("DELETE", "/api/v1/blocks", params=ip)).json()

    assert (lifted["lifted"], lifted["blocks"][0]["subnet"]) == (1, "203.0.113.1/32")
    assert (await admin.get("/api/v1/blocked", params=ip)).json() == {"buckets": None}
    check = await admin.post("/api/v1/check", json={"client_ip": "203.0.113.1", "username": "erika"})
    assert check.json()["action"] == "allow"
    entry = (await admin.get("/api/v1/audit", params={"count": 1})).json()["entries"][0]
    assert (entry["action"], "203.0.113.1" in entry["what"]) == ("blocks.lift", True)


async def test_helpdesk_lifts_one_block_and_operators_whole_rules(service: Service, admin: httpx.AsyncClient) -> None:
    """
    Who helps one user must not open the door to everybody.
    """
    await _blocked(admin, "203.0.113.2")

    async with service.client(Role.HELPDESK) as helpdesk:
        for params in ({"rule": "address"}, {"rule": "*"}, {"all": "true"}):
            assert (await helpdesk.request("DELETE", "/api/v1/blocks", params=params)).status_code == 403
        nothing = await helpdesk.request("DELETE", "/api/v1/blocks")
        one = await helpdesk.request("DELETE", "/api/v1/blocks", params={"ip": "203.0.113.2"})
    named = await admin.request("DELETE", "/api/v1/blocks")

    assert (nothing.status_code, named.status_code) == (403, 422)
    assert one.json()["lifted"] == 1


async def test_blocks_are_found_by_what_is_known_of_them(make_inside: MakeInside, clock: Clock) -> None:
    """
    By address, subnet, account, rule, text and time, a page at a time.
    """
    inside = await make_inside(
        rule("one", limit=3), rule("net", limit=3, cidr=24), rule("name", limit=3, subject="account")
    )

    async with inside.client(Role.ADMIN) as client:
        await _blocked(client, "203.0.113.9", "erika")

        async def found(**params: str | float) -> list[str]:
            answer = (await client.get("/api/v1/blocks", params=params)).json()
            return sorted(block["rule"] for block in answer["blocks"])

        assert await found() == ["name", "net", "one"]
        assert await found(ip="203.0.113.9") == ["net", "one"]
        assert await found(ip="203.0.113.10") == ["net"]
        assert await found(subnet="203.0.113.0/24") == ["net"]
        assert await found(account="ERIKA") == ["name"]
        assert await found(rule="one") == ["one"]
        assert await found(search="0.113.0/") == ["net"]
        assert await found(at=clock.now + 10_000) == []
        assert len(await found(limit=2)) == 2
        assert len(await found(limit=2, offset=2)) == 1
        assert (await client.get("/api/v1/blocks", params={"limit": 1})).json()["total"] == 3


async def test_a_list_of_tolerations_replaces_those_before_it(admin: httpx.AsyncClient) -> None:
    """
    A tool that keeps the list in a file puts it there as a whole.
    """
    one = {"ip_address": "198.51.100.1", "tolerate_percent": 10, "tolerate_ttl": "1h"}
    other = {"ip_address": "198.51.100.0/28", "tolerate_percent": 20, "tolerate_ttl": "2h"}

    await admin.put("/api/v1/tolerations", json=one)
    await admin.put("/api/v1/tolerations", json=[other])
    listed = (await admin.get("/api/v1/tolerations")).json()["tolerations"]
    await admin.put("/api/v1/tolerations", json={"tolerations": []})
    emptied = (await admin.get("/api/v1/tolerations")).json()["tolerations"]

    assert [(entry["ip_address"], entry["tolerate_ttl"]) for entry in listed] == [("198.51.100.0/28", "2h")]
    assert emptied == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ip_address", "nowhere"),
        ("tolerate_percent", 101),
        ("tolerate_ttl", "soon"),
        ("tolerate_ttl", "0s"),
        ("tolerate_ttl", "9000h"),
        ("tolerate_ttl", None),
    ],
)
async def test_a_toleration_that_cannot_be_used_is_refused(admin: httpx.AsyncClient, field: str, value: object) -> None:
    """
    The answer names the field, and nothing is changed.
    """
    good = {"ip_address": "192.0.2.1", "tolerate_percent": 10, "tolerate_ttl": "1h"}
    before = (await admin.get("/api/v1/tolerations")).json()

    answer = await admin.put("/api/v1/tolerations", json={**good, field: value})

    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert (await admin.get("/api/v1/tolerations")).json() == before


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/api/v1/blocks", "ip"),
        ("GET", "/api/v1/blocks", "subnet"),
        ("GET", "/api/v1/blocks", "at"),
        ("GET", "/api/v1/blocks", "limit"),
        ("DELETE", "/api/v1/blocks", "subnet"),
        ("GET", "/api/v1/blocked", "ip"),
        ("GET", "/api/v1/tolerations/counters", "ip"),
        ("DELETE", "/api/v1/tolerations", "ip_address"),
        ("GET", "/api/v1/audit", "count"),
        ("GET", "/api/v1/audit", "no_such_parameter"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_named(
    admin: httpx.AsyncClient, method: str, path: str, field: str
) -> None:
    """
    As it is for fields of bodies.
    """
    for value in ("nowhere", "192.0.2.1.1"):
        answer = await admin.request(method, path, params={field: value})

        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


async def test_the_settings_are_shown_without_what_is_secret(service: Service, admin: httpx.AsyncClient) -> None:
    """
    Digests of API keys stay in the file.
    """
    shown = (await admin.get("/api/v1/config")).json()

    assert shown["settings"]["brute_force"]["buckets"][0]["period"] == "10m"
    assert shown["settings"]["server"]["limits"]["body_bytes"] == 4096
    assert all(isinstance(sentence, str) for sentence in shown["explained"])
    assert "sha256" not in json.dumps(shown)
    assert service.data_dir.joinpath("secrets", "token.key").read_bytes().hex() not in json.dumps(shown)
