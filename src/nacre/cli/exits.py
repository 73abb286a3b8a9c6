# SPDX-License-Identifier: Apache-2.0
"""What the exit code of a command says."""

from __future__ import annotations

import enum

from nacre.errors import CampaignRefused, GuardError, NetworkRefused, StoreCorrupt, StoreUnavailable, UnknownRequest


class ExitCode(enum.IntEnum):
    """The exit codes of all commands; ``docs/reference/cli.md`` explains them."""

    DONE = 0
    ABSENT = 1
    UNUSABLE = 2
    STORE_AWAY = 3
    CHALLENGE = 10
    REFUSED = 11
    HELD = 20
    FAILED = 21
    GOT_THROUGH = 22
    FAULT = 70
    INTERRUPTED = 130


_REFUSED = {
    "gate_closed": ExitCode.HELD,
    "not_scored": ExitCode.ABSENT,
    "over_budget": ExitCode.HELD,
    "unknown_block": ExitCode.ABSENT,
    "unknown_campaign": ExitCode.ABSENT,
    "unknown_job": ExitCode.ABSENT,
    "unknown_measure": ExitCode.ABSENT,
    "unknown_model": ExitCode.ABSENT,
}


def code_of(error: GuardError) -> ExitCode:
    """
    Return the exit code for an error.

    >>> code_of(UnknownRequest("7d1f-1")).name, code_of(StoreUnavailable("the store is away")).name
    ('ABSENT', 'STORE_AWAY')
    """
    if isinstance(error, UnknownRequest):
        return ExitCode.ABSENT
    if isinstance(error, StoreUnavailable | StoreCorrupt):
        return ExitCode.STORE_AWAY
    if isinstance(error, NetworkRefused | CampaignRefused):
        return _REFUSED.get(error.code, ExitCode.UNUSABLE)
    return ExitCode.UNUSABLE
