# SPDX-License-Identifier: Apache-2.0
"""Every request that the specification shows, sent to the hooks that come with nacre."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import yaml
from builders import Clock, MakeGuard, fields
from conformance.extract import Block, Item, cases
from conformance.shapes import shape
from inside import Inside
from traffic import fill, network, teaching

from nacre.access.roles import Role
from nacre.config.load import parse_settings

DOCUMENT = cases("neural")
HOOKS = {block.section[1]: yaml.safe_load(block.text) for block in DOCUMENT.blocks if block.language == "yaml"}
"""Heading of each hook, and how it is configured."""


def _bodies(*section: str) -> list[dict[str, Any]]:
    """Return the bodies that stand below some headings."""
    found = [block for block in DOCUMENT.blocks if block.language == "json" and set(section) <= set(block.section)]
    return [json.loads(block.text) for block in found]


def _requests(*section: str) -> list[str]:
    """Return the requests with parameters that stand below some headings."""
    found = [block.text for block in DOCUMENT.blocks if set(section) <= set(block.section)]
    return [text.removeprefix("GET ").strip() for text in found if text.startswith("GET ") and "?" in text]


def _parameters(*section: str) -> list[Item]:
    return [item for item in DOCUMENT.items if set(section) <= set(item.section)]


FEEDBACK, TRAINING, LEARNING, TEST, ADMIN = HOOKS


def test_every_hook_of_the_document_is_looked_at() -> None:
    """
    In the order in which they stand there.
    """
    places = [hook["lua"]["custom_hooks"][0]["http_location"] for hook in HOOKS.values()]

    assert places == [
        "neural-feedback",
        "train-neural-network",
        "learning-mode",
        "distributed-brute-force-test",
        "distributed-brute-force-admin",
    ]


@pytest.fixture
async def admin(make_guard: MakeGuard, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a guard that has something to train on, and the attempt of the examples."""
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    await guard.check(fields("192.168.1.100", "john.doe", request_id="req-12345"))
    async with teaching(guard), Inside(guard, clock, guard.settings.auth).client(Role.ADMIN) as client:
        yield client


ACTIONS = [
    pytest.param(hook, action, id=action)
    for hook, actions in (
        (TEST, ("Simulate Attack", "Check Detection", "Run Test")),
        (ADMIN, ("Get Metrics", "Reset Protection", "Reset Account")),
    )
    for action in actions
]


SIMPLE = [pytest.param(hook, "Usage", id=hook) for hook in (FEEDBACK, TRAINING, LEARNING)]


@pytest.mark.parametrize(("hook", "action"), [*SIMPLE, *ACTIONS])
async def test_a_request_is_answered_as_shown(admin: httpx.AsyncClient, hook: str, action: str) -> None:
    """
    The same keys and types and, where the document has texts, the same texts; figures are those of the guard.
    """
    (wanted, *_) = _bodies(hook) if action == "Usage" else _bodies(hook, action)

    for request in _requests(hook, action):
        answer = await admin.get(request)

        assert answer.status_code == 200
        assert shape(answer.json()) == shape(wanted)
        echoed = dict(httpx.URL(request).params)
        for name, value in answer.json().items():
            if name in {"status", "message", "test_result", "test_message"}:
                assert value == wanted[name], name
            elif name in echoed:
                assert str(value).lower() == echoed[name].lower(), name


@pytest.mark.parametrize("hook", [FEEDBACK, TRAINING, LEARNING])
async def test_an_error_is_answered_as_shown(make_guard: MakeGuard, clock: Clock, hook: str) -> None:
    """
    Nothing is kept of the attempt, there is nothing to train on, and the settings say dry-run.
    """
    guard = await make_guard(settings=network(dry_run=True, train_every=0))
    _, wanted = _bodies(hook)

    async with teaching(guard), Inside(guard, clock, guard.settings.auth).client(Role.ADMIN) as client:
        answer = (await client.get(_requests(hook)[0])).json()

    assert shape(answer) == shape(wanted)
    assert (answer["status"], answer["message"]) == ("error", wanted["message"])
    assert answer["error"]


@pytest.mark.parametrize(("hook", "action"), [*SIMPLE, *ACTIONS])
async def test_a_parameter_that_is_required_is_asked_for(admin: httpx.AsyncClient, hook: str, action: str) -> None:
    """
    An answer with a status, a message and an error, never an empty object; and the same without a value.
    """
    request = httpx.URL(_requests(hook, action)[0])

    for item in _parameters(hook, action):
        if item.kind == "required":
            for url in (request.copy_remove_param(item.name), request.copy_set_param(item.name, "")):
                answer = await admin.get(url)
                if item.name == "action" and hook == ADMIN:
                    assert answer.json()["message"] == "Metrics retrieved successfully"
                else:
                    assert answer.status_code == 200
                    assert answer.json()["status"] == "error"
                    assert item.name in answer.json()["message"] + answer.json()["error"]


@pytest.mark.parametrize(("hook", "action"), [*SIMPLE, *ACTIONS])
async def test_a_parameter_that_is_optional_may_be_left_out(admin: httpx.AsyncClient, hook: str, action: str) -> None:
    """
    Its default stands in the answer, where the parameter would.
    """
    request = httpx.URL(_requests(hook, action)[0])

    for item in _parameters(hook, action):
        if item.kind == "optional":
            answer = (await admin.get(request.copy_remove_param(item.name))).json()
            assert answer["status"] == "success"
            assert str(answer.get(item.name, "")) == item.default


VALUES = [item for item in DOCUMENT.items if item.values and item.section[1] in HOOKS]


@pytest.mark.parametrize("item", VALUES, ids=lambda item: item.name)
async def test_all_accepted_values_are_accepted_and_no_other(admin: httpx.AsyncClient, item: Item) -> None:
    """
    In their spelling; a value that nobody knows is an error.
    """
    (request,) = _requests(*item.section[1:-1])[:1]

    for value in item.values:
        answer = (await admin.get(httpx.URL(request).copy_set_param(item.name, value))).json()
        assert answer["status"] == "success", value
        meaning = answer.get("is_brute_force", answer.get("learning_mode"))
        assert item.name == "action" or meaning is (value in {"true", "1", "yes"})
    for value in ("maybe", "TRUE", "2", "yes " * 100):
        answer = (await admin.get(httpx.URL(request).copy_set_param(item.name, value))).json()
        assert answer["status"] == "error", value
        assert {"message", "error"} <= answer.keys()


NASTY = (
    "%00",
    "%ff%fe",
    "%F0%9F%92%A5",
    "x" * 20_000,
    "1e308",
    "-1",
    "0",
    "nan",
    "inf",
    "0x",
    "20.5",
    "__index",
    "%0A",
    "{}",
)
"""Values as they stand in a query."""


@pytest.mark.parametrize(("hook", "action"), [*SIMPLE, *ACTIONS])
async def test_no_value_of_a_parameter_makes_a_hook_fail(admin: httpx.AsyncClient, hook: str, action: str) -> None:
    """
    Whatever stands there, the answer has a status and a message, and fits into JSON.
    """
    url = httpx.URL(_requests(hook, action)[0])

    for item in _parameters(hook, action):
        others = str(url.copy_remove_param(item.name).query, "ascii")
        for value in NASTY:
            answer = await admin.get(f"{url.path}?{others}&{item.name}={value}")
            assert answer.status_code == 200, answer.text
            assert answer.json()["status"] in {"success", "error"}
            assert answer.json()["message"]


@pytest.mark.parametrize(("hook", "action"), [SIMPLE[0], SIMPLE[2], *ACTIONS])
async def test_a_post_does_the_same(admin: httpx.AsyncClient, hook: str, action: str) -> None:
    """
    With parameters in the query, in a JSON object or in a form.
    """
    url = httpx.URL(_requests(hook, action)[0])
    parameters = dict(url.params)
    asked = shape((await admin.get(url)).json())

    for answer in (
        await admin.post(url),
        await admin.post(url.path, json=parameters),
        await admin.post(url.path, data=parameters),
    ):
        assert answer.status_code == 200
        assert shape(answer.json()) == asked


@pytest.mark.parametrize("hook", HOOKS)
async def test_the_configuration_of_a_hook_may_stay_as_shown(make_guard: MakeGuard, clock: Clock, hook: str) -> None:
    """
    The file that it names came with the original; where it is missing, ours of the same name answers.
    """
    (block,) = [block for block in _blocks("yaml") if block.section[1] == hook]
    guard = await make_guard(settings=parse_settings(block.text))
    wanted = HOOKS[hook]["lua"]["custom_hooks"][0]

    async with Inside(guard, clock, guard.settings.auth).client(Role.ADMIN) as client:
        answer = await client.get(f"/api/v1/custom/{wanted['http_location']}", params={"action": "nothing"})

    assert wanted["roles"] == ["admin"]
    assert answer.status_code == 200
    assert answer.json()["status"] == "error"


@pytest.mark.parametrize("hook", HOOKS)
async def test_a_hook_is_for_admins_alone(make_guard: MakeGuard, clock: Clock, hook: str) -> None:
    """
    The token belongs into its header; one in the query is no token.
    """
    guard = await make_guard(settings=network())
    inside = Inside(guard, clock, guard.settings.auth)
    location = HOOKS[hook]["lua"]["custom_hooks"][0]["http_location"]
    path = f"/api/v1/custom/{location}"

    async with inside.client(Role.OPERATOR) as operator, inside.client() as stranger:
        assert (await operator.get(path)).status_code == 403
        assert (await stranger.get(path)).status_code == 401
        assert (await stranger.get(path, params={"token": inside.token(Role.ADMIN)})).status_code == 401


def test_every_request_and_body_has_been_looked_at() -> None:
    """
    Nothing of the document is left over.
    """
    asked = [block for block in DOCUMENT.blocks if block.text.startswith("GET ") and "?" in block.text]

    assert len(asked) == 10
    assert sum(len(_bodies(hook)) for hook in HOOKS) == len(_blocks("json")) == 12


def _blocks(language: str) -> list[Block]:
    return [block for block in DOCUMENT.blocks if block.language == language]
