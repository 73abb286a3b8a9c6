# SPDX-License-Identifier: Apache-2.0
"""The decisions of a replay: each is kept until its outcome is reported, and that is soon."""

from __future__ import annotations

from nacre.record import Record, Told


class PrivateDecisions:
    """Keeps decisions of which no other process asks."""

    def __init__(self) -> None:
        self._open: dict[str, Record] = {}

    def keep(self, record: Record) -> None:
        """Keep a decision."""
        self._open[record.attempt.request_id] = record

    def flush(self) -> None:
        """Do nothing: what is kept is there."""

    def close(self, record: Record, outcome: Told, *, claimed: bool) -> None:  # noqa: ARG002  nobody asks again
        """Forget a decision: its outcome is known."""
        record.accepted, record.reported = outcome
        self._open.pop(record.attempt.request_id, None)

    def recent(self, request_id: str) -> Record | None:
        """Return a decision whose outcome is not known yet."""
        return self._open.get(request_id)

    async def find(self, request_id: str) -> Record | None:
        """Return the same."""
        return self._open.get(request_id)

    def is_excess(self, source: bytes, now: float, *, refused: bool = False) -> bool:  # noqa: ARG002  there is room
        """Whether there are more than is good: never."""
        return False
