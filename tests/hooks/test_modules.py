# SPDX-License-Identifier: Apache-2.0
"""All modules together, in a state of a real guard."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import MakeGuard
from seats import script

from nacre.config.lua import Lua, LuaConfig
from nacre.hooks.call import Call

LOADED = {
    "nauthilus_gluahttp": "glua_http",
    "nauthilus_gluacrypto": "crypto",
    "nauthilus_gll_json": "json",
    "nauthilus_gll_time": "time",
    "nauthilus_gll_tcp": "tcp",
    "nauthilus_gll_template": "template",
    "nauthilus_gll_telegram": "telegram",
    "nauthilus_gll_strings": "strings",
    "nauthilus_gll_http": "http",
    **{
        name: name
        for name in (
            *("nauthilus_redis", "nauthilus_prometheus", "nauthilus_mail", "nauthilus_password", "nauthilus_misc"),
            *("nauthilus_psnet", "nauthilus_soft_whitelist", "nauthilus_softwhitelist", "nauthilus_brute_force"),
            *("nauthilus_dns", "nauthilus_context", "nauthilus_http_request", "nauthilus_http_response"),
            *("nauthilus_backend", "nauthilus_neural", "nauthilus_cache", "nauthilus_util", "nauthilus_ldap"),
        )
    },
}
"""Names for ``dynamic_loader``, and those for ``require``."""


@pytest.mark.parametrize("kind", ["init", "feature", "filter", "action", "hook"])
async def test_every_module_can_be_loaded_in_every_kind_of_script(make_guard: MakeGuard, kind: str) -> None:
    """
    In the original, hooks find `nauthilus_neural` only if a feature ran in the same state before.
    """
    guard = await make_guard()
    assert guard.hooks is not None
    state = guard.hooks.make_state()
    loads = " ".join(f"dynamic_loader('{loader}') count(require('{name}'))" for loader, name in LOADED.items())
    text = (
        "local n = 0 local function count(m) for name, f in pairs(m) do n = n + 1 end end "
        f"function main() {loads} dynamic_loader('unknown') return n, type(nauthilus_backend_result.new) end"
    )

    found = state.run(script(text), "main", call=Call("test", kind))

    assert found is not None
    assert found[0] > 100  # type: ignore[operator]
    assert found[1] == "function"


async def test_a_module_of_the_host_gives_way_to_one_that_scripts_bring(make_guard: MakeGuard, tmp_path: Path) -> None:
    """
    Nauthilus keeps `nauthilus_util` among its scripts, and people change it there.
    """
    guard = await make_guard()
    assert guard.hooks is not None
    for name, text in {"nauthilus_util": "return {ours = false}", "json": "return {}"}.items():
        (tmp_path / f"{name}.lua").write_text(text)
    guard.hooks.reload(Lua(config=LuaConfig(package_path=f"{tmp_path}/?.lua")))
    state = guard.hooks.make_state()

    found = state.run(
        script("function main() return require('nauthilus_util').ours, type(require('json').encode) end"),
        "main",
        call=Call("test", "hook"),
    )

    assert found == [False, "function"]
