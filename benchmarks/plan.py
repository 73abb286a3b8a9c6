# SPDX-License-Identifier: Apache-2.0
"""How much is measured."""

from __future__ import annotations

from typing import NamedTuple


class Plan(NamedTuple):
    """
    How much is measured.

    Attributes:
        rounds: How often each path is measured, one after the other.
        seconds: How long each time.
        users: Who signs in where paths are measured; each has an address of their own.
        tracked: Addresses, and accounts, whose memory is measured.
        scripts: Calls of a script in one measurement.
        blocks: Blocks that are restored.
        login_seconds: How long logins come in at a fixed rate.
    """

    rounds: int
    seconds: float
    users: int
    tracked: int
    scripts: int
    blocks: int
    login_seconds: float


FULL = Plan(rounds=5, seconds=1.2, users=100_000, tracked=1_000_000, scripts=40_000, blocks=100_000, login_seconds=15.0)
QUICK = Plan(rounds=1, seconds=0.6, users=10_000, tracked=30_000, scripts=10_000, blocks=20_000, login_seconds=4.0)
