# SPDX-License-Identifier: Apache-2.0
"""Who calls, as far as their token or key has told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nacre.access.roles import Role, allows
from nacre.errors import AccessDenied

MAX_NAME = 128
"""Characters of a caller's name; longer ones are cut."""


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Somebody whose token or key holds.

    Attributes:
        name: For the audit log: the subject of the token, the name of the API key, or ``loopback``.
        roles: What was given to them, without what these roles include.
        jti: Under what their token can be revoked; ``""`` for API keys and loopback.
        expires: End of the token in Unix seconds, infinite for API keys and loopback.
    """

    name: str
    roles: frozenset[Role]
    jti: str = ""
    expires: float = math.inf

    def require(self, needed: Role) -> None:
        """
        Return if the caller may do what needs a role.

        Raises:
            AccessDenied: They may not; names the role.

        >>> Caller("erika", frozenset({Role.HELPDESK})).require(Role.VIEWER)
        >>> Caller("erika", frozenset({Role.HELPDESK})).require(Role.ADMIN)
        Traceback (most recent call last):
        ...
        nacre.errors.AccessDenied: this needs the role 'admin'; 'erika' has helpdesk
        """
        if not allows(self.roles, needed):
            held = ", ".join(sorted(self.roles)) or "no role"
            raise AccessDenied(f"this needs the role '{needed}'; {self.name!r} has {held}", authenticated=True)


LOOPBACK = Caller("loopback", frozenset({Role.AUTHENTICATE}))
"""Who calls from this machine without a token, where the settings open check and report to them."""
