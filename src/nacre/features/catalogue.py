# SPDX-License-Identifier: Apache-2.0
"""
The catalogue: which additional features there are, and where their values stand.

A name that is seen for the first time is proposed: it gets a slot, and its values are kept.  The next training makes
it canonical, that is, an input of the network.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import msgspec

from nacre.features.extras import Coding, Extras, Kind

SLOTS = 32
"""Additional features at most, proposed ones included."""

MAX_NAME = 64
"""Characters of a name."""


class State(enum.Enum):
    """
    How far a feature has come.

    Attributes:
        PROPOSED: Seen; its values are kept, and no network uses them yet.
        CANONICAL: In use since a training.
    """

    PROPOSED = "proposed"
    CANONICAL = "canonical"


class Feature(msgspec.Struct, frozen=True, gc=False):
    """
    One additional feature.

    Attributes:
        name: As callers spell it, 1-64 printable characters.
        kind: What its values are.
        coding: How its texts become columns, as first seen.
        state: Whether networks use it.
        slot: Its place in packed values, below :data:`SLOTS`.
        since: Unix seconds at which it was first seen; in older rows its slot belonged to another one.
    """

    name: str
    kind: Kind
    coding: Coding
    state: State
    slot: int
    since: float


class Proposal(NamedTuple):
    """
    What became of names seen for the first time.

    Attributes:
        catalogue: The catalogue with them; the same object if nothing is new.
        dropped: Names that found no place, or that cannot be one.
    """

    catalogue: Catalogue
    dropped: int


class Removal(NamedTuple):
    """
    What became of a wish to remove features.

    Attributes:
        catalogue: What is left.
        removed: Names that were there, sorted.
        unknown: Names that were not; no failure, but worth telling.
        resets: Whether a canonical one is gone, so that the network must be made anew.
    """

    catalogue: Catalogue
    removed: tuple[str, ...]
    unknown: tuple[str, ...]
    resets: bool


class Catalogue(msgspec.Struct, frozen=True, dict=True):
    """
    The additional features of one installation, a value that is replaced and never changed.

    A name keeps its slot, its kind and its coding until it is removed: who comes later finds no place, and pushes
    nobody out.  The standard features are not in it and cannot be removed.

    Attributes:
        features: In the order of their slots.
        freed: Slots that were in use before, the longest unused first; they are given out last.

    >>> from nacre.features.extras import add_extras
    >>> catalogue, dropped = Catalogue().propose(add_extras({}, {"retries": 2, "device": "mobile"}), now=0.0)
    >>> [(feature.name, feature.kind.value, feature.state.value) for feature in catalogue.features]
    [('device', 'string', 'proposed'), ('retries', 'number', 'proposed')]
    >>> [feature.state.value for feature in catalogue.canonise().features]
    ['canonical', 'canonical']
    """

    features: tuple[Feature, ...] = ()
    freed: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        slots = [feature.slot for feature in self.features]
        names = {feature.name for feature in self.features}
        taken = slots + list(self.freed)
        if len(names) < len(slots) or len(set(taken)) < len(taken) or not all(0 <= slot < SLOTS for slot in taken):
            raise ValueError("a catalogue gives each name one slot of its own")

    @classmethod
    def from_bytes(cls, packed: bytes) -> Catalogue:
        """
        Return what :meth:`to_bytes` wrote.

        Raises:
            ValueError: somebody else wrote it.
        """
        return msgspec.msgpack.decode(packed, type=cls)

    def to_bytes(self) -> bytes:
        """Return the catalogue as MessagePack, about 5 kB at most."""
        return msgspec.msgpack.encode(self)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all features."""
        return frozenset(feature.name for feature in self.features)

    @property
    def canonical(self) -> tuple[Feature, ...]:
        """The features that networks use."""
        return tuple(feature for feature in self.features if feature.state is State.CANONICAL)

    def propose(self, extras: Extras, now: float) -> Proposal:
        """
        Return the catalogue with the names that it has not seen yet.

        Of several new names the first in the alphabet gets the first slot, whatever the caller's order.

        Args:
            extras: What was given of one attempt.
            now: Unix seconds.
        """
        new = extras.keys() - self.names
        if not new:
            return Proposal(self, 0)
        usable = sorted(name for name in new if 0 < len(name) <= MAX_NAME and name.isprintable())
        free = self._free()[: len(usable)]
        if not free:
            return Proposal(self, len(new))
        added = tuple(
            Feature(
                name,
                Kind.STRING if isinstance(extras[name].value, str) else Kind.NUMBER,
                extras[name].coding,
                State.PROPOSED,
                slot,
                now,
            )
            for name, slot in zip(usable, free, strict=False)
        )
        freed = tuple(slot for slot in self.freed if slot not in free)
        return Proposal(Catalogue(_by_slot(self.features + added), freed), len(new) - len(added))

    def canonise(self) -> Catalogue:
        """Return the catalogue as the next training uses it: what was proposed is canonical."""
        return self._with(msgspec.structs.replace(feature, state=State.CANONICAL) for feature in self.features)

    def reset(self) -> Catalogue:
        """Return the catalogue with its canonical features alone, as a network that is reset has them."""
        return self._with(self.canonical)

    def remove(self, names: Iterable[str]) -> Removal:
        """
        Return the catalogue without some names; if a canonical one is gone, reset too.

        A name that a caller goes on sending is proposed again.
        """
        wished = frozenset(names)
        left = self._with(feature for feature in self.features if feature.name not in wished)
        resets = any(feature.name in wished for feature in self.canonical)
        removed, unknown = sorted(wished & self.names), sorted(wished - self.names)
        return Removal(left.reset() if resets else left, tuple(removed), tuple(unknown), resets)

    def _with(self, features: Iterable[Feature]) -> Catalogue:
        kept = tuple(features)
        slots = {feature.slot for feature in kept}
        gone = tuple(feature.slot for feature in self.features if feature.slot not in slots)
        return Catalogue(kept, self.freed + gone)

    def _free(self) -> list[int]:
        """Return the slots that a new name can have: those never used, then those longest unused."""
        used = {feature.slot for feature in self.features}
        return [slot for slot in range(SLOTS) if slot not in used and slot not in self.freed] + list(self.freed)


def _by_slot(features: Iterable[Feature]) -> tuple[Feature, ...]:
    return tuple(sorted(features, key=lambda feature: feature.slot))
