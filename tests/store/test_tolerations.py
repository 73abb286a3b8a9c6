# SPDX-License-Identifier: Apache-2.0
"""Tolerations set at run time: for all instances, across restarts, until their time is over."""

from __future__ import annotations

import msgspec
import pytest
from builders import Clock, MakeGuard, eventually

from nacre.address import Subnet, parse_address
from nacre.config.tree import Toleration as Configured
from nacre.desk import toleration_of
from nacre.service import Guard
from nacre.store.keys import Keys

OFFICE, CAMPUS = "192.0.2.0/24", "2001:db8::/32"


def listed(guard: Guard) -> dict[str, int]:
    """Subnets to percentages, as an instance has them in force."""
    return {str(one.subnet): one.terms.percent for one in guard.desk.tolerations()}


async def put(guard: Guard, subnet: str, percent: int, ttl: float = 3600.0, *, replace: bool = False) -> None:
    """Set one toleration."""
    await guard.desk.set_tolerations([toleration_of(subnet, percent, ttl)], replace=replace, who="test")


async def test_what_one_instance_sets_holds_in_all(make_guard: MakeGuard) -> None:
    """
    At once: the caller may ask another instance a moment later.
    """
    one, two = await make_guard(), await make_guard()

    await put(one, OFFICE, 40)

    assert listed(one) == {OFFICE: 40}
    await eventually(lambda: listed(two) == {OFFICE: 40})
    assert two.checkpoint.policy.tolerations.terms(parse_address("192.0.2.9"), two.clock()).percent == 40


async def test_one_is_set_beside_others(make_guard: MakeGuard) -> None:
    """
    The original dropped a new one on the floor when the list was not empty.
    """
    guard = await make_guard()

    await put(guard, OFFICE, 40)
    await put(guard, CAMPUS, 30)
    await put(guard, "192.0.2.77/24", 50)  # the same subnet in another spelling

    assert listed(guard) == {OFFICE: 50, CAMPUS: 30}


async def test_a_whole_list_replaces_what_was_set(make_guard: MakeGuard) -> None:
    """
    What stands in the settings stays; an empty list clears.
    """
    configured = (Configured(ip_address="198.51.100.0/24", tolerate_percent=5),)
    guard = await make_guard(custom_tolerations=configured)
    await put(guard, OFFICE, 40)

    await put(guard, CAMPUS, 30, replace=True)
    assert listed(guard) == {"198.51.100.0/24": 5, CAMPUS: 30}

    await guard.desk.set_tolerations([], replace=True, who="test")
    assert listed(guard) == {"198.51.100.0/24": 5}


async def test_one_is_deleted_in_all_instances(make_guard: MakeGuard) -> None:
    """
    Under any spelling of its subnet, and with an answer that says whether there was one.
    """
    one, two = await make_guard(), await make_guard()
    await put(one, OFFICE, 40)
    await put(one, CAMPUS, 30)
    await eventually(lambda: len(listed(two)) == 2)

    gone = [
        await two.desk.delete_toleration(Subnet.parse(text), who="test")
        for text in ("192.0.2.1/24", OFFICE, "10.0.0.0/8")
    ]

    assert gone == [True, False, False]
    await eventually(lambda: listed(one) == {CAMPUS: 30})


async def test_they_outlive_the_process(make_guard: MakeGuard) -> None:
    """
    A restart in the night must not bring the office down in the morning.
    """
    await put(await make_guard(), OFFICE, 40)

    assert listed(await make_guard()) == {OFFICE: 40}


async def test_each_ends_with_its_ttl(make_guard: MakeGuard, clock: Clock) -> None:
    """
    In every instance at the same moment, told or not; setting it again begins anew.
    """
    one, two = await make_guard(), await make_guard()
    await put(one, OFFICE, 40, ttl=3600.0)
    await put(one, CAMPUS, 30, ttl=7200.0)
    await eventually(lambda: len(listed(two)) == 2)

    clock.move(3000)
    await put(one, CAMPUS, 30, ttl=7200.0)
    await eventually(lambda: two.desk.tolerations() == one.desk.tolerations())
    clock.move(600)
    assert listed(one) == listed(two) == {CAMPUS: 30}
    clock.move(6599)
    assert listed(one) == listed(two) == {CAMPUS: 30}
    clock.move(1)
    assert listed(one) == listed(two) == {}


async def test_what_ended_does_not_stay_in_the_store(make_guard: MakeGuard, prefix: str, clock: Clock) -> None:
    """
    A script that sets a new address every minute would fill it otherwise.
    """
    guard = await make_guard()
    await put(guard, OFFICE, 40, ttl=60.0)
    await put(guard, CAMPUS, 40, ttl=600.0)
    clock.move(60)

    await guard.desk.reread_tolerations()

    key = Keys(prefix, guard.identity).tolerations
    assert await guard.servers.run(key, ("HKEYS", key)) == [CAMPUS.encode()]


@pytest.mark.parametrize(
    ("subnet", "percent", "ttl", "match"),
    [
        ("example.org", 10, 60.0, "no address"),
        (OFFICE, -1, 60.0, "0 to 100"),
        (OFFICE, 101, 60.0, "0 to 100"),
        (OFFICE, 10, 0.0, "from 1s"),
        (OFFICE, 10, -5.0, "from 1s"),
        (OFFICE, 10, 8761 * 3600.0, "8760h"),
    ],
)
def test_what_cannot_be_set_is_said(subnet: str, percent: int, ttl: float, match: str) -> None:
    """
    300 percent are not 44.
    """
    with pytest.raises(ValueError, match=match):
        toleration_of(subnet, percent, ttl)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"192.0.2.0/24", b"junk"),
        (b"junk", msgspec.msgpack.encode([[1, 2.0], 2e9])),
        (b"\xff", b""),
        (b"10.0.0.0/8", b"\x90"),
    ],
)
async def test_junk_costs_itself_alone(make_guard: MakeGuard, prefix: str, field: bytes, value: bytes) -> None:
    """
    The others hold, here and after a restart.
    """
    one = await make_guard()
    await put(one, CAMPUS, 30)
    key = Keys(prefix, one.identity).tolerations
    await one.servers.run(key, ("HSET", key, field, value))

    await one.desk.reread_tolerations()

    assert listed(one) == listed(await make_guard()) == {CAMPUS: 30}


async def test_a_change_is_noted_with_its_author(make_guard: MakeGuard) -> None:
    """
    Who opened the door, for whom, how wide and for how long.
    """
    guard = await make_guard()

    await put(guard, OFFICE, 40)
    await put(guard, CAMPUS, 30, replace=True)
    await guard.desk.delete_toleration(Subnet.parse(CAMPUS), who="kim")

    assert [(entry.who, entry.action, entry.what) for entry in await guard.desk.audit(3)] == [
        ("kim", "tolerations.delete", CAMPUS),
        ("test", "tolerations.replace", f"{CAMPUS} 30% 1h"),
        ("test", "tolerations.set", f"{OFFICE} 40% 1h"),
    ]
