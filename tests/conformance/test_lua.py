# SPDX-License-Identifier: Apache-2.0
"""Every block of Lua that the specification shows, run."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, written
from conformance.extract import DOCUMENTS, Block, Item, cases
from scripts import Scripts
from traffic import fill, network, teaching

from nacre.hooks.call import Call, Value

BLOCKS = [
    pytest.param(block, id=f"{document}-{number}-{block.section[-2 if len(block.section) > 1 else 0]}")
    for document in DOCUMENTS
    for number, block in enumerate(cases(document).blocks)
    if block.language == "lua"
]

GIVEN = {
    "features_table": '{device_type = "mobile", unused_feature = 1}',
    "encoding_type": '"embedding"',
    "enabled": "false",
    "maxSamples": "2500",
    "epochs": "5",
    "is_brute_force": "true",
    "request_id": '"req-12345"',
    "client_ip": '"192.168.1.100"',
    "username": '"john.doe"',
    "tolerations": '{{ip_address = "192.0.2.0/24", tolerate_percent = 10, tolerate_ttl = "24h"}}',
    "toleration": '{ip_address = "192.0.2.7", tolerate_percent = 10, tolerate_ttl = "15m"}',
    "ip": '"192.0.2.7"',
}
"""What the names in a syntax stand for."""

DEFINED = "".join(f"{name} = {value}\n" for name, value in GIVEN.items())
PRELUDE = DEFINED + 'nauthilus_util = require("nauthilus_util")\n'

KINDS: dict[str, Callable[[Value], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "string or nil": lambda value: value is None or isinstance(value, str),
    "string/nil": lambda value: value is None or isinstance(value, str),
    "table": lambda value: isinstance(value, list | dict),
    "table/nil": lambda value: value is None or isinstance(value, list),
}
"""What the kinds of results say, as tests of a plain value."""

REQUEST = {"client_ip": "192.0.2.7", "headers": {"User-Agent": "Thunderbird/128.0", "Referer": "https://example.org/"}}


@pytest.mark.parametrize("block", BLOCKS)
async def test_a_block_of_lua_runs_and_returns_what_it_says(block: Block, make_guard: MakeGuard, clock: Clock) -> None:
    """
    In one guard each, with something to train on and the attempts that the examples name.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    for name, ip, user in (("req-12345", "192.168.1.100", "john.doe"), ("req-67890", "10.0.0.5", "admin")):
        await guard.check(fields(ip, user, request_id=name))
    run = Scripts(guard)
    results = results_of(block)
    shown = f"return {', '.join(results)}" if results else ""

    async with teaching(guard):
        found = await run(f"{PRELUDE}{block.text}\n{shown}", Call("block", "feature"), REQUEST)

    assert len(found) == len(results)
    for value, kind in zip(found, results.values(), strict=True):
        assert KINDS[kind](value), (value, kind)
    if len(found) > 1 and block.section[-2] != "nauthilus_brute_force.is_ip_address_blocked":
        assert found[1] is None, found


def results_of(block: Block) -> dict[str, str]:
    """Return the names of a function's results with their kinds, where the block shows its syntax."""
    if block.section[-1] != "Syntax":
        return {}
    section = (*block.section[:-1], "Returns")
    items = {
        item.name: item.kind for document in DOCUMENTS for item in cases(document).items if item.section == section
    }
    return {name: kind for name, kind in items.items() if name in block.text}


WRONG = {"table": '"x"', "boolean": '"x"', "string": "{}", "number": "{}"}
"""Kinds of parameters, and values that are none of them."""

_CALL = re.compile(r"(nauthilus_\w+\.(\w+))\(([^)]*)\)")
FUNCTIONS = {
    match[2]: (match[1], [name.strip() for name in match[3].split(",") if name.strip()])
    for document in DOCUMENTS
    for block in cases(document).blocks
    if block.section[-1] == "Syntax" and (match := _CALL.search(block.text))
}
"""Functions by name: how they are called, and what their parameters are named."""

PARAMETERS = [
    item
    for document in DOCUMENTS
    for item in cases(document).items
    if item.section[-1] == "Parameters" and item.section[-2].rpartition(".")[2] != "add_additional_features"
]


@pytest.mark.parametrize("item", PARAMETERS, ids=lambda item: f"{item.section[-2].rpartition('.')[2]}-{item.name}")
async def test_a_parameter_of_a_wrong_kind_is_told_and_does_not_raise(item: Item, make_guard: MakeGuard) -> None:
    """
    As last result, behind nil or false; so is a part of a table that is missing.
    """
    run = Scripts(await make_guard(settings=network()))
    function, names = FUNCTIONS[item.section[-2].rpartition(".")[2]]
    wrong = WRONG[item.kind.split(",")[0]]
    given = {name: GIVEN[name] for name in names}
    if item.depth:
        (whole,) = names
        broken = [
            given[whole].replace(f"{item.name} = ", f"{item.name} = {wrong} or "),
            given[whole].replace(f"{item.name} = ", "other = "),
        ]
        calls = [f"{function}({table})" for table in broken]
    else:
        calls = [f"{function}({', '.join((given | {item.name: wrong}).values())})"]

    for call in calls:
        first, second = await run(f"return {call}")
        assert first in (None, False), call
        assert isinstance(second, str), call


async def test_what_is_left_out_of_a_training_has_its_default(make_guard: MakeGuard) -> None:
    """
    Five thousand samples and fifty epochs.
    """
    guard = await make_guard(settings=network(train_every=0))
    defaults = {item.name: item.default for item in PARAMETERS if item.default}

    async with teaching(guard):
        await Scripts(guard)("nauthilus_neural.train_neural_network()")
    (job, *_) = await guard.network.jobs()

    assert {"maxSamples": str(job.samples), "epochs": str(job.epochs)} == defaults


async def test_the_example_of_features_gives_what_it_names(make_guard: MakeGuard) -> None:
    """
    Strings of the first call one-hot, those of the second one embedded.
    """
    (block,) = [each for each in cases("neural").blocks if each.section[1:] == ("add_additional_features", "Example")]
    run = Scripts(await make_guard(settings=network()))

    await run(block.text, Call("block", "neural"), REQUEST)

    assert run.call.features.keys() == {
        "user_agent",
        "login_time",
        "device_type",
        "location",
        "browser_info",
        "referrer",
    }
    assert run.call.embedded == {"browser_info", "referrer"}


async def test_the_example_of_blocks_warns_of_a_blocked_address(
    make_guard: MakeGuard, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    With the names of the rules, in the log of the service.
    """
    (block,) = [each for each in cases("bruteforce").blocks if each.section[-1] == "Example"]
    guard = await make_guard(rule("login", limit=1), rule("office", limit=2, cidr=24))
    for number in range(3):
        await fail(guard, fields(f"192.0.2.{7 + number % 2}"))
    await written(guard)

    await Scripts(guard)(f"{PRELUDE}{block.text}", Call("block", "feature"), REQUEST)

    assert "IP 192.0.2.7 is blocked by: login, office" in capsys.readouterr().out


async def test_every_function_of_the_documents_is_there_and_no_other(make_guard: MakeGuard) -> None:
    """
    Thirteen of them, counted by hand.
    """
    run = Scripts(await make_guard(settings=network()))
    named = {
        block.section[-2].rpartition(".")[2]
        for document in DOCUMENTS
        for block in cases(document).blocks
        if block.section[-1] == "Syntax"
    }

    assert len(named) == 13
    assert named == await run.functions("nauthilus_neural") | await run.functions("nauthilus_brute_force")
