# SPDX-License-Identifier: Apache-2.0
"""
Adaptive protection against brute force, password spraying, credential stuffing and distributed login attacks.

Ask before a password is tested, tell afterwards::

    async with Guard.open() as guard:
        decision = await guard.check(AttemptFields(client_ip="192.0.2.7", username="erika", password=typed))
        if not decision.refused:
            await guard.report(decision.request_id, success=backend_accepts(typed))
"""

from nacre.attempt import AttemptFields
from nacre.blocking import BlockingGuard
from nacre.checkpoint import Receipt
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
from nacre.service import Guard

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
