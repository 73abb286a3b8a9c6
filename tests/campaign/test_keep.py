# SPDX-License-Identifier: Apache-2.0
"""Snapshots."""

from __future__ import annotations

import zlib

import pytest
from campaign.looking import after
from campaign.sightings import START, botnet, normal, stuffing, together

from nacre.campaign.watch import Watch


def attacked() -> Watch:
    """Return a watch in the middle of a botnet and a surge."""
    watch = Watch()
    attack = together(botnet(1, start=START + 100, gap=5.0, addresses=50), stuffing(1, start=START + 100, attempts=300))
    after(watch, together(normal(3, rate=5, duration=500), attack))
    return watch


def test_a_restart_in_mid_attack_changes_nothing() -> None:
    """
    The same picture now, and after what comes next.
    """
    watch = attacked()
    again = Watch.restore(watch.snapshot())
    more = list(
        together(normal(9, rate=5, start=START + 500, duration=60), stuffing(5, start=START + 500, attempts=60))
    )

    now = watch.assess(START + 500), again.assess(START + 500)
    later = after(watch, more), after(again, more)

    assert now[0] == now[1]
    assert now[0].campaigns
    assert later[0] == later[1]
    assert list(watch.good) == list(again.good)


def test_it_is_small() -> None:
    """
    It is written to the store every few seconds.
    """
    assert len(attacked().snapshot()) < 300_000


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:0],
        lambda data: data[:-20],
        lambda data: data.replace(b"watch 1", b"watch 9"),
        lambda data: data[:14] + zlib.compress(b"\x80"),
        lambda data: data[:14] + data[15:],
    ],
)
def test_what_is_no_snapshot_is_refused(damage: object) -> None:
    """
    The watch begins anew instead of going on with half of it.
    """
    data = damage(Watch().snapshot())  # type: ignore[operator]

    with pytest.raises(ValueError, match="snapshot"):
        Watch.restore(data)
