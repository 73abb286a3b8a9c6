# SPDX-License-Identifier: Apache-2.0
"""Windows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.distinct import Hashing
from nacre.campaign.picture import Signals
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.signals import WINDOWS, SignalWindows
from nacre.campaign.trial import number_of

START = 1_800_000_000.0


def signals(*sightings: Sighting, until: float = START) -> tuple[Signals, ...]:
    """Return the signals of all windows when some attempts have come."""
    windows = SignalWindows(Hashing(b""))
    for sighting in sightings:
        windows.roll(int(sighting.time // 60))
        windows.add(sighting, number_of(sighting.address))
    windows.roll(int(until // 60))
    return windows.read()


def test_a_window_counts_what_came_within_it() -> None:
    """
    Each minute stands in every window that is long enough.
    """
    first = Sighting(START, bytes((192, 0, 2, 1)), "erika", asn=1, country="DE")
    second = Sighting(START + 120, bytes((192, 0, 2, 9)), "otto", asn=2, country="DE", marks=int(Mark.UNKNOWN))
    third = Sighting(START + 120, bytes((198, 51, 100, 1)), "otto", asn=2, marks=int(Mark.SUCCESS))

    minute, five, *_ = signals(first, second, third, until=START + 120)

    assert minute == Signals(60, 2, 1, 2, 2, 1, 1, 1, 0.5)
    assert five == Signals(300, 3, 2, 3, 2, 2, 1, 2, 1 / 3)


def test_what_is_an_hour_old_is_gone() -> None:
    """
    Windows end, and with them what is remembered.
    """
    found = signals(Sighting(START, bytes((192, 0, 2, 1)), "erika"), until=START + 3600)

    assert [window.attempts for window in found] == [0, 0, 0, 0]


def test_ratios_divide_by_what_there_is() -> None:
    """
    The hooks of the original show three ratios, also when nothing came.
    """
    found = signals(*(Sighting(START, bytes((192, 0, 2, n)), "erika") for n in range(4)))[0]

    assert (found.attempts_per_ip, found.attempts_per_user, found.ips_per_user) == (1.0, 4.0, 4.0)
    assert signals(until=START)[0].ips_per_user == 0.0


def test_ipv6_counts_by_the_64_bits_of_a_line() -> None:
    """
    A machine chooses the lower half as it likes.
    """
    line = bytes.fromhex("20010db800000001")
    found = signals(*(Sighting(START, line + n.to_bytes(8, "big"), "erika") for n in range(20)))[0]

    assert (found.addresses, found.subnets) == (1, 1)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_a_longer_window_never_has_less(rows: list[tuple[int, int, int]]) -> None:
    """
    Exact while few: then each count of a window is at most that of the next longer one.
    """
    attempts = [Sighting(START + time, bytes((10, 0, 0, host)), f"u{user}") for time, host, user in sorted(rows)]

    found = signals(*attempts, until=START + 5000)

    assert [window.window for window in found] == list(WINDOWS)
    for short, long in pairwise(found):
        for name in ("attempts", "failures", "addresses", "subnets", "accounts"):
            assert getattr(short, name) <= getattr(long, name)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_within_a_minute_does_not_matter(order: int) -> None:
    """
    Several instances tell of the same minute.
    """
    rows = [Sighting(START + n / 10, bytes((10, 0, n // 256, n % 256)), f"u{n % 7}") for n in range(500)]

    assert signals(*rows[::order]) == signals(*rows)
