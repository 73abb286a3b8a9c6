# SPDX-License-Identifier: Apache-2.0
"""A host by itself: scripts at the start, hooks, settings that change."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from builders import eventually
from prometheus_client import CollectorRegistry

from nacre.config.lua import CustomHook, Lua, LuaConfig
from nacre.errors import HookError, SettingsError
from nacre.hook_metrics import HookMetrics
from nacre.hooks.call import HttpRequest, Value
from nacre.hooks.host import Host

MakeHost = Callable[..., Host]


@pytest.fixture
async def make_host(tmp_path: Path) -> AsyncIterator[MakeHost]:
    """Make hosts with one hook, and stop them."""
    hosts: list[Host] = []

    def make(text: str = "", **config: object) -> Host:
        path = tmp_path / "hook.lua"
        path.write_text(text)
        settings = Lua(
            custom_hooks=(CustomHook(http_location="test", script_path=str(path)),),
            own_hooks=False,
            config=LuaConfig(**config),  # type: ignore[arg-type]
        )
        noted: list[object] = []

        def note(name: object) -> None:
            noted.append(name)

        modules = {"note": lambda _seat: {"note": note, "all": lambda: list(noted)}}
        host = Host(
            settings, modules=modules, metrics=HookMetrics(CollectorRegistry()), environment={"A": "1", "B": "2"}
        )
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        await host.stop()


async def ask(host: Host, method: str = "GET") -> Value:
    """Call the hook."""
    hook = host.hook("test", method)
    assert hook is not None
    return (await host.answer(hook, HttpRequest(method=method), session="s1", who="erika"))[0]


async def test_a_hook_is_handed_logging_and_session(make_host: MakeHost) -> None:
    """
    As the original hands them over.
    """
    host = make_host(
        "function nauthilus_run_hook(logging, session) return {level = logging.log_level, session = session} end"
    )

    assert await ask(host) == {"level": "info", "session": "s1"}


async def test_there_is_no_hook_for_another_method(make_host: MakeHost) -> None:
    """
    A hook that reads must not be the one that deletes.
    """
    host = make_host("function nauthilus_run_hook() return {} end")

    assert host.hook("test", "DELETE") is None
    assert host.hook("other", "GET") is None


async def test_a_hook_that_fails_is_an_error_with_its_place(make_host: MakeHost) -> None:
    """
    Whoever calls it may not know, whoever runs it must.
    """
    host = make_host("function nauthilus_run_hook()\nerror('broken') end")

    with pytest.raises(HookError, match=r"hook\.lua:2: broken"):
        await ask(host)


async def test_a_hook_without_its_function_says_so(make_host: MakeHost) -> None:
    """
    The original runs the hook that was called before.
    """
    with pytest.raises(HookError, match="defines no function nauthilus_run_hook"):
        await ask(make_host("x = 1"))


async def test_scripts_run_once_at_the_start_and_in_order(make_host: MakeHost, tmp_path: Path) -> None:
    """
    They upload scripts to stores and create metrics; one that fails keeps the others from nothing.
    """
    for name, text in (("a", "error('x')"), ("b", "require('note').note('b')"), ("c", "require('note').note('c')")):
        (tmp_path / f"{name}.lua").write_text(f"function nauthilus_run_hook(logging) {text} end")
    host = make_host(
        "function nauthilus_run_hook() return {all = require('note').all()} end",
        init_script_path=str(tmp_path / "a.lua"),
        init_script_paths=(str(tmp_path / "b.lua"), str(tmp_path / "c.lua")),
    )

    await host.start()

    assert await ask(host) == {"all": ["b", "c"]}


async def test_a_file_that_changes_is_used_within_moments(make_host: MakeHost, tmp_path: Path) -> None:
    """
    Nobody has to restart a service to mend a script, and no request is dropped meanwhile.
    """
    host = make_host("function nauthilus_run_hook() return {n = 1} end")
    await host.start()
    assert await ask(host) == {"n": 1}

    (tmp_path / "hook.lua").write_text("function nauthilus_run_hook() return {number = 2} end")

    async def changed() -> bool:
        return await ask(host) == {"number": 2}

    await eventually(changed)


async def test_settings_that_cannot_be_used_leave_the_old_ones(make_host: MakeHost) -> None:
    """
    A reload with a mistake in it must not take the scripts away.
    """
    host = make_host("function nauthilus_run_hook() return {} end")

    with pytest.raises(SettingsError):
        host.reload(Lua(custom_hooks=(CustomHook(http_location="x", script_path="/nowhere.lua"),)))

    assert await ask(host) == []
    host.reload(Lua(enabled=False))
    assert host.hook("test", "GET") is None


async def test_scripts_are_told_of_the_variables_that_the_settings_name(make_host: MakeHost) -> None:
    """
    And of no other.
    """
    host = make_host(
        "function nauthilus_run_hook() return {a = os.getenv('A'), b = tostring(os.getenv('B'))} end",
        environment=("A",),
    )

    assert await ask(host) == {"a": "1", "b": "nil"}


async def test_runs_are_counted_by_script_and_outcome(make_host: MakeHost) -> None:
    """
    The names come from the settings, so that there are as many as there are scripts.
    """
    host = make_host("function nauthilus_run_hook() if fail then error('x') end return {} end")
    registry = CollectorRegistry()
    host.metrics = HookMetrics(registry)

    await ask(host)
    host.metrics.flush()

    labels = {"script": "test", "outcome": "done"}
    assert registry.get_sample_value("nacre_lua_runs_total", labels) == 1
    assert registry.get_sample_value("nacre_lua_seconds_count") == 1


async def test_threads_begin_when_they_are_needed(make_host: MakeHost) -> None:
    """
    A service without scripts has none.
    """
    host = make_host("function nauthilus_run_hook() return {} end")
    before = set(threading.enumerate())  # those of other tests may be about to end
    await host.start()
    started = set(threading.enumerate()) - before
    await ask(host)
    asked = set(threading.enumerate()) - before

    assert [thread.name for thread in started if thread.name.startswith("nacre-lua")] == []
    assert [thread.name for thread in asked if thread.name.startswith("nacre-lua")] == ["nacre-lua-hooks"]


async def test_a_module_that_changes_is_another_one_after_a_look(make_host: MakeHost, tmp_path: Path) -> None:
    """
    A thread keeps what it compiled, and must not keep it for ever.
    """
    shared = tmp_path / "shared.lua"
    shared.write_text("return {says = 'before'}")
    host = make_host(
        "function nauthilus_run_hook() return {says = require('shared').says} end", package_path=f"{tmp_path}/?.lua"
    )
    said = [await ask(host), await ask(host)]

    shared.write_text("return {says = 'afterwards'}")
    host.shelf.refresh()
    said.append(await ask(host))

    assert said == [{"says": "before"}, {"says": "before"}, {"says": "afterwards"}]
