# SPDX-License-Identifier: Apache-2.0
"""Counts of all instances together, by minute and hour."""

from __future__ import annotations

from processes import Begin

from nacre.store.tallies import HOURS, MINUTES, Course, Tallies, Tally

NOW = 1_800_000_000.0


async def _tallies(begin: Begin) -> Tallies:
    process = await begin()
    return Tallies(process.servers, process.keys)


async def test_what_several_count_is_one_sum(begin: Begin) -> None:
    """
    A user's attempts go to any of them.
    """
    ours, theirs = await _tallies(begin), await _tallies(begin)

    await ours.add(NOW, Tally(10, 1))
    await theirs.add(NOW + 59, Tally(5, 0))
    await theirs.add(NOW + 60, Tally(2, 2))

    minute, hour = int(NOW) // 60, int(NOW) // 3_600
    assert await ours.read(NOW + 60) == Course({minute: Tally(15, 1), minute + 1: Tally(2, 2)}, {hour: Tally(17, 3)})


async def test_what_is_too_old_goes(begin: Begin) -> None:
    """
    A day of minutes and a week of hours: what is kept does not grow.
    """
    tallies = await _tallies(begin)
    await tallies.add(NOW, Tally(10, 1))

    a_day_later = await tallies.read(NOW + 60 * (MINUTES + 1))
    a_week_later = await tallies.read(NOW + 3_600 * (HOURS + 1))

    assert a_day_later == Course({}, {int(NOW) // 3_600: Tally(10, 1)})
    assert a_week_later == await tallies.read(NOW) == Course({}, {})
