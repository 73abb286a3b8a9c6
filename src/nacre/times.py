# SPDX-License-Identifier: Apache-2.0
"""Numbers on their way into a histogram."""

from __future__ import annotations

from bisect import bisect_left

from prometheus_client import Histogram

LATENCY = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Seconds."""


class Times:
    """
    Times on their way into a histogram.

    Observing one costs two locked additions; a hundred of them, added up first, cost no more.

    Args:
        histogram: Where they go.
        buckets: Of the histogram.
    """

    def __init__(self, histogram: Histogram, buckets: tuple[float, ...] = LATENCY) -> None:
        self._histogram = histogram
        self._buckets = buckets
        self._counts = [0] * (len(buckets) + 1)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        """Take a time in."""
        self._counts[bisect_left(self._buckets, seconds)] += 1
        self._seconds += seconds

    def flush(self) -> None:
        """Put what was taken in into the histogram."""
        if self._seconds:
            for bucket, count in zip(self._histogram._buckets, self._counts, strict=True):  # noqa: SLF001 - it has no addition of several
                if count:
                    bucket.inc(count)
            self._histogram._sum.inc(self._seconds)  # noqa: SLF001 - the same
            self._counts = [0] * len(self._counts)
            self._seconds = 0.0
