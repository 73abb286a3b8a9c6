# SPDX-License-Identifier: Apache-2.0
"""Tolerations and blocks, from Lua."""

from __future__ import annotations

import pytest
from builders import MakeGuard, eventually, fail, fields, rule, sign_in, written
from scripts import Scripts

from nacre.config.duration import Duration
from nacre.config.tree import Toleration
from nacre.hooks.call import Call

OFFICE = '{ip_address = "198.51.100.0/24", tolerate_percent = 30, tolerate_ttl = "24h"}'
HOME = '{ip_address = "192.0.2.7", tolerate_percent = 10, tolerate_ttl = "15m"}'


async def test_a_list_of_tolerations_takes_the_place_of_those_before(make_guard: MakeGuard) -> None:
    """
    As with the original; an empty list leaves none but those of the settings.
    """
    run = Scripts(await make_guard(rule()))
    listed = "return nauthilus_brute_force.get_custom_tolerations()"
    office = {"ip_address": "198.51.100.0/24", "tolerate_percent": 30, "tolerate_ttl": "24h"}
    home = {"ip_address": "192.0.2.7", "tolerate_percent": 10, "tolerate_ttl": "15m"}

    assert await run(f"return nauthilus_brute_force.set_custom_tolerations({{{OFFICE}}})") == ["OK", None]
    assert await run(listed) == [[office], None]
    assert await run(f"return nauthilus_brute_force.set_custom_tolerations({{{HOME}}})") == ["OK", None]
    assert await run(listed) == [[home], None]
    assert await run("return nauthilus_brute_force.set_custom_tolerations({})") == ["OK", None]
    assert await run(listed) == [[], None]
    assert office != home


async def test_one_toleration_joins_the_others(make_guard: MakeGuard) -> None:
    """
    The original dropped an address that was not in its list yet.
    """
    run = Scripts(await make_guard(rule()))

    for entry in (OFFICE, HOME, '{ip_address = "192.0.2.7", tolerate_percent = 40.9, tolerate_ttl = "1h30m"}'):
        assert await run(f"return nauthilus_brute_force.set_custom_toleration({entry})") == ["OK", None]
    found, _ = await run("return nauthilus_brute_force.get_custom_tolerations()")

    assert found == [
        {"ip_address": "192.0.2.7", "tolerate_percent": 40, "tolerate_ttl": "1h30m"},
        {"ip_address": "198.51.100.0/24", "tolerate_percent": 30, "tolerate_ttl": "24h"},
    ]


async def test_a_toleration_is_deleted_however_it_is_spelled(make_guard: MakeGuard) -> None:
    """
    The original compared texts; and what is gone already is no failure.
    """
    run = Scripts(await make_guard(rule()))
    await run(f"return nauthilus_brute_force.set_custom_tolerations({{{OFFICE}, {HOME}}})")

    assert await run('return nauthilus_brute_force.delete_custom_toleration("198.51.100.77/24")') == ["OK", None]
    assert await run('return nauthilus_brute_force.delete_custom_toleration("203.0.113.1")') == ["OK", None]
    found, _ = await run("return nauthilus_brute_force.get_custom_tolerations()")

    assert found == [{"ip_address": "192.0.2.7", "tolerate_percent": 10, "tolerate_ttl": "15m"}]


async def test_a_toleration_of_the_settings_is_listed_and_cannot_be_deleted(make_guard: MakeGuard) -> None:
    """
    It would be back after the next restart; who wants it gone has to know where it stands.
    """
    entry = Toleration(ip_address="203.0.113.0/24", tolerate_percent=5, tolerate_ttl=Duration(3600))
    run = Scripts(await make_guard(rule(), custom_tolerations=(entry,)))

    over = '{ip_address = "203.0.113.0/24", tolerate_percent = 50, tolerate_ttl = "2h"}'
    await run(f"return nauthilus_brute_force.set_custom_toleration({over})")

    of_ours = await run('return nauthilus_brute_force.delete_custom_toleration("203.0.113.0/24")')
    gone = await run('return nauthilus_brute_force.delete_custom_toleration("203.0.113.0/24")')
    found, _ = await run("return nauthilus_brute_force.get_custom_tolerations()")

    assert of_ours == ["OK", None]
    assert gone == [None, "the toleration of 203.0.113.0/24 stands in the settings"]
    assert found == [{"ip_address": "203.0.113.0/24", "tolerate_percent": 5, "tolerate_ttl": "1h"}]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('{ip_address = "192.0.2.7", tolerate_percent = 10, tolerate_ttl = "soon"}', "invalid tolerate_ttl format"),
        ('{ip_address = "192.0.2.7", tolerate_percent = 10, tolerate_ttl = "60"}', "invalid tolerate_ttl format"),
        ('{ip_address = "192.0.2.7", tolerate_percent = 10, tolerate_ttl = 60}', "invalid tolerate_ttl format"),
        ('{ip_address = "192.0.2.7", tolerate_percent = 10}', "invalid tolerate_ttl format"),
        ('{ip_address = "192.0.2.7", tolerate_percent = 10, tolerate_ttl = "0s"}', "tolerate_ttl is from 1s to 8760h"),
        ('{ip_address = "192.0.2.7", tolerate_percent = 101, tolerate_ttl = "1h"}', "a whole number from 0 to 100"),
        ('{ip_address = "192.0.2.7", tolerate_percent = -0.5, tolerate_ttl = "1h"}', "a whole number from 0 to 100"),
        ('{ip_address = "192.0.2.7", tolerate_ttl = "1h"}', "tolerate_percent must be a number"),
        ('{ip_address = "192.0.2.7", tolerate_percent = 0/0, tolerate_ttl = "1h"}', "tolerate_percent must be"),
        ('{ip_address = "example.org", tolerate_percent = 10, tolerate_ttl = "1h"}', "'example.org' is no address"),
        ('{tolerate_percent = 10, tolerate_ttl = "1h"}', "ip_address must be a string"),
        ("{}", "ip_address must be a string"),
    ],
)
async def test_a_toleration_that_cannot_be_used_says_why(make_guard: MakeGuard, entry: str, problem: str) -> None:
    """
    Alone or in a list; of a list nothing is set then.
    """
    run = Scripts(await make_guard(rule()))

    one = await run(f"return nauthilus_brute_force.set_custom_toleration({entry})")
    many = await run(f"return nauthilus_brute_force.set_custom_tolerations({{{OFFICE}, {entry}}})")

    assert one[0] is many[0] is None
    assert problem in str(one[1])
    assert problem in str(many[1])
    assert await run("return nauthilus_brute_force.get_custom_tolerations()") == [[], None]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("set_custom_tolerations()", "bad argument #1 to 'set_custom_tolerations' (table expected, got nil)"),
        ('set_custom_tolerations("x")', "bad argument #1 to 'set_custom_tolerations' (table expected, got string)"),
        (f"set_custom_tolerations({HOME})", "bad argument #1 to 'set_custom_tolerations' (list of tables expected"),
        ("set_custom_tolerations({7})", "each toleration must be a table"),
        ("set_custom_toleration(7)", "bad argument #1 to 'set_custom_toleration' (table expected, got number)"),
        ("delete_custom_toleration()", "bad argument #1 to 'delete_custom_toleration' (string expected, got nil)"),
        ("delete_custom_toleration({})", "bad argument #1 to 'delete_custom_toleration' (string expected, got table)"),
        ('delete_custom_toleration("here")', "'here' is no address and no network"),
        ("get_tolerate_map(true)", "bad argument #1 to 'get_tolerate_map' (string expected, got boolean)"),
        ('get_tolerate_map("")', "an address is needed"),
        ('get_tolerate_map("192.0.2.0/24")', "is no IPv4 or IPv6 address"),
        ("is_ip_address_blocked(nil)", "bad argument #1 to 'is_ip_address_blocked' (string expected, got nil)"),
        ('is_ip_address_blocked("\\255")', "is no IPv4 or IPv6 address"),
        ("is_ip_address_blocked(42)", "'42' is no IPv4 or IPv6 address"),
    ],
)
async def test_a_bad_argument_is_told_and_does_not_raise(make_guard: MakeGuard, call: str, problem: str) -> None:
    """
    A script that does not expect an error would end in the middle of what it does.
    """
    run = Scripts(await make_guard(rule()))

    result, message = await run(f"return nauthilus_brute_force.{call}")

    assert result is None
    assert str(message).startswith(problem) or problem in str(message)


async def test_the_counters_of_an_address_have_both_families_of_labels(make_guard: MakeGuard) -> None:
    """
    The documents speak of total and failed, the original answered positive and negative.
    """
    guard = await make_guard(rule(), tolerate_percent=20)
    run = Scripts(guard)
    for name in ("erika", "max", "anna"):
        await sign_in(guard, fields(username=name))
    await fail(guard, fields(username="erika"))

    counters = await run('return nauthilus_brute_force.get_tolerate_map("192.0.2.7")')
    unknown = await run('return nauthilus_brute_force.get_tolerate_map("203.0.113.1")')

    assert counters == [{"total": 4, "failed": 1, "positive": 3, "negative": 1}, None]
    assert unknown == [{"total": 0, "failed": 0, "positive": 0, "negative": 0}, None]


async def test_the_rules_that_block_an_address_are_named_in_their_order(make_guard: MakeGuard) -> None:
    """
    And an address that none blocks is answered with nil, which is what scripts ask for.
    """
    guard = await make_guard(rule("narrow", limit=2), rule("wide", limit=3, cidr=24), rule("other", limit=50))
    run = Scripts(guard)
    for number in range(3):
        await fail(guard, fields(f"192.0.2.{7 + number % 2}"))
    await guard.check(fields("192.0.2.7"))
    await written(guard)

    assert await run('return nauthilus_brute_force.is_ip_address_blocked("192.0.2.7")') == [["narrow", "wide"], None]
    assert await run('return nauthilus_brute_force.is_ip_address_blocked("203.0.113.1")') == [None, None]


async def test_what_a_script_sets_holds_elsewhere_and_stands_in_the_audit_log(make_guard: MakeGuard) -> None:
    """
    The original kept tolerations in the memory of one process.
    """
    one, other = await make_guard(rule()), await make_guard(rule())

    await Scripts(one)(
        f"return nauthilus_brute_force.set_custom_toleration({OFFICE})", Call("office", "hook", who="erika")
    )
    await eventually(other.desk.tolerations, within=1.0)
    await Scripts(other)(
        'return nauthilus_brute_force.delete_custom_toleration("198.51.100.0/24")', Call("office", "feature")
    )
    await eventually(lambda: not one.desk.tolerations(), within=1.0)

    assert [(entry.who, entry.action) for entry in await one.desk.audit(2)] == [
        ("script office", "tolerations.delete"),
        ("erika", "tolerations.set"),
    ]
