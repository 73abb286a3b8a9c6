# SPDX-License-Identifier: Apache-2.0
"""What the profiles of each kind of subject hold: counters by half-life, lists by cap, times."""

from __future__ import annotations

from operator import itemgetter
from struct import Struct

MINUTES_5, MINUTES_10, HOUR, DAY, WEEK = 300.0, 600.0, 3_600.0, 86_400.0, 604_800.0
HEAD_FIELDS = 5
"""Numbers that a stored value begins with, before the sizes of its lists."""


class Layout:
    """
    What the profiles of one kind of subject hold.

    Args:
        code: Names the layout inside values.
        counters: Half-life in seconds to the names of the counters that decay with it.
        lists: Name to cap of each list.
        stamps: Names of the times.
        lives: Seconds without a change after which a profile is forgotten.
    """

    def __init__(
        self,
        code: int,
        counters: dict[float, tuple[str, ...]],
        *,
        lists: dict[str, int] | None = None,
        stamps: tuple[str, ...] = (),
        lives: float,
    ) -> None:
        lists = lists or {}
        self.code = code
        self.names = tuple(f"{name}_{_SHORT[half_life]}" for half_life, names in counters.items() for name in names)
        self.half_lives = tuple(counters)
        self.left_in = tuple(half_life for half_life, names in counters.items() for _ in names)
        self._spread = itemgetter(*(place for place, names in enumerate(counters.values()) for _ in names))
        self.lists = tuple(lists)
        self.caps = tuple(lists.values())
        self.stamps = stamps
        self.lives = int(lives)
        self.struct = Struct(f"<BBIdI{len(lists)}B{len(self.names)}f{len(stamps)}I")
        self.counts_from = HEAD_FIELDS + len(lists)
        self.stamps_from = self.counts_from + len(self.names)

    def counter(self, name: str) -> int:
        """Return the place of a counter, as ``failures_1h``."""
        return self.names.index(name)

    def left_after(self, elapsed: float) -> tuple[float, ...]:
        """Return what is left of 1 in each counter after some seconds."""
        left: tuple[float, ...] = self._spread([2.0 ** (-elapsed / half_life) for half_life in self.half_lives])
        return left


_SHORT = {MINUTES_5: "5m", MINUTES_10: "10m", HOUR: "1h", DAY: "24h", WEEK: "7d"}


SOURCE = Layout(
    1,
    {
        MINUTES_5: ("failures",),
        HOUR: ("failures", "successes", "failing_users", "failing_tokens", "unknown_users", "fresh", "open"),
        DAY: (
            "failures",
            "successes",
            "failing_users",
            "failing_tokens",
            "unknown_users",
            "fresh",
            "open",
            "new_pairs",
            "addresses",
        ),
        WEEK: ("successes", "succeeding_users"),
    },
    lists={"failed": 24, "passed": 24, "tokens": 24, "opened": 16, "addresses": 24},
    lives=8 * DAY,
)
"""An address, or a network."""

USER = Layout(
    2,
    {
        MINUTES_5: ("failures",),
        HOUR: ("failures", "failing_addresses", "failing_tokens", "fresh"),
        DAY: ("failures", "failing_addresses", "failing_tokens", "fresh", "fresh_addresses"),
        WEEK: ("failures", "successes", "asns", "fresh_elsewhere"),
    },
    lists={
        "right": 4,
        "tried": 16,
        "addresses": 8,
        "networks": 8,
        "asns": 6,
        "countries": 5,
        "clients": 6,
        "protocols": 4,
        "failed_from": 16,
        "asns_tried": 6,
        "doubted": 6,
    },
    stamps=("success", "failure"),
    lives=90 * DAY,
)
"""An account."""

TOKEN = Layout(3, {HOUR: ("failing_users",), DAY: ("failing_users",), WEEK: ("right_users",)}, lives=14 * DAY)
"""The keyed digest of a password, whoever tries it."""

CONTEXT = Layout(
    4,
    {
        MINUTES_10: ("failures", "successes", "fresh", "orphans", "unknown_users"),
        HOUR: ("failures", "successes", "orphans"),
        DAY: ("failures", "successes", "fresh", "orphans"),
        WEEK: ("failures", "successes", "orphans"),
    },
    lives=30 * DAY,
)
"""What many attempts have in common: autonomous system, country, client, protocol; or that they are attempts at all."""
