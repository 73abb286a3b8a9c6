# SPDX-License-Identifier: Apache-2.0
"""Every function of every module has its line in docs/reference/lua.md, and every line its function."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from nacre.config.tree import Settings
from nacre.hooks.call import OpenModule
from nacre.hooks.modules import Service, modules

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "lua.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
ELSEWHERE = {
    "glua_crypto": "another name of crypto",
    "nauthilus_neural": "docs/reference/lua-neural.md",
    "nauthilus_brute_force": "docs/reference/lua-bruteforce.md",
    "nauthilus_softwhitelist": "another name of nauthilus_soft_whitelist",
    "nacre_util": "what nauthilus_util is made with",
    "nacre_campaigns": "what the hooks that nacre brings are made with",
    "nacre_parameters": "what the hooks that nacre brings are made with",
}
"""Modules without a section of their own, and why."""

WRITTEN = ("inspect", "nauthilus_opentelemetry", "nauthilus_util")
"""Modules that are written in Lua."""


def provided() -> dict[str, OpenModule]:
    """Return the modules of a service that nobody asks anything."""
    nobody = cast("Any", None)
    service = Service(
        settings=Settings(),
        desk=nobody,
        network=nobody,
        campaigns=nobody,
        canonical=str,
        digest=str.encode,
        registry=CollectorRegistry(),
        apply_soft_whitelist=lambda _: None,
        socket=None,
    )
    return modules(service)


PROVIDED = provided()


def documented(section: str) -> set[str]:
    """Return the functions in the tables of a section, and its constants."""
    functions = re.findall(r"^\| `(\w+)\(", SECTIONS[section], re.MULTILINE)
    return {*functions, *re.findall(r"`(STATUS_\w+|RAW_DATA|\w+Encoding|semconv)`", SECTIONS[section])}


def test_every_module_has_a_section() -> None:
    """
    And every section is a module that scripts can require.
    """
    named = {name for name in PROVIDED if not name.startswith(("nauthilus_gl",))}

    assert (named | set(WRITTEN)) - set(ELSEWHERE) == {name for name in SECTIONS if name != "Not"}


@pytest.mark.parametrize("module", [name for name in SECTIONS if name != "Not"])
def test_a_section_lists_the_functions_of_its_module(lua: Any, module: str) -> None:
    """
    The names are asked of Lua itself, where scripts find them.
    """
    needed = {name: opener for name, opener in PROVIDED.items() if name in {module, "nacre_util"}}

    names = lua(
        f'local names = {{}} for n in pairs(require("{module}")) do names[#names + 1] = n end return names', **needed
    )

    assert documented(module) == set(names)
