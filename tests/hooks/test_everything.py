# SPDX-License-Identifier: Apache-2.0
"""One script that calls every function of every module, in one run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from listeners import HOST, echo, name_server, serving, web
from prometheus_client import CollectorRegistry

from nacre.config.lua import Lua, LuaConfig
from nacre.config.tree import Redis, RedisMaster, Server, Settings
from nacre.hooks.call import Call, HttpRequest, OpenModule, Seat
from nacre.hooks.library.arguments import fitted, kind
from nacre.hooks.library.dns import Names, dns_module
from nacre.hooks.library.gll_http import telegram_module
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.web import Web
from nacre.hooks.modules import Service, modules
from nacre.hooks.script import Script
from nacre.hooks.shelf import Shelf
from nacre.hooks.state import State

SCRIPT = Path(__file__).parent / "plugins" / "everything.lua"
ELSEWHERE = (
    "nauthilus_neural",
    "nauthilus_brute_force",
    "nacre_campaigns",
    "nacre_parameters",
    "nauthilus_softwhitelist",
    "glua_crypto",
)
"""Modules that work on the desks and have conformance tests of their own, and other names of two."""


def watched(modules: dict[str, OpenModule], called: set[str]) -> dict[str, OpenModule]:
    """Return modules that write down which of their functions were called."""

    def noted(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def work(*given: object) -> object:
            called.add(name)
            return function(*given)

        return work

    def opened(module: str, opener: OpenModule) -> OpenModule:
        def work(seat: Seat) -> dict[str, object]:
            found = opener(seat)
            return {
                name: noted(f"{module}.{name}", fitted(cast("Any", value))) if kind(value) == "function" else value
                for name, value in found.items()
            }

        return work

    return {name: opened(name, opener) for name, opener in modules.items()}


async def test_every_function_can_be_called(store_socket: str, prefix: str) -> None:
    """
    A function that is listed and does not work would be found by the first plug-in that needs it.
    """
    nobody = cast("Any", None)
    called: set[str] = set()
    with serving(web()) as web_port, serving(echo()) as tcp_port, serving(name_server()) as dns_port:
        settings = Settings(
            server=Server(redis=Redis(master=RedisMaster(address=store_socket), prefix=prefix)),
            lua=Lua(config=LuaConfig(allowed_hosts=(HOST,))),
        )
        reach = Reach([HOST])
        service = Service(settings, nobody, nobody, nobody, str, str.encode, CollectorRegistry(), lambda _: None, None)
        names = [name for name in modules(service) if name not in ELSEWHERE and not name.startswith("nauthilus_gl")]
        provided = {name: modules(service)[name] for name in names}
        provided |= {
            "nauthilus_dns": dns_module(Names([HOST], dns_port), reach),
            "telegram": telegram_module(Web(reach), reach, f"http://{HOST}:{web_port}"),
        }
        environment = {"WEB": f"http://{HOST}:{web_port}", "TCP": f"{HOST}:{tcp_port}"}
        loop = asyncio.get_running_loop()

        def run() -> tuple[object, set[str]]:
            state = State(watched(provided, called), loop=loop, source=Shelf(settings.lua), environment=environment)
            call = Call("everything", "hook", session="s1", http=HttpRequest("GET", "/x"))
            script = Script.of("everything", str(SCRIPT), SCRIPT.read_bytes())
            result = state.run(
                script, "nauthilus_run_hook", {"log_format": "json", "log_level": "info"}, "s1", call=call
            )
            functions = {
                f"{module}.{name}"
                for module, opener in provided.items()
                for name, value in opener(state).items()
                if kind(value) == "function"
            }
            return result, functions

        result, functions = await asyncio.to_thread(run)

    assert result == [{"done": True, "session": "s1", "logging": "json"}]
    assert functions - called == set()
