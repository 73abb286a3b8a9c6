# SPDX-License-Identifier: Apache-2.0
"""
What can go wrong, as far as some caller reacts to it.

::

    GuardError               the root; nobody raises it
    ├── SettingsError        a setting cannot be used: file, field, value, what would do
    ├── InvalidAttempt       a field of an attempt cannot be used; names the field
    ├── UnknownRequest       no attempt is kept under this request id
    ├── StoreUnavailable     the store refused or timed out; a retry may help
    ├── StoreCorrupt         a key holds what we did not write; names the key
    ├── NetworkRefused       the network cannot do what it was asked for; says why
    ├── CampaignRefused      the same of campaigns and measures
    ├── HookError            an operator's script failed; names file and line
    ├── HooksBusy            no thread for a script, and no room to wait for one
    ├── SpoolFull            the store is away and no more reports can be kept
    └── AccessDenied         no token, a bad one, or a role that is missing

A refused attempt is no error: it is a :class:`~nacre.decision.Decision`.
"""

from __future__ import annotations


class GuardError(Exception):
    """The root of all errors of this package."""


class SettingsError(GuardError):
    """
    A setting cannot be used.

    Attributes:
        field: Dotted path of the setting, ``""`` for the file as a whole.
        file: The file it was read from, ``None`` if it came from elsewhere.
    """

    def __init__(self, message: str, *, field: str = "", file: str | None = None) -> None:
        where = ": ".join(part for part in (file, field) if part)
        super().__init__(f"{where}: {message}" if where else message)
        self.field = field
        self.file = file


class InvalidAttempt(GuardError):
    """
    A field of an attempt cannot be used.

    Attributes:
        field: Name of the field, as callers spell it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.problem = message


class UnknownRequest(GuardError):
    """
    No attempt is kept under this request id.

    Attributes:
        request_id: What was asked for.
    """

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"no attempt is kept under request id {request_id!r}: it is unknown, or older than what is kept; "
            "send the attempt's fields with the report"
        )
        self.request_id = request_id


class NetworkRefused(GuardError):
    """
    The network cannot do what it was asked for.

    Attributes:
        code: ``dry_run``, ``disabled``, ``feedback_mismatch``, ``not_scored``, ``unknown_job``, ``unknown_model``,
            ``unknown_block``, ``unknown_campaign``, ``gate_closed`` or ``out_of_range``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CampaignRefused(GuardError):
    """
    Campaigns and measures cannot be what they were asked to be.

    Attributes:
        code: ``disabled``, ``unknown_campaign``, ``unknown_measure``, ``over_budget``, ``unusable``, ``too_many``,
            ``not_proposed``, ``ended`` or ``out_of_range``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class HookError(GuardError):
    """
    An operator's script failed.

    Attributes:
        script: Name of the script.
        problem: What is wrong, a sentence.
        file: Where it failed, ``""`` if that is not known.
        line: Line there, 0 if that is not known.
        limit: Whether it took more memory or time than it may.
    """

    def __init__(self, script: str, problem: str, *, file: str = "", line: int = 0, limit: bool = False) -> None:
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(f"script {script!r}: {where}{problem}")
        self.script = script
        self.problem = problem
        self.file = file
        self.line = line
        self.limit = limit


class HooksBusy(GuardError):
    """All threads for scripts are taken, and as many runs wait for them as may."""


class StoreUnavailable(GuardError):
    """The store refused the connection, broke it or did not answer in time."""


class StoreCorrupt(GuardError):
    """
    A key of the store holds what this service did not write.

    Attributes:
        key: The key, as far as known.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"store key {key!r}: {message}")
        self.key = key


class SpoolFull(GuardError):
    """The store is away and the spool on disk holds as many reports as it may."""


class AccessDenied(GuardError):
    """
    The caller showed no token, one that does not hold, or one without the role.

    Attributes:
        authenticated: Whether the token itself was good (403 instead of 401).
    """

    def __init__(self, message: str, *, authenticated: bool) -> None:
        super().__init__(message)
        self.authenticated = authenticated
