# SPDX-License-Identifier: Apache-2.0
"""Plug-ins as operators of Nauthilus write them, run by a whole guard; they lie in ``plugins/``."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from builders import RULES_ALONE, MakeGuard, fail, fields, rule, sign_in
from daemons import free_port
from listeners import HOST, serving, web
from prometheus_client import generate_latest

from nacre.config.lua import ActionType, CustomHook, Lua, LuaAction, LuaConfig, LuaScript
from nacre.config.tree import BruteForce, Settings
from nacre.hooks.call import HttpRequest
from nacre.service import Guard

PLUGINS = Path(__file__).with_name("plugins")


class Inbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message."""
        self.envelopes.append(envelope)
        return "250 kept"


@pytest.fixture
def inbox() -> Iterator[Controller]:
    """A mail server."""
    controller = Controller(Inbox(), hostname=HOST, port=free_port(), ready_timeout=60.0)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def settings(inbox: Controller, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """All plug-ins, one rule, and what the plug-ins read from the environment."""
    with serving(web()) as port:
        environment = {
            "PLUGIN_URL": f"http://{HOST}:{port}",
            "PLUGIN_HOST": f"{HOST}:{port}",
            "PLUGIN_MAIL_SERVER": HOST,
            "PLUGIN_MAIL_PORT": str(inbox.port),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        def script(name: str) -> str:
            return str(PLUGINS / f"{name}.lua")

        shared = LuaConfig(
            init_script_path=script("init"), environment=tuple(environment), allowed_hosts=(HOST,), number_of_workers=1
        )
        lua = Lua(
            features=(LuaScript(name="blocklist", script_path=script("blocklist")),),
            filters=(LuaScript(name="geoip", script_path=script("geoip")),),
            actions=(
                LuaAction(type=ActionType.BRUTE_FORCE, name="blocked", script_path=script("blocked")),
                LuaAction(type=ActionType.POST, name="failed_logins", script_path=script("failed_logins")),
                LuaAction(type=ActionType.POST, name="analytics", script_path=script("analytics")),
            ),
            custom_hooks=(CustomHook(http_location="status", script_path=script("status")),),
            config=shared,
        )
        rules = BruteForce(buckets=(rule(limit=3, cidr=24),), neural_network=RULES_ALONE)
        yield Settings(brute_force=rules, lua=lua)


@pytest.fixture
async def guard(make_guard: MakeGuard, settings: Settings) -> AsyncIterator[Guard]:
    """A guard whose init script has run; its actions end before the servers do that they speak to."""
    guard = await make_guard(settings=settings)
    yield guard
    await settled(guard)


@pytest.fixture
def stored(store_socket: str, prefix: str) -> Iterator[Any]:
    """Asks the store for a key of the plug-ins."""
    with redis.Redis(unix_socket_path=store_socket, decode_responses=True) as client:
        yield lambda command, key, *words: client.execute_command(command, f"{prefix}lua:{key}", *words)


async def settled(guard: Guard) -> None:
    """Wait until every action has ended."""
    assert guard.hooks is not None
    await guard.hooks.settle()


async def answer(guard: Guard, **query: str) -> tuple[Any, Any]:
    """Ask the hook; return its table, and what it wrote itself."""
    assert guard.hooks is not None
    hook = guard.hooks.hook("status", "GET")
    assert hook is not None
    table, call = await guard.hooks.answer(hook, HttpRequest("GET", "/status", query), session="s1", who="test")
    return table, call.response


async def test_a_listed_address_is_refused_by_the_blocklist(guard: Guard) -> None:
    """
    The feature asks a service, triggers, and says why; its metrics are served with ours.
    """
    good = await guard.check(fields("198.51.100.7", "erika"))
    bad = await guard.check(fields("198.51.100.66", "erika"))

    assert not good.refused
    assert bad.refused
    assert bad.message == "Your address is on a list"
    assert [reason.code for reason in bad.reasons] == ["lua"]
    served = generate_latest(guard.telemetry.registry).decode()
    assert 'plugin_rejected_total{plugin="blocklist"} 1.0' in served
    assert re.search(r'plugin_request_seconds_count\{service="blocklist"\} 2\.0', served)


async def test_a_login_from_elsewhere_is_rejected_by_the_filter(guard: Guard, stored: Any) -> None:
    """
    The password is right and the country is not; where it is, the country is remembered.
    """
    home = await guard.check(fields("198.51.100.7", "erika"))
    accepted = await guard.report(home.request_id, success=True)
    away = await guard.check(fields("203.0.113.7", "erika"))
    rejected = await guard.report(away.request_id, success=True)

    assert accepted.why != "rejected_by_script"
    assert rejected.why == "rejected_by_script"
    assert stored("SMEMBERS", "ntc:GEO:erika") == {"DE", "KP"}


async def test_failed_logins_are_tracked_and_their_owner_is_told_once(
    guard: Guard, stored: Any, inbox: Controller
) -> None:
    """
    Two failures, one mail, in the words of the template, with what the filter left in the context.
    """
    for _ in range(2):
        await fail(guard, fields("198.51.100.7", "erika"))
        await settled(guard)
    letters = inbox.handler.envelopes

    assert stored("ZSCORE", "ntc:top_failed_logins", "erika") == 2
    assert stored("ZCARD", "ntc:failed:erika") == 2
    assert [letter.rcpt_tos for letter in letters] == [["erika@example.test"]]
    assert b"von 198.51.100.7 einen Anmeldeversuch" in letters[0].original_content
    assert b"- rejected" in letters[0].original_content


async def test_what_became_of_logins_is_counted_in_batches(guard: Guard, stored: Any) -> None:
    """
    The second login sends both, in one trip.
    """
    await sign_in(guard, fields("198.51.100.7", "erika@example.test"))
    await settled(guard)
    before = stored("EXISTS", "ntc:analytics")
    await fail(guard, fields("198.51.100.8", "max@example.test"))
    await settled(guard)

    assert before == 0
    assert stored("HGETALL", "ntc:analytics") == {"success:example.test": "1", "failure:example.test": "1"}
    assert stored("PFCOUNT", "ntc:analytics:ips") == 2


async def test_a_block_is_written_down_and_the_hook_shows_it(guard: Guard) -> None:
    """
    The time to live of 0 means for ever, and the hook answers with a table or with text.
    """
    for _ in range(4):
        await fail(guard, fields("198.51.100.7", "erika"))
    await settled(guard)

    table, _ = await answer(guard)
    _, written = await answer(guard, format="text")

    assert table["top"] == ["erika"]
    assert table["started"] is True
    assert table["blocked"]["198.51.100.0/24"]["rule"] == "address"
    assert (table["session"], table["caller"], "ts" in table) == ("s1", "status.lua", True)
    assert (written.status, written.body) == (200, b"erika")
    assert ("Cache-Control", "no-cache") in written.headers
