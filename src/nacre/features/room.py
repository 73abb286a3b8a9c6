# SPDX-License-Identifier: Apache-2.0
"""
The arithmetic between what profiles hold and what a model is shown, in arrays that are kept.

All numbers around one attempt lie side by side: the counters of its profiles, a 0, what is no counter, the quotients,
and at the end the NaN that stands for what is not known.  A column is a place among them.  So a vector takes a dozen
operations on arrays, whatever is known of the attempt; an operation costs as much as the numbers in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from nacre.features.columns import PROTOCOLS, STANDARD
from nacre.features.layout import DAY, HOUR
from nacre.features.profile import Profile
from nacre.features.quotients import CONTEXTS, NOTHING, OF, PROFILES, QUOTIENTS, RATES, Division, at

SCALARS = (
    "address.age", "address.idle", "network.age", "network.idle",
    "user.since_success", "user.since_failure", "user.age", "user.known", "user.unknown",
    "novelty.address", "novelty.network", "novelty.asn", "novelty.country", "novelty.client", "novelty.protocol",
    "novelty.count", "novelty.history",
    "token.known", "token.right", "token.former", "token.tried", "token.tried_here", "token.since_tried",
    "token.since_right", "token.new",
    *(f"protocol.{name}" for name in PROTOCOLS), "original.time_of_day", "original.suspicious_network",
)  # fmt: skip
"""Columns that are no counter and no quotient of counters, in the order in which they are put into a room."""

_PUT = NOTHING + 1 + len(SCALARS)
_DIVIDED = _PUT + len(PROFILES)
_UNKNOWN = _DIVIDED + len(QUOTIENTS)
_NUMBERS = Struct(f"={_DIVIDED}d")

_GROUPS = (
    [name for name in STANDARD.names if name.startswith("user.") and name not in {"user.known", "user.unknown"}],
    [name for name in STANDARD.names if name.startswith("token.") and name != "token.known"],
    *([name for name in STANDARD.names if name.startswith(f"{context}.")] for context in CONTEXTS),
)
"""Columns that say nothing without an account, a password, an operator, a country, a client."""
_OPENED = PROFILES["address"].lists.index("opened")
_OPEN = [(at(source, "open_1h"), at(source, "open_24h")) for source in ("address", "network")]

_LOGS = [place for place, column in enumerate(STANDARD.columns) if column.log]
_LOGS_FIRST = _LOGS + [place for place, column in enumerate(STANDARD.columns) if not column.log]
_IN_ORDER = np.argsort(_LOGS_FIRST)
"""For each column its place where those that are logarithms come first."""


def _place(name: str) -> int:
    """Return the place of a column's number."""
    for first, names in ((_DIVIDED, [each.name for each in QUOTIENTS]), (NOTHING + 1, SCALARS)):
        if name in names:
            return first + list(names).index(name)
    return at(*name.split(".", 1))


def _places(missing: int) -> NDArray[np.intp]:
    """Return the place of each column's number, where some of the groups are not known."""
    hidden = {name for bit, names in enumerate(_GROUPS) if missing >> bit & 1 for name in names}
    return np.array([_UNKNOWN if name in hidden else _place(name) for name in STANDARD.names], dtype=np.intp)


_PLACES = [_places(missing) for missing in range(1 << len(_GROUPS))]
_PLACES_LOGS_FIRST = [places[_LOGS_FIRST] for places in _PLACES]


class Room:
    """
    Room for the numbers around one attempt.  Not for two threads at once.

    Attributes:
        counts: The counters as they are at the time of the attempt, as :func:`nacre.features.quotients.at` places them.
    """

    def __init__(self) -> None:
        self._all = np.zeros(_UNKNOWN + 1)
        self._all[_UNKNOWN] = np.nan
        self._bytes = self._all.data
        self.counts = self._all[:NOTHING]
        self._counters = self._all[: NOTHING + 1]
        self._elapsed = self._all[_PUT:_DIVIDED]
        self._left = np.empty(NOTHING)
        self._quotients = self._all[_DIVIDED:_UNKNOWN]
        self._divide = Division().divide
        self._values = np.empty(len(STANDARD))
        self._floats = np.empty(len(STANDARD), np.float32)
        self._logarithms = self._floats[: len(_LOGS)]
        self._missing = 0

    def put(self, around: Sequence[Profile], scalars: Sequence[float], *, user: int, now: float, missing: int) -> None:
        """
        Take in what is around an attempt.

        Args:
            around: Its profiles, in the order of :data:`~nacre.features.quotients.PROFILES`.
            scalars: One number for each of :data:`SCALARS`.
            user: Digest of its account: one that failed from its address is not one of the others.
            now: Unix seconds of the attempt.
            missing: Bits for what was not given: account, password, operator, country, client.
        """
        a, b, c, d, e, f, g, h, i = around
        _NUMBERS.pack_into(
            self._bytes, 0,
            *a.counts, *b.counts, *c.counts, *d.counts, *e.counts, *f.counts, *g.counts, *h.counts, *i.counts, 0.0,
            *scalars,
            *[profile.last - now if now > profile.last > 0.0 else 0.0 for profile in around],
        )  # fmt: skip
        self._missing = missing
        left = self._left
        self._elapsed.take(OF, None, left, "clip")
        np.multiply(left, RATES, left)
        np.exp2(left, left)
        np.multiply(self.counts, left, self.counts)
        for source, (open_1h, open_24h) in zip((a, b), _OPEN, strict=True):
            opened = source.seen(_OPENED, user)
            if opened is not None:
                since = min(0.0, opened - now)
                self.counts[open_1h] = max(0.0, self.counts[open_1h] - 2.0 ** (since / HOUR))
                self.counts[open_24h] = max(0.0, self.counts[open_24h] - 2.0 ** (since / DAY))
        self._divide(self._counters, self._quotients)

    def values(self) -> NDArray[np.float64]:
        """Return one number per standard column, before logarithms, (columns,) float64."""
        return self._all.take(_PLACES[self._missing])

    def vector(self) -> NDArray[np.float32]:
        """Return what :meth:`nacre.features.schema.Schema.vector` makes of :meth:`values`, (columns,) float32."""
        self._all.take(_PLACES_LOGS_FIRST[self._missing], None, self._values, "clip")
        self._floats[:] = self._values
        np.log1p(self._logarithms, self._logarithms)
        return self._floats.take(_IN_ORDER)
