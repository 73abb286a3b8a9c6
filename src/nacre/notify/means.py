# SPDX-License-Identifier: Apache-2.0
"""What every means of telling somebody can do, and how it fails."""

from __future__ import annotations

from typing import Protocol

from nacre.notify.message import Message


class Undelivered(Exception):
    """
    A message did not arrive.

    Attributes:
        refused: Whether the other side took notice of this one message and did not want it, so that another one may
            well arrive.
    """

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


class Means(Protocol):
    """A way to tell somebody."""

    async def send(self, message: Message) -> None:
        """Send a message; raises :class:`Undelivered`."""

    async def close(self) -> None:
        """Let go of connections."""
