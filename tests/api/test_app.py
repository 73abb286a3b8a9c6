# SPDX-License-Identifier: Apache-2.0
"""Who may call what, and what every error looks like."""

from __future__ import annotations

import re
from typing import Any

import httpx
import msgspec
import pytest
from builders import Clock, MakeGuard, eventually
from daemons import Service
from inside import MakeInside

from nacre.access.gate import Gate
from nacre.access.roles import Role
from nacre.api.app import App
from nacre.api.problems import Problem
from nacre.api.route import Route, lists_of
from nacre.api.routes import ROUTES
from nacre.config.tree import Auth, Settings

_HOLDS = {
    Role.AUTHENTICATE: {Role.AUTHENTICATE},
    Role.VIEWER: {Role.VIEWER},
    Role.HELPDESK: {Role.HELPDESK, Role.VIEWER},
    Role.OPERATOR: {Role.OPERATOR, Role.HELPDESK, Role.VIEWER, Role.AUTHENTICATE},
    Role.ADMIN: set(Role),
    Role.SECURITY: {Role.SECURITY},
}
"""What each role includes; written out again, so that a slip in the table of the code is seen."""

_GOOD: dict[str, dict[str, Any]] = {
    "/api/v1/check": {"json": {"client_ip": "192.0.2.1", "username": "erika"}},
    "/api/v1/report": {"json": {"client_ip": "192.0.2.1", "username": "erika", "success": True}},
    "/api/v1/attempt": {"json": {"client_ip": "192.0.2.1", "username": "erika", "success": True}},
    "/api/v1/blocked": {"params": {"ip": "192.0.2.1"}},
    "/api/v1/tolerations/counters": {"params": {"ip": "192.0.2.1"}},
    "PUT /api/v1/tolerations": {"json": {"ip_address": "203.0.113.77", "tolerate_percent": 1, "tolerate_ttl": "1m"}},
    "DELETE /api/v1/tolerations": {"params": {"ip_address": "203.0.113.78"}},
    "DELETE /api/v1/blocks": {"params": {"ip": "203.0.113.79"}},
    "/api/v1/tokens/revoke": {"json": {"token": "an-id-that-nobody-has"}},
    "PUT /api/v1/learning-mode": {"json": {"learning_mode": None}},
    "POST /api/v1/feedback": {"json": {"request_id": "no-such-request", "is_brute_force": True}},
    "DELETE /api/v1/features": {"params": {"name": "no_such_feature"}},
    "DELETE /api/v1/accounts": {"params": {"username": "nobody-at-all"}},
    "DELETE /api/v1/threat/accounts": {"params": {"username": "nobody-at-all"}},
    "POST /api/v1/threat/simulate": {"json": {"username": "nobody@drill.invalid", "addresses": 2}},
    "POST /api/v1/measures": {"json": {"step": "monitor", "ttl": "1m"}},
    "POST /api/v1/measures/estimate": {"json": {"step": "monitor", "ttl": "1m"}},
}
"""What makes a request to a route a good one."""

_ANSWERED = {
    "POST /api/v1/train": 202,
    "POST /api/v1/feedback": 404,  # nothing is kept of that attempt
    "POST /api/v1/models/rollback": 404,  # there has been no other model
}
"""What a good request is answered with, if not 200; where the path names something, there is no such thing."""

_PART = re.compile(r"{\w+}")
_NAMES = [f"{route.method} {route.path}" for route in ROUTES]


def _asked(route: Route) -> dict[str, Any]:
    good = _GOOD.get(f"{route.method} {route.path}") or _GOOD.get(route.path, {})
    return {"method": route.method, "url": _PART.sub("no-such-thing", route.path), **good}


def _expected(route: Route) -> int:
    return _ANSWERED.get(f"{route.method} {route.path}") or (404 if "{" in route.path else 200)


def _is_problem(answer: httpx.Response, status: int) -> None:
    """Claim that an answer is an error of the one shape that errors have here."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert set(problem) <= {"type", "title", "status", "detail", "field", "line", "code"}


@pytest.mark.parametrize("route", ROUTES, ids=_NAMES)
async def test_a_route_answers_the_roles_it_names_and_no_others(service: Service, route: Route) -> None:
    """
    Every route with every role: a role too many is a hole, a role too few locks somebody out.
    """
    for role in Role:
        async with service.client(role) as client:
            answer = await client.request(**_asked(route))

        if route.role is None or route.role in _HOLDS[role]:
            assert answer.status_code == _expected(route), (role, answer.text)
        else:
            _is_problem(answer, 403)
            assert str(route.role) in answer.json()["detail"]


@pytest.mark.parametrize("route", ROUTES, ids=_NAMES)
async def test_a_route_asks_for_a_token_unless_it_is_about_health(stranger: httpx.AsyncClient, route: Route) -> None:
    """
    Load balancers know no tokens; everybody else has to show one, even from loopback.
    """
    answer = await stranger.request(**_asked(route))

    if route.path in {"/livez", "/readyz"}:
        assert answer.status_code == 200
    else:
        _is_problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_that_does_not_hold_is_refused(service: Service) -> None:
    """
    Expired, changed, of another key, or no token at all: 401 each time, and the reason without the token.
    """
    good = service.token(Role.ADMIN)
    expired = service.token(Role.ADMIN, ttl=60, now=1_700_000_000)

    for token in (expired, good[:-4] + "AAAA", "nonsense", good + good, "ä" * 10):
        async with service.client() as client:
            shown = {b"authorization": f"Bearer {token}".encode("latin-1")}
            answer = await client.get("/api/v1/config", headers=shown)

        _is_problem(answer, 401)
        assert token[:20] not in answer.text


async def test_a_revoked_token_is_refused_at_once_by_all_workers(service: Service, admin: httpx.AsyncClient) -> None:
    """
    Who lost a token does not want to hear that one process in two still takes it.
    """
    token = service.token(Role.VIEWER)
    clients = [service.client(token=token) for _ in range(8)]
    assert {(await client.get("/api/v1/blocks")).status_code for client in clients} == {200}

    revoked = await admin.post("/api/v1/tokens/revoke", json={"token": token})

    async def refused_by_all() -> bool:
        return {(await client.get("/api/v1/blocks")).status_code for client in clients} == {401}

    assert revoked.status_code == 200
    await eventually(refused_by_all, within=1.0)
    for client in clients:
        await client.aclose()


async def test_the_worker_that_revokes_a_token_refuses_it_from_then_on(make_inside: MakeInside) -> None:
    """
    Its own answer must not be faster than its own memory.
    """
    inside = await make_inside()
    token = inside.token(Role.ADMIN)

    async with inside.client(token=token) as client:
        await client.post("/api/v1/tokens/revoke", json={"token": token})
        answer = await client.get("/api/v1/config")

    _is_problem(answer, 401)


async def test_loopback_opens_check_and_report_and_nothing_else(make_inside: MakeInside) -> None:
    """
    The setting is for daemons on the same machine; management is never opened, nor for a proxy's callers.
    """
    inside = await make_inside(settings=Settings(auth=Auth(open_check_on_loopback=True)))

    async with inside.client(peer="127.0.0.1") as near, inside.client(peer="198.51.100.1") as far:
        for route in ROUTES:
            answer = await near.request(**_asked(route))
            opened = route.role in {None, Role.AUTHENTICATE}
            assert answer.status_code == (200 if opened else 401), route
            if route.role is Role.AUTHENTICATE:
                _is_problem(await far.request(**_asked(route)), 401)
                forwarded = await near.request(**_asked(route), headers={"x-forwarded-for": "192.0.2.9"})
                _is_problem(forwarded, 401)


async def test_loopback_is_closed_unless_it_is_opened(make_inside: MakeInside) -> None:
    """
    The default asks everybody.
    """
    inside = await make_inside()

    async with inside.client(peer="127.0.0.1") as near:
        answer = await near.post("/api/v1/check", json={"client_ip": "192.0.2.1", "username": "erika"})

    _is_problem(answer, 401)


async def test_a_route_without_a_role_keeps_the_service_from_starting(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A role that was forgotten is found by whoever forgot it, not by whoever finds the hole.
    """
    guard = await make_guard()
    gate = Gate(guard.secrets.token_key, Auth(), clock)
    forgotten = ROUTES[3]._replace(role="nobody")  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="declares no role"):
        App(guard, gate, [forgotten])


@pytest.mark.parametrize("route", ROUTES, ids=_NAMES)
async def test_every_error_of_a_route_has_the_one_shape(admin: httpx.AsyncClient, route: Route) -> None:
    """
    RFC 9457: a caller that can read one of our errors can read them all.
    """
    url = _asked(route)["url"]
    headers = {"content-type": "application/json"}

    _is_problem(await admin.request("PATCH", str(url)), 405)
    _is_problem(await admin.request(route.method, f"{url}/"), 404)
    _is_problem(await admin.request(route.method, f"{url}x"), 404)
    _is_problem(await admin.request(route.method, str(url), headers={"x-large": "x" * 70_000}), 431)
    if route.body is not None:
        _is_problem(await admin.request(route.method, str(url), content=b'{"', headers=headers), 400)
        _is_problem(await admin.request(route.method, str(url), content=b'{"\xff": 1}', headers=headers), 400)
        _is_problem(await admin.request(route.method, str(url), content=b"[" * 100_000, headers=headers), 413)
        _is_problem(await admin.request(route.method, str(url), content=b"17", headers=headers), 422)
    if route.query is not None:
        _is_problem(await admin.request(route.method, str(url), params={"no_such_parameter": "1"}), 422)
        for name in set(route.query.__struct_fields__) - set(lists_of(route)):
            _is_problem(await admin.request(route.method, str(url), params=[(name, "1"), (name, "2")]), 422)


async def test_what_a_path_can_do_is_said_with_the_refusal(admin: httpx.AsyncClient) -> None:
    """
    RFC 9110 wants a 405 to name the methods that would do.
    """
    assert (await admin.get("/api/v1/check")).headers["allow"] == "POST"
    assert sorted((await admin.options("/livez")).headers["allow"].split(", ")) == ["GET", "HEAD"]


async def test_head_is_get_without_the_body(admin: httpx.AsyncClient) -> None:
    """
    Load balancers like to ask for health with HEAD.
    """
    head, get = await admin.head("/livez"), await admin.get("/livez")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(get.content))


async def test_a_bug_is_answered_as_a_problem_and_told_to_the_log_only(
    make_inside: MakeInside, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    What went wrong inside is for operators; callers learn the status.
    """

    async def broken(ask: object) -> object:
        raise ZeroDivisionError(f"a number that nobody expected, asked by {ask!r}")

    inside = await make_inside()
    app = App(inside.guard, inside.gate, [Route("GET", "/broken", None, broken, str, "Breaks.")])
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]

    async with httpx.AsyncClient(transport=transport, base_url="http://nacre") as client:
        answer = await client.get("/broken")

    _is_problem(answer, 500)
    assert "nobody expected" not in answer.text
    assert "nobody expected" in capsys.readouterr().out


def test_problems_are_what_the_document_says() -> None:
    """
    The fields of a problem are those of RFC 9457 and three of ours.
    """
    ours = {"field", "line", "code"}

    assert set(msgspec.structs.asdict(Problem("t", 400, "d"))) == {"type", "title", "status", "detail", *ours}
