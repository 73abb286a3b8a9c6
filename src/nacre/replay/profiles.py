# SPDX-License-Identifier: Apache-2.0
"""The profiles of a replay: of a store that nobody else uses, kept where they are needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from nacre.attempt import Attempt
from nacre.features.changes import COUNTS, Outcome
from nacre.features.facts import Facts
from nacre.features.profile import Profile, read_profile
from nacre.features.standard import LAYOUTS, NOTHING, Surroundings
from nacre.ports import ProfileKeys, Wanted

_OPEN = 20_000
"""Profiles that are held unpacked; the others take a tenth of the room."""


class PrivateProfiles:
    """
    Profiles of which no other process knows.

    What is counted, seen and forgotten is the same as with :class:`nacre.store.profiles.Profiles`; only that a value
    is neither fetched nor sent, and that time is that of the attempts.

    Args:
        keys: Spells the keys.
    """

    def __init__(self, keys: ProfileKeys) -> None:
        self._keys = keys
        self._open: OrderedDict[bytes, Profile] = OrderedDict()
        self._packed: dict[bytes, bytes] = {}
        self._now = 0.0

    def want(self, attempt: Attempt, facts: Facts) -> Wanted:
        """Return what has to be read of the store: nothing."""
        self._now = attempt.time
        return Wanted((), (), self._keys.profiles(attempt, facts))

    def around(self, wanted: Wanted, values: Sequence[bytes | None]) -> Surroundings:  # noqa: ARG002  there are none
        """Return what is around an attempt."""
        return Surroundings(
            *[self._profile(key, role) if key else NOTHING[role] for role, key in enumerate(wanted.all)]
        )

    def count(self, attempt: Attempt, outcome: Outcome) -> None:
        """Count an outcome in the profiles around its attempt."""
        self._now = outcome.time
        for role, key in enumerate(self._keys.profiles(attempt, outcome.facts)):
            if key:
                COUNTS[role](self._profile(key, role), outcome)

    async def settle(self) -> None:
        """Do nothing: what is counted is there."""

    def _profile(self, key: bytes, role: int) -> Profile:
        profile = self._open.get(key)
        if profile is None:
            profile = self._open[key] = read_profile(self._packed.pop(key, None), LAYOUTS[role])
            if len(self._open) > _OPEN:
                oldest, packed = self._open.popitem(last=False)
                if packed.first:
                    self._packed[oldest] = packed.pack(0)
        else:
            self._open.move_to_end(key)
        if 0.0 < profile.last <= self._now - profile.layout.lives:
            profile = self._open[key] = Profile(LAYOUTS[role])
        return profile
