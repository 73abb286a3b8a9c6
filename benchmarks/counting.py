# SPDX-License-Identifier: Apache-2.0
"""Outcomes of logins as store commands, made by the service's own code for the store of a data directory."""

from __future__ import annotations

import itertools
from collections.abc import Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from benchmarks.logins import User
from benchmarks.tape import Tape
from nacre.attempt import Attempt, AttemptFields, admit
from nacre.config.tree import Settings
from nacre.counting import known_since
from nacre.identity import Identity
from nacre.policy import Policy
from nacre.record import Told
from nacre.rules.rule import Kind, Watch
from nacre.secrets import Secrets
from nacre.store.keys import Keys
from nacre.store.observations import Observations
from nacre.store.topology import Servers

KEEP_CLAIM = 86_400.0
ALL_KINDS = frozenset(Kind)
OF_ADDRESS = frozenset({Kind.ORIGIN, Kind.SUBNET})
OF_ACCOUNT = frozenset({Kind.ACCOUNT})


class Counting:
    """
    Makes the commands that count outcomes.

    Args:
        data_dir: Of the service whose store is meant; its keys name the subjects.
        forget_claims: Whether the claims of request ids are deleted again at once.
    """

    def __init__(self, data_dir: Path, *, forget_claims: bool = False) -> None:
        settings = Settings()
        self._policy = Policy(settings)
        self._identity = Identity(Secrets.open(data_dir).identity_key)
        self.keys = Keys(settings.server.redis.prefix, self._identity)
        self._tape = Tape([1, 0, 0], forget_claims=forget_claims)
        self._observations = Observations(cast("Servers", self._tape), self.keys, self._identity)
        self._ids = itertools.count()

    def attempt(self, user: User, now: float, password: str = "") -> Attempt:
        """Return an attempt of a user, without a password unless one is given."""
        fields = AttemptFields(client_ip=user.address, username=user.name, protocol="imap", password=password)
        request_id = f"0123456789abcdef-{next(self._ids):x}"
        return admit(fields, names=self._policy.names, identity=self._identity, now=now, request_id=request_id)

    def outcomes(
        self, attempts: Iterable[Attempt], *, accepted: bool, kinds: frozenset[Kind] = ALL_KINDS
    ) -> Iterator[bytes]:
        """Yield what counts outcomes, in the subjects of some kinds."""
        chosen: dict[int, tuple[Watch, ...]] = {}
        for attempt in attempts:
            every = self._policy.book.watches(attempt)
            # The same tuple each time: what the service packs for one is kept as long as the tuple is.
            watches = chosen.get(id(every)) or tuple(watch for watch in every if watch.kind in kinds)
            chosen[id(every)] = watches
            outcome = Told.at(attempt.time, accepted=accepted)
            counting = self._observations.count(
                watches,
                attempt,
                self._policy,
                outcome=outcome,
                keep_claim=KEEP_CLAIM,
                known_since=known_since(self._policy, attempt.time),
            )
            finish(counting)
            yield from self._tape.rewind()

    def reads(self, attempts: Iterable[Attempt]) -> Iterator[bytes]:
        """Yield what reads all that a check reads."""
        for attempt in attempts:
            finish(self._observations.read(self.names(attempt)))
            yield from self._tape.rewind()

    def names(self, attempt: Attempt) -> list[bytes]:
        """Return the keys of the subjects of an attempt."""
        return self.keys.watched(self._policy.book.watches(attempt), attempt)


def finish(work: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waited")
