# SPDX-License-Identifier: Apache-2.0
"""
Counting while the store is away: what this process alone sees, in exact logs of times.

It protects for minutes, not for days: nothing here survives the process, and what others see is
not known.  Rules about accounts rest, for where an account's owner signs in from is in the store.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence

from nacre.attempt import Attempt
from nacre.rules.rule import BY_ADDRESS, Bucket, Watch
from nacre.rules.verdict import Trip, Verdict

_SUBJECTS = 50_000


class LocalCounters:
    """
    Failures by rule and subject, as far as this process saw them.

    >>> LocalCounters().trips((), (), now=0.0)
    []
    """

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[int, bytes], deque[float]] = OrderedDict()
        self._tried: OrderedDict[tuple[bytes, str, bytes], None] = OrderedDict()

    def add(self, watches: Sequence[Watch], keys: Sequence[bytes], attempt: Attempt) -> None:
        """Count a failure for all subjects of an attempt; the same wrong password again does not count."""
        if attempt.token and self._tried_before((keys[0], attempt.account_key, attempt.token)):
            return
        for watch, key in zip(watches, keys, strict=True):
            if watch.kind in BY_ADDRESS:
                for bucket in watch.buckets:
                    self._log(bucket, key).append(attempt.time)

    def trips(self, watches: Sequence[Watch], keys: Sequence[bytes], now: float) -> list[Trip]:
        """Return the rules that an attempt trips by what was counted here."""
        found = []
        for index, (watch, key) in enumerate(zip(watches, keys, strict=True)):
            for bucket in watch.buckets:
                times = self._times.get((bucket.tag, key))
                if times is None:
                    continue
                count = sum(time > now - bucket.shape.period for time in times)
                if count >= bucket.rule.failed_requests:
                    found.append(Trip(bucket, index, count, 0.0))
        return found

    def beside(self, verdict: Verdict, watches: Sequence[Watch], keys: Sequence[bytes], now: float) -> Verdict:
        """
        Return what the store says together with what was counted here alone.

        Some reports still wait on disk, or the store is one that can be read and not written.
        """
        if not self._times:
            return verdict
        tripped = {(trip.bucket.tag, trip.index) for trip in verdict.trips}
        trips = self.trips(watches, keys, now)
        more = [trip for trip in trips if (trip.bucket.tag, trip.index) not in tripped]
        return verdict._replace(trips=(*verdict.trips, *more))

    def clear(self) -> None:
        """Forget everything; the store knows better again."""
        self._times.clear()
        self._tried.clear()

    def _tried_before(self, what: tuple[bytes, str, bytes]) -> bool:
        before = what in self._tried
        self._tried[what] = None
        self._tried.move_to_end(what)
        if len(self._tried) > _SUBJECTS:
            self._tried.popitem(last=False)
        return before

    def _log(self, bucket: Bucket, key: bytes) -> deque[float]:
        name = (bucket.tag, key)
        times = self._times.get(name)
        if times is None:
            times = self._times[name] = deque(maxlen=bucket.rule.failed_requests)
            if len(self._times) > _SUBJECTS:
                self._times.popitem(last=False)
        else:
            self._times.move_to_end(name)
        return times
