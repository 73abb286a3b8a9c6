# SPDX-License-Identifier: Apache-2.0
"""
The columns that are quotients of counters, and where each counter stands.

The counters of all profiles around an attempt stand in one array, with a 0 behind them, so that all shares
and rises are computed at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.features.layout import CONTEXT, DAY, HOUR, MINUTES_10, SOURCE, TOKEN, USER, WEEK, Layout

PROFILES: dict[str, Layout] = {
    "address": SOURCE, "network": SOURCE, "user": USER, "token": TOKEN,
    "asn": CONTEXT, "country": CONTEXT, "client": CONTEXT, "protocol": CONTEXT, "everyone": CONTEXT,
}  # fmt: skip
"""The profiles around an attempt in their order, and the layout of each."""

_STARTS = dict(
    zip(PROFILES, np.cumsum([0, *(len(layout.names) for layout in PROFILES.values())]).tolist(), strict=False)
)
OF = np.repeat(np.arange(len(PROFILES)), [len(layout.names) for layout in PROFILES.values()])
"""The profile of each counter, by place."""
RATES = np.concatenate([1.0 / np.array(layout.left_in) for layout in PROFILES.values()])
"""How often each counter halves in a second."""
NOTHING = len(OF)
"""The place of the 0 behind all counters."""


def at(profile: str, counter: str) -> int:
    """Return the place of a counter among those of all profiles, as ``("user", "failures_1h")``."""
    return int(_STARTS[profile]) + PROFILES[profile].counter(counter)


class Quotient(NamedTuple):
    """
    A column that is a quotient of counters: ``(a + b + more) / ((c + d) * times + least)``.

    Each of a, b, c and d is the place of a counter.
    """

    name: str
    above: tuple[int, int]
    below: tuple[int, int]
    more: float = 0.3
    times: float = 1.0
    least: float = 1.0


def _ratio(name: str, profile: str, what: str, window: str) -> Quotient:
    """Return the column of a share of all attempts in a window, near 0.3 where there is none."""
    below = (at(profile, f"failures_{window}"), at(profile, f"successes_{window}"))
    return Quotient(name, (at(profile, f"{what}_{window}"), NOTHING), below)


def _rise(name: str, profile: str, what: tuple[str, ...], windows: tuple[str, str], share: float) -> Quotient:
    """Return the column of a rate beside its usual one; one event more keeps silence from being a surprise."""
    now, usual = (
        tuple([at(profile, f"{each}_{window}") for each in what] + [NOTHING] * (2 - len(what))) for window in windows
    )
    return Quotient(name, now, usual, more=1.0, times=share)  # type: ignore[arg-type]  # both have two


CONTEXTS = ("asn", "country", "client")
RATIOS = [
    *(
        _ratio(f"{source}.{name}", source, what, window)
        for source in ("address", "network")
        for name, what, window in (
            ("failure_ratio_1h", "failures", "1h"),
            ("failure_ratio_24h", "failures", "24h"),
            ("new_pair_share_24h", "new_pairs", "24h"),
            ("fresh_share_24h", "fresh", "24h"),
        )
    ),
    _ratio("user.failure_ratio_7d", "user", "failures", "7d"),
    *(_ratio(f"{context}.failure_ratio_1h", context, "failures", "1h") for context in CONTEXTS),
    _ratio("protocol.failure_ratio_10m", "protocol", "failures", "10m"),
    _ratio("protocol.fresh_share_10m", "protocol", "fresh", "10m"),
    _ratio("everyone.failure_ratio_10m", "everyone", "failures", "10m"),
    _ratio("everyone.failure_ratio_24h", "everyone", "failures", "24h"),
    _ratio("everyone.unknown_share_10m", "everyone", "unknown_users", "10m"),
]
_ALL_LOGINS = (at("everyone", "successes_7d"), NOTHING)
_LOGARITHMS = [
    *(
        Quotient(f"{context}.share", (at(context, "successes_7d"), NOTHING), _ALL_LOGINS, more=0.1, least=10.0)
        for context in CONTEXTS
    ),
    *(_rise(f"{context}.orphan_rise", context, ("orphans",), ("1h", "7d"), HOUR / WEEK) for context in CONTEXTS),
    _rise("everyone.orphan_rise", "everyone", ("orphans",), ("10m", "24h"), MINUTES_10 / DAY),
    _rise("everyone.fresh_rise", "everyone", ("fresh",), ("10m", "24h"), MINUTES_10 / DAY),
    _rise("everyone.rate_rise", "everyone", ("failures", "successes"), ("10m", "24h"), MINUTES_10 / DAY),
]
QUOTIENTS = RATIOS + _LOGARITHMS
_TERMS = np.array([(each.above, each.below) for each in QUOTIENTS]).transpose(2, 1, 0).copy()
"""The places of a and c, and those of b and d: (2, 2, quotients)."""
_TIMES = np.array([[1.0] * len(QUOTIENTS), [each.times for each in QUOTIENTS]])
_MORE = np.array([[each.more for each in QUOTIENTS], [each.least for each in QUOTIENTS]])


class Division:
    """Computes the columns of :data:`QUOTIENTS`, in arrays that are kept.  Not for two threads at once."""

    def __init__(self) -> None:
        self._terms, self._sums = np.empty(_TERMS.shape), np.empty(_TIMES.shape)

    def divide(self, counts: NDArray[np.float64], quotients: NDArray[np.float64]) -> None:
        """
        Write the quotients of some counters.

        Args:
            counts: All counters as they are now, and a 0 behind them.
            quotients: (quotients,), where to.

        >>> found = np.empty(len(QUOTIENTS))
        >>> Division().divide(np.zeros(NOTHING + 1), found)
        >>> found[:2].tolist()
        [0.3, 0.3]
        """
        terms, sums = self._terms, self._sums
        counts.take(_TERMS, None, terms, "clip")  # with "raise" numpy would fill a copy first
        np.add(terms[0], terms[1], sums)
        np.multiply(sums, _TIMES, sums)
        np.add(sums, _MORE, sums)
        np.divide(sums[0], sums[1], quotients)
        rises = quotients[len(RATIOS) :]
        np.log(rises, rises)
