# SPDX-License-Identifier: Apache-2.0
"""Hooks over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from builders import Clock, MakeGuard
from inside import Inside

from nacre.access.roles import Role
from nacre.config.duration import Duration
from nacre.config.lua import CustomHook, Lua, LuaConfig, LuaLimits, Method
from nacre.config.tree import Settings

MakeHooks = Callable[..., Awaitable[Inside]]
PATH = "/api/v1/custom/test"


@pytest.fixture
def serving(make_guard: MakeGuard, tmp_path: Path, clock: Clock) -> MakeHooks:
    """Serve a hook; what is handed over is the body of its function."""

    async def make(body: str, **hook: object) -> Inside:
        path = tmp_path / "hook.lua"
        path.write_text(
            f"local req = require('nauthilus_http_request')\nfunction nauthilus_run_hook(logging, session) {body} end"
        )
        hook.setdefault("roles", ("viewer",))
        custom = CustomHook(http_location="/test", script_path=str(path), **hook)  # type: ignore[arg-type]
        config = LuaConfig(limits=LuaLimits(compute=Duration(0.2)))
        settings = Settings(lua=Lua(custom_hooks=(custom,), config=config))
        guard = await make_guard(settings=settings)
        return Inside(guard, clock, settings.auth)

    return make


async def test_a_table_is_the_answer_as_json(serving: MakeHooks) -> None:
    """
    Maps are maps, lists are lists, whole numbers have no fraction.
    """
    inside = await serving(
        "return {status = 'success', n = 3, x = 0.5, yes = true, list = {1, 2}, map = {a = {}}, s = session}"
    )

    async with inside.client(Role.VIEWER) as client:
        answer = await client.get(PATH)

    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert len(body.pop("s")) == 16
    assert body == {"status": "success", "n": 3, "x": 0.5, "yes": True, "list": [1, 2], "map": {"a": []}}
    assert '"n":3,' in answer.text or '"n":3}' in answer.text


async def test_what_answers_get_answers_post_with_its_body(serving: MakeHooks) -> None:
    """
    Parameters of a change belong into a body.
    """
    inside = await serving(
        "return {q = req.get_http_query_param('q'), b = req.get_http_request_body(), m = req.get_http_method(), "
        "h = req.get_http_request_header('X-A')[1], a = req.get_http_request_header('Authorization')}"
    )

    async with inside.client(Role.VIEWER) as client:
        answer = await client.post(f"{PATH}?q=1", content="köln", headers={"x-a": "yes"})

    assert answer.json() == {"q": "1", "b": "köln", "m": "POST", "h": "yes", "a": []}


@pytest.mark.parametrize(
    ("roles", "allowed"), [((Role.ADMIN,), True), ((Role.VIEWER,), True), ((Role.AUTHENTICATE,), False), ((), False)]
)
async def test_a_hook_asks_for_one_of_its_roles(serving: MakeHooks, roles: tuple[Role, ...], allowed: bool) -> None:  # noqa: FBT001
    """
    In the original, settings with an empty secret open every hook to everybody.
    """
    inside = await serving("return {}")

    async with inside.client(*roles) as client:
        answer = await client.get(PATH)

    assert answer.status_code == (200 if allowed else 403 if roles else 401)
    assert allowed or answer.headers["content-type"] == "application/problem+json"


async def test_a_token_counts_in_its_header_only(serving: MakeHooks) -> None:
    """
    An address with a token in it stands in logs and histories.
    """
    inside = await serving("return {}")
    token = inside.token(Role.ADMIN)

    async with inside.client() as client:
        answers = [
            await client.get(f"{PATH}?token={token}&mode=no-auth"),
            await client.get(PATH, headers={"x-api-key": token}),
        ]

    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ("\nerror('broken')", 500, "hook.lua:3: broken"),
        ("while true do end", 500, "computed for more than"),
        ("return {1, 2}", 500, "returned no table with names"),
        ("return 'text'", 500, "returned no table with names"),
        ("return nil", 422, "returned nothing"),
        ("", 422, "returned nothing"),
    ],
)
async def test_what_goes_wrong_is_a_problem(serving: MakeHooks, body: str, status: int, detail: str) -> None:
    """
    In the original it is 200 with an empty object, or a traceback.
    """
    inside = await serving(body)

    async with inside.client(Role.VIEWER) as client:
        answer = await client.get(PATH)

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert detail in answer.json()["detail"]


async def test_an_empty_table_is_an_empty_object(serving: MakeHooks) -> None:
    """
    A script that has nothing to add has answered.
    """
    inside = await serving("return {}")

    async with inside.client(Role.VIEWER) as client:
        answer = await client.get(PATH)

    assert (answer.status_code, answer.text) == (200, "{}")


async def test_a_script_may_answer_by_itself(serving: MakeHooks) -> None:
    """
    Status, headers and body are its own; the media type is that of the settings unless it says otherwise.
    """
    inside = await serving(
        "local r = require('nauthilus_http_response') r.set_http_status(201) r.set_http_response_header('X-A', 'b') "
        "r.write_http_response_body('done')",
        content_type="text/plain",
    )

    async with inside.client(Role.VIEWER) as client:
        answer = await client.get(PATH)

    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (201, "done", "b")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_there_is_nothing_at_other_places_or_for_other_methods(serving: MakeHooks) -> None:
    """
    Nor does it tell a caller without a token what there is.
    """
    inside = await serving("return {}", http_method=Method.PUT)

    async with inside.client(Role.ADMIN) as client:
        answers = [await client.get(PATH), await client.put(f"{PATH}/more"), await client.put(PATH)]
    async with inside.client() as client:
        unknown = await client.put(f"{PATH}/more")

    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert unknown.status_code == 401


async def test_a_body_has_a_size(serving: MakeHooks) -> None:
    """
    It is held in memory, and again in that of the script.
    """
    inside = await serving("return {}")

    async with inside.client(Role.VIEWER) as client:
        answer = await client.post(PATH, content="x" * 70_000)

    assert answer.status_code == 413


async def test_the_hooks_that_nacre_brings_are_for_admins(serving: MakeHooks) -> None:
    """
    They change what the service does.
    """
    inside = await serving("return {}")

    async with inside.client(Role.OPERATOR) as client:
        refused = await client.get("/api/v1/custom/learning-mode")
    async with inside.client(Role.ADMIN) as client:
        allowed = await client.get("/api/v1/custom/distributed-brute-force-admin?action=get_metrics")

    assert refused.status_code == 403
    assert allowed.status_code == 200
