# SPDX-License-Identifier: Apache-2.0
"""
Sliding windows: how many events happened within the last *period* seconds.

A window is a short list of ticks with counts.  A tick is *grain* seconds long.  Up to
:data:`EXACT_LIMIT` events a tick is 1/4096 of the period, so that every event keeps a time
of its own; only the newest *limit* events are kept, for whether more happened no
rule asks.  Beyond that limit a tick is 1/64 of the period and at most 66 ticks are kept; one that
happens to hold more events than 16 bits count stands there several times.

The error has one side only: an event younger than *period* is always counted, an event
older than *period* + *grain* never is.  So a limit cannot be slipped under, and a count
lasts at most 1/4096 (or 1/64) longer than it should.

Other shapes were weighed.  Two counters per period (the estimate that many rate limiters use)
lose half of a burst that lies in the middle of the previous window; a sorted set per subject costs
about a hundred bytes an event.
"""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

import msgspec

EXACT_LIMIT = 64
"""Largest limit whose events are kept one by one."""

FINE, COARSE = 4096, 64
"""Ticks per period, up to :data:`EXACT_LIMIT` and beyond."""

SMOOTH = 240
"""Ticks per period where shorter periods are counted in the same window too: nearly as many as it can hold."""

FULL = 65_535
"""Events that one tick counts; the next ones at the same time open a tick of the same number."""

MOST_TICKS = 255
"""Ticks that a packed window can hold."""


class Shape(NamedTuple):
    """
    How a window is kept.

    Attributes:
        period: Seconds that the window looks back.
        grain: Seconds of one tick.
        cap: Ticks kept at most, the newest ones; a tick that is full and goes on counts once more.
    """

    period: float
    grain: float
    cap: int

    @classmethod
    def of(cls, period: float, limit: int) -> Shape:
        """
        Return the shape that serves a limit.

        >>> Shape.of(60.0, 10)
        Shape(period=60.0, grain=0.0146484375, cap=10)
        >>> Shape.of(3600.0, 1000)
        Shape(period=3600.0, grain=56.25, cap=67)
        """
        if limit <= EXACT_LIMIT:
            return cls(period, period / FINE, limit)
        return cls(period, period / COARSE, min(COARSE + 2 + ceil(limit / FULL), MOST_TICKS))

    @classmethod
    def smooth(cls, period: float) -> Shape:
        """
        Return the shape that serves shorter periods too, with an error of 1/240 of its own.

        >>> Shape.smooth(86400.0)
        Shape(period=86400.0, grain=360.0, cap=255)
        """
        return cls(period, period / SMOOTH, MOST_TICKS)


class Window(msgspec.Struct, frozen=True, gc=False):
    """
    What is kept of one rule's events for one subject.

    Attributes:
        grain: Seconds of one tick, as it was when the window was written.
        ticks: Tick numbers since the epoch, oldest first.
        counts: Events in each of them.
        armed: Whether an event came in since the last ban began.
        until: Unix seconds at which the last ban ends, 0 if there was none.
        strikes: Bans in a row before the last one.
    """

    grain: float
    ticks: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    armed: bool = False
    until: float = 0.0
    strikes: int = 0

    def count(self, now: float, period: float) -> int:
        """
        Return the events of the last *period* seconds.

        Args:
            now: Unix seconds.
            period: Seconds to look back.

        >>> Window(grain=1.0, ticks=(100, 130, 160), counts=(1, 2, 4)).count(now=165.0, period=60.0)
        6
        """
        oldest = floor((now - period) / self.grain)
        return sum(count for tick, count in zip(self.ticks, self.counts, strict=True) if tick >= oldest)


EMPTY = Window(grain=1.0)
"""A window that nothing was ever counted in."""
