# SPDX-License-Identifier: Apache-2.0
"""The pages about modules and hooks: complete, and true to the specification."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from builders import MakeGuard
from conformance.extract import cases
from conformance.shapes import shape
from scripts import Scripts
from terminal import COMMANDS
from traffic import network

from nacre.api.routes import ROUTES
from nacre.hooks.script import Script
from nacre.hooks.state import State

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = {"nauthilus_neural": "lua-neural.md", "nauthilus_brute_force": "lua-bruteforce.md"}


def _page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def _blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", _page(name), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("module", PAGES)
async def test_a_page_has_every_function_of_its_module(make_guard: MakeGuard, module: str) -> None:
    """
    And says of each how the same is done elsewhere.
    """
    functions = await Scripts(await make_guard(settings=network())).functions(module)
    page = _page(PAGES[module])

    assert {heading for heading in re.findall(r"^## (\w+)$", page, re.MULTILINE) if "_" in heading} == functions
    assert set(re.findall(r"^\| `(\w+)` \| `[^|]*\|[^|]*\|[^|]*\|$", page, re.MULTILINE)) == functions


@pytest.mark.parametrize("page", PAGES.values())
def test_the_lua_of_a_page_is_lua(page: str) -> None:
    """
    A slip in an example is copied by everybody.
    """
    state = State({})

    for number, block in enumerate(_blocks(page, "lua")):
        state.check(Script.of(page, f"{number}.lua", block.encode()))


def test_every_answer_of_the_hooks_is_one_of_the_specification() -> None:
    """
    The same keys with the same types.
    """
    wanted = [shape(json.loads(block.text)) for block in cases("neural").blocks if block.language == "json"]

    shown = [shape(json.loads(block)) for block in _blocks("hooks.md", "json")]

    assert len(shown) == 6
    assert all(each in wanted for each in shown)


def test_every_parameter_of_the_hooks_is_there_with_its_values_and_defaults() -> None:
    """
    As the specification lists them.
    """
    page = _page("hooks.md")

    for item in cases("neural").items:
        if item.section[-1] == "Query Parameters":
            (line, *_) = [line for line in page.splitlines() if line.startswith(f"| `{item.name}` |")]
            assert item.default in line
            if item.name != "action":
                assert set(item.values) <= set(re.findall(r"`(\w+)`", line))
        if item.values and item.name == "action":
            assert f"`{item.values[0]}`" in page


async def test_the_modules_of_the_hooks_have_their_functions_listed(make_guard: MakeGuard) -> None:
    """
    They are there for operators' own hooks, too.
    """
    run = Scripts(await make_guard(settings=network()))
    listed = set(re.findall(r"^\| `(nacre_\w+)\.(\w+)\(", _page("hooks.md"), re.MULTILINE))

    there = {(name, each) for name in ("nacre_parameters", "nacre_campaigns") for each in await run.functions(name)}

    assert listed == there


@pytest.mark.parametrize("page", [*PAGES.values(), "hooks.md"])
def test_what_a_page_names_elsewhere_is_there(page: str) -> None:
    """
    Routes and commands that do the same.
    """
    routes = {(route.method, route.path) for route in ROUTES}
    tables = [line for line in _page(page).splitlines() if line.count(" | ") == 3]
    named = {match for line in tables for match in re.findall(r"`(GET|PUT|POST|DELETE) (/api/[\w/-]+)", line)}
    commands = {match for line in tables for match in re.findall(r"`(nacre [a-z -]+)", line)}

    assert named
    assert named <= routes
    assert {name for name in commands if not any(f"{name} ".startswith(f"{known} ") for known in COMMANDS)} == set()
