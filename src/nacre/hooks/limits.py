# SPDX-License-Identifier: Apache-2.0
"""How much a script may take."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """
    What one state, and one run in it, may take.

    Attributes:
        memory: Bytes that the scripts of a state may hold.
        compute: Seconds of processor time of one run.
        output: Bytes of a value that passes between a script and the service.
    """

    memory: int = 32 * 2**20
    compute: float = 1.0
    output: int = 2**20

    @property
    def reserve(self) -> int:
        """
        Bytes beyond *memory* for the service itself.

        What it pushes into a state must never fail for want of memory: that would end the process.  A value takes
        at most about six times what it counts for, while the table that holds it grows.
        """
        return 8 * self.output + 4 * 2**20
