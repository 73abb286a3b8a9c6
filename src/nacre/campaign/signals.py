# SPDX-License-Identifier: Apache-2.0
"""
What came within the last minute, five minutes, quarter of an hour and hour.

One entry a minute.  Distinct values are exact as long as no minute of a window had more than 256 of a sort, and off
by 1.6 % (one standard deviation) beyond.  A window of n minutes is the running minute and the n - 1 before it.
"""

from __future__ import annotations

import msgspec
import numpy as np

from nacre.campaign.distinct import Distinct, Hashing, Union
from nacre.campaign.picture import Signals
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.trial import subnets_of

WINDOWS = (60, 300, 900, 3600)
"""Seconds."""

_MINUTES, _BATCH = 60, 1024
_FAILED_IF_NEITHER = int(Mark.SUCCESS | Mark.STOPPED)
_UNKNOWN = int(Mark.UNKNOWN)


class Minute(msgspec.Struct):
    """
    What came in one minute.

    Attributes:
        number: Minutes from the epoch.
        attempts, failures, unknown: Of attempts; the last ones named no account that exists.
        addresses, subnets, accounts: Distinct ones.
        asns: Distinct ones.
        countries: Distinct ones, of which there are few.
    """

    number: int
    attempts: int = 0
    failures: int = 0
    unknown: int = 0
    addresses: Distinct = msgspec.field(default_factory=Distinct)
    subnets: Distinct = msgspec.field(default_factory=Distinct)
    accounts: Distinct = msgspec.field(default_factory=Distinct)
    asns: Distinct = msgspec.field(default_factory=Distinct)
    countries: set[str] = msgspec.field(default_factory=set)


class _Closed:
    """The minutes of a window that are over."""

    def __init__(self, minutes: list[Minute]) -> None:
        self.minutes = minutes
        self.attempts = sum(minute.attempts for minute in minutes)
        self.failures = sum(minute.failures for minute in minutes)
        self.unknown = sum(minute.unknown for minute in minutes)
        self.addresses = Union([minute.addresses for minute in minutes])
        self.subnets = Union([minute.subnets for minute in minutes])
        self.accounts = Union([minute.accounts for minute in minutes])
        self.asns = Union([minute.asns for minute in minutes])
        self.countries: set[str] = set().union(*(minute.countries for minute in minutes))


class SignalWindows:
    """
    Counts what comes, minute by minute.

    Args:
        hashing: Of what is counted.

    Attributes:
        minutes: Of the last hour, oldest first; the last one runs.
    """

    def __init__(self, hashing: Hashing) -> None:
        self._hashing = hashing
        self.minutes: list[Minute] = []
        self._running = Minute(0)
        self._closed: dict[int, _Closed] = {}
        self._waiting: list[tuple[Minute, list[int], list[str], list[int]]] = []
        self._numbers: list[int] = []
        self._accounts: list[str] = []
        self._asns: list[int] = []

    def resume(self, minutes: list[Minute]) -> None:
        """Go on from the minutes of a snapshot, oldest first."""
        self.minutes = minutes
        self._running = minutes[-1] if minutes else Minute(0)
        self._closed = {}

    def add(self, sighting: Sighting, number: int) -> None:
        """
        Count an attempt in the running minute.

        Args:
            sighting: Of the attempt.
            number: Its address as :func:`nacre.campaign.trial.number_of` gives it.
        """
        running, marks = self._running, sighting.marks
        running.attempts += 1
        if not marks & _FAILED_IF_NEITHER:
            running.failures += 1
        if marks & _UNKNOWN:
            running.unknown += 1
        self._numbers.append(number)
        self._accounts.append(sighting.account)
        self._asns.append(sighting.asn)
        running.countries.add(sighting.country)
        if len(self._numbers) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Count what waits to be counted."""
        self._put_by()
        for minute, numbers, accounts, asns in self._waiting:
            self._hash(minute, numbers, accounts, asns)
        self._waiting = []

    def _put_by(self) -> None:
        if self._numbers:
            self._waiting.append((self._running, self._numbers, self._accounts, self._asns))
            self._numbers, self._accounts, self._asns = [], [], []

    def _hash(self, minute: Minute, attempts: list[int], accounts: list[str], asns: list[int]) -> None:
        hashing = self._hashing
        numbers = np.array(attempts, np.uint64)
        numbers = numbers[numbers > 0]
        minute.addresses.add(hashing.numbers(numbers))
        minute.subnets.add(hashing.numbers(subnets_of(numbers)))
        minute.accounts.add(hashing.texts(account for account in accounts if account))
        minute.asns.add(hashing.numbers(np.array([asn for asn in set(asns) if asn], np.uint64)))

    def roll(self, number: int) -> None:
        """Begin the minute of this number, if it is newer than the running one; what nobody reads is never counted."""
        if number <= self._running.number:
            return
        self._put_by()
        self._running = Minute(number)
        oldest = number - _MINUTES
        self._waiting = [each for each in self._waiting if each[0].number > oldest]
        self.minutes = [minute for minute in self.minutes if minute.number > oldest]
        self.minutes.append(self._running)
        self._closed = {}

    def read(self) -> tuple[Signals, ...]:
        """Return the signals of all windows, the shortest first."""
        self.flush()
        return tuple(self._window(seconds) for seconds in WINDOWS)

    def failures(self, seconds: int) -> int:
        """Return the failures of a window; far less work than all that :meth:`read` counts."""
        oldest = self._running.number - seconds // 60
        return sum(minute.failures for minute in self.minutes if minute.number > oldest)

    def _window(self, seconds: int) -> Signals:
        running = self._running
        closed = self._closed.get(seconds)
        if closed is None:
            oldest = running.number - seconds // 60
            closed = _Closed([minute for minute in self.minutes if oldest < minute.number < running.number])
            self._closed[seconds] = closed
        attempts = closed.attempts + running.attempts
        return Signals(
            window=seconds,
            attempts=attempts,
            failures=closed.failures + running.failures,
            addresses=closed.addresses.count(running.addresses),
            subnets=closed.subnets.count(running.subnets),
            asns=closed.asns.count(running.asns),
            countries=len((closed.countries | running.countries) - {""}),
            accounts=closed.accounts.count(running.accounts),
            unknown_accounts=(closed.unknown + running.unknown) / attempts if attempts else 0.0,
        )
