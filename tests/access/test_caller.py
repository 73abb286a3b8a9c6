# SPDX-License-Identifier: Apache-2.0
"""What a caller may do."""

from __future__ import annotations

import pytest

from nacre.access.caller import LOOPBACK, Caller
from nacre.access.roles import Role
from nacre.errors import AccessDenied


def test_a_missing_role_is_named() -> None:
    """
    Who is refused has to know what to ask for, and that the token itself is good.
    """
    caller = Caller("erika", frozenset({Role.VIEWER}))

    with pytest.raises(AccessDenied, match="the role 'operator'; 'erika' has viewer") as refused:
        caller.require(Role.OPERATOR)

    assert refused.value.authenticated


def test_a_caller_without_roles_may_do_nothing() -> None:
    """
    Another issuer may know people who have no business here.
    """
    caller = Caller("erika", frozenset())

    for role in Role:
        with pytest.raises(AccessDenied, match="has no role"):
            caller.require(role)


def test_loopback_may_check_and_report_and_nothing_else() -> None:
    """
    Management is never open, whatever the settings say.
    """
    LOOPBACK.require(Role.AUTHENTICATE)

    for role in set(Role) - {Role.AUTHENTICATE}:
        with pytest.raises(AccessDenied):
            LOOPBACK.require(role)
