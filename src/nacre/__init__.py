# SPDX-License-Identifier: Apache-2.0
"""
Adaptive protection against brute force, password spraying, credential stuffing and distributed login attacks.

Ask before a password is tested, tell afterwards::

    async with Guard.open() as guard:
        decision = await guard.check(AttemptFields(client_ip="192.0.2.7", username="erika", password=typed))
        if not decision.refused:
            await guard.report(decision.request_id, success=backend_accepts(typed))
"""

import typing
from importlib import import_module as _import_module

__all__ = [
    "AccessDenied",
    "Action",
    "AttemptFields",
    "BlockingGuard",
    "Decision",
    "Guard",
    "GuardError",
    "InvalidAttempt",
    "Reason",
    "Receipt",
    "Settings",
    "SettingsError",
    "SpoolFull",
    "StoreCorrupt",
    "StoreUnavailable",
    "UnknownRequest",
    "load_settings",
]

_HOMES = {
    "nacre.attempt": ("AttemptFields",),
    "nacre.blocking": ("BlockingGuard",),
    "nacre.record": ("Receipt",),
    "nacre.config.load": ("load_settings",),
    "nacre.config.tree": ("Settings",),
    "nacre.decision": ("Action", "Decision", "Reason"),
    "nacre.errors": (
        "AccessDenied",
        "GuardError",
        "InvalidAttempt",
        "SettingsError",
        "SpoolFull",
        "StoreCorrupt",
        "StoreUnavailable",
        "UnknownRequest",
    ),
    "nacre.service": ("Guard",),
}

if typing.TYPE_CHECKING:
    from nacre.attempt import AttemptFields
    from nacre.blocking import BlockingGuard
    from nacre.config.load import load_settings
    from nacre.config.tree import Settings
    from nacre.decision import Action, Decision, Reason
    from nacre.errors import (
        AccessDenied,
        GuardError,
        InvalidAttempt,
        SettingsError,
        SpoolFull,
        StoreCorrupt,
        StoreUnavailable,
        UnknownRequest,
    )
    from nacre.record import Receipt
    from nacre.service import Guard
else:

    def __getattr__(name: str) -> object:
        """
        Import a name when it is first asked for.

        Importing any module imports its package first, so this is what `nacre --help` waits for: the store client
        and all else would take 0.25 s.
        """
        for home, names in _HOMES.items():
            if name in names:
                value = globals()[name] = getattr(_import_module(home), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
