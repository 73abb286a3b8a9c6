# SPDX-License-Identifier: Apache-2.0
"""
What is known of attempts in hindsight, in a fraction of the room that the events take.

Labels need all events at once, and a training needs all samples at once, but neither needs the other's rows.
So events are looked back at first, and may go before the samples come.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.learning.claims import Claim, Counted, apply_claims
from nacre.learning.labels import Labels, label
from nacre.learning.limits import Came


class Hindsight(NamedTuple):
    """
    What the events of the journal say of the samples.

    Attributes:
        ids: (n,) uint64, digests of the request ids, ascending.
        labels: Of these, with the feedback.
        came: How many attempts of each day and kind there were.
        claims: What became of the feedback.
    """

    ids: NDArray[np.uint64]
    labels: Labels
    came: Came
    claims: Counted

    def among(self, samples: NDArray[np.void]) -> Hindsight:
        """Return what is said of some samples alone, which is a tenth of what is said of all events."""
        asked = np.zeros(len(self.ids), np.bool_)
        if len(self.ids):
            asked[self._at(samples)] = True
        return self._replace(ids=self.ids[asked], labels=_of(self.labels, asked))

    def of(self, samples: NDArray[np.void], now: float) -> tuple[NDArray[np.void], Labels]:
        """
        Return the samples whose events are there and not later than a time, with their labels.

        Args:
            samples: (m,) of :func:`nacre.learning.row.row_dtype`.
            now: Unix seconds.
        """
        if not len(self.ids):
            return samples[:0], Labels.blank(0)
        at = self._at(samples)
        there = (self.ids[at] == samples["id"]) & (samples["time"] <= now)
        if not there.all():  # a copy of all would be as much memory again
            samples, at = samples[there], at[there]
        return samples, _of(self.labels, at)

    def _at(self, samples: NDArray[np.void]) -> NDArray[np.intp]:
        """Return where the ids of samples are, or another one for those that are not there; there is one at least."""
        return np.minimum(np.searchsorted(self.ids, samples["id"]), len(self.ids) - 1)


def look_back(events: NDArray[np.void], now: float, claims: Iterable[Claim] = ()) -> Hindsight:
    """
    Return what the events up to a time say, feedback included.

    Args:
        events: (n,) EVENT, in the order of time.
        now: Unix seconds; nothing later has any influence, nor feedback given later.
        claims: Feedback.

    Raises:
        ValueError: *events* are no EVENT rows or not sorted.

    A stranger of the day before yesterday:

    >>> from nacre.learning.event import EVENT, Flag
    >>> rows = np.zeros(1, EVENT)
    >>> rows["id"], rows["ip"], rows["net"], rows["user"], rows["token"] = 7, 1, 2, 3, 4
    >>> rows["flags"] = Flag.ORPHAN | Flag.FRESH | Flag.KNOWN
    >>> known = look_back(rows, 172_800.0)
    >>> known.ids.tolist(), known.labels.attack.tolist()
    ([7], [1.0])
    """
    came = Came.of(events)
    labels, counted = apply_claims(events, label(events, now), claims, now)
    order = np.argsort(events["id"], kind="stable")
    return Hindsight(events["id"][order], _of(labels, order), came, counted)


def _of(labels: Labels, which: NDArray[np.int64] | NDArray[np.bool_]) -> Labels:
    return Labels(labels.attack[which], labels.weight[which], labels.reason[which])
