# SPDX-License-Identifier: Apache-2.0
"""``db``: nacre has no drivers of databases, and says so."""

from __future__ import annotations

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import text


def open_db(seat: Seat) -> Module:
    """Return the module; what it is handed may hold a password and is not repeated."""
    del seat  # nothing here depends on who asks
    return {"open": lambda driver: (None, f"there is no driver for {text(driver, 1, 'open')[:32]}")}
