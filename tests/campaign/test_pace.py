# SPDX-License-Identifier: Apache-2.0
"""Attempts of an address within a minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.address import parse_address
from nacre.campaign import pace as module
from nacre.campaign.pace import Pace

ADDRESS = parse_address("192.0.2.7")


@given(gap=st.floats(0.5, 50), total=st.integers(1, 200))
def test_evenly_spaced_attempts_are_counted_to_within_one(gap: float, total: int) -> None:
    """
    The even spread that is assumed of the minute before leaves the rounding at its borders.
    """
    pace, times = Pace(), [600.0 + number * gap for number in range(total)]

    count = [pace.count(ADDRESS, time) for time in times][-1]

    truth = sum(time > times[-1] - 60 for time in times)
    assert abs(count - truth) <= 1 + 1e-6


def test_a_customer_of_ipv6_is_one_source() -> None:
    """
    To turn through the addresses of one /64 gains nothing.
    """
    pace = Pace()

    counts = [pace.count(parse_address(f"2001:db8::{host:x}"), 600.0) for host in range(5)]

    assert counts == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_what_was_two_minutes_ago_is_forgotten() -> None:
    """
    A pause of two minutes begins anew.
    """
    pace = Pace()
    for _ in range(50):
        pace.count(ADDRESS, 600.0)

    assert pace.count(ADDRESS, 720.0) == 1.0


def test_more_addresses_than_fit_are_let_be_until_the_next_minute() -> None:
    """
    Memory stays as it is however many addresses come; those that were there first go on being counted.
    """
    pace = Pace()
    pace.count(ADDRESS, 600.0)
    for number in range(module.MOST + 10):
        pace.count(number.to_bytes(4, "big"), 601.0)
    late = (2**32 - 1).to_bytes(4, "big")

    counts = [pace.count(late, 602.0), pace.count(late, 602.0), pace.count(ADDRESS, 602.0), pace.count(late, 660.0)]

    assert counts == [1.0, 1.0, 2.0, 1.0]


def test_an_attempt_that_comes_late_counts_with_the_others() -> None:
    """
    Clocks of servers differ by seconds; none of them starts the count again.
    """
    pace = Pace()

    assert [pace.count(ADDRESS, time) for time in (600.0, 599.0, 600.5)] == [1.0, 2.0, 3.0]
