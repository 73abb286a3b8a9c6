# SPDX-License-Identifier: Apache-2.0
"""The arithmetic between profiles and vectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.columns import STANDARD
from nacre.features.profile import Profile
from nacre.features.quotients import NOTHING, PROFILES, QUOTIENTS, RATIOS, at
from nacre.features.room import SCALARS, Room

NOW = 1_700_000_000.0
COUNTS = st.floats(0.0, 1e6)


def around(counts: float, age: float) -> list[Profile]:
    """Return profiles all of whose counters held a number some seconds ago."""
    profiles = [Profile(layout) for layout in PROFILES.values()]
    for place, profile in enumerate(profiles):
        profile.last = NOW - age - place
        profile.counts = [counts + number for number in range(len(profile.counts))]
    return profiles


def filled(room: Room, profiles: list[Profile], *, missing: int = 0, user: int = 0) -> Room:
    """Put some profiles into a room."""
    room.put(profiles, [float(n) for n in range(len(SCALARS))], user=user, now=NOW, missing=missing)
    return room


@given(first=COUNTS, second=COUNTS, age=st.floats(0.0, 1e7), missing=st.integers(0, 31))
def test_a_room_forgets_what_was_in_it(first: float, second: float, age: float, missing: int) -> None:
    """
    One attempt says nothing of the next, to the bit: a replay and a service with another past score alike.
    """
    used, new = Room(), Room()
    filled(used, around(first, 0.0), missing=31 - missing)
    used.vector()

    filled(used, around(second, age), missing=missing)
    filled(new, around(second, age), missing=missing)

    assert used.vector().tobytes() == new.vector().tobytes()
    assert used.values().tobytes() == new.values().tobytes()


@given(counts=COUNTS, age=st.floats(0.0, 1e7), missing=st.integers(0, 31))
def test_a_vector_is_what_the_schema_makes_of_the_values(counts: float, age: float, missing: int) -> None:
    """
    To the bit: models learned from vectors that were made in the one way and score those made in the other.
    """
    room = filled(Room(), around(counts, age), missing=missing)

    assert room.vector().tobytes() == STANDARD.vector(room.values()).tobytes()


def test_a_vector_is_not_changed_by_the_next_one() -> None:
    """
    It is kept with the decision long after the room was used again.
    """
    room = filled(Room(), around(3.0, 60.0))
    vector = room.vector()
    kept = vector.copy()

    filled(room, around(900.0, 0.0))
    room.vector()

    assert np.array_equal(vector, kept)


@given(counts=COUNTS, age=st.floats(0.0, 1e7))
def test_counters_decay_and_quotients_follow_their_formula(counts: float, age: float) -> None:
    """
    As they are written down for one at a time.
    """
    profiles = around(counts, age)
    now = [
        count * 2.0 ** (-(NOW - profile.last) / half_life)
        for profile in profiles
        for count, half_life in zip(profile.counts, profile.layout.left_in, strict=True)
    ] + [0.0]

    values = dict(zip(STANDARD.names, filled(Room(), profiles).values().tolist(), strict=True))

    assert values["user.failures_1h"] == pytest.approx(now[at("user", "failures_1h")], rel=1e-9, abs=1e-300)
    for each in QUOTIENTS:
        (a, b), (c, d) = each.above, each.below
        quotient = (now[a] + now[b] + each.more) / ((now[c] + now[d]) * each.times + each.least)
        if each not in RATIOS:
            quotient = math.log(quotient)
        assert values[each.name] == pytest.approx(quotient, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("bit", "group"), [(0, "user"), (1, "token"), (2, "asn"), (3, "country"), (4, "client")])
def test_what_was_not_given_is_left_open(bit: int, group: str) -> None:
    """
    A counter of nothing is no 0; whether something was given at all is always known.
    """
    values = dict(zip(STANDARD.names, filled(Room(), around(1.0, 1.0), missing=1 << bit).values(), strict=True))

    open_ = {name for name, value in values.items() if math.isnan(value)}
    said = {"user.known", "user.unknown", "token.known"}
    assert open_ == {name for name in STANDARD.names if name.startswith(f"{group}.")} - said


def test_scalars_are_columns_of_their_own() -> None:
    """
    Each stands where its name does.
    """
    values = dict(zip(STANDARD.names, filled(Room(), around(1.0, 1.0)).values(), strict=True))

    assert [values[name] for name in SCALARS] == list(range(len(SCALARS)))
    assert filled(Room(), around(1.0, 1.0)).counts.shape == (NOTHING,)
