# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_ldap``: nacre has no directory behind it, and says so."""

from __future__ import annotations

from nacre.hooks.call import Module, Seat

MISSING = "LDAP backend not activated"


def open_ldap(seat: Seat) -> Module:
    """Return the module; each function has the results of one that failed."""
    del seat  # nothing here depends on who asks
    return {
        "ldap_search": lambda _: (None, MISSING),
        "ldap_modify": lambda _: (None, MISSING),
        "ldap_endpoint": lambda _: (None, None, MISSING),
    }
