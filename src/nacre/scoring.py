# SPDX-License-Identifier: Apache-2.0
"""
The models in use, and whether they act.

A model is replaced by replacing one reference: an attempt that began with one ends with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.attempt import Attempt
from nacre.features.catalogue import Catalogue
from nacre.features.encoding import Encoding
from nacre.features.extras import Given
from nacre.features.facts import Digests, Facts
from nacre.features.pack import NOT_GIVEN, pack
from nacre.features.room import Room
from nacre.features.standard import Surroundings, enter
from nacre.network.model import Model
from nacre.weigh import Scores

SUSPICIOUS = "suspicious_network"
"""The attribute by which a caller says whether an address is on a block list."""


class Mode(msgspec.Struct, frozen=True):
    """
    Whether the network acts, as all instances know it.

    Attributes:
        learning: What an operator said: ``True`` collects and scores only, ``False`` acts; ``None``: as soon as it may.
        since: Unix seconds at which the first attempt was seen here.
        successes: Logins seen since then, as far as it matters.
        gated: Whether a model that was trained here passed the gate.
    """

    learning: bool | None = None
    since: float = 0.0
    successes: int = 0
    gated: bool = False

    def acts(self, now: float) -> bool:
        """
        Whether the network acts.

        By itself it does once a model that was trained here passed the gate, or after three days and 2,000 logins:
        then the profiles know enough of this place for the model that nacre comes with.
        """
        if self.learning is not None:
            return not self.learning
        return self.gated or (self.successes >= COLD_LOGINS and now - self.since >= COLD_SECONDS > 0)


COLD_SECONDS, COLD_LOGINS = 3 * 86_400.0, 2_000


class Live(NamedTuple):
    """
    A model, ready to score.

    Attributes:
        model: The model.
        encoding: How it sees additional features.
        ours: Whether it was trained here, rather than shipped.
    """

    model: Model
    encoding: Encoding
    ours: bool

    @classmethod
    def of(cls, model: Model, *, ours: bool = True) -> Live:
        """Return a model with the encoding that it carries."""
        packed = model.artifact.extras
        return cls(model, Encoding.from_bytes(packed) if packed else Encoding(), ours)

    def score(self, vector: NDArray[np.float32], slots: bytes) -> Scores:
        """Return what the model says of one attempt."""
        if self.encoding.width:
            extra = self.encoding.encode(np.frombuffer(slots or NOT_GIVEN, np.uint8)[None])
            vector = np.concatenate((vector, extra[0]))
        guess, accept = self.model.score_one(vector)
        artifact = self.model.artifact
        return Scores(guess, accept, self.model.version, artifact.guess.thresholds, artifact.accept.thresholds)


class Scored(NamedTuple):
    """
    What the network saw of an attempt, and said.

    Attributes:
        facts: The attempt in digests.
        vector: As scored.
        slots: Additional features, packed.
        scores: Of the model in use; ``None`` without one.
        shadow: Of the model that is only looked at, if there is one.
    """

    facts: Facts
    vector: NDArray[np.float32]
    slots: bytes
    scores: Scores | None
    shadow: Scores | None


class Scoring:
    """
    Scores attempts with the models in use.  Not for two threads at once.

    Args:
        digests: Makes the facts of attempts.
        digest: Keyed digest of a text, for values of additional features.

    Attributes:
        champion: The model in use.
        challenger: A model that is only looked at.
        mode: Whether the champion acts.
        catalogue: Additional features.
        on_extras: Told of additional features that are not in the catalogue.
    """

    def __init__(self, digests: Digests, digest: Callable[[str], int]) -> None:
        self.digests = digests
        self._digest = digest
        self._room = Room()
        self.champion: Live | None = None
        self.challenger: Live | None = None
        self.mode = Mode()
        self.catalogue = Catalogue()
        self.on_extras: Callable[[dict[str, Given]], None] = lambda _: None

    def count_login(self, now: float, *, accepted: bool) -> None:
        """Count an outcome towards the experience that a shipped model needs before it acts."""
        mode = self.mode
        if mode.learning is not None or mode.gated or (mode.since and not accepted) or mode.successes >= COLD_LOGINS:
            return
        self.mode = msgspec.structs.replace(mode, since=mode.since or now, successes=mode.successes + accepted)

    def score(
        self, attempt: Attempt, facts: Facts, around: Surroundings, extras: dict[str, Given] | None = None
    ) -> Scored:
        """Return what is seen of an attempt before it counts, and what the models say."""
        suspicious = attempt.attributes.get(SUSPICIOUS)
        room = self._room
        enter(
            room,
            facts,
            around,
            time=attempt.time,
            protocol=attempt.protocol,
            known=attempt.known_user,
            suspicious=float(suspicious) if isinstance(suspicious, bool | int | float) else float("nan"),
        )
        vector = room.vector()
        slots = b""
        if extras:
            if not extras.keys() <= self.catalogue.names:
                self.on_extras(extras)
            slots = pack(extras, self.catalogue, self._digest)
        elif self.catalogue.features:
            slots = pack({}, self.catalogue, self._digest)
        champion, challenger = self.champion, self.challenger
        return Scored(
            facts,
            vector,
            slots,
            champion.score(vector, slots) if champion is not None else None,
            challenger.score(vector, slots) if challenger is not None else None,
        )
