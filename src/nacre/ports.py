# SPDX-License-Identifier: Apache-2.0
"""What check and report need of the outside."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple, Protocol

from nacre.attempt import Attempt
from nacre.campaign.sighting import Sighting
from nacre.decision import Block, Decision
from nacre.entity import Entity
from nacre.features.changes import Outcome
from nacre.features.facts import Facts
from nacre.features.standard import Surroundings
from nacre.policy import Policy
from nacre.record import Record, Told
from nacre.rules.rule import Bucket, Watch


class Counted(NamedTuple):
    """
    What became of a report.

    Attributes:
        first: Whether its request id had not been counted before.
        repeated: Whether it was the same wrong password again, and so did not count.
        entities: The subjects as they are now, if a window reached its limit; else ``None``.
        marks: What was known of it before, if that was asked: bits of :class:`~nacre.campaign.sighting.Mark`.
    """

    first: bool
    repeated: bool
    entities: Sequence[Entity] | None
    marks: int = 0


class SubjectKeys(Protocol):
    """Names the subjects of attempts."""

    def watched(self, watches: Sequence[Watch], attempt: Attempt) -> list[bytes]:
        """Return the keys of an attempt's subjects, in their order."""


class Subjects(Protocol):
    """Knows what was counted."""

    async def read(self, keys: Sequence[bytes]) -> list[Entity]:
        """Return what is known of some subjects, in one trip."""

    async def read_with(
        self, keys: Sequence[bytes], others: Sequence[bytes]
    ) -> tuple[list[Entity], list[bytes | None] | None]:
        """Return what is known of some subjects, and other values or nothing of them, in one trip."""

    async def count(
        self,
        watches: Sequence[Watch],
        attempt: Attempt,
        policy: Policy,
        *,
        outcome: Told,
        keep_claim: float,
        known_since: int | None = None,
    ) -> Counted:
        """Count an outcome in one trip, once for each request id; tell what was known before, since a day, if asked."""


class Wanted(NamedTuple):
    """
    What a check needs to read.

    Attributes:
        keys: To read.
        roles: Which of the profiles around the attempt each of them is.
        all: The keys of all profiles around the attempt, ``b""`` where nothing is known.
    """

    keys: Sequence[bytes]
    roles: Sequence[int]
    all: Sequence[bytes]


class ProfileKeys(Protocol):
    """Names the profiles around attempts."""

    def profiles(self, attempt: Attempt, facts: Facts) -> tuple[bytes, ...]:
        """Return the keys of the profiles around an attempt, ``b""`` for what is not known."""


class ProfileStore(Protocol):
    """Knows what the network's features are made of."""

    def want(self, attempt: Attempt, facts: Facts) -> Wanted:
        """Return what has to be read to know what is around an attempt."""

    def around(self, wanted: Wanted, values: Sequence[bytes | None]) -> Surroundings:
        """Return what is around an attempt, from what the store had."""

    def count(self, attempt: Attempt, outcome: Outcome) -> None:
        """Count an outcome; nobody waits for it."""

    async def settle(self) -> None:
        """Wait until everything counted so far is written."""


class JournalStore(Protocol):
    """Keeps what there is to learn from."""

    def put(self, event: bytes, sample: bytes | None) -> None:
        """Keep an event, and its sample if it has one; nobody waits for it."""


class SightingStore(Protocol):
    """Tells the one who watches for campaigns."""

    def put(self, make: Callable[[], Sighting]) -> None:
        """Tell of an attempt, made when it is told; nobody waits for it."""


class Hearing(Protocol):
    """What scripts of operators will have said of an attempt."""

    def __await__(self) -> Generator[object, None, tuple[Attempt, Decision | None]]:
        """Wait for the attempt with what scripts know of it, and a refusal if one of them asks for it."""

    def cancel(self) -> None:
        """Say that nobody waits any more."""


class Guests(Protocol):
    """Scripts of operators, as far as they look at attempts before the decision."""

    @property
    def hears(self) -> bool:
        """Whether there are such scripts."""

    def hear(self, attempt: Attempt) -> Hearing:
        """Have them look at an attempt, beside whatever the caller does next."""


class BlocksInForce(Protocol):
    """This instance's copy of all blocks."""

    def __len__(self) -> int:
        """Return how many there are."""

    def of(self, keys: Sequence[bytes]) -> list[tuple[int, Block]]:
        """Return the blocks of some subjects, each with the place of its subject among *keys*."""

    def covering(self, packed: bytes) -> list[Block]:
        """Return the blocks of all subnets that hold an address."""


class BlockStore(Protocol):
    """Begins blocks."""

    @property
    def copy(self) -> BlocksInForce:
        """This instance's copy."""

    async def begin(
        self, bucket: Bucket, key: bytes, *, subject: str, kind: str, now: float, reason: str, crowded: bool = False
    ) -> Block:
        """Ban a subject for a rule and tell everyone."""


class DecisionStore(Protocol):
    """Keeps decisions."""

    def keep(self, record: Record) -> None:
        """Keep a decision; nobody waits for it."""

    def flush(self) -> None:
        """Write what is to be kept."""

    def close(self, record: Record, outcome: Told, *, claimed: bool) -> None:
        """Keep what the backend said to an attempt, unless the claim of its id tells it; nobody waits for it."""

    def recent(self, request_id: str) -> Record | None:
        """Return a decision that this process made lately."""

    async def find(self, request_id: str) -> Record | None:
        """Return a decision wherever it was made."""

    def is_excess(self, source: bytes, now: float, *, refused: bool = False) -> bool:
        """Whether more decisions, or refusals, about an address are kept this hour than have a right to be."""


class Spooled(NamedTuple):
    """
    A report that waits on disk.

    Attributes:
        attempt: What was tried; its time is that of the report.
        accepted: What the backend said.
    """

    attempt: Attempt
    accepted: bool


class ReportSpool(Protocol):
    """Keeps reports while the store is away."""

    def put(self, report: Spooled) -> None:
        """Keep a report; raises SpoolFull if there is no room."""
