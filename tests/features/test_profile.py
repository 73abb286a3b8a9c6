# SPDX-License-Identifier: Apache-2.0
"""Counters that decay, lists that are bounded, and the values that hold them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from outcomes import DIGESTS, NOW, attempt

from nacre.errors import StoreCorrupt
from nacre.features.layout import CONTEXT, SOURCE, TOKEN, USER, Layout
from nacre.features.profile import Profile, read_profile
from nacre.features.standard import LAYOUTS, Surroundings, see

ALL = (SOURCE, USER, TOKEN, CONTEXT)
TIMES = st.floats(NOW, NOW + 10 * 86_400.0)
ITEMS = st.integers(0, 2**32 - 1)


def full(layout: Layout) -> Profile:
    """Return a profile with all the items that it takes, and more offered."""
    profile = Profile(layout)
    profile.begin(NOW)
    for list_ in range(len(layout.lists)):
        for item in range(1000):
            profile.touch(list_, item, NOW + item)
    return profile


@st.composite
def profiles(draw: st.DrawFn, layout: Layout) -> Profile:
    """Profiles as events make them."""
    profile = Profile(layout)
    for time in draw(st.lists(TIMES, max_size=8)):
        profile.begin(time)
        profile.add(*draw(st.lists(st.integers(0, len(layout.names) - 1), max_size=4)))
        if layout.lists:
            profile.touch(draw(st.integers(0, len(layout.lists) - 1)), draw(ITEMS), time)
        if layout.stamps:
            profile.stamp(draw(st.integers(0, len(layout.stamps) - 1)), time)
    return profile


HALF_LIVES = {"5m": 300.0, "10m": 600.0, "1h": 3_600.0, "24h": 86_400.0, "7d": 604_800.0}


@given(
    events=st.lists(st.tuples(TIMES, st.booleans(), st.booleans()), min_size=1, max_size=30),
    later=st.floats(0.0, 86_400.0),
    layout=st.sampled_from(ALL),
    data=st.data(),
)
def test_a_counter_is_the_sum_of_what_is_left_of_its_events(
    events: list[tuple[float, bool, bool]], later: float, layout: Layout, data: st.DataObject
) -> None:
    """
    In whatever order they come, and whether or not it was read or written between them.
    """
    place = data.draw(st.integers(0, len(layout.names) - 1))
    half_life = HALF_LIVES[layout.names[place].rpartition("_")[2]]
    profile = Profile(layout)
    now = max(time for time, _, _ in events) + later

    for time, looked_at, written in events:
        profile.begin(time)
        profile.add(place)
        if looked_at:
            profile.counts_at(time + 1000.0)
        if written:
            profile = read_profile(profile.pack(1), layout)

    # Each write rounds to 24 bits.
    expected = sum(2.0 ** ((time - now) / half_life) for time, _, _ in events)
    assert profile.counts_at(now)[place] == pytest.approx(expected, rel=len(events) * 2.0**-23, abs=1e-30)


def test_counters_of_one_event_decay_each_with_its_own_half_life() -> None:
    """
    The name of a counter says which.
    """
    for layout, names in ((SOURCE, "failures_5m failures_1h failures_24h"), (USER, "failures_1h failures_7d")):
        for name in names.split():
            profile = Profile(layout)
            profile.begin(NOW)
            profile.add(layout.counter(name))
            half_life = {"5m": 300, "1h": 3_600, "24h": 86_400, "7d": 604_800}[name.rpartition("_")[2]]

            assert profile.counts_at(NOW + half_life)[layout.counter(name)] == pytest.approx(0.5)


def test_what_is_looked_up_before_the_last_change_is_as_it_was_then() -> None:
    """
    A check whose clock is behind sees no more than there was.
    """
    profile = Profile(TOKEN)
    profile.begin(NOW)
    profile.add(0)

    assert profile.counts_at(NOW - 3600.0)[0] == 1.0


@given(data=st.data(), layout=st.sampled_from(ALL), revision=ITEMS)
def test_what_is_packed_is_read(data: st.DataObject, layout: Layout, revision: int) -> None:
    """
    All but the last bits of the counters.
    """
    profile = data.draw(profiles(layout))

    read = read_profile(profile.pack(revision), layout)

    assert (read.first, read.last, read.stamps) == (profile.first, profile.last, profile.stamps)
    assert read.lists == profile.lists
    assert read.counts == pytest.approx(profile.counts, rel=2.0**-23, abs=1e-37)
    assert read.revision == revision
    assert read.pack(revision) == profile.pack(revision)


@given(data=st.data(), layout=st.sampled_from((SOURCE, USER)))
def test_lists_keep_their_caps_whoever_chooses_the_items(data: st.DataObject, layout: Layout) -> None:
    """
    The items seen last stay, in that order, also if some come late.
    """
    list_ = data.draw(st.integers(0, len(layout.lists) - 1))
    cap = layout.caps[list_]
    touches = data.draw(st.lists(st.tuples(st.integers(0, 2 * cap), st.integers(0, 50)), max_size=4 * cap))
    profile = Profile(layout)

    for item, second in touches:
        profile.begin(NOW + second)
        profile.touch(list_, item, NOW + second)

    items = profile.items(list_)
    assert len(items) == min(cap, len({item for item, _ in touches}))
    assert list(items.values()) == sorted(items.values())
    assert not touches or max(items.values()) == NOW + max(second for _, second in touches)


def test_the_item_seen_longest_ago_gives_way() -> None:
    """
    One that is seen again and again outlives a flood of others.
    """
    profile = Profile(USER)
    for number in range(100):
        profile.begin(NOW + number)
        profile.touch(0, 0xABC, NOW + number)
        profile.touch(0, number, NOW + number)

    assert list(profile.items(0)) == [97, 98, 0xABC, 99]


@pytest.mark.parametrize(("layout", "most"), [(SOURCE, 1200), (USER, 900), (TOKEN, 40), (CONTEXT, 100)])
def test_a_value_stays_small(layout: Layout, most: int) -> None:
    """
    An attacker chooses the keys, and what is in their lists.
    """
    assert len(full(layout).pack(2**32 - 1)) <= most


@pytest.mark.parametrize("time", [0.0, 2.0**32 - 1, 2.0**32, 2.0**33 - 1])
def test_every_time_that_an_attempt_may_have_can_be_kept(time: float) -> None:
    """
    A replay of a log with a broken clock ends nothing.
    """
    profile = Profile(USER)
    profile.begin(time)
    profile.touch(0, 7, time)
    profile.stamp(0, time)

    read = read_profile(profile.pack(1), USER)

    assert read.items(0)[7] == read.stamps[0] == min(int(time), 2**32 - 1)


@given(junk=st.one_of(st.binary(max_size=400), st.binary(max_size=400).map(b"\x01\x05".__add__)))
def test_junk_is_no_profile(junk: bytes) -> None:
    """
    Whatever another program left under our key.
    """
    assume(junk[:1] != b"\x01" or junk[1:2] not in b"\x01\x02\x03\x04")
    for layout in ALL:
        with pytest.raises(StoreCorrupt, match="'nacre:x'"):
            read_profile(junk, layout, "nacre:x")


@given(data=st.data(), layout=st.sampled_from(ALL))
def test_a_value_that_was_cut_or_belongs_to_another_layout_is_no_profile(data: st.DataObject, layout: Layout) -> None:
    """
    The counts of its items and its code say so.
    """
    whole = data.draw(profiles(layout)).pack(1)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]

    for broken in (cut, whole + b"\0"):
        with pytest.raises(StoreCorrupt):
            read_profile(broken, layout)
    for other in set(ALL) - {layout}:
        with pytest.raises(StoreCorrupt):
            read_profile(whole, other)


@given(data=st.data(), role=st.integers(0, len(LAYOUTS) - 1), changed=st.binary(min_size=1, max_size=8))
@settings(max_examples=150)
def test_a_value_with_changed_bytes_is_no_profile_or_one_that_can_be_used(
    data: st.DataObject, role: int, changed: bytes
) -> None:
    """
    What passes for a profile breaks no check: no negative counts, no infinite times.
    """
    whole = data.draw(profiles(LAYOUTS[role])).pack(1)
    at = data.draw(st.integers(0, len(whole) - 1))
    value = (whole[:at] + changed + whole[at + len(changed) :])[: len(whole)]
    try:
        profile = read_profile(value, LAYOUTS[role])
    except StoreCorrupt:
        return

    around = [Profile(layout) for layout in LAYOUTS]
    around[role] = profile
    tried = attempt(password="x", protocol="imap", user_agent="curl/8", attributes={"asn": 1, "country": "DE"})
    seen = see(DIGESTS.facts(tried), Surroundings(*around), time=NOW)
    profile.begin(NOW)

    assert len(seen.values) > 0
    assert len(profile.pack(2)) <= 1200


@pytest.mark.parametrize("layout", ALL)
@pytest.mark.parametrize("field", ["counter", "last"])
@pytest.mark.parametrize("number", [-1.0, float("nan"), float("inf")])
def test_impossible_numbers_are_no_profile(layout: Layout, field: str, number: float) -> None:
    """
    The logarithm of a negative count would be an exception in somebody's login.
    """
    profile = full(layout)
    if field == "counter":
        profile.counts[-1] = number
    else:
        profile.last = number

    with pytest.raises(StoreCorrupt):
        read_profile(profile.pack(1), layout)


def test_more_items_than_a_list_takes_are_no_profile() -> None:
    """
    We never wrote them, and a list that begins too long would stay so.
    """
    profile = full(USER)
    profile.lists[0] += bytes(8)

    with pytest.raises(StoreCorrupt):
        read_profile(profile.pack(1), USER)


def test_nothing_stored_is_a_subject_never_seen() -> None:
    """
    There is no value before the first outcome.
    """
    for layout in ALL:
        profile = read_profile(None, layout)

        assert (profile.first, profile.last, sum(profile.counts)) == (0, 0.0, 0.0)
