# SPDX-License-Identifier: Apache-2.0
"""Numbers on their way into a histogram."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram

from nacre.times import LATENCY, Times


def _shown(histogram: Histogram) -> dict[str, float]:
    return {
        f"{s.name}{s.labels}": s.value
        for family in histogram.collect()
        for s in family.samples
        if "_created" not in s.name
    }


@given(st.lists(st.floats(1e-6, 2.0), min_size=1))
def test_added_up_they_make_the_same_histogram_as_one_by_one(seconds: list[float]) -> None:
    """
    That it is cheaper is no reason to count otherwise.
    """
    ours, theirs = (Histogram("t", "t", buckets=LATENCY, registry=CollectorRegistry()) for _ in range(2))
    times = Times(ours)

    for one in seconds:
        times.add(one)
        theirs.observe(one)
    times.flush()
    times.flush()

    shown, expected = _shown(ours), _shown(theirs)
    assert shown.keys() == expected.keys()
    assert all(abs(shown[name] - expected[name]) < 1e-9 * len(seconds) for name in shown)
