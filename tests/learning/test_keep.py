# SPDX-License-Identifier: Apache-2.0
"""A store of samples that nobody fills and nothing flushes."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.flags import Flag
from nacre.learning.keep import NETWORK_CAP, Stratum, capacity, inclusion, kept, place, stratum


def digests(n: int, seed: int = 1) -> list[int]:
    """Return *n* digests of request ids."""
    return [int(digest) for digest in np.random.default_rng(seed).integers(0, 2**64, n, np.uint64)]


def test_a_flood_of_one_network_leaves_a_few_hundred_rows() -> None:
    """
    60 x (1 + ln(100,000 / 60)) = 505 expected of a hundred thousand, with a deviation below 22.
    """
    left = sum(kept(digest, inclusion(n, 1)) for n, digest in enumerate(digests(100_000), start=1))

    assert abs(left - 505) < 110


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_chance_is_a_chance_and_falls_with_the_traffic(network: float, account: float, provider: float) -> None:
    """
    Up to the cap everything is kept; beyond, cap attempts of the day's are expected.
    """
    chance = inclusion(network, account, provider)

    assert 0 < chance <= 1
    assert chance * network <= NETWORK_CAP * (1 + 1e-9)
    assert chance >= inclusion(network * 2, account, provider)


def test_all_instances_keep_the_same_attempts() -> None:
    """
    The digest decides: a half of them at a chance of a half, and those of a third among them.
    """
    half, third = ({d for d in digests(10_000) if kept(d, chance)} for chance in (1 / 2, 1 / 3))

    assert third < half
    assert abs(len(half) - 5000) < 250


def test_a_success_is_novel_only_in_what_is_known() -> None:
    """
    Without a database of providers every success would be from a provider never seen.
    """
    flags = Flag.SUCCESS | Flag.SEEN_NET | Flag.SEEN_CLIENT

    assert stratum(flags, client=5) is Stratum.ROUTINE
    assert stratum(flags, client=5, asn=6) is Stratum.NOVEL
    assert stratum(flags, client=5, country=6) is Stratum.NOVEL
    assert stratum(Flag.SUCCESS | Flag.SEEN_CLIENT, client=5) is Stratum.NOVEL


def test_failures_are_guesses_where_the_account_is_a_stranger() -> None:
    """
    Orphan failures have places apart from typos.
    """
    assert stratum(Flag.ORPHAN | Flag.FRESH) is Stratum.GUESS
    assert stratum(Flag.FRESH | Flag.SEEN_NET) is Stratum.FAILURE


def test_the_places_of_all_slices_are_those_of_the_store() -> None:
    """
    A flood fills the slice of its kind and its day; the other places are not its.
    """
    for total in (999, 60_000):
        for days in (1, 14, 30):
            places = sum(capacity(kind, total=total, days=days) for kind in Stratum) * days
            assert total - 4 * days <= places <= total


def test_every_attempt_of_a_day_ends_in_its_slice_with_the_same_chance() -> None:
    """
    Early and late rows alike: 50 places, 1,000 rows, 200 days; 10 per place of a day expected from each tenth.
    """
    tenths: Counter[int] = Counter()
    for day in range(200):
        slots: list[int] = []
        for n, digest in enumerate(digests(1000, seed=day)):
            where = place(digest, n, 50)
            if where == len(slots):
                slots.append(n)
            elif where is not None:
                slots[where] = n
        assert len(slots) == 50
        tenths.update(n // 100 for n in slots)

    # 1,000 expected in each tenth, deviation 30.
    assert all(abs(tenths[tenth] - 1000) < 150 for tenth in range(10))


def test_the_place_does_not_depend_on_why_a_row_was_kept() -> None:
    """
    Kept rows of a flood have small digests; they must not all fall on the first places.
    """
    places = [place(digest >> 10, before=1000, places=1000) for digest in digests(4000)]
    taken = [where for where in places if where is not None]

    assert len(taken) > 3950
    assert abs(float(np.mean(taken)) - 499.5) < 25


def test_no_places_take_nothing() -> None:
    """
    A store of fewer places than days.
    """
    assert place(1, before=0, places=0) is None
