# SPDX-License-Identifier: Apache-2.0
"""What operators ask and change."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard, fail, fields, rule

from nacre.config.duration import Duration
from nacre.config.tree import Subject
from nacre.desk import BlockQuery
from nacre.service import Guard

RULES = (
    rule("address", limit=2),
    rule("network", limit=4, cidr=24),
    rule("six", limit=2, ipv6=True, cidr=64),
    rule("account", limit=3, subject=Subject.ACCOUNT),
    rule("pair", limit=3, subject=Subject.ACCOUNT_SUBNET, cidr=16),
    rule("device", limit=2, subject=Subject.CLIENT),
)


@pytest.fixture
async def guard(make_guard: MakeGuard, clock: Clock) -> Guard:
    """A guard with blocks of every kind, each a second younger than the one before."""
    guard = await make_guard(*RULES)
    for address, name, device in (
        ("192.0.2.7", "a", ""),
        ("192.0.2.7", "b", ""),  # address 192.0.2.7
        ("192.0.2.8", "c", ""),
        ("192.0.2.9", "d", ""),  # network 192.0.2.0/24
        ("2001:db8::1", "e", ""),
        ("2001:db8::2", "f", ""),  # six 2001:db8::/64
        ("198.51.100.1", "Erika", ""),
        ("198.51.101.1", "erika", ""),
        ("198.51.102.1", "ERIKA", ""),  # account erika, pair erika from 198.51.0.0/16
        ("203.0.113.1", "g", "phone"),
        ("203.0.114.1", "h", "phone"),  # device phone
    ):
        await fail(guard, fields(address, name, client_id=device))
        clock.move(1)
    return guard


def found(guard: Guard, **query: str) -> set[str]:
    """The rules whose blocks a query finds."""
    return {block.rule for block in guard.desk.find_blocks(BlockQuery(**query))}


QUERIES: list[tuple[dict[str, str], set[str]]] = [
    ({}, {"address", "network", "six", "account", "pair", "device"}),
    ({"rule": "*"}, {"address", "network", "six", "account", "pair", "device"}),
    ({"rule": "network"}, {"network"}),
    ({"ip": "192.0.2.7"}, {"address", "network"}),
    ({"ip": "::ffff:192.0.2.7"}, {"address", "network"}),
    ({"ip": "192.0.2.200"}, {"network"}),
    ({"ip": "2001:db8::77"}, {"six"}),
    ({"ip": "203.0.113.1"}, set()),
    ({"ip": "198.51.7.7"}, {"pair"}),
    ({"subnet": "192.0.2.0/24"}, {"network"}),
    ({"subnet": "192.0.2.7"}, {"address"}),
    ({"subnet": "192.0.0.0/16"}, set()),
    ({"subnet": "198.51.0.0/16"}, {"pair"}),
    ({"subnet": "198.51.100.0/24"}, set()),
    ({"account": " Erika "}, {"account", "pair"}),
    ({"account": "a"}, set()),
    ({"account": " "}, set()),
    ({"client": "phone"}, {"device"}),
    ({"client": "Phone"}, set()),
    ({"client": "erika"}, set()),
    ({"search": "ERIK"}, {"account", "pair"}),
    ({"search": "phone"}, {"device"}),
    ({"search": "net"}, {"network"}),
    ({"ip": "192.0.2.7", "rule": "address"}, {"address"}),
    ({"ip": "192.0.2.7", "rule": "six"}, set()),
    ({"ip": "198.51.7.7", "account": "erika", "rule": "pair"}, {"pair"}),
    ({"subnet": "198.51.0.0/16", "account": "erika"}, {"pair"}),
    ({"subnet": "198.51.0.0/16", "account": "a"}, set()),
    ({"subnet": "198.51.0.0/16", "account": "erika", "rule": "account"}, set()),
    ({"subnet": "192.0.2.0/24", "account": "erika"}, set()),
    ({"client": "phone", "rule": "device"}, {"device"}),
    ({"client": "phone", "account": "erika"}, set()),
    ({"client": "phone", "ip": "203.0.113.1"}, set()),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
async def test_blocks_are_found_by_what_an_operator_knows(
    guard: Guard, query: dict[str, str], expected: set[str]
) -> None:
    """
    An address of the user who calls, a name as typed, a device, a part of any. Blank is nobody, not everybody.
    """
    assert found(guard, **query) == expected


@pytest.mark.parametrize(("query", "expected"), [pair for pair in QUERIES if pair[0]])
async def test_what_is_found_is_what_is_lifted(guard: Guard, query: dict[str, str], expected: set[str]) -> None:
    """
    Look first, lift with the same words; the rest stays.
    """
    everything = found(guard)

    lifted = await guard.desk.lift_blocks(BlockQuery(**query), who="kim")

    assert {block.rule for block in lifted} == expected
    assert found(guard) == everything - expected


async def test_an_account_and_its_subnet_are_lifted_apart(guard: Guard) -> None:
    """
    Whoever opens the account for its owner need not open it for the subnet that guessed.
    """
    await guard.desk.lift_blocks(BlockQuery(rule="account"), who="kim")

    assert found(guard, account="erika") == {"pair"}
    assert (await guard.check(fields("198.51.100.1", "erika"))).rules == ("pair",)
    assert not (await guard.check(fields("10.0.0.1", "erika"))).refused


@pytest.mark.parametrize("query", [{"ip": "nowhere"}, {"subnet": "192.0.2.0/33"}])
async def test_a_query_that_is_none_is_an_error(guard: Guard, query: dict[str, str]) -> None:
    """
    A typo must not look like "no blocks", nor lift others.
    """
    with pytest.raises(ValueError, match="is no"):
        guard.desk.find_blocks(BlockQuery(**query))
    with pytest.raises(ValueError, match="is no"):
        await guard.desk.lift_blocks(BlockQuery(**query), who="kim")


async def test_lifting_nothing_in_particular_is_refused(guard: Guard) -> None:
    """
    An empty query from a script with an unset variable is not "everything".
    """
    with pytest.raises(ValueError, match='rule "\\*" lifts every block'):
        await guard.desk.lift_blocks(BlockQuery(), who="kim")

    assert len(found(guard)) == 6


async def test_the_newest_come_first(guard: Guard) -> None:
    """
    What has just happened is what the operator looks for.
    """
    since = [block.since for block in guard.desk.find_blocks(BlockQuery())]

    assert since == sorted(since, reverse=True)


async def test_a_block_that_ended_is_not_listed(guard: Guard, clock: Clock) -> None:
    """
    Whether it was swept yet or not; at an earlier time it still is.
    """
    then = clock()
    clock.move(3600)

    assert found(guard) == set()
    assert guard.desk.blocked("192.0.2.7") is None
    assert guard.desk.blocked("192.0.2.7", at=then) == ["address", "network"]
    assert guard.desk.blocked("192.0.2.7", at=then - 3600) is None


async def test_an_address_is_blocked_by_rules_in_their_configured_order(guard: Guard) -> None:
    """
    A list of names, or nothing; accounts and devices say nothing about an address.
    """
    answers = {ip: guard.desk.blocked(ip) for ip in ("192.0.2.7", "192.0.2.200", "2001:db8::77", "198.51.100.1")}

    assert answers == {
        "192.0.2.7": ["address", "network"],
        "192.0.2.200": ["network"],
        "2001:db8::77": ["six"],
        "198.51.100.1": None,
    }


@pytest.mark.parametrize("ip", ["", "nowhere", "192.0.2.0/24"])
async def test_what_is_no_address_is_not_unblocked(guard: Guard, ip: str) -> None:
    """
    Nothing would be a false answer.
    """
    with pytest.raises(ValueError, match="address"):
        guard.desk.blocked(ip)
    with pytest.raises(ValueError, match="address"):
        await guard.desk.toleration_counters(ip)


async def test_a_lift_is_noted_with_its_author(guard: Guard, clock: Clock) -> None:
    """
    How many, by whom, when and with which words.
    """
    await guard.desk.lift_blocks(BlockQuery(ip="192.0.2.7", rule="*"), who="kim")

    (entry,) = await guard.desk.audit(1)

    assert (entry.time, entry.who, entry.action) == (clock(), "kim", "blocks.lift")
    assert entry.what.startswith("2 blocks")
    assert "192.0.2.7" in entry.what


async def test_counters_look_back_as_far_as_the_terms_of_the_address(make_guard: MakeGuard, clock: Clock) -> None:
    """
    They are what the next decision will be made of, not all that is stored.
    """
    guard = await make_guard(rule(limit=50), tolerate_percent=10, tolerate_ttl=Duration(43_200))
    await fail(guard, fields())
    clock.move(43_200 + 86_400 / 240)
    await fail(guard, fields())

    assert (await guard.desk.toleration_counters("192.0.2.7"))["failed"] == 1
